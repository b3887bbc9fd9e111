//! The same provider again: for which failures, after how long, how often.

use std::time::{Duration, SystemTime};

use tower::{ServiceBuilder, ServiceExt};
use tower_llm_gateway::{
    Body, BoxError,
    failover::{Attempts, FailoverLayer},
    format::ApiFormat,
};

use super::world::{Asks, OPENAI, Step, World, outcomes};
use crate::inner::{Gate, response};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[tokio::test(start_paused = true)]
async fn situation_25_overload_and_failures_are_tried_again_and_what_is_wrong_is_not() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let world = World::new([("a", vec![Step::status(status), Step::good(OPENAI)])]);
        let (reply, tried) = world.ask(Asks::of(&["a"]).request()).await;
        assert_eq!(reply.status, 200, "{status}");
        assert_eq!(tried, format!("a: status {status}, a: answered"));
    }
    for status in [400, 401, 403, 404, 413, 422] {
        let world = World::new([("a", vec![Step::status(status), Step::good(OPENAI)])]);
        let (reply, tried) = world.ask(Asks::of(&["a"]).request()).await;
        assert_eq!(reply.status, status, "{status}");
        assert_eq!(tried, format!("a: status {status}"));
    }
}

#[tokio::test(start_paused = true)]
async fn situation_23_a_connection_that_breaks_before_the_answer_is_made_again() {
    let world = World::new([("a", vec![Step::breaks(), Step::good(OPENAI)])]);
    let (reply, tried) = world.ask(Asks::of(&["a"]).request()).await;
    assert_eq!(
        (reply.status.as_u16(), &*tried),
        (200, "a: broken, a: answered")
    );
    let [first, second] = &*world.seen() else {
        panic!("it was asked twice");
    };
    assert_eq!(first.body, second.body);
    assert_eq!(first.path, second.path);
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_asked_three_times_at_most_unless_said_otherwise() {
    for (attempts, expected) in [(None, 3), (Some(1), 1), (Some(0), 1), (Some(6), 6)] {
        let world = World::new([("a", vec![Step::status(503)])]);
        let asks = Asks::of(&["a"]).retry(|retry| retry.attempts = attempts);
        assert_eq!(world.status(asks.request()).await, 503);
        assert_eq!(world.seen().len(), expected, "{attempts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_error_comes_as_the_provider_sent_it() {
    let body = r#"{ "error":{"message":"down","type":"x","param":null,"code":"c"},"more":[1] }"#;
    let last = Step::refusal(
        503,
        &[("x-request-id", "r-3"), ("retry-after", "0.5")],
        body,
    );
    let world = World::new([("a", vec![Step::status(500), Step::status(502), last])]);
    let (reply, _) = world.ask(Asks::of(&["a"]).request()).await;
    assert_eq!(reply.text(), body);
    assert_eq!(reply.header("x-request-id"), "r-3");
    assert_eq!(reply.header("retry-after"), "0.5");
    assert_eq!(reply.header("x-should-retry"), "");
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_differ_by_chance() {
    for _ in 0..20 {
        let world = World::new([("a", vec![Step::status(503)])]);
        let asks = Asks::of(&["a"]).retry(|retry| retry.attempts = Some(5));
        world.status(asks.request()).await;
        for (pause, least) in world.pauses().into_iter().zip([250, 500, 1000, 2000]) {
            assert!(
                (MS(least)..=MS(2 * least + 1)).contains(&pause),
                "{pause:?}"
            );
        }
    }
}

/// The statuses, headers and bodies by which providers say how long to wait, and how long is waited.
#[tokio::test(start_paused = true)]
async fn situation_24_as_long_as_the_provider_asks_for_is_waited() {
    let date = |seconds| httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds));
    let rows = [
        ("retry-after", "2".to_owned(), 2000..2002),
        ("retry-after", "0.25".to_owned(), 250..252),
        ("retry-after-ms", "500".to_owned(), 500..502),
        ("retry-after", date(5), 3000..5002),
        ("retry-after", date(0), 0..1),
        ("retry-after", "0".to_owned(), 0..1),
        // What is no time is as if it was not there.
        ("retry-after", "-3".to_owned(), 250..502),
        ("retry-after", "soon".to_owned(), 250..502),
        ("retry-after-ms", "NaN".to_owned(), 250..502),
    ];
    for (name, value, expected) in rows {
        let step = Step::refusal(429, &[(name, &value)], "{}");
        let world = World::new([("a", vec![step, Step::good(OPENAI)])]);
        assert_eq!(world.status(Asks::of(&["a"]).request()).await, 200);
        let waited = world.pauses()[0].as_millis();
        assert!(expected.contains(&waited), "{name}: {value} waits {waited}");
    }
}

const RETRY_INFO: &str = r#"{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED","details":[
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}"#;

#[tokio::test(start_paused = true)]
async fn situation_24_gemini_says_in_the_body_how_long_to_wait() {
    for client in ApiFormat::BUILT_IN {
        let refusal = Step::refusal(429, &[], RETRY_INFO);
        let steps = vec![refusal, Step::good(ApiFormat::GEMINI)];
        let world = World::new([("g", steps)]);
        let asks = Asks::between(*client, &[("g", ApiFormat::GEMINI)]);
        assert_eq!(world.status(asks.request()).await, 200, "{client}");
        let waited = world.pauses()[0].as_millis();
        assert!((3500..=4001).contains(&waited), "{client}: {waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn situation_24_who_asks_for_too_much_time_is_not_waited_for() {
    for wait in ["11", "1000000000000"] {
        let refusal = Step::refusal(429, &[("retry-after", wait)], "{}");
        let world = World::new([("a", vec![refusal]), ("b", vec![Step::good(OPENAI)])]);
        let (reply, _) = world.ask(Asks::of(&["a"]).request()).await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), wait);
        assert_eq!(world.course(), "a");

        assert_eq!(world.status(Asks::of(&["a", "b"]).request()).await, 200);
        assert_eq!(world.course(), "aab");
        assert!(world.seen().iter().all(|seen| seen.at.is_zero()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_of_another_try_is_obeyed() {
    for (said, status, expected) in [("false", 503, 1), ("true", 418, 2), ("true", 400, 1)] {
        let refusal = Step::refusal(status, &[("x-should-retry", said)], "{}");
        let world = World::new([("a", vec![refusal, Step::good(OPENAI)])]);
        world.status(Asks::of(&["a"]).request()).await;
        assert_eq!(world.seen().len(), expected, "{said} of {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_without_money_is_not_asked_again() {
    let body = r#"{"error":{"message":"no","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#;
    for client in ApiFormat::BUILT_IN {
        let world = World::new([("a", vec![Step::refusal(429, &[], body)])]);
        world
            .status(Asks::between(*client, &[("a", OPENAI)]).request())
            .await;
        assert_eq!(world.course(), "a", "{client}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_notes_attempts_sees_them_of_a_request_that_fails_too() {
    let world = World::new([("a", vec![Step::breaks()])]);
    let mut request = Asks::of(&["a"]).request();
    let attempts = Attempts::new();
    request.extensions_mut().insert(attempts.clone());
    assert!(world.call(request).await.is_err());
    assert_eq!(outcomes(&attempts), "a: broken, a: broken, a: broken");
}

/// More than is read of an error, the last of it not there yet.
fn long_error() -> Step {
    Step::answer(|| {
        let (gate, body) = Gate::new();
        gate.send("x".repeat(100_000));
        std::mem::forget(gate);
        let mut response = response("application/json", body);
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        response
    })
}

/// A stream that has ended and said nothing, whose connection goes on.
fn empty_stream() -> Step {
    Step::answer(|| {
        let (gate, body) = Gate::new();
        gate.send("data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        gate.send("data: [DONE]\n\n");
        std::mem::forget(gate);
        response("text/event-stream", body)
    })
}

#[tokio::test(start_paused = true)]
async fn a_failure_takes_no_place_at_the_provider_while_it_is_tried_again() {
    for client in [OPENAI, ApiFormat::ANTHROPIC] {
        for first in [Step::status(503), long_error(), empty_stream()] {
            let world = World::new([("a", vec![first, Step::stream(OPENAI)])]);
            let asks = Asks::between(client, &[("a", OPENAI)]).stream().places(1);
            let asks = asks.retry(|retry| retry.on_empty = Some(true));
            let (reply, tried) = world.ask(asks.request()).await;
            assert_eq!(reply.status, 200, "{client}: {tried}");
            assert_eq!(world.course(), "aa");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_does_not_come_to_its_end_is_not_waited_for() {
    let inner = tower::service_fn(|_: http::Request<Body>| async {
        let (gate, body) = Gate::new();
        gate.send("{");
        std::mem::forget(gate);
        let response = http::Response::builder().status(503).body(body);
        Ok::<_, BoxError>(response.unwrap())
    });
    let stack = ServiceBuilder::new()
        .layer(FailoverLayer::new())
        .service(inner);
    let asks = Asks::of(&["a"]).retry(|retry| retry.attempts = Some(2));
    let begin = tokio::time::Instant::now();
    let response = stack.oneshot(asks.stream().request()).await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(begin.elapsed() < Duration::from_secs(12));
}
