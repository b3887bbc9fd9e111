//! Who fails is left alone for a while, and what is left then.

use std::time::Duration;

use http::{Request, Response};
use tokio::time::advance;
use tower::{layer::layer_fn, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    failover::{Attempts, FailoverLayer, Outcome},
    format::{ApiFormat, Operation},
    plugin::{PluginLayer, Plugins},
    policy::{AllEjected, Ejection},
};

use super::world::{Asks, OPENAI, Step, World};
use crate::inner::Gate;

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

#[tokio::test(start_paused = true)]
async fn situation_35_the_caller_s_fault_ejects_nobody_where_another_is_tried_for_it() {
    for status in [400, 404, 413, 422] {
        let world = World::new([
            ("a", vec![Step::status(status)]),
            ("b", vec![Step::good(OPENAI)]),
        ]);
        let asks = once(&["a", "b"])
            .retry(|retry| retry.statuses = Some([status.try_into().unwrap()].into()));
        for _ in 0..30 {
            assert_eq!(world.status(asks.request()).await, 200);
        }
        assert_eq!(world.course(), "ab".repeat(30), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_a_plugin_ejects_nobody() {
    let world = World::new([("a", vec![Step::good(OPENAI)])]);
    let busy = || {
        service_fn(|_: Request<Body>| async {
            let busy = Response::builder().status(503).body(Body::empty());
            Ok::<_, BoxError>(busy.unwrap())
        })
    };
    for _ in 0..10 {
        let mut request = once(&["a"]).request();
        let plugin = PluginLayer::new(layer_fn(move |_| busy()));
        request.extensions_mut().insert(Plugins([plugin].into()));
        assert_eq!(world.status(request).await, 503);
    }
    assert_eq!(world.status(refusing(&["a"])).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_translation_brings_nobody_back() {
    let world = failing_and_good();
    for _ in 0..5 {
        world.status(once(&["a", "b"]).request()).await;
    }
    advance(Duration::from_secs(10)).await;
    let mut request = once(&["a"]).request();
    let selected = Selected::of(request.extensions()).unwrap().clone();
    let selected = selected
        .with_provider(ApiFormat::ANTHROPIC)
        .with_operation(Operation::Other("/v1/embeddings"));
    request.extensions_mut().insert(selected);
    assert_eq!(world.status(request).await, 501);
    // The probe has yet to come, and fails.
    for _ in 0..2 {
        world.status(once(&["a", "b"]).request()).await;
    }
    assert_eq!(world.course(), "ab".repeat(6) + "b");
}

#[tokio::test(start_paused = true)]
async fn situation_35_a_single_probe_goes_out_of_requests_that_come_in_slowly() {
    let world = failing_and_good();
    for _ in 0..5 {
        world.status(once(&["a", "b"]).request()).await;
    }
    advance(Duration::from_secs(10)).await;
    let before = world.course().len();
    let question = crate::bodies::question(OPENAI, "m", "Hi", crate::bodies::Ask::Plain, false);
    let question: &'static str = question.to_string().leak();
    let asks = (0..10).map(|_| {
        let (gate, body) = Gate::new();
        let call = world.call(once(&["a", "b"]).request_with(body));
        async move {
            tokio::join!(call, async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                gate.send(question);
                drop(gate);
            })
            .0
        }
    });
    let replies = futures_util::future::join_all(asks).await;
    assert!(
        replies
            .iter()
            .all(|reply| reply.as_ref().unwrap().status() == 200)
    );
    let course = world.course().split_off(before);
    assert_eq!(course.matches('a').count(), 1, "{course}");
}

#[tokio::test(start_paused = true)]
async fn situation_35_where_the_first_that_is_tried_fails_the_others_may_be_back() {
    let rests = |seconds| Step::refusal(429, &[("retry-after", seconds)], "{}");
    let slow = Step::status(500).after(Duration::from_secs(45));
    let world = World::new([
        ("a", vec![rests("30"), slow]),
        ("b", vec![rests("40"), Step::good(OPENAI)]),
    ]);
    assert_eq!(world.status(once(&["a", "b"]).request()).await, 429);
    assert_eq!(world.status(once(&["a", "b"]).request()).await, 200);
    assert_eq!(world.course(), "abab");
}
