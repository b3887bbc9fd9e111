//! A caller's items: the conversation.

use super::*;
use crate::ir::{Document, Image, Policy, ToolResult};

/// What a part is, in a few words.
fn part(part: &Part<'_>) -> String {
    match part {
        Part::Text { text, .. } => format!("text {}", text.decode()),
        Part::Refusal(text) => format!("refusal {}", text.decode()),
        Part::Reasoning(thought) => format!("thought {}", thought.text.decode()),
        Part::ToolCall(call) => format!("call {} {}", call.id.decode(), call.name.decode()),
        Part::ToolResult(result) => {
            let content: Vec<String> = result.content.iter().map(self::part).collect();
            format!("result {} {}", result.call_id.decode(), content.join(", "))
        }
        Part::Native { kind, .. } => format!("native {}", kind.decode()),
        Part::Image(image) => format!("image {:?}", image.source),
        Part::Document(document) => format!("document {:?}", document.source),
        Part::Audio(audio) => format!("audio {}", audio.media_type.decode()),
    }
}

fn turns(items: &str) -> Vec<String> {
    let body = saying(items);
    let request = decode(&body);
    let turns = request.turns.iter();
    turns
        .map(|turn| {
            let parts: Vec<String> = turn.parts.iter().map(part).collect();
            format!("{:?} {}: {}", turn.role, turn.index, parts.join(", "))
        })
        .collect()
}

fn only_part(content: &str) -> String {
    let items = format!(r#"[{{"role":"user","content":[{content}]}}]"#);
    let body = saying(&items);
    part(&decode(&body).turns[0].parts[0])
}

#[test]
fn a_string_is_what_the_user_says() {
    let request = decode(r#"{"model":"m","input":"hi"}"#);
    assert_eq!(request.turns.len(), 1);
    assert_eq!(part(&request.turns[0].parts[0]), "text hi");
}

#[test]
fn trap_017_instructions_come_before_the_system_and_developer_messages() {
    let request = decode(
        r#"{"model":"m","instructions":"a","input":[
            {"role":"developer","content":"b"},
            {"type":"message","role":"system","content":[{"type":"input_text","text":"c"},{"type":"input_text","text":"d"}]},
            {"role":"user","content":"e"}]}"#,
    );
    let system: Vec<String> = request.system.iter().map(part).collect();
    assert_eq!(system, ["text a", "text b", "text c", "text d"]);
    assert_eq!(request.turns[0].index, 2);
}

#[test]
fn trap_018_a_system_message_in_mid_conversation_stays_there() {
    let turns = turns(
        r#"[{"role":"user","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"c"}]"#,
    );
    assert_eq!(
        turns,
        ["User 0: text a", "System 1: text b", "User 2: text c"]
    );
}

#[test]
fn trap_022_items_of_the_model_in_a_row_are_one_turn() {
    let turns = turns(
        r#"[{"role":"user","content":"a"},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"},{"type":"summary_text","text":"so"}]},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"},{"type":"refusal","refusal":"c"}]},
        {"role":"assistant","content":"d"},
        {"type":"web_search_call","id":"ws_1"},
        {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
        {"type":"custom_tool_call","call_id":"2","name":"g","input":"x"},
        {"type":"function_call_output","call_id":"1","output":"one"},
        {"type":"custom_tool_call_output","call_id":"2","output":[{"type":"input_text","text":"two"}]},
        {"role":"assistant","content":[{"type":"input_text","text":"e"}]}]"#,
    );
    let expected = [
        "User 0: text a",
        "Assistant 1: thought hm\n\nso, text b, refusal c, text d, native web_search_call, call 1 f, call 2 g",
        "Tool 7: result 1 text one",
        "Tool 8: result 2 text two",
        "Assistant 9: text e",
    ];
    assert_eq!(turns, expected);
}

#[test]
fn what_only_this_api_runs_is_history_elsewhere() {
    let body = saying(
        r#"[{"type":"computer_call","id":"cu_1"},{"type":"computer_call_output","call_id":"c"}]"#,
    );
    let request = decode(&body);
    assert_eq!(request.turns[0].role, Role::Assistant);
    assert_eq!(request.turns[1].role, Role::User);
    for turn in &request.turns {
        assert!(matches!(
            turn.parts[0],
            Part::Native {
                policy: Policy::Drop,
                ..
            }
        ));
    }
}

