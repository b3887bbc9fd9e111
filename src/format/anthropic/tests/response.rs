use super::*;
use crate::ir::Seal;
use crate::ir::{
    Arguments, Choice, Citation, Part, Reasoning, Response, Stop, StopReason, ToolCall, Usage,
};

fn answer(parts: Vec<Part<'static>>, reason: Option<StopReason>) -> Response<'static> {
    Response {
        format: "other",
        id: "chatcmpl-1".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            stop: reason.map(Stop::new),
            ..Choice::default()
        }],
        ..Response::default()
    }
}

fn encoded(response: &Response<'_>) -> (Value, Vec<String>) {
    let mut exchange = Exchange::new(0, 7);
    let mut out = BytesMut::new();
    Anthropic
        .encode_response(response, &mut exchange, &mut out)
        .unwrap();
    let losses = exchange
        .losses
        .iter()
        .map(|loss| loss.path.to_string())
        .collect();
    (serde_json::from_slice(&out).unwrap(), losses)
}

fn call(id: &'static str, arguments: &'static str) -> Part<'static> {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: Arguments::Text(arguments.into()),
        ..ToolCall::default()
    })
}

#[test]
fn a_foreign_answer_is_a_message() {
    let mut response = answer(vec![Part::text("hi")], Some(StopReason::End));
    response.service_tier = Some("default".into());
    response.usage = Some(Usage {
        input: Some(1),
        output: Some(2),
        ..Usage::default()
    });
    assert_eq!(
        encoded(&response).0,
        value(
            r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2,"service_tier":"standard"}}"#
        )
    );
}

#[test]
fn an_answer_without_anything_is_still_a_message() {
    let mut response = answer(vec![Part::text("")], None);
    response.choices.clear();
    let (message, _) = encoded(&response);
    assert_eq!(message["content"], value("[]"));
    assert_eq!(message["stop_reason"], "end_turn");
    assert_eq!(
        message["usage"],
        value(r#"{"input_tokens":0,"output_tokens":0}"#)
    );
}

#[test]
fn trap_070_a_stop_with_calls_waits_for_the_tools() {
    let (message, _) = encoded(&answer(vec![call("a", "{}")], Some(StopReason::End)));
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn trap_071_a_call_that_was_cut_short_stays_cut_short() {
    let (message, losses) = encoded(&answer(
        vec![call("a", "{\"x\":")],
        Some(StopReason::MaxTokens),
    ));
    assert_eq!(message["stop_reason"], "max_tokens");
    assert_eq!(
        message["content"][0]["input"],
        value(r#"{"__raw_arguments":"{\"x\":"}"#)
    );
    assert_eq!(losses, ["content[0].input"]);
}

#[test]
fn a_refusal_is_text_and_a_refusal() {
    let (message, _) = encoded(&answer(
        vec![Part::Refusal("no".into())],
        Some(StopReason::End),
    ));
    assert_eq!(
        message["content"],
        value(r#"[{"type":"text","text":"no"}]"#)
    );
    assert_eq!(message["stop_reason"], "refusal");
    assert_eq!(message["stop_details"]["type"], "refusal");
}

#[test]
fn a_call_without_an_id_gets_one_of_its_own() {
    let (message, _) = encoded(&answer(
        vec![call("", "{}"), call("", "{}"), call("a:b", "")],
        None,
    ));
    let ids: Vec<&str> = message["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["id"].as_str().unwrap())
        .collect();
    assert!(ids.iter().all(|id| id.starts_with("toolu_")), "{ids:?}");
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn thoughts_carry_their_minter_unless_it_is_this_api() {
    let thought = |minter, seal: Option<&'static str>, redacted| {
        Part::Reasoning(Reasoning {
            text: "t".into(),
            seal: seal.map(|data| Seal::new(minter, data.into())),
            redacted,
            ..Reasoning::default()
        })
    };
    let parts = vec![
        thought(ID, Some("s"), false),
        thought("gemini", Some("s"), false),
        thought("", None, false),
        thought("openai_responses", Some("s"), true),
        thought("nobody", Some("s"), true),
        thought("", None, true),
    ];
    assert_eq!(
        encoded(&answer(parts, None)).0["content"],
        value(
            r#"[{"type":"thinking","thinking":"t","signature":"s"},{"type":"thinking","thinking":"t","signature":"gem1:thought:s"},{"type":"thinking","thinking":"t","signature":""},{"type":"redacted_thinking","data":"oai1::s"}]"#
        )
    );
}

#[test]
fn a_foreign_citation_of_no_web_page_is_dropped() {
    let part = Part::Text {
        text: "t".into(),
        citations: vec![Citation {
            title: Some("book.pdf".into()),
            cited_text: Some("t".into()),
            ..Citation::default()
        }],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let (message, losses) = encoded(&answer(vec![part], None));
    assert_eq!(
        message["content"],
        value(r#"[{"type":"text","text":"t"}]"#),
        "a search result without an address would be a dead link"
    );
    assert_eq!(losses, ["content[0].citations"]);
}

#[test]
fn a_foreign_citation_is_a_search_result() {
    let part = Part::Text {
        text: "t".into(),
        citations: vec![Citation {
            url: Some("u".into()),
            title: Some("T".into()),
            ..Citation::default()
        }],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let (message, _) = encoded(&answer(vec![part], None));
    let citation = &message["content"][0]["citations"][0];
    assert_eq!(
        *citation,
        value(
            r#"{"type":"web_search_result_location","cited_text":"","encrypted_index":"","title":"T","url":"u"}"#
        )
    );
    let body = conversation(&format!(
        r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{{"type":"text","text":"t","citations":[{citation}]}}]}},{{"role":"user","content":"r"}}]"#
    ));
    let replayed = write(&read(&body).unwrap()).unwrap().json;
    assert_eq!(
        replayed["messages"][1]["content"], "t",
        "a citation without a seal would be refused"
    );
}

#[test]
fn only_one_answer_can_be_said() {
    let mut response = answer(vec![Part::text("a")], None);
    response.choices.push(Choice::default());
    assert_eq!(encoded(&response).1, ["choices"]);
}

#[test]
fn what_is_no_answer_is_the_providers_fault() {
    for body in ["", "<html>", "[]", "{}", r#"{"content":7}"#] {
        let error = Anthropic.decode_response(body.as_bytes()).unwrap_err();
        assert_eq!(error.kind, crate::ir::ErrorKind::BadGateway, "{body}");
    }
    let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let error = Anthropic.decode_response(body).unwrap_err();
    assert_eq!(error.kind, crate::ir::ErrorKind::Overloaded);
}

#[test]
fn a_block_that_cannot_be_read_costs_nothing_but_itself() {
    let body = br#"{"content":[{"type":"text"},{"nothing":1},7,{"type":"text","text":"a"}],"stop_reason":"odd"}"#;
    let response = Anthropic.decode_response(body).unwrap();
    let parts = &response.choices[0].parts;
    assert_eq!(parts.len(), 4);
    assert!(matches!(&parts[3], Part::Text { text, .. } if *text == "a"));
    assert_eq!(
        response.choices[0].stop.as_ref().unwrap().reason,
        StopReason::End
    );
}
