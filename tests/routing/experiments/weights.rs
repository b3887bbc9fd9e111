//! Weights that change while requests come in.

use tower_llm_gateway::router::{SharedTable, WeightsError};

use super::*;

fn shares(table: &SharedTable) -> Vec<(String, f64)> {
    let table = table.load();
    let (name, shares) = table.experiments().next().unwrap();
    assert_eq!(&**name, "chat");
    shares
        .iter()
        .map(|arm| (arm.arm.to_string(), arm.share))
        .collect()
}

fn pair(a: f64, b: f64) -> Vec<(String, f64)> {
    vec![("a".to_owned(), a), ("b".to_owned(), b)]
}

#[test]
fn weights_that_are_set_count_from_the_next_request_on() {
    let shared = SharedTable::new(chat("95", "5"));
    shared
        .clone()
        .set_weights("chat", &[("a", 80.0), ("b", 20.0)])
        .unwrap();
    let drawn = arms_of(&shared.load(), "chat");
    assert_eq!(names(&drawn), names(&arms_of(&chat("80", "20"), "chat")));
    assert_eq!(drawn[0].arms[1].share.to_string(), "0.2");
}

#[test]
fn arms_that_are_not_named_keep_their_weights() {
    let shared = SharedTable::new(chat("60", "5"));
    shared.set_weights("chat", &[("b", 20.0)]).unwrap();
    assert_eq!(shares(&shared), pair(0.75, 0.25));
    shared.set_weights("chat", &[("b", 0.0)]).unwrap();
    assert_eq!(shares(&shared), pair(1.0, 0.0));
}

#[test]
fn what_is_no_weight_changes_nothing() {
    let shared = SharedTable::new(chat("3", "1"));
    let set = |name, weights: &[_]| shared.set_weights(name, weights).unwrap_err();
    let unknown = WeightsError::UnknownExperiment("chta".to_owned());
    assert_eq!(set("chta", &[("a", 1.0)]), unknown);
    let unknown = WeightsError::UnknownArm("c".to_owned());
    assert_eq!(set("chat", &[("a", 1.0), ("c", 1.0)]), unknown);
    for weights in [
        [("a", 1.0), ("b", f64::NAN)],
        [("a", 0.0), ("b", 0.0)],
        [("a", 1.0), ("b", -1.0)],
    ] {
        assert!(matches!(set("chat", &weights), WeightsError::Invalid(_)));
    }
    assert_eq!(shares(&shared), pair(0.75, 0.25));
}

#[test]
fn weights_that_were_set_stay_until_a_table_says_others_than_the_last_one_did() {
    let shared = SharedTable::new(chat("3", "1"));
    shared.set_weights("chat", &[("b", 3.0)]).unwrap();
    for _ in 0..2 {
        shared.store(chat("3", "1"));
        assert_eq!(shares(&shared), pair(0.5, 0.5));
    }
    shared.store(chat("1", "3"));
    assert_eq!(shares(&shared), pair(0.25, 0.75));
    // What was set is gone for good.
    shared.store(chat("3", "1"));
    assert_eq!(shares(&shared), pair(0.75, 0.25));
}
