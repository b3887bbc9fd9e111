//! The conversation, for a provider.

use super::*;
use crate::ir::{
    Arguments, Audio, Cache, Citation, Document, Image, Policy, Source, ToolCall, ToolResult,
};

fn call(id: &'static str, name: &'static str) -> Part<'static> {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: Arguments::Text("".into()),
        ..ToolCall::default()
    })
}

fn result(call_id: &'static str, content: Vec<Part<'static>>) -> Part<'static> {
    Part::ToolResult(ToolResult {
        call_id: call_id.into(),
        content,
        ..ToolResult::default()
    })
}

fn failed(content: Vec<Part<'static>>) -> Part<'static> {
    Part::ToolResult(ToolResult {
        call_id: "1".into(),
        content,
        is_error: true,
        ..ToolResult::default()
    })
}

fn image() -> Part<'static> {
    Part::Image(Image::new(Source::Url("https://a.b/c.png".into())))
}

/// The output that is sent for this result.
fn output(result: Part<'static>) -> Value {
    let turns = vec![assistant(vec![call("1", "f")]), user(vec![result])];
    items(turns)[1]["output"].take()
}

/// What the items are, in a few words.
fn shape(items: &Value) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap_or_default();
            let said = item["content"][0]["text"].as_str().unwrap_or_default();
            let words = [
                text("type"),
                text("role"),
                text("call_id"),
                text("output"),
                said,
            ];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            words.join(" ")
        })
        .collect()
}

#[test]
fn trap_016_instructions_are_joined() {
    let mut request = foreign(vec![user(vec![Part::text("hi")])]);
    request.system = vec![Part::text("a"), Part::text(" "), Part::text("b")];
    assert_eq!(sent(&request)["instructions"], "a\n\nb");
}

#[test]
fn trap_019_empty_instructions_are_none() {
    let mut request = foreign(vec![user(vec![Part::text("hi")])]);
    request.system = vec![Part::text("")];
    assert!(sent(&request)["instructions"].is_null());
}

#[test]
fn trap_018_trap_020_a_system_turn_is_the_developers_and_stays_in_place() {
    let system = Turn::new(Role::System, 1, vec![Part::text("b")]);
    let items = items(vec![
        user(vec![Part::text("a")]),
        system,
        user(vec![Part::text("c")]),
    ]);
    let expected =
        r#"{"type":"message","role":"developer","content":[{"type":"input_text","text":"b"}]}"#;
    assert_eq!(items[1], value(expected));
    assert_eq!(items[2]["content"][0]["text"], "c");
}

#[test]
fn a_turn_of_the_model_is_its_items_in_order() {
    let items = items(vec![assistant(vec![
        Part::text("a"),
        Part::Refusal("b".into()),
        call("1", "f"),
        Part::text("c"),
    ])]);
    let expected = r#"[
        {"type":"message","role":"assistant","content":[
            {"type":"output_text","text":"a","annotations":[]},{"type":"refusal","refusal":"b"}]},
        {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"c","annotations":[]}]},
        {"type":"function_call_output","call_id":"1","output":"Error: [no result recorded]"}]"#;
    assert_eq!(items, value(expected));
}

#[test]
fn trap_023_a_turn_that_only_calls_has_no_message() {
    let items = items(vec![
        assistant(vec![Part::text(""), call("1", "f")]),
        user(vec![result("1", vec![])]),
    ]);
    assert_eq!(shape(&items), ["function_call 1", "function_call_output 1"]);
    assert_eq!(items[1]["output"], "");
}

#[test]
fn trap_024_a_conversation_without_a_word_gets_one() {
    let request = foreign(vec![user(vec![Part::text("")])]);
    assert_eq!(shape(&sent(&request)["input"]), ["message user ."]);
    assert_eq!(losses(&request), ["messages"]);
}

#[test]
fn trap_026_trap_027_results_stand_right_behind_their_calls() {
    let system = Turn::new(Role::System, 2, vec![Part::text("note")]);
    let items = items(vec![
        assistant(vec![call("1", "f"), call("2", "f")]),
        system,
        user(vec![
            Part::text("and"),
            result("2", vec![Part::text("two")]),
            result("1", vec![Part::text("one")]),
        ]),
    ]);
    let expected = [
        "function_call 1",
        "function_call 2",
        "function_call_output 2 two",
        "function_call_output 1 one",
        "message developer note",
        "message user and",
    ];
    assert_eq!(shape(&items), expected);
}

