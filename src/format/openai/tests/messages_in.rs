//! Callers of this API: their messages.

use super::*;
use crate::ir::{Arguments, Image, Policy, Source};

fn parts(content: &str) -> String {
    saying(&format!(r#"[{{"role":"user","content":{content}}}]"#))
}

fn text(part: &Part<'_>) -> String {
    match part {
        Part::Text { text, .. } => text.decode().into_owned(),
        part => panic!("{part:?}"),
    }
}

#[test]
fn trap_016_017_leading_instructions_of_both_roles_keep_their_parts() {
    let body = saying(
        r#"[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},
        {"role":"user","content":"d"}]"#,
    );
    let request = decode(&body);
    let system: Vec<_> = request.system.iter().map(text).collect();
    assert_eq!(system, ["a", "b", "c"]);
    assert_eq!(request.turns.len(), 1);
    assert_eq!(request.turns[0].index, 2);
}

#[test]
fn trap_018_later_instructions_stay_where_they_are() {
    let body = saying(r#"[{"role":"user","content":"a"},{"role":"developer","content":"b"}]"#);
    let request = decode(&body);
    assert!(request.system.is_empty());
    assert_eq!(request.turns[1].role, Role::System);
    assert_eq!(text(&request.turns[1].parts[0]), "b");
}

#[test]
fn images_come_in_many_spellings() {
    let table = [
        (
            r#"{"url":"data:image/png;base64,AAAA"}"#,
            "AAAA",
            "image/png",
        ),
        (r#""data:image/png;base64,AAAA""#, "AAAA", "image/png"),
        (
            r#"{"url":"data:image\/png;base64,AA\/A"}"#,
            "AA/A",
            "image/png",
        ),
        (
            r#"{"url":"DATA:IMAGE/GIF;Base64,AA-_"}"#,
            "AA+/",
            "image/gif",
        ),
        (
            r#"{"url":"data:image/svg+xml,%3Csvg%3E"}"#,
            "PHN2Zz4=",
            "image/svg+xml",
        ),
    ];
    for (image, expected, kind) in table {
        let body = parts(&format!(r#"[{{"type":"image_url","image_url":{image}}}]"#));
        let request = decode(&body);
        let Part::Image(Image {
            source: Source::Base64 { data },
            media_type,
            ..
        }) = &request.turns[0].parts[0]
        else {
            panic!("{image}")
        };
        assert_eq!(
            (data, media_type.as_ref().unwrap()),
            (&expected.into(), &kind.into())
        );
    }
}

#[test]
fn trap_058_parameters_of_a_data_uri_are_skipped() {
    let body = parts(
        r#"[{"type":"image_url","image_url":{"url":"data:image/png;charset=x;base64,AAAA"}}]"#,
    );
    let request = decode(&body);
    assert!(matches!(
        &request.turns[0].parts[0],
        Part::Image(Image { source: Source::Base64 { data }, .. }) if *data == "AAAA"
    ));
}

#[test]
fn trap_059_a_web_address_stays_one() {
    let body = parts(
        r#"[{"type":"image_url","image_url":{"url":"https://e.com/a.png","detail":"high"}}]"#,
    );
    let request = decode(&body);
    let Part::Image(image) = &request.turns[0].parts[0] else {
        panic!()
    };
    assert!(matches!(&image.source, Source::Url(url) if *url == "https://e.com/a.png"));
    assert_eq!(image.detail.as_ref().unwrap(), &"high");
    assert!(
        image
            .extra
            .iter()
            .all(|member| member.policy == Policy::Silent)
    );
}

#[test]
fn trap_060_a_pdf_among_the_images_is_a_document() {
    let body =
        parts(r#"[{"type":"image_url","image_url":{"url":"data:application/pdf;base64,AAAA"}}]"#);
    let request = decode(&body);
    assert!(matches!(
        &request.turns[0].parts[0],
        Part::Document(document) if matches!(&document.source, Source::Base64 { data } if *data == "AAAA")
    ));
}

#[test]
fn files_hold_documents_texts_or_ids() {
    let source = |file: &str, check: fn(&Source<'_>) -> bool| {
        let body = parts(&format!(r#"[{{"type":"file","file":{file}}}]"#));
        let request = decode(&body);
        let Part::Document(document) = &request.turns[0].parts[0] else {
            panic!("{file}")
        };
        assert!(check(&document.source), "{file}: {document:?}");
    };
    source(
        r#"{"file_data":"data:application/pdf;base64,AAAA","filename":"a"}"#,
        |source| matches!(source, Source::Base64 { data } if *data == "AAAA"),
    );
    source(
        r#"{"file_data":"data:text/plain;base64,aGk="}"#,
        |source| matches!(source, Source::Text(text) if *text == "hi"),
    );
    source(
        r#"{"file_data":"AAA"}"#,
        |source| matches!(source, Source::Base64 { data } if *data == "AAA="),
    );
    source(
        r#"{"file_id":"file-1"}"#,
        |source| matches!(source, Source::File(id) if *id == "file-1"),
    );
}

#[test]
fn film_is_refused_by_everybody_else() {
    let body = parts(
        r#"[{"type":"text","text":"a"},{"type":"input_video","input_video":{"data":"AA","format":"mov"}}]"#,
    );
    let request = decode(&body);
    let Part::Native { policy, value, .. } = &request.turns[0].parts[1] else {
        panic!()
    };
    assert_eq!(*policy, Policy::Reject);
    assert!(value.get().contains("mov"));
}

#[test]
fn cache_boundaries_are_read() {
    let body = parts(
        r#"[{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]"#,
    );
    let request = decode(&body);
    let Part::Text { cache, .. } = &request.turns[0].parts[0] else {
        panic!()
    };
    assert_eq!(cache.as_ref().unwrap().ttl.as_ref().unwrap(), &"12h");
}

#[test]
fn a_name_on_a_message_is_dropped_elsewhere() {
    let body = saying(r#"[{"role":"user","name":"n","content":"a","refusal":null}]"#);
    let request = decode(&body);
    let extra: Vec<_> = request.turns[0]
        .extra
        .iter()
        .map(|m| (&*m.key, m.policy))
        .collect();
    assert_eq!(extra, [("name", Policy::Drop)]);
}

const CALLS: &str = r#"[{"role":"user","content":"a"},
    {"role":"assistant","content":"","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":""}},
        {"id":"c2","type":"function","function":{"name":"g","arguments":{"a":1}}},
        {"id":"c3","type":"custom","custom":{"name":"h","input":"x"}}]},
    {"role":"tool","tool_call_id":"c1","content":""},
    {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#;

#[test]
fn tools_are_called_and_answer() {
    let body = saying(CALLS);
    let request = decode(&body);
    let calls: Vec<_> = request.turns[1]
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
        .collect();
    assert_eq!(calls.len(), 3);
    assert!(matches!(&calls[0].arguments, Arguments::Text(text) if text.is_empty()));
    assert!(matches!(&calls[1].arguments, Arguments::Json(json) if json.get() == r#"{"a":1}"#));
    assert!(
        calls[2].freeform && matches!(&calls[2].arguments, Arguments::Text(text) if *text == "x")
    );
    let results: Vec<_> = request
        .turns
        .iter()
        .filter_map(|turn| match turn.parts.as_slice() {
            [Part::ToolResult(result)] => {
                Some((turn.role, result.call_id.decode(), result.content.len()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        results,
        [(Role::Tool, "c1".into(), 0), (Role::Tool, "c2".into(), 2)]
    );
}

#[test]
fn sealed_thoughts_know_their_minter() {
    let body = saying(
        r#"[{"role":"assistant","content":"a","reasoning_content":"x","thinking_blocks":[
        {"type":"thinking","thinking":"x","signature":"s1"},
        {"type":"thinking","thinking":"y","signature":"gem1:thought:s2","index":1},
        {"type":"redacted_thinking","data":"d"},
        {"type":"thinking","thinking":"unsealed"}]}]"#,
    );
    let request = decode(&body);
    let thoughts: Vec<_> = request.turns[0]
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Reasoning(thought) => Some((
                thought.seal.as_ref().map(|seal| seal.minter),
                thought.redacted,
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        thoughts,
        [
            (Some(crate::ir::Seal::DEFAULT_MINTER), false),
            (Some("gemini"), false),
            (Some(crate::ir::Seal::DEFAULT_MINTER), true),
            (None, false),
        ]
    );
}

#[test]
fn bare_thoughts_have_no_seal() {
    for member in ["reasoning_content", "reasoning"] {
        let body = saying(&format!(
            r#"[{{"role":"assistant","content":"a","{member}":"x"}}]"#
        ));
        let request = decode(&body);
        let Part::Reasoning(thought) = &request.turns[0].parts[0] else {
            panic!("{member}")
        };
        assert!(thought.seal.is_none());
    }
}

#[test]
fn thoughts_keep_their_text_beside_seals_on_something_else() {
    let body = saying(
        r#"[{"role":"assistant","content":"a","reasoning_content":"x","thinking_blocks":[
        {"type":"thinking","thinking":"","signature":"gem1:text:s"}]}]"#,
    );
    let request = decode(&body);
    let thoughts = request.turns[0].parts.iter().filter_map(|part| match part {
        Part::Reasoning(thought) => Some((thought.text.decode(), thought.seal.is_some())),
        _ => None,
    });
    let thoughts: Vec<_> = thoughts.collect();
    assert_eq!(thoughts, [("x".into(), false), ("".into(), true)]);
}
