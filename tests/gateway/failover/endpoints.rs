//! Endpoints of one provider: which is asked, and which one after another.

use std::{sync::Arc, time::Duration};

use http::Request;
use tokio::time::advance;
use tower_llm_gateway::{
    Body,
    context::Selected,
    format::ApiFormat,
    policy::{Ejection, Phase},
    target::Target,
};

use super::world::{Asks, OPENAI, Step, World};

/// A request to one provider with endpoints at these addresses, with these keys.
fn to(asks: &Asks, endpoints: &[(&str, &str)]) -> Request<Body> {
    let mut request = asks.request();
    let selected = Selected::of(request.extensions()).unwrap().clone();
    let url = |host: &str| format!("https://{host}").parse().unwrap();
    let ((host, key), more) = endpoints.split_first().unwrap();
    let target = Target::new("a", url(host)).with_key((*key).into());
    let target = target.with_ejection(selected.target().ejection());
    let target = more.iter().fold(target, |target, (host, key)| {
        target.with_endpoint(Some(url(host)), Some((*key).into()))
    });
    let elsewhere = Selected::new(Arc::new(target), selected.client())
        .with_provider(selected.provider())
        .with_retry(selected.retry())
        .with_timeouts(selected.timeouts());
    request.extensions_mut().insert(elsewhere);
    request
}

fn both(asks: &Asks) -> Request<Body> {
    to(asks, &[("a", "CANARY-1"), ("b", "CANARY-2")])
}

/// With a further try for each request.
fn generous(asks: Asks) -> Asks {
    asks.retry(|retry| retry.budget = Some(1.0))
}

fn ejecting() -> Asks {
    Asks::of(&["a"]).ejecting(Ejection::new())
}

fn two() -> Request<Body> {
    both(&ejecting())
}

