//! The time for all attempts together, and the time that the head of a stream is held.

use std::{
    future::{pending, poll_fn},
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use http::{Request, Response};
use tokio::time::Instant;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError, Error,
    context::{Progress, Selected},
    failover::{Attempts, FailoverLayer, Fallbacks, Outcome},
    policy::{Phase, Timeouts},
};

use super::world::{Asks, OPENAI, Step, World, outcomes};
use crate::inner::Gate;

const SECONDS: fn(u64) -> Duration = Duration::from_secs;

fn timeout(error: &BoxError) -> Option<Phase> {
    error.downcast_ref::<Error>()?.timeout()
}

#[tokio::test(start_paused = true)]
async fn all_attempts_together_have_the_time_that_one_request_has() {
    let world = World::new([(
        "a",
        vec![Step::status(503).after(SECONDS(2)), Step::hangs()],
    )]);
    let asks = Asks::of(&["a"]).limit(Phase::Total, SECONDS(5));
    let mut request = asks.request();
    let attempts = Attempts::new();
    request.extensions_mut().insert(attempts.clone());
    let begin = Instant::now();
    let error = world.call(request).await.unwrap_err();
    assert_eq!(timeout(&error), Some(Phase::Total));
    assert_eq!(error.to_string(), "the request was not done within 5s");
    assert_eq!(begin.elapsed().as_secs(), 5);
    assert_eq!(outcomes(&attempts), "a: status 503, a: open");
    assert_eq!(attempts.served(), None);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_would_outlast_the_time_is_not_made() {
    let refusal = Step::refusal(429, &[("retry-after", "6")], "{}").after(SECONDS(4));
    let world = World::new([("a", vec![refusal]), ("b", vec![Step::good(OPENAI)])]);
    let begin = Instant::now();
    let asks = |targets| Asks::of(targets).limit(Phase::Total, SECONDS(10));
    assert_eq!(world.status(asks(&["a"]).request()).await, 429);
    assert_eq!(begin.elapsed().as_secs(), 4);
    assert_eq!(world.status(asks(&["a", "b"]).request()).await, 200);
    assert_eq!(world.course(), "aab");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_sent_in_time_is_given_up() {
    let world = World::new([]);
    let (_gate, body) = Gate::new();
    let asks = Asks::of(&["a"]).limit(Phase::Total, SECONDS(5));
    let error = world.call(asks.request_with(body)).await.unwrap_err();
    assert_eq!(timeout(&error), Some(Phase::Total));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_told_how_much_time_is_left() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    let inner = service_fn(move |request: Request<Body>| {
        let selected = Selected::of(request.extensions()).unwrap();
        let left = selected.timeouts().limit(Phase::Total, false);
        tells.lock().unwrap().push(left.unwrap());
        async {
            tokio::time::sleep(SECONDS(3)).await;
            let response = Response::builder().status(503).header("retry-after", "1");
            Ok::<_, BoxError>(response.body(Body::empty()).unwrap())
        }
    });
    let stack = ServiceBuilder::new()
        .layer(FailoverLayer::new())
        .service(inner);
    let asks = Asks::of(&["a"]).limit(Phase::Total, SECONDS(30));
    stack.oneshot(asks.request()).await.unwrap();
    let told: Vec<_> = told.lock().unwrap().iter().map(Duration::as_secs).collect();
    assert_eq!(told, [30, 26, 22]);
}

/// What comes of a request whose first target fails at once, where this is the second, which answers after so long.
async fn second(total: Duration, other: &Asks, takes: Duration) -> Outcome {
    let world = World::new([
        ("a", vec![Step::status(520)]),
        ("b", vec![Step::good(OPENAI).after(takes)]),
    ]);
    let mut request = Asks::of(&["a"]).limit(Phase::Total, total).request();
    let others = other.selected().into_iter().map(Into::into).collect();
    let attempts = Attempts::new();
    request.extensions_mut().insert(Fallbacks(others));
    request.extensions_mut().insert(attempts.clone());
    world.call(request).await.unwrap();
    attempts.to_vec().pop().unwrap().outcome
}

#[tokio::test(start_paused = true)]
async fn a_fallback_has_no_more_time_than_its_own_target_says() {
    let other = Asks::of(&["b"]).limit(Phase::Total, SECONDS(5));
    let outcome = second(SECONDS(60), &other, SECONDS(10)).await;
    assert_eq!(outcome, Outcome::Timeout(Phase::Total));
}

#[tokio::test(start_paused = true)]
async fn where_the_first_target_sets_no_time_a_fallback_has_none_by_default() {
    let other = Asks::of(&["b"]).limit(Phase::FirstByte, Timeouts::NEVER);
    let outcome = second(Timeouts::NEVER, &other, SECONDS(3_000)).await;
    assert_eq!(outcome, Outcome::Answered);
}

/// A service that has the head of a stream after `head`, and looks for content until it must hand the head on.
async fn held(layer: FailoverLayer, head: Duration) -> Duration {
    let inner = service_fn(move |request: Request<Body>| async move {
        let progress = Progress::of(request.extensions()).unwrap().clone();
        tokio::time::sleep(head).await;
        progress.await_content();
        poll_fn(|_| {
            if progress.is_committed() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        Ok::<_, BoxError>(Response::new(Body::empty()))
    });
    let stack = ServiceBuilder::new().layer(layer).service(inner);
    let begin = Instant::now();
    let response = stack.oneshot(Asks::of(&["a"]).stream().request()).await;
    assert_eq!(response.unwrap().status(), 200);
    begin.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_head_is_held_for_thirty_seconds_or_as_configured() {
    let layer = FailoverLayer::new();
    assert_eq!(held(layer.clone(), SECONDS(50)).await.as_secs(), 80);
    let layer = layer.head_hold(SECONDS(2));
    assert_eq!(held(layer, SECONDS(50)).await.as_secs(), 52);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_has_not_come_is_not_held() {
    let inner = service_fn(|request: Request<Body>| async move {
        let progress = Progress::of(request.extensions()).unwrap().clone();
        let late = tokio::time::timeout(SECONDS(300), pending::<()>()).await;
        assert!(late.is_err() && !progress.is_committed());
        Ok::<_, BoxError>(Response::new(Body::empty()))
    });
    let stack = ServiceBuilder::new()
        .layer(FailoverLayer::new())
        .service(inner);
    let response = stack.oneshot(Asks::of(&["a"]).stream().request()).await;
    assert_eq!(response.unwrap().status(), 200);
}
