use super::*;
use crate::ir::{Document, Effort, Part, Policy, Role, Source, Thinking, ToolChoice, ToolKind};

#[test]
fn what_is_no_request_is_refused_with_the_field_at_fault() {
    let user = r#""messages":[{"role":"user","content":"q"}]"#;
    for (body, param) in [
        ("", None),
        ("[]", None),
        ("{\"model\":", None),
        (&format!("{{{user}}}"), Some("model")),
        (r#"{"model":"m"}"#, Some("messages")),
        (r#"{"model":"m","messages":[]}"#, Some("messages")),
        (r#"{"model":"m","messages":"q"}"#, Some("messages")),
        (r#"{"model":"m","messages":["q"]}"#, Some("messages[0]")),
        (
            r#"{"model":"m","messages":[{"role":"tool","content":"q"}]}"#,
            Some("messages[0].role"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}]}"#,
            Some("messages[0].content"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"text":"q"}]}]}"#,
            Some("messages[0].content[0].type"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
            Some("messages[0].content[0].text"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image"}]}]}]}"#,
            Some("messages[0].content[0].content[0].source"),
        ),
        (
            &format!(r#"{{"model":"m","tools":[{{}}],{user}}}"#),
            Some("tools[0].name"),
        ),
        (
            &format!(r#"{{"model":"m","tool_choice":{{"type":"tool"}},{user}}}"#),
            Some("tool_choice.name"),
        ),
        (
            &format!(r#"{{"model":"m","max_tokens":"9",{user}}}"#),
            Some("max_tokens"),
        ),
        (
            &format!(r#"{{"model":"m","thinking":{{"type":"enabled"}},{user}}}"#),
            Some("thinking.budget_tokens"),
        ),
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind, crate::ir::ErrorKind::BadRequest, "{body}");
        assert_eq!(error.param.as_deref(), param, "{body}: {error}");
    }
}

#[test]
fn a_request_without_a_token_limit_only_counts() {
    let request = read(r#"{"model":"m","messages":[{"role":"user","content":"q"}]}"#).unwrap();
    assert_eq!(request.max_tokens, None);
    assert_eq!(write(&request).unwrap().json.get("max_tokens"), None);
}

#[test]
fn trap_020_instructions_in_mid_conversation_are_turns() {
    let body = conversation(r#"[{"role":"user","content":"q"},{"role":"system","content":"s"}]"#);
    assert_eq!(read(&body).unwrap().turns[1].role, Role::System);
}

#[test]
fn trap_021_a_billing_block_is_nobody_elses_business() {
    let body = r#"{"model":"m","system":[{"type":"text","text":"x-anthropic-billing-header: v=1"},{"type":"text","text":"s"}],"messages":[{"role":"user","content":"q"}]}"#;
    let request = read(body).unwrap();
    assert!(matches!(
        request.system[0],
        Part::Native {
            policy: Policy::Silent,
            ..
        }
    ));
    assert!(matches!(request.system[1], Part::Text { .. }));
    assert_eq!(
        write(&request).unwrap().json["system"],
        value(body)["system"]
    );
}

#[test]
fn members_that_only_this_api_has_are_judged() {
    let body = r#"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"q"}],"container":"c","mcp_servers":[],"speed":"standard","inference_geo":"eu","diagnostics":{"a":1},"context_management":null,"metadata":{"user_id":"u","trace":"t"},"foo":1}"#;
    let request = read(body).unwrap();
    let policies: Vec<(&str, Policy)> = request
        .extra
        .iter()
        .map(|member| (&*member.key, member.policy))
        .collect();
    assert_eq!(
        policies,
        [
            ("container", Policy::Reject),
            ("mcp_servers", Policy::Silent),
            ("speed", Policy::Silent),
            ("inference_geo", Policy::Drop),
            ("diagnostics", Policy::Drop),
            ("context_management", Policy::Silent),
            ("foo", Policy::Drop),
            ("max_tokens", Policy::Reject),
            ("metadata.trace", Policy::Drop),
        ]
    );
    assert_eq!(request.max_tokens, None);
    assert_eq!(write(&request).unwrap().json["max_tokens"], 0);
}

#[test]
fn thinking_effort_and_choice_are_read() {
    let body = |members: &str| {
        format!(r#"{{"model":"m",{members},"messages":[{{"role":"user","content":"q"}}]}}"#)
    };
    for (text, expected) in [
        (r#"{"type":"adaptive"}"#, Thinking::Adaptive),
        (
            r#"{"type":"enabled","budget_tokens":2000}"#,
            Thinking::Budget(2000),
        ),
        (r#"{"type":"disabled"}"#, Thinking::Disabled),
        (r#"{"type":"between_tools"}"#, Thinking::BetweenTools),
    ] {
        let body = body(&format!(r#""thinking":{text}"#));
        assert_eq!(read(&body).unwrap().thinking, Some(expected));
    }
    let effort = body(r#""output_config":{"effort":"xhigh"}"#);
    assert_eq!(read(&effort).unwrap().effort, Some(Effort::XHigh));
    let choice = body(r#""tool_choice":{"type":"any","disable_parallel_tool_use":true}"#);
    let choice = read(&choice).unwrap();
    assert_eq!(
        (choice.tool_choice, choice.parallel_tool_calls),
        (Some(ToolChoice::Required), Some(false))
    );
}

#[test]
fn a_tool_that_the_provider_runs_keeps_its_type() {
    let body = r#"{"model":"m","tools":[{"type":"web_search_20260318","name":"web_search"}],"messages":[{"role":"user","content":"q"}]}"#;
    let request = read(body).unwrap();
    assert!(
        matches!(&request.tools[0].kind, ToolKind::Server { kind, .. } if *kind == "web_search_20260318")
    );
}

#[test]
fn search_results_and_references_to_tools_are_text_to_others() {
    let body = conversation(
        r#"[{"role":"user","content":[{"type":"search_result","source":"https://x","title":"T","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"type":"tool_reference","tool_name":"f"},{"type":"document","title":"D","source":{"type":"content","content":"c"}}]}]"#,
    );
    let request = read(&body).unwrap();
    let [
        Part::Document(result),
        Part::Text {
            text: reference, ..
        },
        Part::Document(document),
    ] = &*request.turns[0].parts
    else {
        panic!("{:?}", request.turns[0].parts);
    };
    let text = |document: &Document<'_>| match &document.source {
        Source::Text(text) => text.decode().into_owned(),
        source => panic!("{source:?}"),
    };
    assert_eq!(
        (text(result), result.title.as_ref().unwrap().decode()),
        ("a\nb".to_owned(), "T".into())
    );
    let source = result.extra.iter().find(|member| member.key == "source");
    assert_eq!(source.unwrap().policy, Policy::Drop);
    assert_eq!(reference, "f");
    assert_eq!(text(document), "c");
}

#[test]
fn the_answer_is_told_whether_a_stream_was_asked_for() {
    let mut exchange = Exchange::new(0, 0);
    let body = br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"q"}]}"#;
    Anthropic.decode_request(body, &mut exchange).unwrap();
    assert!(exchange.stream && exchange.include_usage);
}

#[test]
fn what_the_user_says_in_unknown_blocks_is_refused_by_others() {
    let body = conversation(
        r#"[{"role":"user","content":[{"type":"hologram"},{"type":"text","text":"q"}]},{"role":"assistant","content":[{"type":"server_tool_use"},{"type":"tomorrow"}]}]"#,
    );
    let request = read(&body).unwrap();
    let parts = request.turns.iter().flat_map(|turn| &turn.parts);
    let policies: Vec<Policy> = parts
        .filter_map(|part| match part {
            Part::Native { policy, .. } => Some(*policy),
            _ => None,
        })
        .collect();
    assert_eq!(policies, [Policy::Reject, Policy::Drop, Policy::Drop]);
}

#[test]
fn an_empty_name_and_a_schema_that_is_no_object_are_refused() {
    for (member, param) in [
        (
            r#""tools":[{"name":"","input_schema":{}}]"#,
            "tools[0].name",
        ),
        (
            r#""output_config":{"format":{"type":"json_schema","schema":7}}"#,
            "output_config.format.schema",
        ),
    ] {
        let body =
            format!(r#"{{"model":"m",{member},"messages":[{{"role":"user","content":"q"}}]}}"#);
        assert_eq!(read(&body).unwrap_err().param.as_deref(), Some(param));
    }
}
