//! Answers that say nothing, asked for once more where that is wanted.

use tower_llm_gateway::{
    context::Selected,
    format::{ApiFormat, Operation},
};

use super::world::{Asks, Step, World};
use crate::bodies::{Ask, answer, said, streamed};

/// An answer without content in each format: whole, and as a stream.
fn nothing(provider: ApiFormat) -> [Step; 2] {
    let (whole, stream) = match provider.id() {
        "openai" => (
            r#"{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#,
            "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
        "openai_responses" => (
            r#"{"id":"1","model":"m","status":"completed","output":[]}"#,
            "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"1\",\"status\":\"completed\",\"output\":[]}}\n\n",
        ),
        "anthropic" => (
            r#"{"id":"1","model":"m","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":0}}"#,
            "data: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m\",\"content\":[]}}\n\n\
             data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
        ),
        _ => (
            r#"{"candidates":[{"index":0,"content":{"role":"model"},"finishReason":"STOP"}]}"#,
            "data: {\"candidates\":[{\"index\":0,\"content\":{\"role\":\"model\"},\"finishReason\":\"STOP\"}]}\n\n",
        ),
    };
    [
        Step::body("application/json", whole),
        Step::body("text/event-stream", stream),
    ]
}

fn asks(client: ApiFormat, provider: ApiFormat, stream: bool, on_empty: bool) -> Asks {
    let asks = Asks::between(client, &[("a", provider)]);
    let asks = if stream { asks.stream() } else { asks };
    asks.retry(|retry| retry.on_empty = Some(on_empty))
}

#[tokio::test(start_paused = true)]
async fn situation_30_an_answer_that_says_nothing_is_asked_for_again_where_that_is_wanted() {
    for client in ApiFormat::BUILT_IN.iter().copied() {
        for provider in ApiFormat::BUILT_IN.iter().copied() {
            for stream in [false, true] {
                let [whole, events] = nothing(provider);
                let (empty, good) = if stream {
                    (events, Step::stream(provider))
                } else {
                    (whole, Step::good(provider))
                };
                let world = World::new([("a", vec![empty.clone(), good])]);
                let asks = |on_empty| asks(client, provider, stream, on_empty).request();
                let (reply, tried) = world.ask(asks(true)).await;
                assert_eq!(
                    tried, "a: empty, a: answered",
                    "{client} {provider} {stream}"
                );
                let (whole, events) = answer(provider, Ask::Plain);
                if stream {
                    assert_eq!(streamed(client, &reply.text()), streamed(provider, events));
                } else {
                    assert_eq!(said(client, &reply.text()), said(provider, whole));
                }
                let world = World::new([("a", vec![empty])]);
                let (reply, tried) = world.ask(asks(false)).await;
                assert_eq!(
                    (tried.as_str(), reply.status.as_u16()),
                    ("a: answered", 200)
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn situation_30_who_never_says_anything_is_handed_on_at_last() {
    let openai = ApiFormat::OPENAI;
    let [whole, stream] = nothing(openai);
    for (stream, step) in [(false, whole), (true, stream)] {
        let world = World::new([("a", vec![step])]);
        let (reply, tried) = world
            .ask(asks(openai, openai, stream, true).request())
            .await;
        assert_eq!(tried, "a: empty, a: empty, a: empty");
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains("\"stop\""));
    }
}

#[tokio::test(start_paused = true)]
async fn that_one_says_nothing_is_better_than_that_the_next_is_not_there() {
    let openai = ApiFormat::OPENAI;
    for (stream, step) in [false, true].into_iter().zip(nothing(openai)) {
        let world = World::new([("a", vec![step]), ("b", vec![Step::breaks()])]);
        let asks = Asks::of(&["a", "b"]).retry(|retry| {
            retry.on_empty = Some(true);
            retry.attempts = Some(1);
        });
        let asks = if stream { asks.stream() } else { asks };
        let (reply, tried) = world.ask(asks.request()).await;
        assert_eq!(tried, "a: empty, b: broken");
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains("\"stop\""));
    }
}

#[tokio::test(start_paused = true)]
async fn situation_30_a_count_of_tokens_is_asked_for_once() {
    let anthropic = ApiFormat::ANTHROPIC;
    let step = Step::body("application/json", "{\"input_tokens\":0}");
    let world = World::new([("a", vec![step])]);
    let mut request = asks(anthropic, anthropic, false, true).request();
    let selected = Selected::of(request.extensions()).unwrap().clone();
    let selected = selected.with_operation(Operation::CountTokens);
    request.extensions_mut().insert(selected);
    let (reply, tried) = world.ask(request).await;
    assert_eq!(
        (reply.text().as_str(), tried.as_str()),
        ("{\"input_tokens\":0}", "a: answered")
    );
}
