//! When the caller goes away nothing goes on, and nothing begins.

use std::{future::Future, sync::Mutex, time::Duration};

use http::{Request, Response};
use tokio::time::advance;
use tokio_test::{assert_pending, assert_ready, task};
use tower::Service;
use tower_llm_gateway::{
    Body, BoxError,
    failover::{Attempts, Outcome},
};

use super::world::{Asks, OPENAI, Step, World};
use crate::{
    bodies::directions,
    inner::{Gate, OPENAI_STREAM, response},
};

fn call(
    world: &World,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, BoxError>> + use<> {
    world.stack().call(request)
}

/// Both ways to ask; to answer one takes as long as to answer the other.
fn both() -> [Asks; 2] {
    [Asks::of(&["a", "b"]), Asks::of(&["a", "b"]).stream()]
}

/// Answers once, with this body.
fn answers_with(content_type: &'static str, body: Body) -> Step {
    let body = Mutex::new(Some(body));
    Step::answer(move || response(content_type, body.lock().unwrap().take().unwrap()))
}

/// Nothing is asked from now on.
async fn assert_over(world: &World, asked: &str) {
    assert!(world.seen().iter().all(|seen| !seen.is_alive()));
    advance(Duration::from_secs(600)).await;
    assert_eq!(world.course(), asked);
}

#[tokio::test(start_paused = true)]
async fn situation_31_and_32_while_the_request_s_body_comes() {
    for asks in both() {
        let world = World::new([]);
        let (gate, body) = Gate::new();
        let mut future = task::spawn(call(&world, asks.request_with(body)));
        gate.send(r#"{"model":"#);
        assert_pending!(future.poll());
        assert!(gate.is_held());
        drop(future);
        assert!(!gate.is_held());
        assert_over(&world, "").await;
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_and_32_before_the_provider_answers() {
    for asks in both() {
        let world = World::new([("a", vec![Step::hangs()])]);
        let mut request = asks.request();
        let attempts = Attempts::new();
        request.extensions_mut().insert(attempts.clone());
        let mut future = task::spawn(call(&world, request));
        assert_pending!(future.poll());
        assert!(world.seen()[0].is_alive());
        drop(future);
        assert_over(&world, "a").await;
        assert_eq!(attempts.served().unwrap().outcome, Outcome::Open);
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_and_32_in_the_pause_before_another_try() {
    for asks in both() {
        let world = World::new([("a", vec![Step::status(503)])]);
        let mut future = task::spawn(call(&world, asks.request()));
        assert_pending!(future.poll());
        assert_eq!(world.course(), "a");
        drop(future);
        assert_over(&world, "a").await;
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_and_32_before_the_next_provider_answers() {
    for asks in both() {
        let asks = asks.retry(|retry| retry.attempts = Some(1));
        let world = World::new([("a", vec![Step::status(503)]), ("b", vec![Step::hangs()])]);
        let mut future = task::spawn(call(&world, asks.request()));
        assert_pending!(future.poll());
        assert!(world.seen()[1].is_alive());
        drop(future);
        assert_over(&world, "ab").await;
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_and_32_while_an_error_comes() {
    for asks in both() {
        let (gate, body) = Gate::new();
        let body = Mutex::new(Some(body));
        let refusal = Step::answer(move || {
            let body = body.lock().unwrap().take().unwrap();
            let mut refusal = response("application/json", body);
            *refusal.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            refusal
        });
        let world = World::new([("a", vec![refusal])]);
        gate.send(r#"{"error":"#);
        let mut future = task::spawn(call(&world, asks.request()));
        assert_pending!(future.poll());
        assert!(gate.is_held());
        drop(future);
        assert!(!gate.is_held());
        assert_over(&world, "a").await;
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_while_the_head_is_held() {
    for (client, provider) in directions().chain([(OPENAI, OPENAI)]) {
        let (gate, body) = Gate::new();
        let world = World::new([("a", vec![answers_with("text/event-stream", body)])]);
        gate.send(": keep-alive\n\n");
        let asks = Asks::between(client, &[("a", provider), ("b", provider)]).stream();
        let mut future = task::spawn(call(&world, asks.request()));
        assert_pending!(future.poll());
        assert!(gate.is_held());
        drop(future);
        assert!(!gate.is_held());
        assert_over(&world, "a").await;
    }
}

#[tokio::test(start_paused = true)]
async fn situation_31_in_mid_answer() {
    let (gate, body) = Gate::new();
    let world = World::new([("a", vec![answers_with("text/event-stream", body)])]);
    gate.send(OPENAI_STREAM.split_inclusive("\n\n").nth(1).unwrap());
    let mut future = task::spawn(call(&world, Asks::of(&["a", "b"]).stream().request()));
    let response = assert_ready!(future.poll()).unwrap();
    drop(future);
    assert!(gate.is_held());
    drop(response);
    assert!(!gate.is_held());
    assert_over(&world, "a").await;
}