#[test]
fn members_of_a_message_that_mean_something_are_reported() {
    let body = saying(
        r#"[{"type":"message","role":"user","id":"msg_1","status":"completed","content":"a","name":"n"},
        {"type":"message","role":"assistant","id":"msg_2","phase":"commentary","content":"b","future":1}]"#,
    );
    let expected = ["input[0].name", "input[1].content[0].future"];
    assert_eq!(left_out(&decode(&body)).unwrap(), expected);
}

#[test]
fn trap_031_a_failure_is_told_by_its_mark() {
    let result = |output: &str| -> (bool, String) {
        let items =
            format!(r#"[{{"type":"function_call_output","call_id":"1","output":{output}}}]"#);
        let body = saying(&items);
        let request = decode(&body);
        let Part::ToolResult(ToolResult {
            is_error, content, ..
        }) = &request.turns[0].parts[0]
        else {
            panic!("no result");
        };
        (*is_error, content.iter().map(part).collect())
    };
    let is = |is_error, content: &str| (is_error, content.to_owned());
    assert_eq!(result(r#""Error: bro\u006ben""#), is(true, "text broken"));
    assert_eq!(result(r#""Error: ""#), is(true, ""));
    assert_eq!(result(r#""Errors""#), is(false, "text Errors"));
    assert_eq!(result(r#""""#), is(false, ""));
    let list = r#"[{"type":"input_text","text":"Error: a"},{"type":"input_text","text":"b"}]"#;
    assert_eq!(result(list), is(true, "text atext b"));
}

#[test]
fn a_result_may_tell_its_tool_instead_of_its_call() {
    let body = saying(
        r#"[{"type":"function_call_output","call_id":null,"name":"get","namespace":"crm","output":"x"}]"#,
    );
    let Part::ToolResult(result) = &decode(&body).turns[0].parts[0] else {
        panic!("no result");
    };
    assert!(result.call_id.is_empty());
    assert_eq!(result.name.as_ref().unwrap(), &"crm__get");
}

#[test]
fn trap_058_trap_059_images_are_told_apart_by_where_they_are() {
    assert_eq!(
        only_part(
            r#"{"type":"input_image","image_url":"data:image/png;charset=x;base64,AAAA","detail":"low"}"#
        ),
        r#"image Base64 { data: "AAAA" }"#
    );
    assert_eq!(
        only_part(r#"{"type":"input_image","image_url":"https://a.b/c.png"}"#),
        r#"image Url("https://a.b/c.png")"#
    );
    assert_eq!(
        only_part(r#"{"type":"input_image","file_id":"file-1"}"#),
        r#"image File("file-1")"#
    );
    assert_eq!(
        only_part(r#"{"type":"image_url","image_url":{"url":"https://a.b/c.png"}}"#),
        r#"image Url("https://a.b/c.png")"#
    );
}

#[test]
fn how_closely_to_look_is_kept() {
    let body = saying(
        r#"[{"role":"user","content":[{"type":"input_image","image_url":"data:image/PNG;base64,AAAA","detail":"low"}]}]"#,
    );
    let Part::Image(Image {
        detail, media_type, ..
    }) = &decode(&body).turns[0].parts[0]
    else {
        panic!("no image");
    };
    assert_eq!(detail.as_ref().unwrap(), &"low");
    assert_eq!(media_type.as_ref().unwrap(), &"image/png");
}

#[test]
fn trap_060_a_document_sent_as_an_image_is_a_document() {
    assert_eq!(
        only_part(r#"{"type":"input_image","image_url":"data:application/pdf;base64,AAAA"}"#),
        r#"document Base64 { data: "AAAA" }"#
    );
}

#[test]
fn a_file_is_what_its_media_type_says() {
    for (file, expected) in [
        (
            r#""file_data":"data:application/pdf;base64,AAAA""#,
            r#"document Base64 { data: "AAAA" }"#,
        ),
        (
            r#""file_data":"AAAA""#,
            r#"document Base64 { data: "AAAA" }"#,
        ),
        (
            r#""file_data":"data:text/plain;base64,YQ==""#,
            r#"document Text("a")"#,
        ),
        (
            r#""file_data":"data:image/png;base64,AAAA""#,
            r#"image Base64 { data: "AAAA" }"#,
        ),
        (
            r#""file_data":"data:audio/mpeg;base64,AAAA""#,
            "audio audio/mpeg",
        ),
        (
            r#""file_url":"https://a.b/c.pdf""#,
            r#"document Url("https://a.b/c.pdf")"#,
        ),
        (r#""file_id":"file-1""#, r#"document File("file-1")"#),
    ] {
        let content = format!(r#"{{"type":"input_file",{file}}}"#);
        assert_eq!(only_part(&content), expected);
    }
    let body = saying(
        r#"[{"role":"user","content":[{"type":"input_file","file_id":"f","filename":"a.pdf"}]}]"#,
    );
    let Part::Document(Document { title, .. }) = &decode(&body).turns[0].parts[0] else {
        panic!("no document");
    };
    assert_eq!(title.as_ref().unwrap(), &"a.pdf");
}

#[test]
fn a_part_of_tomorrow_is_refused_elsewhere() {
    let body = saying(r#"[{"role":"user","content":[{"type":"input_smell","smell":"x"}]}]"#);
    let request = decode(&body);
    assert!(matches!(
        request.turns[0].parts[0],
        Part::Native {
            policy: Policy::Reject,
            ..
        }
    ));
}

#[test]
fn sources_that_an_answer_cited_are_read() {
    let body = saying(
        r#"[{"role":"assistant","content":[{"type":"output_text","text":"abc","annotations":[
            {"type":"url_citation","url":"https://a.b","title":"t","start_index":0,"end_index":3}]}]}]"#,
    );
    let Part::Text { citations, .. } = &decode(&body).turns[0].parts[0] else {
        panic!("no text");
    };
    assert_eq!(citations[0].url.as_ref().unwrap(), &"https://a.b");
    assert_eq!(citations[0].span, Some((0, 3)));
}

#[test]
fn a_cache_boundary_is_read() {
    let body = saying(
        r#"[{"role":"user","content":[
            {"type":"input_text","text":"a","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]}]"#,
    );
    let Part::Text { cache, .. } = &decode(&body).turns[0].parts[0] else {
        panic!("no text");
    };
    assert_eq!(cache.as_ref().unwrap().ttl.as_ref().unwrap(), &"12h");
}

#[test]
fn what_a_search_for_tools_found_is_a_part_of_the_models_turn() {
    let turns = turns(
        r#"[{"type":"tool_search_call","arguments":{}},{"type":"tool_search_output","tools":[]},
        {"type":"function_call","call_id":"1","name":"f","arguments":"{}"}]"#,
    );
    assert_eq!(
        turns,
        ["Assistant 0: native tool_search_call, native tool_search_output, call 1 f"]
    );
}

#[test]
fn who_calls_a_tool_is_reported_unless_it_is_the_model() {
    let extra = |caller: &str| {
        let body = saying(&format!(
            r#"[{{"type":"function_call","call_id":"1","name":"f","arguments":"","caller":{caller}}}]"#
        ));
        let request = decode(&body);
        let Part::ToolCall(call) = &request.turns[0].parts[0] else {
            panic!("no call");
        };
        let mut losses = exchange().losses;
        losses.extra("x", &call.extra).unwrap();
        losses.iter().count()
    };
    assert_eq!(extra(r#"{"type":"direct"}"#), 0);
    assert_eq!(extra(r#"{"type":"program","caller_id":"1"}"#), 1);
}

#[test]
fn outputs_without_an_id_answer_the_call_of_their_tool_or_the_first_that_waits() {
    let call = |id: &str, name: &str| {
        format!(r#"{{"type":"function_call","call_id":"{id}","name":"{name}","arguments":"{{}}"}}"#)
    };
    let calls = [call("a", "f"), call("b", "g"), call("c", "h")].join(",");
    let outputs = r#"{"type":"function_call_output","call_id":null,"output":"1","name":"g"},
        {"type":"function_call_output","output":"2"},{"type":"function_call_output","call_id":"a","output":"3"}"#;
    let body = format!(r#"{{"model":"m","input":[{calls},{outputs}]}}"#);
    let request = decode(&body);
    let ids = request.turns.iter().flat_map(|turn| &turn.parts);
    let ids: Vec<String> = ids
        .filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.call_id.decode().into_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["b", "c", "a"]);
}
