//! Requests with very much of one thing. A search through all of it for each of it would take minutes.

use super::*;
use crate::ir::ToolChoice;

const MANY: usize = 100_000;

/// What is sent, as text: to read it again would cost more than to write it.
fn sent(body: &str, edit: impl for<'a> FnOnce(&mut Request<'a>)) -> String {
    let mut request = read(body).unwrap();
    request.format = "other";
    request.names = OTHER;
    edit(&mut request);
    let mut out = BytesMut::new();
    Anthropic
        .encode_request(
            &request,
            &Dialect::default(),
            &mut Exchange::new(0, 0),
            &mut out,
        )
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

/// A turn of many calls, and their results in the opposite order.
fn many_calls(name: impl Fn(usize) -> String) -> String {
    let calls = joined((0..MANY).map(|id| {
        let name = name(id);
        format!(r#"{{"type":"tool_use","id":"c{id}","name":"{name}","input":{{}}}}"#)
    }));
    let results = joined(
        (0..MANY)
            .rev()
            .map(|id| format!(r#"{{"type":"tool_result","tool_use_id":"c{id}"}}"#)),
    );
    conversation(&format!(
        r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{calls}]}},{{"role":"user","content":[{results}]}}]"#
    ))
}

#[test]
fn many_calls_in_one_turn_find_their_results() {
    let text = sent(&many_calls(|_| "f".into()), |_| ());
    assert_eq!(text.matches("\"tool_use\"").count(), MANY);
    assert_eq!(text.matches("\"tool_result\"").count(), MANY);
    assert!(!text.contains("[no result recorded]"));
}

#[test]
fn many_tools_that_only_the_history_knows_are_declared_once_each() {
    let text = sent(&many_calls(|id| format!("f{}", id / 2)), |_| ());
    assert_eq!(text.matches("\"input_schema\"").count(), MANY / 2);
}

#[test]
fn many_names_choose_among_many_tools() {
    let tools = joined((0..MANY).map(|name| {
        format!(r#"{{"name":"t{name}","input_schema":{{"type":"object","properties":{{}}}}}}"#)
    }));
    let body = format!(
        r#"{{"model":"claude-sonnet-4-5","max_tokens":9,"tools":[{tools}],"messages":[{{"role":"user","content":"q"}}]}}"#
    );
    let text = sent(&body, |request| {
        request.tool_choice = Some(ToolChoice::Allowed {
            required: false,
            names: (MANY / 2..2 * MANY)
                .map(|name| format!("t{name}").into())
                .collect(),
        });
    });
    assert_eq!(text.matches("\"input_schema\"").count(), MANY / 2);
}

#[test]
fn many_values_of_many_types_are_compared() {
    let types = joined((0..MANY).map(|_| r#""word""#.into()));
    let values = joined((0..MANY).map(|value| value.to_string()));
    let body = format!(
        r#"{{"model":"claude-sonnet-4-5","max_tokens":9,"output_config":{{"format":{{"type":"json_schema","schema":{{"type":[{types},"integer"],"enum":[{values}]}}}}}},"messages":[{{"role":"user","content":"q"}}]}}"#
    );
    let text = sent(&body, |_| ());
    assert!(text.contains(r#""integer"],"enum":[0,1,"#));
}
