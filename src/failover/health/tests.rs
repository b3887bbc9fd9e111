use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::*;
use crate::{format::ApiFormat, policy::Ejection, target::Target};

const SECOND: Duration = Duration::from_secs(1);

fn selected_with(ejection: Ejection) -> Selected {
    let target = Target::new("d", "https://d".parse().unwrap()).with_ejection(ejection);
    Selected::new(Arc::new(target), ApiFormat::OPENAI).with_model("m")
}

fn selected() -> Selected {
    selected_with(Ejection::new())
}

/// A request that goes to the first endpoint, whatever is known of it.
fn enter(health: &Health, selected: &Selected, now: Instant) -> Ticket {
    health.enter(selected, 0, true, now).unwrap()
}

/// Lets a request go to the first endpoint and fail, so often.
fn fail(health: &Health, selected: &Selected, times: usize, now: Instant) {
    for _ in 0..times {
        enter(health, selected, now).fail(selected, None, now);
    }
}

fn is_open(health: &Health, selected: &Selected, now: Instant) -> bool {
    health.state(selected, 0, now).is_open()
}

fn ejected_for(health: &Health, selected: &Selected, now: Instant) -> Option<Duration> {
    match health.state(selected, 0, now) {
        State::Ejected(until) => Some(until - now),
        State::Well { .. } | State::Probe => None,
    }
}

#[test]
fn five_failures_in_a_row_eject_for_ten_seconds() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 4, now);
    assert!(is_open(&health, &selected, now));
    fail(&health, &selected, 1, now);
    assert_eq!(ejected_for(&health, &selected, now), Some(10 * SECOND));
    assert!(is_open(&health, &selected, now + 10 * SECOND));
}

#[test]
fn an_answer_in_between_ends_the_row() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    for _ in 0..4 {
        fail(&health, &selected, 4, now);
        // Enough of them keep the ratio low.
        for _ in 0..8 {
            enter(&health, &selected, now).succeed(&selected, || now);
        }
    }
    assert!(is_open(&health, &selected, now));
}

#[test]
fn half_of_twenty_failing_eject_though_never_five_in_a_row() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    for round in 0..10 {
        assert!(is_open(&health, &selected, now), "{round}");
        fail(&health, &selected, 1, now);
        assert!(is_open(&health, &selected, now), "{round}");
        enter(&health, &selected, now).succeed(&selected, || now);
    }
    fail(&health, &selected, 1, now);
    assert!(!is_open(&health, &selected, now));
}

#[test]
fn failures_of_long_ago_say_nothing_of_the_ratio() {
    let (health, selected, mut now) = (Health::default(), selected(), Instant::now());
    for _ in 0..30 {
        now += 31 * SECOND;
        fail(&health, &selected, 1, now);
        enter(&health, &selected, now).succeed(&selected, || now);
    }
    assert!(is_open(&health, &selected, now));
}

#[test]
fn what_the_target_asks_for_is_its_time_up_to_the_longest() {
    let (selected, now) = (selected(), Instant::now());
    for (wait, expected) in [(2, 2), (299, 299), (301, 300), (u64::MAX, 300)] {
        let health = Health::default();
        let wait = Some(Duration::from_secs(wait));
        enter(&health, &selected, now).fail(&selected, wait, now);
        let ejected = ejected_for(&health, &selected, now);
        assert_eq!(ejected, Some(Duration::from_secs(expected)));
    }
}

#[test]
fn exactly_so_many_probes_are_let_through() {
    let mut ejection = Ejection::new();
    ejection.probes = Some(2);
    let (health, selected, now) = (Health::default(), selected_with(ejection), Instant::now());
    fail(&health, &selected, 5, now);
    let later = now + 10 * SECOND;
    let one = enter(&health, &selected, later);
    assert!(is_open(&health, &selected, later));
    let two = enter(&health, &selected, later);
    assert!(!is_open(&health, &selected, later));
    // One that is given up says nothing, and makes room for another.
    drop(two);
    assert!(is_open(&health, &selected, later));
    one.succeed(&selected, || later);
    assert_eq!(
        health.state(&selected, 0, later),
        State::Well { has_failed: false }
    );
}

#[test]
fn a_probe_that_fails_ejects_for_longer_each_time() {
    let (health, selected, mut now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 5, now);
    for expected in [20, 30, 40] {
        now += ejected_for(&health, &selected, now).unwrap();
        fail(&health, &selected, 1, now);
        let ejected = ejected_for(&health, &selected, now);
        assert_eq!(ejected, Some(Duration::from_secs(expected)));
    }
}

#[test]
fn after_a_probe_that_succeeds_all_is_forgotten() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 5, now);
    let later = now + 10 * SECOND;
    enter(&health, &selected, later).succeed(&selected, || later);
    fail(&health, &selected, 4, later);
    assert!(is_open(&health, &selected, later));
    fail(&health, &selected, 1, later);
    assert_eq!(ejected_for(&health, &selected, later), Some(10 * SECOND));
}

#[test]
fn an_answer_to_what_was_asked_before_the_ejection_ends_it_not() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    let early = enter(&health, &selected, now);
    fail(&health, &selected, 5, now + SECOND);
    early.succeed(&selected, || now + 2 * SECOND);
    assert!(!is_open(&health, &selected, now + 2 * SECOND));
}

