//! Instructions, turns, and the order in which each API wants them.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, NEW, OLD, OPENAI, send, to_anthropic, to_openai};

fn openai(model: &str, messages: &Value) -> Value {
    json!({"model": model, "messages": messages})
}

fn anthropic(messages: &Value) -> Value {
    json!({"model": "gpt-4.1", "max_tokens": 10, "messages": messages})
}

/// What the messages of an OpenAI caller are to Anthropic.
fn messages(list: &Value) -> Value {
    to_anthropic(&openai(OLD, list))["messages"].clone()
}

fn call(id: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}})
}

fn tool_use(id: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": {}})
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn result(id: &str, content: &str) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": content})
}

#[test]
fn trap_016_trap_017_instructions_keep_their_order_whoever_gives_them() {
    let body = openai(
        OLD,
        &json!([
            {"role": "system", "content": "One"},
            {"role": "developer", "content": [text("Two"), text("Three")]},
            {"role": "user", "content": "Hi"},
        ]),
    );
    let sent = to_anthropic(&body);
    assert_eq!(
        sent["system"],
        json!([text("One"), text("Two"), text("Three")])
    );
    assert_eq!(sent["messages"], json!([{"role": "user", "content": "Hi"}]));
    let mut body = anthropic(&json!([{"role": "user", "content": "Hi"}]));
    body["system"] = json!([text("One"), text("Two")]);
    let sent = to_openai(&body);
    assert_eq!(
        sent["messages"][0],
        json!({"role": "system", "content": [text("One"), text("Two")]})
    );
    body["system"] = json!("One");
    assert_eq!(
        to_openai(&body)["messages"][0],
        json!({"role": "system", "content": "One"})
    );
}

#[test]
fn trap_018_later_instructions_stay_where_they_are() {
    let list = json!([
        {"role": "system", "content": "First"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Go"},
        {"role": "system", "content": "Be brief"},
    ]);
    let sent = to_anthropic(&openai(OLD, &list));
    assert_eq!(sent["system"], "First");
    let note = json!({"role": "user", "content": [text("Go"), text("[system note]\nBe brief")]});
    assert_eq!(sent["messages"][2], note);
    let sent = to_anthropic(&openai(NEW, &list));
    assert_eq!(
        sent["messages"][2],
        json!({"role": "user", "content": "Go"})
    );
    assert_eq!(
        sent["messages"][3],
        json!({"role": "system", "content": "Be brief"})
    );
}

#[test]
fn trap_019_empty_instructions_are_none() {
    for content in [json!(""), json!(null), json!([text("")]), json!(" \n")] {
        let list =
            json!([{"role": "system", "content": content}, {"role": "user", "content": "Hi"}]);
        assert_eq!(
            to_anthropic(&openai(OLD, &list)).get("system"),
            None,
            "{content}"
        );
    }
    let mut body = anthropic(&json!([{"role": "user", "content": "Hi"}]));
    body["system"] = json!("");
    assert_eq!(
        to_openai(&body)["messages"],
        json!([{"role": "user", "content": "Hi"}])
    );
}

#[test]
fn trap_020_a_system_turn_of_an_anthropic_caller_is_one_to_openai() {
    let sent = to_openai(&anthropic(&json!([
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "Be brief"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Go"},
    ])));
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": "Hi"},
            {"role": "system", "content": "Be brief"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Go"},
        ])
    );
}

#[test]
fn billing_of_an_anthropic_caller_is_nobody_elses_business() {
    let mut body = anthropic(&json!([{"role": "user", "content": "Hi"}]));
    body["system"] = json!([text("x-anthropic-billing-header: cch=1;"), text("Be kind")]);
    let sent = send(ANTHROPIC, OPENAI, &body);
    assert_eq!(
        sent.json()["messages"][0],
        json!({"role": "system", "content": "Be kind"})
    );
    assert_eq!(sent.losses(), Vec::<&str>::new());
}

#[test]
fn trap_022_neighbours_of_one_role_are_merged() {
    let sent = messages(&json!([
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "c"},
        {"role": "assistant", "content": "d"},
        {"role": "user", "content": "e"},
    ]));
    assert_eq!(
        sent,
        json!([
            {"role": "user", "content": [text("a"), text("b")]},
            {"role": "assistant", "content": [text("c"), text("d")]},
            {"role": "user", "content": "e"},
        ])
    );
}

