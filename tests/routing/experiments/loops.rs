//! A tool loop keeps its arm.

use http::{Request, Response};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    experiment::ArmOverride,
    router::{RuleRouterLayer, Served, SharedTable},
};

use super::*;

/// The turns of a chat in which a tool is called, up to this many.
fn turns(count: usize) -> Value {
    let tool = json!({"type": "function", "function": {"name": "t", "parameters": {}}});
    let calls =
        json!([{"id": "c", "type": "function", "function": {"name": "t", "arguments": "{}"}}]);
    let all = [
        json!({"role": "user", "content": "Hi"}),
        json!({"role": "assistant", "tool_calls": calls}),
        json!({"role": "tool", "tool_call_id": "c", "content": "1"}),
        json!({"role": "assistant", "content": "One."}),
        json!({"role": "user", "content": "Thanks"}),
    ];
    json!({"model": "chat", "tools": [tool], "messages": all[..count]})
}

/// What a request of this session, with this body, gets.
fn ask(table: &SharedTable, key: u32, body: &Value) -> Assignment {
    ask_for(table, key, body, None)
}

/// The same with an arm that the host has chosen.
fn ask_for(table: &SharedTable, key: u32, body: &Value, chosen: Option<&str>) -> Assignment {
    let leaf =
        service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(Response::new(Body::empty())) });
    let router = RuleRouterLayer::new(table).layer(leaf);
    let request = Request::post(CHAT).body(Body::full(body.to_string()));
    let mut request = request.unwrap();
    *request.headers_mut() = session(key);
    if let Some(arm) = chosen {
        request.extensions_mut().insert(ArmOverride::new(arm));
    }
    let response = tokio_test::block_on(router.oneshot(request)).unwrap();
    let served = Served::of(response.extensions()).unwrap();
    served.assignment().unwrap().clone()
}

/// A session that goes to `a` now, and to `b` when the weights are the other way about.
fn mover() -> u32 {
    let (before, after) = (chat("9", "1"), chat("1", "9"));
    let arm = |table: &Table, key| assigned(table, &facts("chat", &session(key))).arm;
    let moves = |key: &u32| &*arm(&before, *key) == "a" && &*arm(&after, *key) == "b";
    (0..1_000).find(moves).unwrap()
}

const REVERSED: [(&str, f64); 2] = [("a", 1.0), ("b", 9.0)];

#[test]
fn a_loop_keeps_the_arm_that_it_began_with_and_the_next_turn_is_drawn_again() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    let began = ask(&table, key, &turns(1));
    assert_eq!((&*began.arm, began.by), ("a", AssignedBy::Key));
    table.set_weights("chat", &REVERSED).unwrap();
    for _ in 0..3 {
        let within = ask(&table, key, &turns(3));
        assert_eq!((&*within.arm, within.by), ("a", AssignedBy::Loop));
        // It was drawn by the weights of that time.
        assert_eq!(within.arms, began.arms);
        assert_eq!(within.unit, began.unit);
    }
    let next = ask(&table, key, &turns(5));
    assert_eq!((&*next.arm, next.by), ("b", AssignedBy::Key));
}

#[test]
fn a_loop_keeps_its_arm_when_the_table_is_replaced() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    ask(&table, key, &turns(1));
    table.store(chat("1", "9"));
    assert_eq!(ask(&table, key, &turns(3)).by, AssignedBy::Loop);
}

#[test]
fn a_loop_whose_arm_is_what_would_be_drawn_is_drawn() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    ask(&table, key, &turns(1));
    assert_eq!(ask(&table, key, &turns(3)).by, AssignedBy::Key);
}

#[test]
fn a_loop_of_which_nothing_is_remembered_is_drawn_and_then_kept() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    table.set_weights("chat", &REVERSED).unwrap();
    assert_eq!(&*ask(&table, key, &turns(3)).arm, "b");
    table
        .set_weights("chat", &[("a", 9.0), ("b", 1.0)])
        .unwrap();
    let within = ask(&table, key, &turns(3));
    assert_eq!((&*within.arm, within.by), ("b", AssignedBy::Loop));
}

#[test]
fn an_arm_that_was_chosen_is_not_kept_for_who_chooses_no_more() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    let began = ask_for(&table, key, &turns(1), Some("b"));
    assert_eq!((&*began.arm, began.by), ("b", AssignedBy::Override));
    let within = ask(&table, key, &turns(3));
    assert_eq!((&*within.arm, within.by), ("a", AssignedBy::Key));
}

#[test]
fn a_loop_whose_arm_is_gone_is_drawn_again() {
    let (table, key) = (SharedTable::new(chat("9", "1")), mover());
    ask(&table, key, &turns(1));
    let others = halves("1", "9").replace("id: a,", "id: a2,");
    table.store(splits("", &[("chat", &others)]));
    let within = ask(&table, key, &turns(3));
    assert_ne!(within.by, AssignedBy::Loop);
}

#[test]
fn who_was_kept_out_when_a_loop_began_takes_no_part_within() {
    let of = |coverage: &str| {
        let split = format!("coverage: {coverage}, {}", halves("1", "9"));
        splits("", &[("chat", &split)])
    };
    let table = SharedTable::new(of("0"));
    let after = chat("1", "9");
    let is_moved = |key: &u32| &*assigned(&after, &facts("chat", &session(*key))).arm == "b";
    let key = (0..1_000).find(is_moved);
    let key = key.unwrap();
    assert_eq!(ask(&table, key, &turns(1)).by, AssignedBy::Coverage);
    table.store(of("1"));
    let within = ask(&table, key, &turns(3));
    assert_eq!((&*within.arm, within.by), ("a", AssignedBy::Coverage));
    assert_eq!(&*ask(&table, key, &turns(5)).arm, "b");
}
