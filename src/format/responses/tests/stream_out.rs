use super::*;
use crate::ir::{BlockKind, Citation, Delta, Seal, Stop, StopReason, Usage};

fn start() -> Event<'static> {
    Event::Start {
        id: "chatcmpl-1".into(),
        model: "m".into(),
        created: None,
        usage: Usage::default(),
    }
}

fn open(block: usize, kind: BlockKind<'static>) -> Event<'static> {
    Event::BlockStart {
        block,
        choice: 0,
        kind,
    }
}

fn tool(block: usize, name: &'static str) -> Event<'static> {
    open(
        block,
        BlockKind::ToolCall {
            id: "call_1".into(),
            name: name.into(),
            freeform: false,
        },
    )
}

fn delta(block: usize, delta: Delta<'static>) -> Event<'static> {
    Event::Delta { block, delta }
}

fn text(block: usize, text: &'static str) -> Event<'static> {
    delta(block, Delta::Text(text.into()))
}

fn arguments(block: usize, text: &'static str) -> Event<'static> {
    delta(block, Delta::Arguments(text.into()))
}

fn close(block: usize) -> Event<'static> {
    Event::BlockStop { block }
}

fn stop(reason: StopReason) -> Event<'static> {
    Event::Stop {
        choice: 0,
        stop: Stop::new(reason),
    }
}

fn written(events: &[Event<'_>]) -> Vec<Value> {
    encode_stream(Exchange::new(5, 1), events)
}

/// The types of the events behind the first two, without what all have in common.
fn outline(events: &[Value]) -> Vec<String> {
    let types = events.iter().map(|event| event["type"].as_str().unwrap());
    let short = types.map(|word| word.trim_start_matches("response.").to_owned());
    short.skip(2).collect()
}

/// Checks that each item was added before its pieces, has an index of its own and comes again at the end.
fn check(events: &[Value]) {
    let mut added = Vec::new();
    for event in events {
        match event["type"].as_str().unwrap() {
            "response.output_item.added" => {
                assert_eq!(event["output_index"], added.len());
                added.push(event["item"]["id"].clone());
            }
            _ if event["item_id"].is_string() => {
                assert_eq!(event["item_id"], *added.last().unwrap(), "{event}");
                assert_eq!(event["output_index"], added.len() - 1);
            }
            _ => {}
        }
    }
    let output = &events.last().unwrap()["response"]["output"];
    let ids = output.as_array().unwrap().iter();
    let ids: Vec<Value> = ids.map(|item| item["id"].clone()).collect();
    assert_eq!(ids, added);
}

#[test]
fn trap_099_trap_077_items_come_one_after_the_other_and_again_at_the_end() {
    let events = written(&[
        start(),
        open(0, BlockKind::Reasoning),
        text(0, "t"),
        close(0),
        open(1, BlockKind::Text),
        text(1, "a"),
        close(1),
        open(2, BlockKind::Text),
        text(2, "b"),
        close(2),
        tool(3, "f"),
        close(3),
        stop(StopReason::ToolUse),
        Event::End,
    ]);
    check(&events);
    assert_eq!(
        outline(&events),
        [
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "content_part.added",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "completed",
        ]
    );
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!(output[1]["content"][1]["text"], "b");
    assert_eq!(output[2]["arguments"], "{}");
}

#[test]
fn trap_082_interleaved_calls_are_told_one_after_the_other() {
    let events = written(&[
        start(),
        tool(0, "f"),
        tool(1, "g"),
        arguments(0, "{\"a\":"),
        arguments(1, "{\"b\":"),
        arguments(0, "1}"),
        arguments(1, "2}"),
        close(0),
        close(1),
        stop(StopReason::ToolUse),
        Event::End,
    ]);
    check(&events);
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["arguments"], r#"{"a":1}"#);
    assert_eq!(output[1]["arguments"], r#"{"b":2}"#);
}

#[test]
fn trap_071_arguments_that_were_cut_stay_so() {
    let events = written(&[
        start(),
        tool(0, "f"),
        arguments(0, "{\"a"),
        close(0),
        stop(StopReason::MaxTokens),
        Event::End,
    ]);
    let last = &events.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(last["response"]["output"][0]["arguments"], "{\"a");
    assert_eq!(last["response"]["output"][0]["status"], "incomplete");
}

#[test]
fn trap_046_free_text_is_told_without_its_wrapper() {
    let mut exchange = Exchange::new(5, 1);
    exchange.freeform_tools.insert("patch".into());
    let told = [
        start(),
        tool(0, "patch"),
        arguments(0, r#"{"input":"*"#),
        arguments(0, r#"* x"}"#),
        close(0),
        stop(StopReason::ToolUse),
        Event::End,
    ];
    let events = encode_stream(exchange, &told);
    check(&events);
    assert_eq!(events[3]["type"], "response.custom_tool_call_input.delta");
    assert_eq!(events[3]["delta"], "** x");
    assert_eq!(
        events.last().unwrap()["response"]["output"][0]["input"],
        "** x"
    );
}

fn of_thought(exchange: Exchange, kind: BlockKind<'static>, minter: &'static str) -> Vec<Value> {
    let seal = Seal::new(minter, "s".into()).with_id("rs_9".into());
    let told = [
        start(),
        open(0, kind),
        delta(0, Delta::Seal(seal)),
        close(0),
        stop(StopReason::End),
        Event::End,
    ];
    encode_stream(exchange, &told)
}

#[test]
fn a_thought_that_is_only_a_seal_has_no_parts() {
    let mut exchange = Exchange::new(5, 1);
    exchange.include_seals = true;
    let events = of_thought(exchange, BlockKind::Redacted, "anthropic");
    assert_eq!(
        outline(&events),
        ["output_item.added", "output_item.done", "completed"]
    );
    assert_eq!(events[3]["item"]["encrypted_content"], "antr1:s");
}

#[test]
fn a_seal_that_the_caller_does_not_want_is_left_out() {
    let events = of_thought(Exchange::new(5, 1), BlockKind::Redacted, "anthropic");
    assert_eq!(outline(&events), ["completed"]);
}

#[test]
fn a_seal_of_this_api_keeps_the_id_it_was_made_for() {
    let events = of_thought(
        Exchange::new(5, 1),
        BlockKind::Reasoning,
        "openai_responses",
    );
    let item = &events[3]["item"];
    assert_eq!(
        (&item["id"], &item["encrypted_content"]),
        (&value(r#""rs_9""#), &value(r#""s""#))
    );
}

#[test]
fn a_citation_is_told_when_its_text_is_complete() {
    let page = Citation {
        url: Some("https://a".into()),
        ..Citation::default()
    };
    let events = written(&[
        start(),
        open(0, BlockKind::Text),
        delta(0, Delta::Citation(page)),
        text(0, "abc"),
        close(0),
        stop(StopReason::End),
        Event::End,
    ]);
    check(&events);
    assert_eq!(events[5]["type"], "response.output_text.annotation.added");
    assert_eq!(events[5]["annotation"]["end_index"], 3);
    let content = &events.last().unwrap()["response"]["output"][0]["content"][0];
    assert_eq!(content["annotations"][0], events[5]["annotation"]);
}

#[test]
fn trap_094_trap_096_an_error_is_a_failed_answer_with_what_was_counted() {
    let counts = Usage {
        input: Some(1),
        cache_read: Some(2),
        ..Usage::default()
    };
    let events = written(&[
        start(),
        Event::Usage(counts),
        tool(0, "f"),
        arguments(0, "{\"a"),
        Event::Error(Error::truncated()),
        Event::End,
    ]);
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.failed");
    assert_eq!(last["response"]["status"], "failed");
    assert_eq!(last["response"]["error"]["code"], "server_error");
    assert_eq!(last["response"]["usage"]["input_tokens"], 3);
    assert!(last.get("error").is_none());
}

#[test]
fn an_error_in_somebody_elses_stream_is_flat() {
    let events = written(&[Event::Error(Error::truncated())]);
    assert_eq!(events[0]["type"], "error");
    assert!(events[0].get("error").is_none() && events[0]["message"].is_string());
}

#[test]
fn trap_086_an_answer_without_counts_completes() {
    let events = written(&[start(), stop(StopReason::End), Event::End]);
    assert_eq!(outline(&events), ["completed"]);
    assert_eq!(events[2]["response"]["usage"], Value::Null);
}

#[test]
fn trap_107_nothing_comes_behind_the_end() {
    let told = [
        start(),
        stop(StopReason::End),
        Event::End,
        Event::Ping,
        Event::End,
    ];
    assert_eq!(written(&told).len(), 3);
}

#[test]
fn trap_092_a_sign_of_life_is_a_comment() {
    let mut encoder = Responses.stream_encoder(Arc::new(Exchange::default()));
    let mut out = BytesMut::new();
    encoder.event(&Event::Ping, &mut out);
    assert_eq!(out, ": keep-alive\n\n");
}

#[test]
fn other_answers_are_left_out() {
    let second = Event::BlockStart {
        block: 0,
        choice: 1,
        kind: BlockKind::Text,
    };
    let told = [
        start(),
        second,
        text(0, "x"),
        close(0),
        stop(StopReason::End),
        Event::End,
    ];
    assert_eq!(outline(&written(&told)), ["completed"]);
}

#[test]
fn a_stream_of_this_api_keeps_its_items() {
    let source = sse_of(&[
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m"}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"ws_1","type":"web_search_call","status":"in_progress"}}"#,
        r#"{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws_1","sequence_number":7}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"ws_1","type":"web_search_call","status":"completed"}}"#,
        r#"{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_7","type":"message","phase":"commentary","content":[]}}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"item_id":"msg_7","content_index":0,"delta":"a"}"#,
        r#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#,
    ]);
    let mut exchange = Exchange::new(5, 1);
    exchange.provider = ID;
    let mut encoder = Responses.stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    run_stream(&source, StreamEnd::Clean, &mut |event| {
        encoder.event(&event, &mut out);
    });
    let events = events_of(&out);
    check(&events);
    assert_eq!(events[3]["type"], "response.web_search_call.searching");
    let answer = &events.last().unwrap()["response"];
    assert_eq!(answer["id"], "resp_1");
    assert_eq!(
        answer["output"][0],
        value(r#"{"id":"ws_1","type":"web_search_call","status":"completed"}"#)
    );
    assert_eq!(answer["output"][1]["id"], "msg_7");
    assert_eq!(answer["output"][1]["phase"], "commentary");
}