#[test]
fn failures_of_those_on_their_way_make_it_no_longer() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 5, now);
    fail(&health, &selected, 50, now + SECOND);
    let later = now + SECOND;
    assert_eq!(ejected_for(&health, &selected, later), Some(9 * SECOND));
}

#[test]
fn another_model_and_another_endpoint_are_not_meant() {
    let (health, now) = (Health::default(), Instant::now());
    let (failing, other) = (selected(), selected().with_model("n"));
    fail(&health, &failing, 5, now);
    assert!(is_open(&health, &other, now));
    assert!(health.state(&failing, 1, now).is_open());
}

#[test]
fn without_ejection_nothing_is_remembered() {
    let mut ejection = Ejection::new();
    ejection.enabled = Some(false);
    let (health, selected, now) = (Health::default(), selected_with(ejection), Instant::now());
    fail(&health, &selected, 50, now);
    assert!(is_open(&health, &selected, now));
    assert!(health.is_all_well());
}

#[test]
fn names_that_callers_make_up_take_no_more_than_so_much_room() {
    let (health, now) = (Health::default(), Instant::now());
    let lasting = selected();
    fail(&health, &lasting, 5, now + SECOND);
    for number in 0..2 * ROOM {
        let selected = selected().with_model(number.to_string());
        fail(&health, &selected, 1, now);
    }
    assert!(health.lock().breakers.len() <= ROOM);
    assert!(!is_open(&health, &lasting, now + SECOND));
}

#[test]
fn situation_61_an_endless_ejection_is_no_panic() {
    let mut ejection = Ejection::new();
    ejection.base = Some(Duration::MAX);
    ejection.longest = Some(Duration::MAX);
    let (health, selected, now) = (Health::default(), selected_with(ejection), Instant::now());
    fail(&health, &selected, 7, now);
    enter(&health, &selected, now).fail(&selected, Some(Duration::MAX), now);
    assert!(!is_open(&health, &selected, now));
}

#[test]
fn a_target_that_asked_for_time_is_well_when_it_is_over() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    enter(&health, &selected, now).fail(&selected, Some(2 * SECOND), now);
    let later = now + 2 * SECOND;
    let waiting: Vec<_> = (0..3)
        .map(|_| health.enter(&selected, 0, false, later))
        .collect();
    assert!(waiting.iter().all(Option::is_some));
}

#[test]
fn a_target_that_asks_for_no_time_is_not_left_alone() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    let asked: Vec<_> = (0..5).map(|_| enter(&health, &selected, now)).collect();
    for (ticket, after) in asked.into_iter().zip(1..) {
        assert!(is_open(&health, &selected, now + after * SECOND));
        ticket.fail(&selected, Some(Duration::ZERO), now + after * SECOND);
    }
    // As often as that, it has failed.
    assert!(!is_open(&health, &selected, now + 5 * SECOND));
}

#[test]
fn a_place_for_a_probe_is_taken_once() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 5, now);
    let later = now + 10 * SECOND;
    assert_eq!(health.state(&selected, 0, later), State::Probe);
    let probe = health.enter(&selected, 0, false, later);
    assert!(probe.is_some());
    assert!(health.enter(&selected, 0, false, later).is_none());
}

#[test]
fn a_probe_that_takes_long_holds_up_no_further_one() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 5, now);
    let _slow = enter(&health, &selected, now + 10 * SECOND);
    assert!(!is_open(&health, &selected, now + 39 * SECOND));
    let later = now + 40 * SECOND;
    let further = health.enter(&selected, 0, false, later);
    further.unwrap().succeed(&selected, || later);
    assert_eq!(
        health.state(&selected, 0, later),
        State::Well { has_failed: false }
    );
}

#[test]
fn a_failure_counts_against_a_target_for_half_a_minute() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    fail(&health, &selected, 1, now);
    for (after, has_failed) in [(29, true), (30, false)] {
        let state = health.state(&selected, 0, now + after * SECOND);
        assert_eq!(state, State::Well { has_failed });
    }
}

#[test]
fn failures_of_what_was_asked_before_it_worked_again_say_nothing() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    let early: Vec<_> = (0..9).map(|_| enter(&health, &selected, now)).collect();
    fail(&health, &selected, 5, now);
    let later = now + 10 * SECOND;
    enter(&health, &selected, later).succeed(&selected, || later);
    for ticket in early {
        ticket.fail(&selected, None, later + 100 * SECOND);
    }
    assert!(is_open(&health, &selected, later + 100 * SECOND));
}

#[test]
fn failures_of_what_was_asked_before_a_probe_is_due_eject_not_again() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    let early = enter(&health, &selected, now);
    fail(&health, &selected, 5, now + SECOND);
    let later = now + 11 * SECOND;
    early.fail(&selected, None, later);
    assert_eq!(health.state(&selected, 0, later), State::Probe);
}

#[test]
fn failures_of_what_was_asked_before_all_was_forgotten_say_nothing() {
    let (health, selected, now) = (Health::default(), selected(), Instant::now());
    let early: Vec<_> = (0..9).map(|_| enter(&health, &selected, now)).collect();
    let later = now + SECOND;
    health.forget(later);
    for ticket in early {
        ticket.fail(&selected, None, later);
    }
    assert!(is_open(&health, &selected, later));
}
