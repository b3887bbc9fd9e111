//! What is legal in an experiment and yet looks like a mistake.

use super::*;

const THREE: &str = "- {id: a, base_url: https://a, api_formats: [openai]}
- {id: b, base_url: https://b, api_formats: [anthropic]}
- {id: off, base_url: https://off, is_enabled: false}
";

/// The lints of a rule `r` for `m` with this experiment and these filters, and of what is said of all.
fn lints(filters: &str, split: &str, experiments: &str) -> Vec<String> {
    let rule = |id: &str, model: &str| {
        format!("- {{id: {id}, pattern_model: {model}, {filters}split: {{{split}}}}}\n")
    };
    let table = table(&[&format!(
        "experiments: {{{experiments}}}\ndownstreams:\n{THREE}rules:\n{}",
        rule("r", "m")
    )]);
    table.lints().iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_lint(filters: &str, split: &str, lint: &str) {
    let odd = "no request can get to b: it has no models, and no alias or rule that names models leads to it";
    let lints = lints(filters, split, "");
    let lints: Vec<_> = lints.iter().filter(|lint| *lint != odd).collect();
    assert_eq!(lints, [lint]);
}

#[test]
fn an_experiment_that_compares_has_none() {
    let arms = "arms: [{id: x, downstream: a}, {id: y, downstream: b}, {id: z, downstream: a, output_model: z}]";
    assert_eq!(lints("", arms, "holdout: 5%"), [""; 0]);
}

#[test]
fn an_arm_that_gets_nothing_is_odd() {
    let arms = "arms: [{id: x, downstream: a, weight: 1}, {id: y, downstream: b, weight: 0}]";
    assert_lint("", arms, "arm y gets nothing: its weight is 0");
}

#[test]
fn arms_that_differ_in_nothing_are_odd() {
    let arms = "arms: [{id: x, downstream: a}, {id: y, downstream: b}, {id: z, downstream: a}]";
    assert_lint("", arms, "arms x and z differ in nothing");
}

#[test]
fn downstreams_beside_arms_are_odd() {
    let arms = "arms: [{id: x, downstream: a}, {id: y, downstream: b}]";
    let lint = "match_downstreams of rule r has no effect: its split says where requests go";
    assert_lint("match_downstreams: [a], ", arms, lint);
}

#[test]
fn an_arm_that_nobody_can_get_is_odd() {
    let arms = "arms: [{id: x, downstream: a}, {id: y, downstream: off}]";
    assert_lint("", arms, "arm y is left out: downstream off is off");
    let arms = "arms: [{id: x, downstream: a}, {id: y, downstream: b}]";
    let lint = "arm y is left out: match_downstream_format leaves out what b can be spoken to in";
    assert_lint("match_downstream_format: [openai], ", arms, lint);
}

#[test]
fn experiments_of_one_layer_by_different_keys_are_odd() {
    let arms = "arms: [{id: a, downstream: a}, {id: b, downstream: b}]";
    let of = |two: &str| {
        let (one, two) = (
            format!("key: [host], {arms}"),
            format!("key: [{two}], {arms}"),
        );
        let document = "experiments: {layers: {l: {one: 50%, two: 50%}}}";
        let table = splits(document, &[("one", &one), ("two", &two)]);
        table
            .lints()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let lint = "two and one look for different keys, so that one user can be in both";
    assert_eq!(of("'body:user'"), [lint]);
    assert_eq!(of("host"), [""; 0]);
}

#[test]
fn what_is_switched_off_is_not_looked_at() {
    let arms = "arms: [{id: x, downstream: a, weight: 1}, {id: y, downstream: b, weight: 0}]";
    let lints = lints("is_enabled: false, ", arms, "");
    assert!(
        lints
            .iter()
            .all(|lint| lint.starts_with("no request can get to")),
        "{lints:?}"
    );
}
