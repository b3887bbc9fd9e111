//! Who fails is left alone for a while, and what is left then.

use std::{sync::Arc, time::Duration};

use http::Request;
use tokio::time::advance;
use tower_llm_gateway::{
    Body,
    context::Selected,
    failover::{Attempts, FailoverLayer, Outcome},
    policy::{AllEjected, Ejection},
    target::Target,
};

use super::world::{Asks, OPENAI, Step, World};

/// A provider that fails and one that does not; each is asked once.
fn failing_and_good() -> World {
    World::new([
        ("a", vec![Step::status(500)]),
        ("b", vec![Step::good(OPENAI)]),
    ])
}

fn asks(targets: &[&'static str]) -> Asks {
    Asks::of(targets).ejecting(Ejection::new())
}

fn once(targets: &[&'static str]) -> Asks {
    asks(targets).retry(|retry| retry.attempts = Some(1))
}

#[tokio::test(start_paused = true)]
async fn who_has_failed_five_times_in_a_row_is_passed_over_until_a_probe_succeeds() {
    let failing = vec![Step::status(500); 5];
    let back = [failing, vec![Step::good(OPENAI)]].concat();
    let world = World::new([("a", back), ("b", vec![Step::good(OPENAI)])]);
    for _ in 0..7 {
        assert_eq!(world.status(once(&["a", "b"]).request()).await, 200);
    }
    assert_eq!(world.course(), "ababababab".to_owned() + "bb");
    advance(Duration::from_secs(10)).await;
    for _ in 0..2 {
        assert_eq!(world.status(once(&["a", "b"]).request()).await, 200);
    }
    assert!(world.course().ends_with("bbaa"), "{}", world.course());
}

#[tokio::test(start_paused = true)]
async fn assigned_stays_who_was_meant_and_served_is_who_answered() {
    let world = failing_and_good();
    for _ in 0..6 {
        world.status(once(&["a", "b"]).request()).await;
    }
    let response = world.call(once(&["a", "b"]).request()).await.unwrap();
    let attempts = Attempts::of(response.extensions()).unwrap();
    let assigned = attempts.assigned().unwrap();
    assert_eq!(
        (&*assigned.downstream, assigned.outcome),
        ("a", Outcome::Ejected)
    );
    assert_eq!(&*attempts.served().unwrap().downstream, "b");
    assert_eq!(attempts.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn situation_26_a_provider_that_is_down_makes_few_more_attempts_than_requests() {
    let world = failing_and_good();
    for _ in 0..1_000 {
        assert_eq!(world.status(asks(&["a", "b"]).request()).await, 200);
    }
    let attempts = world.seen().len();
    assert!(attempts <= 1_200, "{attempts}");
}

#[tokio::test(start_paused = true)]
async fn situation_35_when_all_are_ejected_the_one_that_is_back_first_is_tried() {
    let world = World::new([
        (
            "a",
            vec![Step::refusal(429, &[("retry-after", "60")], "{}")],
        ),
        (
            "b",
            vec![Step::refusal(429, &[("retry-after", "30")], "{}")],
        ),
    ]);
    for expected in ["ab", "abb", "abbb"] {
        assert_eq!(world.status(once(&["a", "b"]).request()).await, 429);
        assert_eq!(world.course(), expected);
    }
}

fn refusing(targets: &[&'static str]) -> Request<Body> {
    let mut ejection = Ejection::new();
    ejection.all = Some(AllEjected::Refuse);
    once(targets).ejecting(ejection).request()
}

#[tokio::test(start_paused = true)]
async fn situation_35_or_none_is_if_that_is_the_policy_and_the_caller_hears_when_to_come_back() {
    let world = World::new([(
        "a",
        vec![Step::refusal(429, &[("retry-after", "60")], "{}")],
    )]);
    assert_eq!(world.status(refusing(&["a"])).await, 429);
    advance(Duration::from_secs(20)).await;
    let error = world.call(refusing(&["a"])).await.unwrap_err();
    let error = error.downcast::<tower_llm_gateway::ir::Error>();
    let error = error.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(error.retry_after, Some(Duration::from_secs(40)));
    let response = OPENAI.error_response(&error);
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "40");
    assert_eq!(world.course(), "a");
}

#[tokio::test(start_paused = true)]
async fn situation_35_what_is_the_caller_s_fault_ejects_nobody() {
    for status in [400, 401, 403, 404, 413, 422] {
        let world = World::new([
            ("a", vec![Step::status(status)]),
            ("b", vec![Step::good(OPENAI)]),
        ]);
        for _ in 0..30 {
            assert_eq!(world.status(once(&["a", "b"]).request()).await, status);
        }
        assert_eq!(world.course(), "a".repeat(30));
    }
}

#[tokio::test(start_paused = true)]
async fn situation_35_callers_who_go_away_eject_nobody() {
    let world = World::new([("a", vec![Step::hangs()]), ("b", vec![Step::good(OPENAI)])]);
    for _ in 0..30 {
        let call = world.call(once(&["a", "b"]).request());
        let gone = tokio::time::timeout(Duration::from_millis(1), call).await;
        assert!(gone.is_err());
    }
    assert_eq!(world.course(), "a".repeat(30));
}

#[tokio::test(start_paused = true)]
async fn situation_35_a_single_probe_goes_out_while_others_take_the_next() {
    let failing = vec![Step::status(500); 5];
    let slow = Step::good(OPENAI).after(Duration::from_secs(5));
    let world = World::new([
        ("a", [failing, vec![slow]].concat()),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    for _ in 0..5 {
        world.status(once(&["a", "b"]).request()).await;
    }
    advance(Duration::from_secs(10)).await;
    let before = world.course().len();
    let asks = (0..10).map(|_| world.status(once(&["a", "b"]).request()));
    let statuses = futures_util::future::join_all(asks).await;
    assert!(statuses.iter().all(|status| *status == 200));
    let course = world.course().split_off(before);
    assert_eq!(course.matches('a').count(), 1, "{course}");
}

/// Of two endpoints, one with a key that is refused.
fn two_keys() -> Request<Body> {
    let mut request = Asks::of(&["a"]).request();
    let selected = Selected::of(request.extensions()).unwrap();
    let target = Target::new("a", "https://a".parse().unwrap());
    let target = target.with_endpoint(Some("https://b".parse().unwrap()), None);
    let selected = Selected::new(Arc::new(target), OPENAI).with_retry(selected.retry());
    request.extensions_mut().insert(selected);
    request
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_whose_key_is_refused_is_left_for_the_other_and_in_the_end_left_alone() {
    let world = World::new([
        ("a", vec![Step::status(401)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    for _ in 0..40 {
        assert_eq!(world.status(two_keys()).await, 200);
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
            assert_eq!(world.status(two_keys()).await, 200);
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
        world.status(two_keys()).await;
    }
    let course = world.course();
    assert!(course.matches('b').count() >= 35, "{course}");
}

#[tokio::test(start_paused = true)]
async fn who_is_forgotten_is_asked_again() {
    let layer = FailoverLayer::new();
    let world = failing_and_good().with(layer.clone());
    for _ in 0..6 {
        world.status(once(&["a", "b"]).request()).await;
    }
    assert!(world.course().ends_with("bb"));
    layer.forget_failures();
    world.status(once(&["a", "b"]).request()).await;
    assert!(world.course().ends_with("ab"));
}
