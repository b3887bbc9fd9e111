use super::*;
use crate::ir::{Policy, Source};

fn parts(body: &str) -> Vec<Part<'_>> {
    let turns = read(body).unwrap().turns.into_iter();
    turns.flat_map(|turn| turn.parts).collect()
}

/// What calls and results are tied together by, in their order.
fn ids(body: &str) -> Vec<String> {
    let id = |part: Part<'_>| match part {
        Part::ToolCall(call) => Some(format!("calls {} {}", call.name.decode(), call.id.decode())),
        Part::ToolResult(result) => Some(format!(
            "{} {}",
            result.name.unwrap().decode(),
            result.call_id.decode()
        )),
        _ => None,
    };
    parts(body).into_iter().filter_map(id).collect()
}

fn history(calls: &str, results: &str) -> String {
    format!(
        r#"{{"contents":[{{"role":"user","parts":[{{"text":"q"}}]}},{{"role":"model","parts":[{calls}]}},{{"role":"user","parts":[{results}]}}]}}"#
    )
}

#[test]
fn results_without_ids_are_told_by_their_order() {
    let body = history(
        r#"{"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}}"#,
        r#"{"functionResponse":{"name":"f"}},{"functionResponse":{"name":"f"}}"#,
    );
    assert_eq!(
        ids(&body),
        [
            "calls f call_1_0",
            "calls f call_1_1",
            "f call_1_0",
            "f call_1_1"
        ]
    );
}

#[test]
fn results_in_another_order_are_told_by_their_names() {
    let body = history(
        r#"{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"f"}}"#,
        r#"{"functionResponse":{"name":"g"}},{"functionResponse":{"name":"f"}},{"functionResponse":{"name":"f"}}"#,
    );
    assert_eq!(ids(&body)[3..], ["g call_1_1", "f call_1_0", "f call_1_2"]);
}

#[test]
fn an_id_says_more_than_the_order() {
    let body = history(
        r#"{"functionCall":{"id":"a","name":"f"}},{"functionCall":{"id":"b","name":"f"}}"#,
        r#"{"functionResponse":{"id":"b","name":"f"}},{"functionResponse":{"id":"a","name":"f"}}"#,
    );
    assert_eq!(ids(&body)[2..], ["f b", "f a"]);
}

#[test]
fn a_result_that_answers_nothing_has_an_id_of_its_own() {
    let body = history(
        r#"{"functionCall":{"name":"f"}}"#,
        r#"{"functionResponse":{"name":"f"}},{"functionResponse":{"name":"f"}}"#,
    );
    assert_eq!(ids(&body)[2], "f result_2_0");
}

