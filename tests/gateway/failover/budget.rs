//! What further tries add to the load of a provider that fails.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use tokio::time::sleep;
use tower_llm_gateway::failover::Attempts;

use super::world::{Asks, OPENAI, Step, World};

/// Makes so many requests, one each `interval`, and counts their attempts.
async fn attempts(world: &World, asks: &Asks, requests: u32, interval: Duration) -> usize {
    let requests = (0..requests).map(|number| async move {
        sleep(interval * number).await;
        let response = world.call(asks.request()).await.unwrap();
        Attempts::of(response.extensions()).unwrap().count()
    });
    join_all(requests).await.into_iter().sum()
}

#[tokio::test(start_paused = true)]
async fn situation_26_a_provider_that_is_down_gets_a_fifth_more_requests() {
    for (interval, free) in [(Duration::ZERO, 10), (Duration::from_millis(10), 20)] {
        let world = World::new([("a", vec![Step::status(503)])]);
        let counted = attempts(&world, &Asks::of(&["a"]), 1000, interval).await;
        assert!((1100..=1200 + free).contains(&counted), "{counted}");
        assert_eq!(world.seen().len(), counted, "nothing below tries again");
    }
}

#[tokio::test(start_paused = true)]
async fn situation_26_what_failed_together_does_not_come_back_together() {
    let world = World::new([("a", vec![Step::status(503)])]);
    let asks = Asks::of(&["a"]).retry(|retry| retry.budget = Some(1.0));
    attempts(&world, &asks, 1000, Duration::ZERO).await;
    let mut waves = BTreeMap::new();
    for seen in world.seen().iter().filter(|seen| !seen.at.is_zero()) {
        *waves.entry(seen.at.as_millis() / 50).or_insert(0) += 1;
    }
    // A thousand, over at least a quarter of a second.
    assert!(waves.values().all(|size| *size < 300), "{waves:?}");
}

#[tokio::test(start_paused = true)]
async fn situation_65_what_fails_at_one_provider_takes_no_tries_from_another() {
    let world = World::new([
        ("a", vec![Step::status(503)]),
        ("b", vec![Step::status(503)]),
    ]);
    attempts(&world, &Asks::of(&["a"]), 100, Duration::ZERO).await;
    let spent = world.seen().len();
    attempts(&world, &Asks::of(&["a"]), 1, Duration::ZERO).await;
    assert_eq!(world.seen().len() - spent, 1, "the budget is spent");
    attempts(&world, &Asks::of(&["b"]), 1, Duration::ZERO).await;
    assert_eq!(world.seen().len() - spent, 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn another_provider_is_asked_however_much_is_spent() {
    let world = World::new([
        ("a", vec![Step::status(503)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    attempts(&world, &Asks::of(&["a"]), 100, Duration::ZERO).await;
    for _ in 0..100 {
        assert_eq!(world.status(Asks::of(&["a", "b"]).request()).await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn another_model_of_the_same_provider_is_within_its_budget() {
    let world = World::new([("a", vec![Step::status(503)])]);
    let asks = Asks::of(&["a", "a", "a", "a"]).retry(|retry| retry.attempts = Some(1));
    let counted = attempts(&world, &asks, 1000, Duration::ZERO).await;
    assert!((1100..=1210).contains(&counted), "{counted}");
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_changes_counts_from_the_next_request_on() {
    let world = World::new([("a", vec![Step::status(503)])]);
    let share = |share| Asks::of(&["a"]).retry(|retry| retry.budget = Some(share));
    attempts(&world, &share(0.0), 100, Duration::ZERO).await;
    assert_eq!(world.seen().len(), 110);
    let more = attempts(&world, &share(0.5), 100, Duration::ZERO).await;
    assert_eq!(more, 160);
}
