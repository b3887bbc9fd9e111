//! Who gets what, counted over many keys.

use std::{collections::HashSet, sync::Arc};

use crate::experiment::*;

/// What chi-square exceeds once in a thousand times if all is as expected, by the degrees of freedom.
const ONCE_IN_A_THOUSAND: [f64; 4] = [0.0, 10.828, 13.816, 16.266];

fn arms(weights: &[(&str, f64)]) -> Arms {
    let arms = weights
        .iter()
        .map(|(arm, weight)| (Arc::from(*arm), *weight));
    Arms::new("greeting", arms).unwrap()
}

fn half_and_half() -> Arms {
    arms(&[("control", 50.0), ("challenger", 50.0)])
}

fn keys(count: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(|n| format!("user-{n}").into_bytes())
}

/// The keys of 10,000 that an arm gets.
fn won(arms: &Arms, arm: usize) -> HashSet<Vec<u8>> {
    keys(10_000)
        .filter(|key| arms.draw(key) == Some(arm))
        .collect()
}

/// Fails if counts like these come about less than once in a thousand times where each is expected to get its share.
fn assert_shared(counts: &[u32], shares: &[f64]) {
    let total = f64::from(counts.iter().sum::<u32>());
    let chi_square: f64 = counts
        .iter()
        .zip(shares)
        .map(|(count, share)| {
            let expected = share * total;
            (f64::from(*count) - expected).powi(2) / expected
        })
        .sum();
    let limit = ONCE_IN_A_THOUSAND[counts.len() - 1];
    assert!(
        chi_square < limit,
        "{chi_square}: {counts:?} for {shares:?}"
    );
}

/// Fails if the answers to two questions depend on each other, in the same sense.
fn assert_independent(is: impl Fn(&[u8]) -> bool, is_other: impl Fn(&[u8]) -> bool) {
    let mut counts = [[0_u32; 2]; 2];
    for key in keys(10_000) {
        counts[usize::from(is(&key))][usize::from(is_other(&key))] += 1;
    }
    let counts = counts.map(|row| row.map(f64::from));
    let [[a, b], [c, d]] = counts;
    let chi_square =
        (a * d - b * c).powi(2) * (a + b + c + d) / ((a + b) * (c + d) * (a + c) * (b + d));
    assert!(
        chi_square < ONCE_IN_A_THOUSAND[1],
        "{chi_square}: {counts:?}"
    );
}

#[test]
fn row_57_a_key_has_the_same_arm_each_time_and_after_a_restart() {
    let before: Vec<_> = keys(10_000).map(|key| half_and_half().draw(&key)).collect();
    let restarted = half_and_half();
    let after: Vec<_> = keys(10_000).map(|key| restarted.draw(&key)).collect();
    assert_eq!(before, after);
}

#[test]
fn row_57_a_million_keys_are_split_by_weight() {
    let arms = arms(&[("control", 70.0), ("challenger", 30.0)]);
    let mut counts = [0; 2];
    for key in 0..1_000_000_u32 {
        counts[arms.draw(&key.to_be_bytes()).unwrap()] += 1;
    }
    assert_shared(&counts, &[0.7, 0.3]);
}

#[test]
fn several_arms_get_what_their_weights_say() {
    let weights = [50.0, 30.0, 15.0, 5.0];
    let arms = arms(&[("a", 50.0), ("b", 30.0), ("c", 15.0), ("d", 5.0)]);
    let mut counts = [0; 4];
    for key in keys(10_000) {
        counts[arms.draw(&key).unwrap()] += 1;
    }
    assert_shared(&counts, &weights.map(|weight| weight / 100.0));
}

#[test]
fn row_59_a_canary_moves_only_whom_it_must() {
    let canary = |weight| won(&arms(&[("stable", 100.0 - weight), ("canary", weight)]), 1);
    let (five, twenty) = (canary(5.0), canary(20.0));
    assert!(five.is_subset(&twenty));
    assert_shared(&[count(&five), 10_000 - count(&five)], &[0.05, 0.95]);
    assert_shared(&[count(&twenty), 10_000 - count(&twenty)], &[0.2, 0.8]);
    assert_eq!(canary(5.0), five);
}

fn count(keys: &HashSet<Vec<u8>>) -> u32 {
    u32::try_from(keys.len()).unwrap()
}

#[test]
fn row_60_a_changed_weight_moves_keys_to_and_from_its_arm_only() {
    let [before, more, less] =
        [30.0, 45.0, 10.0].map(|weight| arms(&[("a", 40.0), ("b", weight), ("c", 30.0)]));
    let (mut gained, mut lost) = (0, 0);
    for key in keys(10_000) {
        let was = before.draw(&key);
        if more.draw(&key) != was {
            assert_eq!(more.draw(&key), Some(1));
            gained += 1;
        }
        if less.draw(&key) != was {
            assert_eq!(was, Some(1));
            lost += 1;
        }
    }
    assert!(gained > 500 && lost > 500, "{gained} {lost}");
}

