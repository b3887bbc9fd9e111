use super::*;
use crate::ir::{Choice, Citation, Part, Reasoning, Seal, Stop, StopReason, ToolCall, Usage};

/// An answer of another format.
fn foreign(parts: Vec<Part<'static>>, reason: StopReason) -> Response<'static> {
    Response {
        format: "other",
        id: "chatcmpl-1".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            stop: Some(Stop::new(reason)),
            ..Choice::default()
        }],
        ..Response::default()
    }
}

fn written(parts: Vec<Part<'static>>, reason: StopReason) -> Value {
    write_answer(&foreign(parts, reason), Exchange::new(5, 1)).0
}

fn call(name: &'static str, arguments: &'static str) -> Part<'static> {
    Part::ToolCall(ToolCall {
        id: "call_1".into(),
        name: name.into(),
        arguments: crate::ir::Arguments::Text(arguments.into()),
        ..ToolCall::default()
    })
}

#[test]
fn trap_078_every_member_is_there() {
    let answer = written(vec![Part::text("a")], StopReason::End);
    for key in [
        "id",
        "object",
        "created_at",
        "status",
        "error",
        "incomplete_details",
        "instructions",
        "metadata",
        "model",
        "output",
        "parallel_tool_calls",
        "temperature",
        "top_p",
        "tool_choice",
        "tools",
        "text",
        "reasoning",
        "truncation",
        "max_output_tokens",
        "previous_response_id",
        "usage",
    ] {
        assert!(answer.as_object().unwrap().contains_key(key), "{key}");
    }
}

