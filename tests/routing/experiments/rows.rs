//! The rows of the routing table that are about experiments.

use tower_llm_gateway::{
    config::Config,
    router::{Arm, Rule, Split},
    target::Target,
};

use super::*;

#[test]
fn row_57_a_session_has_one_arm_whenever_and_wherever_it_is_drawn() {
    let table = chat("50", "50");
    let first = arms_of(&table, "chat");
    assert_eq!(arms_of(&table, "chat"), first);
    // After a restart, or at another replica.
    assert_eq!(arms_of(&chat("50", "50"), "chat"), first);
    assert!(first.iter().all(|drawn| drawn.by == AssignedBy::Key));
    let counted = counts(names(&first));
    let distance = chi_square(&counted, &[("a", 1.0), ("b", 1.0)]);
    assert!(distance < RARE[1], "{counted:?}");
}

/// Steele's `SplitMix64`.
fn numbers(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    })
}

#[test]
fn row_58_without_a_key_chance_decides_and_it_is_marked_so() {
    let (table, headers) = (chat("50", "50"), HeaderMap::new());
    let drawn = numbers(58).take(KEYS as usize).map(|random| {
        let mut facts = facts("chat", &headers);
        facts.random = random;
        assigned(&table, &facts)
    });
    let drawn: Vec<_> = drawn.collect();
    assert!(drawn.iter().all(|drawn| drawn.by == AssignedBy::Random));
    let counted = counts(names(&drawn));
    let distance = chi_square(&counted, &[("a", 1.0), ("b", 1.0)]);
    assert!(distance < RARE[1], "{counted:?}");
    // Each is one of its own.
    let units: std::collections::HashSet<_> = drawn.iter().map(|drawn| drawn.unit).collect();
    assert_eq!(units.len(), drawn.len());
}

#[test]
fn row_59_who_is_in_a_canary_stays_in_while_it_grows() {
    let of = |weight: u32| {
        let table = chat(&(100 - weight).to_string(), &weight.to_string());
        arms_of(&table, "chat")
    };
    let (small, large, again) = (of(5), of(20), of(5));
    let is_in = |drawn: &Assignment| &*drawn.arm == "b";
    for (small, large) in small.iter().zip(&large) {
        assert!(!is_in(small) || is_in(large));
    }
    assert_eq!(small, again);
    let distance = |drawn: &[Assignment], weight: f64| {
        chi_square(
            &counts(names(drawn)),
            &[("a", 100.0 - weight), ("b", weight)],
        )
    };
    assert!(distance(&small, 5.0) < RARE[1] && distance(&large, 20.0) < RARE[1]);
}

#[test]
fn row_60_only_keys_of_the_arm_whose_weight_changes_move() {
    let of = |weight: &str| {
        let arms = format!(
            "key: ['header:x-session-id'], arms: [{{id: a, downstream: a, weight: 1}}, {{id: b1, downstream: b, weight: {weight}}}, {{id: b2, downstream: b, weight: 1}}]"
        );
        arms_of(&splits("", &[("chat", &arms)]), "chat")
    };
    let (less, more) = (of("1"), of("2"));
    let moved = less
        .iter()
        .zip(&more)
        .filter(|(less, more)| less.arm != more.arm);
    let moved: Vec<_> = moved.map(|(less, more)| (&*less.arm, &*more.arm)).collect();
    assert!(moved.iter().all(|(from, to)| *from != "b1" && *to == "b1"));
    // From a third to a half.
    assert!((1_500..1_850).contains(&moved.len()), "{}", moved.len());
    let distance = chi_square(
        &counts(names(&more)),
        &[("a", 1.0), ("b1", 2.0), ("b2", 1.0)],
    );
    assert!(distance < RARE[2]);
}

#[test]
fn row_61_weights_that_come_to_nothing_are_no_table() {
    for (a, b, mistake) in [
        ("0", "0", "all weights are 0, so that no arm gets anything"),
        ("1", "-1", "a weight is 0, or from 1e-9 to 1e9"),
        (
            "1",
            ".nan",
            "non-finite float `.nan` rejected by the configured policy",
        ),
        ("1", "many", "expected a number, found text"),
        ("1", "1e300", "a weight is 0, or from 1e-9 to 1e9"),
    ] {
        let text = format!(
            "downstreams: [{{id: a, base_url: https://a}}, {{id: b, base_url: https://b}}]\nrules: [{{id: r, pattern_model: m, split: {{{}}}}}]",
            halves(a, b)
        );
        let built = Config::from_yaml(&text).and_then(|config| config.build(&registry()));
        let errors = built.unwrap_err();
        let errors: Vec<_> = errors.iter().map(|error| &*error.message).collect();
        assert!(errors.contains(&mistake), "{a}, {b}: {errors:?}");
    }
    let arm = |weight| Arm::new("a", "a").with_weight(weight);
    let split = Split::new(vec![arm(f64::NAN), Arm::new("b", "a")]);
    let rule = Rule::new("r").with_models(Vec::new()).with_split(split);
    let target = Target::new("a", "https://a".parse().unwrap());
    let problems = Table::build(vec![target], vec![rule], Vec::new()).unwrap_err();
    let messages: Vec<_> = problems.iter().map(|problem| &*problem.message).collect();
    assert_eq!(messages, ["a weight is 0, or from 1e-9 to 1e9"]);
}

#[test]
fn row_63_of_two_experiments_in_one_layer_a_key_is_in_one_at_most() {
    let document = "experiments: {layers: {l: {one: 50%, two: 50%}}}";
    let halves = halves("50", "50");
    let table = splits(
        document,
        &[("one", &halves), ("two", &halves), ("free", &halves)],
    );
    let (one, two) = (arms_of(&table, "one"), arms_of(&table, "two"));
    for (one, two) in one.iter().zip(&two) {
        assert!(one.by.is_drawn() != two.by.is_drawn());
        for drawn in [one, two].into_iter().filter(|drawn| !drawn.by.is_drawn()) {
            assert_eq!((drawn.by, &*drawn.arm), (AssignedBy::Layer, "a"));
        }
    }
    let slots = counts(
        one.iter()
            .map(|one| if one.by.is_drawn() { "one" } else { "two" }),
    );
    assert!(
        chi_square(&slots, &[("one", 1.0), ("two", 1.0)]) < RARE[1],
        "{slots:?}"
    );
    // Which arm a key gets has nothing to do with whose key it is: in what is in no layer, both halves are alike.
    let free = arms_of(&table, "free");
    let cells = one
        .iter()
        .zip(&free)
        .map(|(one, free)| match (one.by.is_drawn(), &*free.arm) {
            (true, "a") => "one a",
            (true, _) => "one b",
            (false, "a") => "two a",
            (false, _) => "two b",
        });
    let cells = counts(cells);
    let expected = ["one a", "one b", "two a", "two b"].map(|cell| (cell, 1.0));
    assert!(chi_square(&cells, &expected) < RARE[3], "{cells:?}");
    let drawn = counts(
        one.iter()
            .filter(|one| one.by.is_drawn())
            .map(|one| &*one.arm),
    );
    assert!(
        chi_square(&drawn, &[("a", 1.0), ("b", 1.0)]) < RARE[1],
        "{drawn:?}"
    );
}
