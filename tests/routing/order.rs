//! The order of declaration decides nothing but ties.

use proptest::prelude::*;
use tower_llm_gateway::router::Table;

use crate::support::*;

/// Fifteen rules, no two equally specific, each to a downstream of its own.
fn specimens() -> Vec<String> {
    let mut specimens = Vec::new();
    for model in ["model", "mode*", "m*", "re:m.+", "*"] {
        for path in [CHAT, "/v1/*", "*"] {
            specimens.push(format!(
                "pattern_model: '{model}', pattern_path: '{path}', output_model: passthrough"
            ));
        }
    }
    specimens
}

fn of_specimens(chosen: &[usize]) -> Table {
    let specimens = specimens();
    let downstream = |at| format!("- {{id: d{at}, base_url: https://d{at}}}\n");
    let rule = |at: &usize| {
        let patterns = &specimens[*at];
        format!("- {{id: r{at}, match_downstreams: [d{at}], {patterns}}}\n")
    };
    let downstreams: String = (0..specimens.len()).map(downstream).collect();
    let rules: String = chosen.iter().map(rule).collect();
    table(&[&format!("downstreams:\n{downstreams}rules:\n{rules}")])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rules_that_are_not_equal_changes_nothing(
        order in Just((0..15).collect::<Vec<usize>>()).prop_shuffle(),
        count in 1_usize..15,
    ) {
        let chosen = &order[..count];
        let decision = decide(&of_specimens(chosen), CHAT, "model").unwrap();
        // They were made most specific first.
        let best = chosen.iter().min().unwrap();
        prop_assert_eq!(decision.selected().target().id().to_string(), format!("d{best}"));
    }

    #[test]
    fn a_less_specific_rule_changes_nothing(best in 0_usize..14, worse in 1_usize..15) {
        prop_assume!(worse > best);
        let alone = decide(&of_specimens(&[best]), CHAT, "model").unwrap();
        let beside = decide(&of_specimens(&[worse, best]), CHAT, "model").unwrap();
        prop_assert_eq!(alone.selected().target().id(), beside.selected().target().id());
        prop_assert_eq!(rules(&alone), rules(&beside));
    }
}