#[test]
fn trap_023_a_call_without_words_has_no_text() {
    for content in [json!(""), json!(null), json!([]), json!([text("")])] {
        let sent = messages(&json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": content, "tool_calls": [call("1")]},
            {"role": "tool", "tool_call_id": "1", "content": "r"},
        ]));
        assert_eq!(sent[1]["content"], json!([tool_use("1")]), "{content}");
    }
    let sent = to_openai(&anthropic(&json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [tool_use("1")]},
        {"role": "user", "content": [result("1", "r")]},
    ])));
    assert_eq!(
        sent["messages"][1],
        json!({"role": "assistant", "content": null, "tool_calls": [call("1")]})
    );
}

#[test]
fn trap_024_an_empty_user_turn_says_a_dot() {
    for content in [json!(""), json!(" "), json!([]), json!([text("")])] {
        let sent = messages(&json!([{"role": "user", "content": content}]));
        assert_eq!(sent, json!([{"role": "user", "content": "."}]), "{content}");
    }
}

#[test]
fn trap_025_trap_026_results_come_first_in_one_user_turn() {
    let sent = messages(&json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "tool_calls": [call("1"), call("2"), call("3")]},
        {"role": "tool", "tool_call_id": "2", "content": "two"},
        {"role": "tool", "tool_call_id": "1", "content": [text("one")]},
        {"role": "tool", "tool_call_id": "3", "content": "three"},
        {"role": "user", "content": "go on"},
    ]));
    let expected = json!([
        result("2", "two"),
        result("1", "one"),
        result("3", "three"),
        text("go on")
    ]);
    assert_eq!(sent[2], json!({"role": "user", "content": expected}));
    assert_eq!(sent.as_array().unwrap().len(), 3);
}

#[test]
fn an_anthropic_user_turn_with_results_becomes_tool_messages_and_a_user_message() {
    let sent = to_openai(&anthropic(&json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [text("b"), tool_use("1"), tool_use("2")]},
        {"role": "user", "content": [result("2", "two"), result("1", "one"), text("go on")]},
    ])));
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "tool_calls": [call("1"), call("2")]},
            {"role": "tool", "tool_call_id": "2", "content": "two"},
            {"role": "tool", "tool_call_id": "1", "content": "one"},
            {"role": "user", "content": "go on"},
        ])
    );
}

#[test]
fn trap_027_instructions_between_calls_and_results_move_behind_the_results() {
    let list = json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": null, "tool_calls": [call("1")]},
        {"role": "system", "content": "Be brief"},
        {"role": "tool", "tool_call_id": "1", "content": "r"},
    ]);
    let sent = to_anthropic(&openai(OLD, &list));
    let expected = json!([result("1", "r"), text("[system note]\nBe brief")]);
    assert_eq!(
        sent["messages"][2],
        json!({"role": "user", "content": expected})
    );
    let sent = to_anthropic(&openai(NEW, &list));
    assert_eq!(
        sent["messages"][2],
        json!({"role": "user", "content": [result("1", "r")]})
    );
    assert_eq!(
        sent["messages"][3],
        json!({"role": "system", "content": "Be brief"})
    );
}

#[test]
fn trap_028_calls_and_results_are_paired() {
    let body = openai(
        OLD,
        &json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": null, "tool_calls": [call("1")]},
            {"role": "user", "content": "never mind"},
            {"role": "tool", "tool_call_id": "9", "content": "lost"},
        ]),
    );
    let sent = send(OPENAI, ANTHROPIC, &body);
    let mut none = result("1", "[no result recorded]");
    none["is_error"] = json!(true);
    let expected = json!([none, text("never mind"), text("Tool result: lost")]);
    assert_eq!(sent.json()["messages"][2]["content"], expected);
    assert_eq!(
        sent.losses(),
        ["messages[3].content[0]", "messages[1].content[0]"]
    );
}

#[test]
fn trap_031_a_failed_tool_says_so_once() {
    let failed = |content: &str| {
        let mut result = result("1", content);
        result["is_error"] = json!(true);
        anthropic(&json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [tool_use("1")]},
            {"role": "user", "content": [result]},
        ]))
    };
    for content in ["no such file", "Error: no such file"] {
        let sent = to_openai(&failed(content));
        assert_eq!(sent["messages"][2]["content"], "Error: no such file");
        let back = to_anthropic(&sent);
        assert_eq!(
            back["messages"][2]["content"][0]["content"],
            "Error: no such file"
        );
        assert_eq!(
            to_openai(&back)["messages"][2]["content"],
            "Error: no such file"
        );
    }
}

#[test]
fn the_first_turn_is_the_users() {
    let list =
        json!([{"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Hello"}]);
    let sent = send(OPENAI, ANTHROPIC, &openai(OLD, &list));
    assert_eq!(
        sent.json()["messages"][0],
        json!({"role": "user", "content": "."})
    );
    assert_eq!(sent.losses(), ["messages"]);
}