#[test]
fn row_61_weights_that_say_nothing_are_refused() {
    for (weights, expected) in [
        (&[][..], "an experiment has at least one arm"),
        (
            &[("a", 0.0), ("b", -0.0)],
            "all weights are 0, so no arm gets anything",
        ),
        (
            &[("a", 1.0), ("b", -1.0)],
            r#"the weight of the arm "b" is -1: it is 0, or from 1e-9 to 1e9"#,
        ),
        (
            &[("a", f64::NAN)],
            r#"the weight of the arm "a" is NaN: it is 0, or from 1e-9 to 1e9"#,
        ),
        (
            &[("a", f64::INFINITY)],
            r#"the weight of the arm "a" is inf: it is 0, or from 1e-9 to 1e9"#,
        ),
        (&[("a", 1.0), ("a", 2.0)], r#"two arms are named "a""#),
    ] {
        let arms = weights
            .iter()
            .map(|(arm, weight)| (Arc::from(*arm), *weight));
        let error = Arms::new("greeting", arms).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn row_63_experiments_of_a_layer_share_no_key() {
    let layer = Layer::new("prompts", [("greeting".into(), 0.3), ("tone".into(), 0.5)]).unwrap();
    let mut counts = [0; 3];
    for key in keys(10_000) {
        let member = layer.member(&key).map(|member| &**member);
        let place = ["greeting", "tone"]
            .iter()
            .position(|name| Some(*name) == member);
        counts[place.unwrap_or(2)] += 1;
    }
    assert_shared(&counts, &[0.3, 0.5, 0.2]);
}

#[test]
fn row_63_the_arm_depends_on_nothing_that_picks_who_takes_part() {
    let arms = half_and_half();
    let is_challenger = |key: &[u8]| arms.draw(key) == Some(1);
    let layer = Layer::new("greeting", [("greeting".into(), 0.5), ("tone".into(), 0.5)]).unwrap();
    let holdout = Holdout::new(0.3).unwrap();
    assert_independent(is_challenger, |key| {
        layer.member(key).is_some_and(|member| &**member == "tone")
    });
    assert_independent(is_challenger, |key| covers("greeting", 0.5, key));
    assert_independent(is_challenger, |key| holdout.holds(key));
    assert_independent(is_challenger, |key| unit("greeting", key).0 < 1 << 63);
    assert_independent(|key| covers("greeting", 0.5, key), |key| holdout.holds(key));
}

#[test]
fn the_arm_of_one_experiment_says_nothing_of_that_of_another() {
    let one = half_and_half();
    let same_arms = one.shares().iter().map(|share| (share.arm.clone(), 1.0));
    let other = Arms::new("tone", same_arms).unwrap();
    assert_independent(
        |key| one.draw(key) == Some(1),
        |key| other.draw(key) == Some(1),
    );
}

#[test]
fn an_arm_that_cannot_serve_leaves_its_keys_to_the_others_and_takes_none_of_theirs() {
    let arms = arms(&[("a", 1.0), ("b", 1.0), ("c", 1.0), ("off", 0.0)]);
    for key in keys(1_000) {
        let own = arms.draw(&key).unwrap();
        let among = arms.draw_among(&key, |arm| arm != 1).unwrap();
        assert!(if own == 1 { among != 1 } else { among == own });
    }
    assert_eq!(arms.draw_among(b"ada", |arm| arm == 3), None);
}

#[test]
fn shares_are_parts_of_all_weights() {
    let arms = arms(&[("a", 1.0), ("b", 3.0)]);
    assert_eq!(
        **arms.shares(),
        [Share::new("a", 0.25), Share::new("b", 0.75)]
    );
}

#[test]
fn who_is_covered_stays_so_while_coverage_grows() {
    for key in keys(1_000) {
        let at = |coverage| covers("greeting", coverage, &key);
        assert!(!at(0.0) && at(1.0) && (!at(0.05) || at(0.2)));
    }
}

#[test]
fn a_new_experiment_at_the_end_of_a_layer_moves_nobody() {
    let before = Layer::new("prompts", [("greeting".into(), 0.3)]).unwrap();
    let after = Layer::new("prompts", [("greeting".into(), 0.3), ("tone".into(), 0.7)]).unwrap();
    for key in keys(1_000) {
        let member = after.member(&key).unwrap();
        assert_eq!(
            before.member(&key),
            (&**member == "greeting").then_some(member)
        );
    }
}

#[test]
fn shares_that_are_no_parts_of_a_whole_are_refused() {
    for (shares, expected) in [
        (
            &[("a", 0.5), ("a", 0.1)][..],
            r#""a" is in the layer twice"#,
        ),
        (
            &[("a", 0.6), ("b", 0.5)],
            "the shares come to 1.1: there is no more than 1",
        ),
        (
            &[("a", -0.1)],
            r#"the share of "a" is -0.1: it is from 0 to 1"#,
        ),
    ] {
        let members = shares
            .iter()
            .map(|(member, share)| (Arc::from(*member), *share));
        assert_eq!(
            Layer::new("prompts", members).unwrap_err().to_string(),
            expected
        );
    }
    let tenths = (0..10).map(|n| (n.to_string().into(), 0.1));
    assert!(Layer::new("prompts", tenths).is_ok());
    let error = Holdout::new(f64::NAN).unwrap_err();
    assert_eq!(error.to_string(), "the holdout is NaN: it is from 0 to 1");
}