#[test]
fn what_is_not_sent_does_not_divide_what_is_said() {
    let native = Part::Native {
        kind: "x".into(),
        value: crate::json::Raw::EMPTY_OBJECT,
        policy: Policy::Drop,
    };
    let thought = Part::Reasoning(crate::ir::Reasoning::default());
    let items = items(vec![
        assistant(vec![call("1", "f")]),
        user(vec![
            Part::text("a"),
            result("1", vec![]),
            native,
            Part::text("b"),
        ]),
        assistant(vec![Part::text("c"), thought, Part::text("d")]),
    ]);
    let said = |index: usize| items[index]["content"].as_array().unwrap().len();
    assert_eq!((said(2), said(3)), (2, 2));
}

#[test]
fn trap_028_a_call_without_a_result_and_a_result_without_a_call_are_mended() {
    let request = foreign(vec![
        assistant(vec![call("1", "f"), call("1", "g")]),
        Turn::new(
            Role::User,
            2,
            vec![result("9", vec![Part::text("what")]), Part::text("go on")],
        ),
    ]);
    let expected = [
        "function_call 1",
        "function_call_output 1 Error: [no result recorded]",
        "message user Tool result: what",
        "message user go on",
    ];
    assert_eq!(shape(&sent(&request)["input"]), expected);
    let lost = [
        "messages[1].content[1]",
        "messages[2].content[0]",
        "messages[1].content[0]",
    ];
    assert_eq!(losses(&request), lost);
}

#[test]
fn a_turn_is_a_prefix_of_the_next() {
    let turns = || {
        vec![
            user(vec![Part::text("a")]),
            assistant(vec![call("", "f")]),
            user(vec![result("", vec![Part::text("b")]), image()]),
        ]
    };
    let body = |turns| {
        let out = written(&foreign(turns), &Dialect::default(), &mut exchange()).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    };
    let first = body(turns());
    let mut more = turns();
    more.push(assistant(vec![call("", "f")]));
    more.push(user(vec![result("", vec![Part::text("c")])]));
    let prefix = first.strip_suffix("]}").unwrap();
    assert!(body(more).starts_with(prefix));
}

#[test]
fn trap_030_what_a_tool_shows_is_seen() {
    let shown = output(result("1", vec![Part::text("look"), image()]));
    let expected = r#"[{"type":"input_text","text":"look"},
        {"type":"input_image","image_url":"https://a.b/c.png","detail":"auto"}]"#;
    assert_eq!(shown, value(expected));
}

#[test]
fn texts_of_a_tool_are_one() {
    let texts = vec![Part::text("a"), Part::text("b")];
    assert_eq!(output(result("1", texts)), "a\nb");
}

#[test]
fn trap_031_a_failure_is_marked_once() {
    assert_eq!(output(failed(vec![Part::text("no")])), "Error: no");
    assert_eq!(output(failed(vec![Part::text("Error: no")])), "Error: no");
    assert_eq!(output(failed(vec![])), "Error: ");
    let shown = output(failed(vec![image()]));
    assert_eq!(shown[0]["text"], "Error: ");
    for text in ["no", "Error: no"] {
        let shown = output(failed(vec![Part::text(text), image()]));
        assert_eq!(shown[0]["text"], "Error: no");
    }
}

#[test]
fn trap_037_a_long_id_is_hashed_in_the_call_and_in_its_result() {
    const LONG: &str =
        "call_0123456789012345678901234567890123456789012345678901234567890123456789";
    let items = items(vec![
        assistant(vec![call(LONG, "f"), call("call_x|fc_y", "f")]),
        user(vec![result(LONG, vec![]), result("call_x|fc_y", vec![])]),
    ]);
    let id = items[0]["call_id"].as_str().unwrap();
    assert!(id.starts_with("call_") && id.len() == 29, "{id}");
    assert_eq!(items[2]["call_id"], id);
    assert_eq!(items[1]["call_id"], "call_x|fc_y");
}

#[test]
fn trap_038_calls_without_ids_get_some_and_results_find_them() {
    let named = |name: &'static str, text: &'static str| {
        Part::ToolResult(ToolResult {
            name: Some(name.into()),
            content: vec![Part::text(text)],
            ..ToolResult::default()
        })
    };
    let items = items(vec![
        assistant(vec![call("", "f"), call("", "g"), call("", "f")]),
        user(vec![named("g", "1"), named("f", "2"), result("", vec![])]),
    ]);
    let id = |index: usize| items[index]["call_id"].as_str().unwrap();
    assert_eq!((id(3), id(4), id(5)), (id(1), id(0), id(2)));
    assert_ne!(id(0), id(2));
}

