//! How hard a model thinks, and what of its thoughts goes where.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, NEW, OLD, OPENAI, send, to_anthropic, to_openai};

fn openai(model: &str, members: &Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

#[test]
fn trap_050_an_effort_is_said_as_the_model_understands_it() {
    let always = "claude-fable-5";
    let adaptive =
        |effort: &str| json!([{"type": "adaptive", "display": "summarized"}, {"effort": effort}]);
    let budget = |tokens: u64| json!([{"type": "enabled", "budget_tokens": tokens}, null]);
    let disabled = json!([{"type": "disabled"}, null]);
    let nothing = json!([null, null]);
    for (effort, new, old, never_off) in [
        ("none", disabled, nothing.clone(), nothing),
        ("minimal", adaptive("low"), budget(1024), adaptive("low")),
        ("low", adaptive("low"), budget(1024), adaptive("low")),
        (
            "medium",
            adaptive("medium"),
            budget(2048),
            adaptive("medium"),
        ),
        ("high", adaptive("high"), budget(4096), adaptive("high")),
        ("xhigh", adaptive("xhigh"), budget(8192), adaptive("xhigh")),
        ("max", adaptive("max"), budget(16_384), adaptive("max")),
    ] {
        for (model, expected) in [(NEW, new), (OLD, old), (always, never_off)] {
            let sent = to_anthropic(&openai(model, &json!({"reasoning_effort": effort})));
            assert_eq!(
                json!([sent["thinking"], sent["output_config"]]),
                expected,
                "{model} {effort}"
            );
        }
    }
    let sent = send(
        OPENAI,
        ANTHROPIC,
        &openai("claude-opus-4-6", &json!({"reasoning_effort": "xhigh"})),
    );
    assert_eq!(sent.json()["output_config"], json!({"effort": "high"}));
    assert_eq!(sent.losses(), ["reasoning_effort"]);
}

#[test]
fn an_anthropic_callers_thinking_is_an_effort_to_openai() {
    for (members, expected) in [
        (json!({}), json!(null)),
        (json!({"thinking": {"type": "adaptive"}}), json!(null)),
        (
            json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}),
            json!("max"),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 8000}}),
            json!("high"),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 2048}}),
            json!("medium"),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
            json!("low"),
        ),
        (json!({"thinking": {"type": "disabled"}}), json!("none")),
        (
            json!({"thinking": {"type": "between_tools"}}),
            json!("none"),
        ),
    ] {
        let mut body = json!({"model": "gpt-5", "max_tokens": 9000, "messages": [{"role": "user", "content": "Hi"}]});
        body.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let sent = to_openai(&body);
        assert_eq!(sent["reasoning_effort"], expected, "{members}");
        assert_eq!(sent.get("thinking"), None);
    }
}

#[test]
fn trap_051_a_budget_leaves_room_for_an_answer() {
    for (limit, thinking) in [
        (2000, json!({"type": "enabled", "budget_tokens": 1999})),
        (1025, json!({"type": "enabled", "budget_tokens": 1024})),
        (1024, json!(null)),
        (10, json!(null)),
    ] {
        let sent = send(
            OPENAI,
            ANTHROPIC,
            &openai(
                OLD,
                &json!({"reasoning_effort": "high", "max_tokens": limit}),
            ),
        );
        assert_eq!(sent.json()["thinking"], thinking, "{limit}");
        assert_eq!(sent.losses().is_empty(), !thinking.is_null(), "{limit}");
    }
}

/// A tool loop of an OpenAI caller, whose call has these thoughts.
fn looped(model: &str, thoughts: &Value) -> Value {
    let call = json!({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let mut assistant = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    assistant
        .as_object_mut()
        .unwrap()
        .extend(thoughts.as_object().unwrap().clone());
    let tool = json!({"type": "function", "function": {"name": "f"}});
    openai(
        model,
        &json!({"reasoning_effort": "high", "tools": [tool], "messages": [
            {"role": "user", "content": "Hi"},
            assistant,
            {"role": "tool", "tool_call_id": "1", "content": "r"},
        ]}),
    )
}

#[test]
fn trap_052_a_budget_is_given_up_in_a_tool_loop_without_signed_thoughts() {
    for (thoughts, thinks) in [
        (json!({}), false),
        (json!({"reasoning_content": "Hm."}), false),
        (
            json!({"thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "s+/="}]}),
            true,
        ),
        (
            json!({"thinking_blocks": [{"type": "redacted_thinking", "data": "d"}]}),
            true,
        ),
    ] {
        let sent = send(OPENAI, ANTHROPIC, &looped(OLD, &thoughts));
        assert_eq!(sent.json().get("thinking").is_some(), thinks, "{thoughts}");
        assert_eq!(
            sent.losses().contains(&"reasoning_effort"),
            !thinks,
            "{thoughts}"
        );
        assert!(
            to_anthropic(&looped(NEW, &thoughts))
                .get("thinking")
                .is_some()
        );
    }
}

#[test]
fn trap_053_a_thought_that_is_only_a_seal_stays() {
    let blocks = json!([
        {"type": "thinking", "thinking": "", "signature": "c2ln+/=="},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
    ]);
    let sent = to_anthropic(&looped(NEW, &json!({"thinking_blocks": blocks})));
    let content = sent["messages"][1]["content"].as_array().unwrap();
    assert_eq!(content[..2], blocks.as_array().unwrap()[..]);
    assert_eq!(content[2]["type"], "tool_use");
}

#[test]
fn trap_054_what_another_provider_thought_is_not_said() {
    for thoughts in [
        json!({"reasoning_content": "Hm."}),
        json!({"reasoning": "Hm."}),
        json!({"thinking_blocks": [{"type": "thinking", "thinking": "Hm."}]}),
        json!({"thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "gem1:thought:s"}]}),
        json!({"thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "oai1:rs_1:s"}]}),
        json!({"thinking_blocks": [{"type": "redacted_thinking", "data": "oai1:rs_1:s"}]}),
    ] {
        let sent = send(OPENAI, ANTHROPIC, &looped(NEW, &thoughts));
        let content = sent.json()["messages"][1]["content"].clone();
        assert_eq!(content.as_array().unwrap().len(), 1, "{thoughts}");
        assert_eq!(content[0]["type"], "tool_use");
        assert!(!sent.text.contains("Hm."));
    }
    let thought = json!({"type": "thinking", "thinking": "Hm.", "signature": "s"});
    let sent = send(
        ANTHROPIC,
        OPENAI,
        &json!({"model": "gpt-5", "max_tokens": 9, "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [thought, {"type": "text", "text": "b"}]},
            {"role": "user", "content": "c"},
        ]}),
    );
    assert_eq!(
        sent.json()["messages"][1],
        json!({"role": "assistant", "content": "b"})
    );
}
