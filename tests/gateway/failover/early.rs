//! Streams that begin, and fail before they have said anything.

use std::sync::Mutex;

use tower_llm_gateway::{format::ApiFormat, policy::Phase};

use super::world::{Asks, Step, World};
use crate::{
    bodies::{Ask, answer, streamed},
    inner::{Gate, response},
    support::doubles::Format,
};

/// Every caller, and every format in which a provider may answer it.
fn pairs() -> impl Iterator<Item = (ApiFormat, Format)> {
    let clients = ApiFormat::BUILT_IN.iter();
    clients.flat_map(|client| Format::ALL.map(|provider| (*client, provider)))
}

/// A stream of which this comes, and then the connection breaks.
fn broken(pieces: Vec<&'static str>) -> Step {
    let (gate, body) = Gate::new();
    for piece in pieces {
        gate.send(piece);
    }
    gate.breaks();
    let body = Mutex::new(Some(body));
    Step::answer(move || response("text/event-stream", body.lock().unwrap().take().unwrap()))
}

/// Asks for a stream at `a`, which begins with this step, and then at `b`.
async fn ask(client: ApiFormat, provider: Format, first: Step) -> (String, String) {
    let provider = provider.api();
    let world = World::new([("a", vec![first]), ("b", vec![Step::stream(provider)])]);
    let asks = Asks::between(client, &[("a", provider), ("b", provider)])
        .stream()
        .retry(|retry| retry.attempts = Some(1));
    let (reply, tried) = world.ask(asks.request()).await;
    assert_eq!(reply.status, 200);
    let expected = streamed(provider, answer(provider, Ask::Plain).1);
    assert_eq!(streamed(client, &reply.text()), expected);
    (reply.text(), tried)
}

#[tokio::test(start_paused = true)]
async fn situation_27_a_stream_that_dies_before_its_content_is_another_s() {
    for (client, provider) in pairs() {
        let begun = provider.events().into_iter().next().unwrap();
        let begun: &str = String::from_utf8(begun.to_vec()).unwrap().leak();
        let starts = !begun.contains("text") && !begun.contains("content\":\"");
        let mut pieces = vec![": keep-alive\n\n"];
        pieces.extend(starts.then_some(begun));
        let (text, tried) = ask(client, provider, broken(pieces)).await;
        assert_eq!(tried, "a: broken, b: answered", "{client} {provider:?}");
        for once in ["event: message_start", "event: response.created"] {
            assert!(text.matches(once).count() <= 1, "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn situation_27_an_error_in_place_of_content_is_another_s_stream() {
    for (client, provider) in pairs() {
        let error = String::from_utf8(provider.error_event().to_vec()).unwrap();
        let refusal = Step::body("text/event-stream", error.leak());
        let (_, tried) = ask(client, provider, refusal).await;
        let (refused, answered) = tried.split_once(", ").unwrap();
        assert!(
            refused.starts_with("a: status 5"),
            "{client} {provider:?}: {tried}"
        );
        assert_eq!(answered, "b: answered");
    }
}

#[tokio::test(start_paused = true)]
async fn situation_27_a_stream_without_content_in_time_is_another_s() {
    for (client, provider) in pairs() {
        let (gate, body) = Gate::new();
        gate.send(": keep-alive\n\n");
        let held = Mutex::new(Some((gate, body)));
        let silent = Step::answer(move || {
            let (gate, body) = held.lock().unwrap().take().unwrap();
            tokio::spawn(async move {
                while gate.is_held() {
                    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
                    if gate.is_held() {
                        gate.send(": keep-alive\n\n");
                    }
                }
            });
            response("text/event-stream", body)
        });
        let provider = provider.api();
        let world = World::new([("a", vec![silent]), ("b", vec![Step::stream(provider)])]);
        let asks = Asks::between(client, &[("a", provider), ("b", provider)])
            .stream()
            .limit(Phase::FirstEvent, std::time::Duration::from_secs(25));
        let (reply, tried) = world.ask(asks.request()).await;
        assert_eq!(
            tried, "a: timeout first_event, b: answered",
            "{client} {provider}"
        );
        let expected = streamed(provider, answer(provider, Ask::Plain).1);
        assert_eq!(streamed(client, &reply.text()), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_comes_byte_by_byte_is_not_waited_for() {
    for (client, provider) in pairs() {
        let trickle = Step::answer(|| {
            let (gate, body) = Gate::new();
            tokio::spawn(async move {
                while gate.is_held() {
                    gate.send(" ");
                    tokio::time::sleep(std::time::Duration::from_secs(50)).await;
                }
            });
            let mut answer = response("application/json", body);
            *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            answer
        });
        let provider = provider.api();
        let world = World::new([("a", vec![trickle]), ("b", vec![Step::good(provider)])]);
        let asks = Asks::between(client, &[("a", provider), ("b", provider)]);
        let asks = asks.retry(|retry| retry.attempts = Some(1));
        let (reply, tried) = world.ask(asks.request()).await;
        assert_eq!(reply.status, 200);
        assert_eq!(tried, "a: status 500, b: answered", "{client} {provider}");
        assert_eq!(world.pauses(), [std::time::Duration::from_secs(30)]);
    }
}