#[test]
fn what_the_caller_asked_for_is_repeated() {
    let mut exchange = Exchange::new(5, 1);
    exchange.echo = vec![
        ("temperature", "0.50".into()),
        (
            "tools",
            r#"[{"type":"function","name":"f"},{"type":"custom","name":"g"}]"#.into(),
        ),
        ("reasoning", r#"{"effort": "low"}"#.into()),
        ("text", "null".into()),
        ("store", "false".into()),
    ];
    let (answer, _) = write_answer(&foreign(Vec::new(), StopReason::End), exchange);
    assert_eq!(answer["temperature"], 0.5);
    assert_eq!(
        answer["tools"],
        value(
            r#"[{"type":"function","name":"f","parameters":null,"strict":null},{"type":"custom","name":"g"}]"#
        )
    );
    assert_eq!(
        answer["reasoning"],
        value(r#"{"effort":"low","summary":null}"#)
    );
    assert_eq!(answer["text"], value(r#"{"format":{"type":"text"}}"#));
    assert_eq!(answer["store"], false);
}

#[test]
fn trap_077_items_have_ids_of_their_own_kind() {
    let thought = Part::Reasoning(Reasoning {
        text: "t".into(),
        ..Reasoning::default()
    });
    let mut custom = ToolCall::default();
    (custom.name, custom.freeform) = ("p".into(), true);
    let parts = vec![
        thought,
        Part::text("a"),
        call("f", "{}"),
        Part::ToolCall(custom),
    ];
    let answer = written(parts, StopReason::ToolUse);
    assert_eq!(answer["id"], "resp_1");
    let prefixes: Vec<&str> = answer["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().split_once('_').unwrap().0)
        .collect();
    assert_eq!(prefixes, ["rs", "msg", "fc", "ctc"]);
    assert!(!answer["output"][3]["call_id"].as_str().unwrap().is_empty());
}

#[test]
fn trap_072_trap_073_only_words_of_this_api_end_an_answer() {
    let length = Some("max_output_tokens");
    for (reason, status, expected) in [
        (StopReason::End, "completed", None),
        (StopReason::StopSequence, "completed", None),
        (StopReason::ToolUse, "completed", None),
        (StopReason::MaxTokens, "incomplete", length),
        (StopReason::ContextWindow, "incomplete", length),
        (StopReason::Pause, "incomplete", length),
        (StopReason::Compaction, "incomplete", length),
        (StopReason::Refusal, "incomplete", Some("content_filter")),
        (StopReason::MalformedToolCall, "completed", None),
    ] {
        let answer = written(vec![Part::text("a")], reason);
        assert_eq!(answer["status"], status, "{reason:?}");
        assert_eq!(
            answer["incomplete_details"]["reason"].as_str(),
            expected,
            "{reason:?}"
        );
        assert_eq!(answer["output"][0]["status"], status, "{reason:?}");
    }
}

#[test]
fn a_model_that_refuses_in_words_completes() {
    let answer = written(vec![Part::Refusal("no".into())], StopReason::Refusal);
    assert_eq!(answer["status"], "completed");
    assert_eq!(
        answer["output"][0]["content"][0],
        value(r#"{"type":"refusal","refusal":"no"}"#)
    );
}

#[test]
fn why_the_provider_refused_is_said_as_a_refusal() {
    let mut response = foreign(Vec::new(), StopReason::Refusal);
    response.choices[0].stop.as_mut().unwrap().explanation = Some("unsafe".into());
    let (answer, _) = write_answer(&response, Exchange::default());
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["output"][0]["content"][0]["refusal"], "unsafe");
}

#[test]
fn texts_in_a_row_are_one_message() {
    let answer = written(
        vec![
            Part::text("a"),
            Part::text("b"),
            call("f", ""),
            Part::text("c"),
        ],
        StopReason::End,
    );
    assert_eq!(answer["output"][0]["content"][1]["text"], "b");
    assert_eq!(answer["output"][1]["arguments"], "{}");
    assert_eq!(answer["output"][2]["content"][0]["text"], "c");
}

#[test]
fn trap_046_a_custom_tool_is_called_as_one() {
    let mut exchange = Exchange::default();
    exchange.freeform_tools.insert("patch".into());
    let response = foreign(
        vec![call("patch", r#"{"input":"*** x"}"#)],
        StopReason::ToolUse,
    );
    let (answer, _) = write_answer(&response, exchange);
    assert_eq!(answer["output"][0]["type"], "custom_tool_call");
    assert_eq!(answer["output"][0]["input"], "*** x");
}

#[test]
fn a_tool_is_called_in_its_namespace() {
    let mut exchange = Exchange::default();
    exchange
        .namespaces
        .insert("ns__f".into(), ("ns".into(), "f".into()));
    let (answer, _) = write_answer(
        &foreign(vec![call("ns__f", "{}")], StopReason::ToolUse),
        exchange,
    );
    assert_eq!(
        (
            &answer["output"][0]["namespace"],
            &answer["output"][0]["name"]
        ),
        (&value(r#""ns""#), &value(r#""f""#))
    );
}

fn sealed(minter: &'static str, redacted: bool) -> Part<'static> {
    Part::Reasoning(Reasoning {
        seal: Some(Seal::new(minter, "s".into()).with_id("rs_9".into())),
        redacted,
        ..Reasoning::default()
    })
}

#[test]
fn foreign_seals_are_carried_if_the_caller_asks() {
    for (include, minter, redacted, expected) in [
        (true, "anthropic", false, Some("ant1:s")),
        (true, "anthropic", true, Some("antr1:s")),
        (true, "gemini", false, Some("gem1:thought:s")),
        (true, "", false, None),
        (false, "anthropic", false, None),
        (false, "openai_responses", false, Some("s")),
    ] {
        let exchange = Exchange {
            include_seals: include,
            ..Exchange::default()
        };
        let (answer, _) = write_answer(
            &foreign(vec![sealed(minter, redacted)], StopReason::End),
            exchange,
        );
        assert_eq!(
            answer["output"][0]["encrypted_content"].as_str(),
            expected,
            "{minter}"
        );
    }
}

#[test]
fn a_page_is_cited_over_all_of_the_text() {
    let text = Part::Text {
        text: "é1".into(),
        citations: vec![
            Citation {
                url: Some("https://a".into()),
                ..Citation::default()
            },
            Citation {
                cited_text: Some("of a file".into()),
                ..Citation::default()
            },
        ],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let (answer, losses) = write_answer(&foreign(vec![text], StopReason::End), Exchange::default());
    assert_eq!(
        answer["output"][0]["content"][0]["annotations"],
        value(
            r#"[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://a","title":""}]"#
        )
    );
    assert_eq!(losses, ["output[0].content[0].annotations"]);
}

#[test]
fn trap_111_trap_116_all_counts_are_told_and_add_up() {
    let mut response = foreign(Vec::new(), StopReason::End);
    response.usage = Some(Usage {
        input: Some(5),
        cache_read: Some(100),
        cache_write: Some(20),
        output: Some(3),
        ..Usage::default()
    });
    let (answer, _) = write_answer(&response, Exchange::default());
    assert_eq!(
        answer["usage"],
        value(
            r#"{"input_tokens":125,"input_tokens_details":{"cached_tokens":100,"cache_write_tokens":20},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":128}"#
        )
    );
}
