//! Callers of this API.

use super::*;
use crate::ir::{Effort, OutputFormat, Policy, ToolChoice, ToolKind};

fn policy(members: &str, key: &str) -> Policy {
    let body = with(members);
    let request = decode(&body);
    let mut members = request.shared.iter().chain(&request.extra);
    let member = members.find(|member| member.key == key);
    member.unwrap().policy
}

#[test]
fn what_only_this_api_has_is_judged_for_everybody_else() {
    let table = [
        (r#""logit_bias":{}"#, Policy::Silent),
        (r#""logit_bias":{"1":2}"#, Policy::Drop),
        (r#""logit_bias":null"#, Policy::Silent),
        (r#""prompt_cache_key":"k""#, Policy::Silent),
        (
            r#""prompt_cache_options":{"mode":"explicit"}"#,
            Policy::Silent,
        ),
        (r#""prompt_cache_retention":"24h""#, Policy::Silent),
        (
            r#""prediction":{"type":"content","content":"x"}"#,
            Policy::Drop,
        ),
        (
            r#""moderation":{"model":"m","policy":"block"}"#,
            Policy::Reject,
        ),
        (
            r#""moderation":{"model":"m","policy":{"input":{"mode":"score"},"output":{"mode":"block"}}}"#,
            Policy::Reject,
        ),
        (
            r#""moderation":{"model":"m","policy":"score"}"#,
            Policy::Drop,
        ),
        (r#""modalities":["text"]"#, Policy::Silent),
        (r#""modalities":["text","audio"]"#, Policy::Reject),
        (
            r#""audio":{"voice":"alloy","format":"mp3"}"#,
            Policy::Reject,
        ),
    ];
    for (member, expected) in table {
        let key = member.split('"').nth(1).unwrap();
        assert_eq!(policy(member, key), expected, "{member}");
    }
}

#[test]
fn trap_015_an_unknown_member_is_dropped_elsewhere() {
    assert_eq!(policy(r#""foo":1"#, "foo"), Policy::Drop);
}

#[test]
fn trap_004_the_newer_token_limit_wins_and_nonsense_is_none() {
    let table = [
        (r#""max_tokens":5"#, Some(5)),
        (r#""max_tokens":5,"max_completion_tokens":6"#, Some(6)),
        (r#""max_tokens":5,"max_completion_tokens":null"#, Some(5)),
        (r#""max_tokens":0"#, None),
        (r#""max_tokens":-1"#, None),
        (r#""max_tokens":8.0"#, Some(8)),
        (r#""max_tokens":-0"#, None),
        (r#""max_tokens":null"#, None),
    ];
    for (members, expected) in table {
        assert_eq!(decode(&with(members)).max_tokens, expected, "{members}");
    }
}

#[test]
fn a_token_limit_that_is_no_whole_number_is_refused() {
    for field in ["max_tokens", "max_completion_tokens"] {
        for limit in ["1.5", "-1.5", "1e-3", "1e30", "99999999999999999999"] {
            let error = refused(&with(&format!(r#""{field}":{limit}"#)));
            assert_eq!(error.param.as_deref(), Some(field), "{limit}");
        }
    }
}

#[test]
fn trap_010_stop_has_many_forms() {
    let table: [(&str, &[&str]); 4] = [
        ("null", &[]),
        (r#""x""#, &["x"]),
        ("[]", &[]),
        (r#"["a","\n"]"#, &["a", "\n"]),
    ];
    for (stop, expected) in table {
        let body = with(&format!(r#""stop":{stop}"#));
        let stops = decode(&body).stop;
        assert!(stops.iter().eq(expected.iter()), "{stop}: {stops:?}");
    }
}

#[test]
fn parameters_are_typed() {
    let body = with(
        r#""n":2,"logprobs":true,"top_logprobs":3,"seed":18446744073709551616,"temperature":0.70,
        "frequency_penalty":0,"presence_penalty":1,"top_p":1,"store":false,"verbosity":"low",
        "metadata":{"a":"b"},"service_tier":"flex","reasoning_effort":"max","parallel_tool_calls":false"#,
    );
    let request = decode(&body);
    assert_eq!((request.choices, request.top_logprobs), (Some(2), Some(3)));
    assert_eq!((request.logprobs, request.store), (Some(true), Some(false)));
    assert_eq!(request.sampling.seed.unwrap().get(), "18446744073709551616");
    assert_eq!(request.sampling.temperature.unwrap().get(), "0.70");
    assert_eq!(request.effort, Some(Effort::Max));
    assert_eq!(request.parallel_tool_calls, Some(false));
    assert_eq!(request.metadata.unwrap().get(), r#"{"a":"b"}"#);
    assert!(request.extra.is_empty());
}

#[test]
fn trap_006_what_is_absent_stays_absent() {
    let body = with(r#""temperature":null"#);
    assert_eq!(decode(&body).sampling, crate::ir::Sampling::default());
}

#[test]
fn an_effort_of_tomorrow_is_only_for_its_own_servers() {
    let body = with(r#""reasoning_effort":"ultra""#);
    assert_eq!(decode(&body).effort, None);
    assert_eq!(
        policy(r#""reasoning_effort":"ultra""#, "reasoning_effort"),
        Policy::Drop
    );
}

#[test]
fn the_safety_identifier_goes_before_the_user() {
    let body = with(r#""user":"u","safety_identifier":"s""#);
    assert_eq!(decode(&body).user.unwrap(), "s");
    assert_eq!(decode(&with(r#""user":"u""#)).user.unwrap(), "u");
}

#[test]
fn the_exchange_learns_what_the_caller_expects() {
    let mut noted = exchange();
    let body =
        with(r#""stream":true,"stream_options":{"include_usage":true},"functions":[{"name":"f"}]"#);
    codec().decode_request(body.as_bytes(), &mut noted).unwrap();
    assert!(noted.stream && noted.include_usage && noted.legacy_functions);
    let mut noted = exchange();
    codec()
        .decode_request(with(r#""n":1"#).as_bytes(), &mut noted)
        .unwrap();
    assert!(!noted.stream && !noted.include_usage && !noted.legacy_functions);
}

#[test]
fn trap_064_functions_from_before_tools_work() {
    let body = r#"{"model":"m","functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"},
        "messages":[{"role":"user","content":"a"},
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
        {"role":"function","name":"f","content":"r"}]}"#;
    let request = decode(body);
    assert!(matches!(&request.tools[0].kind, ToolKind::Function { name, .. } if *name == "f"));
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("f".into())));
    assert_eq!(
        (request.names.tools, request.names.tool_choice),
        ("functions", "function_call")
    );
    let Part::ToolCall(call) = &request.turns[1].parts[0] else {
        panic!()
    };
    let Part::ToolResult(result) = &request.turns[2].parts[0] else {
        panic!()
    };
    assert_eq!(call.id, result.call_id);
    assert!(request.turns[2].extra.is_empty());
}

#[test]
fn tool_choices_have_many_forms() {
    let table = [
        (r#""auto""#, ToolChoice::Auto),
        (r#""none""#, ToolChoice::None),
        (r#""required""#, ToolChoice::Required),
        (r#""any""#, ToolChoice::Required),
        (
            r#"{"type":"function","function":{"name":"f"}}"#,
            ToolChoice::Named("f".into()),
        ),
        (
            r#"{"type":"custom","custom":{"name":"c"}}"#,
            ToolChoice::Named("c".into()),
        ),
        (
            r#"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
            ToolChoice::Allowed {
                required: false,
                names: vec!["f".into()],
            },
        ),
    ];
    for (choice, expected) in table {
        let body = with(&format!(
            r#""tools":[{{"function":{{"name":"f"}}}}],"tool_choice":{choice}"#
        ));
        assert_eq!(decode(&body).tool_choice, Some(expected), "{choice}");
    }
}

#[test]
fn a_tool_that_the_provider_runs_keeps_its_place() {
    let body =
        with(r#""tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}]"#);
    let request = decode(&body);
    assert!(
        matches!(&request.tools[1].kind, ToolKind::Server { kind, .. } if *kind == "web_search")
    );
}

#[test]
fn output_formats_are_read() {
    let body = with(
        r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1},"strict":true}}"#,
    );
    assert!(matches!(
        decode(&body).output,
        Some(OutputFormat::JsonSchema { name: Some(_), schema: Some(schema), strict: Some(true), .. }) if schema.raw().get() == r#"{"a":1}"#
    ));
    let body = with(r#""response_format":{"type":"json_object"}"#);
    assert_eq!(decode(&body).output, Some(OutputFormat::JsonObject));
}

/// A body, the parameter at fault, and what is said of it.
const WRONG: &[(&str, &str, &str)] = &[
    ("{", "", "The body can't be read"),
    (
        r#"{"messages":[{"role":"user","content":"a"}]}"#,
        "model",
        "expected the name of a model",
    ),
    (r#"{"model":"m"}"#, "messages", "at least one message"),
    (
        r#"{"model":"m","messages":[]}"#,
        "messages",
        "at least one message",
    ),
    (
        r#"{"model":"m","messages":"hi"}"#,
        "messages",
        "expected a sequence",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"},7]}"#,
        "messages[1]",
        "expected an object",
    ),
    (
        r#"{"model":"m","messages":[{"content":"a"}]}"#,
        "messages[0].role",
        "expected a role",
    ),
    (
        r#"{"model":"m","messages":[{"role":"wizard","content":"a"}]}"#,
        "messages[0].role",
        "expected a known role",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":7}]}"#,
        "messages[0].content",
        "expected a string or a list",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
        "messages[0].content[0].text",
        "expected a string",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},7]}]}"#,
        "messages[0].content[1]",
        "expected an object",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
        "messages[0].content[0].image_url",
        "expected an address",
    ),
    (
        r#"{"model":"m","messages":[{"role":"tool","content":"a"}]}"#,
        "messages[0].tool_call_id",
        "expected the id",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":"hot"}"#,
        "temperature",
        "expected a number",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"stream":"yes"}"#,
        "stream",
        "expected true or false",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"n":-1}"#,
        "n",
        "expected a whole number",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"stop":[1]}"#,
        "stop",
        "expected a string or a list",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}"#,
        "tools[0].function",
        "expected what the tool is",
    ),
    (
        r#"{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":"perhaps"}"#,
        "tool_choice",
        "expected auto",
    ),
];

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (body, param, message) in WRONG {
        let error = refused(body);
        assert_eq!(error.param.as_deref().unwrap_or_default(), *param, "{body}");
        assert!(error.message.contains(message), "{body}: {}", error.message);
        assert_eq!(error.kind, crate::ir::ErrorKind::BadRequest);
    }
}

#[test]
fn members_of_the_wrong_type_are_refused_by_their_names() {
    let file = r#"[{"type":"file","file":{"filename":"a.pdf","file_data":7}}]"#;
    let question = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{file}}}]}}"#);
    let answer = r#"{"model":"m","messages":[{"role":"assistant","content":"x","refusal":[5]}]}"#;
    let schema = with(
        r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":"zz"}}"#,
    );
    for (body, path) in [
        (&*question, "messages[0].content[0].file.file_data"),
        (answer, "messages[0].refusal"),
        (&*schema, "response_format.json_schema.schema"),
    ] {
        let error = codec()
            .decode_request(body.as_bytes(), &mut exchange())
            .unwrap_err();
        assert_eq!(error.param.as_deref(), Some(path));
    }
}