#[test]
fn trap_046_a_call_with_free_text_and_its_output_are_those_of_a_custom_tool() {
    let items = items(vec![
        assistant(vec![Part::ToolCall(ToolCall {
            id: "1".into(),
            name: "c".into(),
            arguments: Arguments::Text("free text".into()),
            freeform: true,
            ..ToolCall::default()
        })]),
        user(vec![result("1", vec![Part::text("done")])]),
    ]);
    let expected = r#"[{"type":"custom_tool_call","call_id":"1","name":"c","input":"free text"},
        {"type":"custom_tool_call_output","call_id":"1","output":"done"}]"#;
    assert_eq!(items, value(expected));
}

#[test]
fn trap_059_images_and_files_are_said() {
    let mut png = Image::new(Source::Base64 {
        data: "AAAA".into(),
    });
    png.media_type = Some("image/png".into());
    png.detail = Some("low".into());
    let mut pdf = Document::new(Source::Base64 {
        data: "AAAA".into(),
    });
    pdf.media_type = Some("application/pdf".into());
    let at = Document::new(Source::Url("https://a.b/c.pdf".into()));
    let mut text = Document::new(Source::Text("abc".into()));
    text.title = Some("t".into());
    let items = items(vec![user(vec![
        Part::Image(png),
        image(),
        Part::Document(pdf),
        Part::Document(at),
        Part::Document(text),
    ])]);
    let expected = r#"[
        {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
        {"type":"input_image","image_url":"https://a.b/c.png","detail":"auto"},
        {"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,AAAA"},
        {"type":"input_file","file_url":"https://a.b/c.pdf"},
        {"type":"input_text","text":"t\n\nabc"}]"#;
    assert_eq!(items[0]["content"], value(expected));
}

#[test]
fn what_nobody_else_can_read_is_refused() {
    for part in [
        Part::Image(Image::new(Source::File("file_1".into()))),
        Part::Document(Document::new(Source::File("file_1".into()))),
        Part::Audio(Audio::default()),
        Part::Native {
            kind: "x".into(),
            value: crate::json::Raw::EMPTY_OBJECT,
            policy: Policy::Reject,
        },
    ] {
        let request = foreign(vec![user(vec![part])]);
        assert_eq!(rejected(&request).param.unwrap(), "messages[0].content[0]");
    }
}

#[test]
fn what_the_model_shows_is_shown_by_the_user() {
    let request = foreign(vec![assistant(vec![Part::text("look"), image()])]);
    let body = sent(&request);
    assert_eq!(
        shape(&body["input"]),
        ["message assistant look", "message user"]
    );
    assert_eq!(losses(&request), ["messages[1].content[1]"]);
}

#[test]
fn citations_are_reported() {
    let cited = Part::Text {
        text: "a".into(),
        citations: vec![Citation::default()],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let request = foreign(vec![assistant(vec![cited])]);
    assert_eq!(losses(&request), ["messages[1].content[0].citations"]);
}

#[test]
fn trap_061_the_last_four_cache_boundaries_are_sent_where_the_server_takes_them() {
    let marked = |ttl: &'static str| Part::Text {
        text: "a".into(),
        citations: Vec::new(),
        cache: Some(Cache {
            ttl: Some(ttl.into()),
        }),
        extra: crate::ir::Extra::default(),
    };
    let parts = ["5m", "1h", "12h", "30m", "5m"].map(marked).to_vec();
    let request = foreign(vec![user(parts)]);
    let dialect = Dialect {
        supports_prompt_cache_breakpoint: true,
        ..Dialect::default()
    };
    let (body, losses) = sent_as(&request, &dialect);
    let marks: Vec<&Value> = body["input"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["prompt_cache_breakpoint"]["ttl"])
        .collect();
    assert_eq!(
        marks,
        [
            &Value::Null,
            &"30m".into(),
            &"12h".into(),
            &"30m".into(),
            &"30m".into()
        ]
    );
    assert_eq!(losses, ["cache_control"]);
    let (body, losses) = sent_as(&request, &Dialect::default());
    assert!(!body.to_string().contains("breakpoint") && losses.is_empty());
}