#[test]
fn made_up_ids_stay_when_the_conversation_grows() {
    let step = r#"{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f"}}]}"#;
    let short = format!(r#"{{"contents":[{step}]}}"#);
    let long = format!(r#"{{"contents":[{step},{step}]}}"#);
    assert_eq!(ids(&long)[..2], ids(&short));
    assert_ne!(ids(&long)[2], ids(&long)[0]);
}

#[test]
fn many_calls_and_results_are_paired_in_no_time() {
    let calls: Vec<_> = (0..20_000)
        .map(|index| format!(r#"{{"functionCall":{{"name":"f{index}"}}}}"#))
        .collect();
    let results: Vec<_> = (0..20_000)
        .rev()
        .map(|index| format!(r#"{{"functionResponse":{{"name":"f{index}"}}}}"#))
        .collect();
    let body = history(&calls.join(","), &results.join(","));
    assert_eq!(ids(&body).last().unwrap(), "f0 call_1_0");
}

/// What a result says to others.
fn said(response: &str) -> (Vec<String>, bool) {
    let body = format!(
        r#"{{"contents":[{{"parts":[{{"functionResponse":{{"name":"f","response":{response}}}}}]}}]}}"#
    );
    match parts(&body).remove(0) {
        Part::ToolResult(result) => {
            let texts = result.content.iter().map(|part| match part {
                Part::Text { text, .. } => text.decode().into_owned(),
                part => panic!("{part:?}"),
            });
            (texts.collect(), result.is_error)
        }
        part => panic!("{part:?}"),
    }
}

#[test]
fn what_a_function_answers_is_read() {
    for (response, text, is_error) in [
        (r#"{"output":"x"}"#, "x", false),
        (r#"{"result":"x"}"#, "x", false),
        (r#"{ "result": 5 }"#, r#"{"result":5}"#, false),
        (
            r#"{"a": 1.0, "output":"x"}"#,
            r#"{"a":1.0,"output":"x"}"#,
            false,
        ),
        (r#"{"error":"no"}"#, "no", true),
        (r#"{"error":{"code": 5}}"#, r#"{"code":5}"#, true),
        (r#"{"error":"no","a":1}"#, r#"{"error":"no","a":1}"#, true),
        ("[1, 2]", "[1,2]", false),
    ] {
        assert_eq!(
            said(response),
            (vec![text.to_owned()], is_error),
            "{response}"
        );
    }
    assert_eq!(said(r#"{"output":""}"#), (vec![], false));
}

fn part(part: &str) -> String {
    format!(r#"{{"contents":[{{"parts":[{part}]}}]}}"#)
}

#[test]
fn trap_065_snake_case_and_camel_case_say_the_same() {
    let snake = r#"{"system_instruction":{"parts":{"text":"s"}},"generation_config":{"max_output_tokens":5,"top_p":0.5,"response_mime_type":"application/json","thinking_config":{"thinking_level":"low","include_thoughts":true}},"tools":[{"function_declarations":[{"name":"f","parameters_json_schema":{"type":"object"}}]}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}},"service_tier":"flex","contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"AAAA"}},{"file_data":{"mime_type":"image/png","file_uri":"gs://a"}}]},{"role":"model","parts":[{"function_call":{"name":"f"},"thought_signature":"Cg=="}]},{"parts":[{"function_response":{"name":"f"}}]}]}"#;
    let camel = r#"{"systemInstruction":{"parts":[{"text":"s"}]},"generationConfig":{"maxOutputTokens":5,"topP":0.5,"responseMimeType":"application/json","thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}},"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"serviceTier":"flex","contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"image/png","fileUri":"gs://a"}}]},{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"Cg=="}]},{"role":"user","parts":[{"functionResponse":{"name":"f"}}]}]}"#;
    let meaning = |body: &str| {
        let mut request = read(body).unwrap();
        request.extra = crate::ir::Extra::default();
        for part in request.turns.iter_mut().flat_map(|turn| &mut turn.parts) {
            match part {
                Part::Image(image) => image.extra = crate::ir::Extra::default(),
                Part::ToolCall(call) => call.extra = crate::ir::Extra::default(),
                _ => {}
            }
        }
        format!("{request:?}")
    };
    assert_eq!(meaning(snake), meaning(camel));
}

#[test]
fn blobs_are_what_their_types_say() {
    let kind = |mime: &str, data: &str| {
        let body = part(&format!(
            r#"{{"inlineData":{{"mimeType":"{mime}","data":"{data}"}}}}"#
        ));
        match parts(&body).remove(0) {
            Part::Image(image) => format!("image {}", image.media_type.unwrap().decode()),
            Part::Audio(audio) => format!("audio {}", audio.media_type.decode()),
            Part::Document(document) => match document.source {
                Source::Text(text) => format!("text {}", text.decode()),
                _ => format!("document {}", document.media_type.unwrap().decode()),
            },
            Part::Native { policy, .. } => format!("{policy:?}"),
            part => panic!("{part:?}"),
        }
    };
    assert_eq!(kind("image/png", "AAAA"), "image image/png");
    assert_eq!(kind("audio/wav", "AAAA"), "audio audio/wav");
    assert_eq!(kind("application/pdf", "AAAA"), "document application/pdf");
    assert_eq!(kind("text/plain", "R3LDvMOfZQ"), "text Grüße");
    assert_eq!(kind("video/mp4", "AAAA"), "Reject");
}

#[test]
fn files_are_the_providers_or_anybodys() {
    let source = |uri: &str| {
        let body = part(&format!(
            r#"{{"fileData":{{"mimeType":"image/png","fileUri":"{uri}"}}}}"#
        ));
        match parts(&body).remove(0) {
            Part::Image(image) => format!("{:?}", image.source),
            part => panic!("{part:?}"),
        }
    };
    assert!(source("gs://b/a").starts_with("File"));
    assert!(source("https://generativelanguage.googleapis.com/v1beta/files/a").starts_with("File"));
    assert!(source("https://example.com/a").starts_with("Url"));
}

#[test]
fn what_the_model_did_with_tools_is_history_and_what_the_user_sends_is_not() {
    let policy = |role: &str, part: &str| {
        let body = format!(r#"{{"contents":[{{"role":"{role}","parts":[{part}]}}]}}"#);
        match parts(&body).remove(0) {
            Part::Native { policy, .. } => policy,
            part => panic!("{part:?}"),
        }
    };
    assert_eq!(policy("model", r#"{"executableCode":{}}"#), Policy::Drop);
    assert_eq!(
        policy("user", r#"{"code_execution_result":{}}"#),
        Policy::Drop
    );
    assert_eq!(policy("user", r#"{"tomorrow":{}}"#), Policy::Reject);
    assert_eq!(policy("user", "{}"), Policy::Silent);
}

#[test]
fn roles_are_read() {
    let role = |role: &str| {
        let body = format!(r#"{{"contents":[{{{role}"parts":[{{"text":"a"}}]}}]}}"#);
        read(&body).map(|request| request.turns[0].role)
    };
    assert_eq!(role("").unwrap(), Role::User);
    assert_eq!(role(r#""role":"function","#).unwrap(), Role::User);
    assert_eq!(role(r#""role":"model","#).unwrap(), Role::Assistant);
    let error = role(r#""role":"assistant","#).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("contents[0].role"));
}

#[test]
fn what_is_wrong_is_named() {
    for (body, param) in [
        ("{}", Some("contents")),
        (r#"{"contents":[]}"#, Some("contents")),
        (
            r#"{"contents":[{"parts":[{"text":1}]}]}"#,
            Some("contents[0].parts[0]"),
        ),
        (
            r#"{"contents":[{"parts":[{"functionCall":{}}]}]}"#,
            Some("contents[0].parts[0].functionCall.name"),
        ),
        (
            r#"{"contents":[{"parts":[{"inlineData":{}}]}]}"#,
            Some("contents[0].parts[0].inlineData.data"),
        ),
        (
            r#"{"contents":[{"parts":[]}],"tools":[{"functionDeclarations":[{}]}]}"#,
            Some("tools[0].functionDeclarations[0].name"),
        ),
        ("[]", None),
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(error.param.as_deref(), param, "{body}: {error}");
        assert_eq!(error.kind, crate::ir::ErrorKind::BadRequest);
    }
}