/// A world in which one endpoint does this, and the other answers.
fn beside(step: Step) -> World {
    World::new([("a", vec![step]), ("b", vec![Step::good(OPENAI)])])
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_whose_key_is_refused_is_left_for_the_other_and_in_the_end_left_alone() {
    let world = World::new([
        ("a", vec![Step::status(401)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    for _ in 0..40 {
        assert_eq!(world.status(two()).await, 200);
    }
    let course = world.course();
    assert!(course.matches('a').count() <= 5, "{course}");
    assert_eq!(course.matches('b').count(), 40, "{course}");
}

#[tokio::test(start_paused = true)]
async fn another_endpoint_is_asked_at_once_whatever_the_first_asks_for() {
    let rate_limit = Step::refusal(429, &[("retry-after", "60")], "{}");
    let money = r#"{"error":{"message":"no","type":"t","param":null,"code":"insufficient_quota"}}"#;
    for refusal in [
        rate_limit,
        Step::refusal(429, &[], money),
        Step::status(503),
    ] {
        let world = World::new([("a", vec![refusal]), ("b", vec![Step::good(OPENAI)])]);
        // Which one is asked first is by chance.
        for _ in 0..20 {
            assert_eq!(world.status(two()).await, 200);
        }
        assert!(world.course().contains("ab"));
        assert!(world.seen().iter().all(|seen| seen.at.is_zero()));
    }
}

#[tokio::test(start_paused = true)]
async fn requests_go_to_the_endpoint_that_answers_sooner() {
    let slow = Step::good(OPENAI).after(Duration::from_secs(4));
    let quick = Step::good(OPENAI).after(Duration::from_millis(100));
    let world = World::new([("a", vec![slow]), ("b", vec![quick])]);
    for _ in 0..40 {
        world.status(two()).await;
    }
    let course = world.course();
    assert!(course.matches('b').count() >= 35, "{course}");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_can_t_be_used_is_left_for_the_other_and_in_the_end_left_alone() {
    let world = beside(Step::refusal(302, &[("location", "https://elsewhere")], ""));
    for _ in 0..40 {
        assert_eq!(world.status(two()).await, 200);
    }
    let course = world.course();
    assert!(course.matches('a').count() <= 5, "{course}");
    assert!(course.contains("ab"), "{course}");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_fails_at_once_attracts_no_requests() {
    let good = Step::good(OPENAI).after(Duration::from_millis(500));
    // Nothing is known of its health.
    let world = World::new([("a", vec![Step::status(503)]), ("b", vec![good])]);
    for _ in 0..40 {
        world.status(both(&Asks::of(&["a"]))).await;
    }
    let course = world.course();
    assert!(course.matches('a').count() < 15, "{course}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_asked_once_where_the_other_endpoint_is_left_alone() {
    let rests = Step::refusal(429, &[("retry-after", "60")], "{}");
    let world = World::new([("a", vec![Step::status(401)]), ("b", vec![rests])]);
    while !world.course().contains('b') {
        world.status(two()).await;
    }
    let before = world.course().len();
    assert_eq!(world.status(two()).await, 401);
    assert_eq!(world.course().split_off(before), "a");
}

const INVALID_KEY: &str = r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#;

#[tokio::test(start_paused = true)]
async fn a_key_that_gemini_refuses_with_400_is_refused() {
    for client in ApiFormat::BUILT_IN {
        let world = World::new([
            ("a", vec![Step::refusal(400, &[], INVALID_KEY)]),
            ("b", vec![Step::good(ApiFormat::GEMINI)]),
        ]);
        let asks = generous(Asks::between(*client, &[("a", ApiFormat::GEMINI)]));
        for _ in 0..20 {
            assert_eq!(world.status(both(&asks)).await, 200, "{client}");
        }
        assert!(world.course().contains("ab"), "{client}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_goes_to_no_other_provider_when_tries_are_used_up() {
    let world = World::new([
        ("a", vec![Step::status(401)]),
        ("b", vec![Step::status(401)]),
        ("c", vec![Step::good(OPENAI)]),
    ]);
    let asks = Asks::of(&["a", "c"]).retry(|retry| retry.attempts = Some(1));
    assert_eq!(world.status(both(&asks)).await, 401);
    assert_eq!(world.course().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_whose_probe_is_due_gets_it() {
    let back = [vec![Step::status(500); 5], vec![Step::good(OPENAI)]].concat();
    let good = Step::good(OPENAI).after(Duration::from_millis(100));
    let world = World::new([("a", back), ("b", vec![good])]);
    for _ in 0..200 {
        assert_eq!(world.status(two()).await, 200);
        advance(Duration::from_secs(3)).await;
    }
    let course = world.course();
    assert!(course.matches('a').count() > 10, "{course}");
}

#[tokio::test(start_paused = true)]
async fn one_that_took_too_long_is_left_for_the_other() {
    for phase in [Phase::FirstByte, Phase::Attempt] {
        let world = beside(Step::hangs());
        let asks = generous(Asks::of(&["a"])).limit(phase, Duration::from_secs(2));
        for _ in 0..20 {
            assert_eq!(world.status(both(&asks)).await, 200, "{phase}");
        }
        assert!(world.course().contains("ab"), "{phase}");
    }
}

#[tokio::test(start_paused = true)]
async fn behind_an_address_that_fails_another_address_is_asked() {
    let endpoints = [
        ("a", "CANARY-1"),
        ("a", "CANARY-2"),
        ("a", "CANARY-3"),
        ("b", "CANARY-1"),
    ];
    for _ in 0..20 {
        let world = beside(Step::breaks());
        assert_eq!(world.status(to(&Asks::of(&["a"]), &endpoints)).await, 200);
        assert!(
            ["ab", "b"].contains(&&*world.course()),
            "{}",
            world.course()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn behind_a_key_that_is_refused_another_key_is_sent() {
    let endpoints = [
        ("a", "CANARY-1"),
        ("b", "CANARY-1"),
        ("c", "CANARY-1"),
        ("d", "CANARY-2"),
    ];
    for _ in 0..20 {
        let refuse = || vec![Step::status(401)];
        let world = World::new([
            ("a", refuse()),
            ("b", refuse()),
            ("c", refuse()),
            ("d", refuse()),
        ]);
        world.status(to(&Asks::of(&["a"]), &endpoints)).await;
        let seen = world.seen();
        let keys = seen.iter().map(|seen| &seen.headers["authorization"]);
        let keys: Vec<_> = keys.take(2).collect();
        assert_ne!(keys[0], keys[1]);
    }
}
