use super::*;
use crate::ir::{Citation, Image, Logprob, Logprobs, SealPlace, Source, Usage};

fn start<'a>() -> Event<'a> {
    Event::Start {
        id: "r".into(),
        model: "m".into(),
        created: None,
        usage: Usage::default(),
    }
}

fn stop<'a>(reason: StopReason) -> Event<'a> {
    Event::Stop {
        choice: 0,
        stop: Stop::new(reason),
    }
}

/// A block and its deltas.
fn block<'a>(block: usize, kind: BlockKind<'a>, deltas: Vec<Delta<'a>>) -> Vec<Event<'a>> {
    let mut events = vec![Event::BlockStart {
        block,
        choice: 0,
        kind,
    }];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| Event::Delta { block, delta }),
    );
    events.push(Event::BlockStop { block });
    events
}

fn called(id: &'static str) -> BlockKind<'static> {
    BlockKind::ToolCall {
        id: id.into(),
        name: "f".into(),
        freeform: false,
    }
}

/// What is written for an answer of these blocks.
fn streamed(blocks: Vec<Vec<Event<'_>>>, reason: StopReason, exchange: Exchange) -> String {
    let mut events = vec![start()];
    events.extend(blocks.into_iter().flatten());
    events.extend([stop(reason), Event::End]);
    stream_text(&events, exchange)
}

/// The parts of all chunks but the last, which says nothing more.
fn parts(blocks: Vec<Vec<Event<'_>>>) -> Vec<Value> {
    let stream = streamed(blocks, StopReason::End, exchange());
    let chunks = chunks(&stream);
    let (_, chunks) = chunks.split_last().unwrap();
    let parts = chunks
        .iter()
        .filter_map(|chunk| chunk["candidates"][0]["content"]["parts"].as_array());
    parts.flatten().cloned().collect()
}

#[test]
fn trap_101_a_stream_has_nothing_but_data() {
    let blocks = vec![
        block(
            0,
            BlockKind::Text,
            vec![Delta::Text("Hi".into()), Delta::Text("".into())],
        ),
        block(
            1,
            called("1"),
            vec![
                Delta::Arguments("{\"a\":\n".into()),
                Delta::Arguments("1.0}".into()),
            ],
        ),
    ];
    let mut events = vec![start()];
    events.extend(blocks.into_iter().flatten());
    events.push(Event::Usage(Usage {
        input: Some(1),
        output: Some(2),
        ..Usage::default()
    }));
    events.extend([
        Event::Ping,
        stop(StopReason::ToolUse),
        Event::End,
        Event::Ping,
    ]);
    assert_eq!(
        stream_text(&events, exchange()),
        concat!(
            r#"data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"Hi"}]}}],"modelVersion":"m","responseId":"r"}"#,
            "\n\n",
            r#"data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"a":1.0}}}]}}],"modelVersion":"m","responseId":"r"}"#,
            "\n\n\n",
            r#"data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP"}],"modelVersion":"m","responseId":"r","usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}"#,
            "\n\n"
        )
    );
}

#[test]
fn trap_102_a_caller_that_wants_an_array_gets_one() {
    let mut exchange = exchange();
    exchange.json_array = true;
    let blocks = vec![block(
        0,
        BlockKind::Text,
        vec![Delta::Text("a".into()), Delta::Text("b".into())],
    )];
    let stream = streamed(blocks, StopReason::End, exchange);
    assert!(stream.starts_with("[{") && stream.contains("},\n{") && stream.ends_with("}]"));
    assert_eq!(value(&stream).as_array().unwrap().len(), 3);
}

#[test]
fn trap_102_an_error_is_the_last_element_of_an_array() {
    for begun in [false, true] {
        let mut exchange = exchange();
        exchange.json_array = true;
        let mut events = vec![Event::Ping, start()];
        if begun {
            events.extend(block(0, BlockKind::Text, vec![Delta::Text("a".into())]));
        }
        events.extend([Event::Error(Error::truncated()), Event::End]);
        let array = value(stream_text(&events, exchange));
        assert_eq!(
            array.as_array().unwrap().last().unwrap()["error"]["code"],
            502
        );
    }
}

#[test]
fn trap_094_an_error_is_data_and_the_last_word() {
    let mut error = Error::new(crate::ir::ErrorKind::Overloaded, "busy");
    error.native = Some(crate::ir::Native::new("gemini", "UNAVAILABLE"));
    error
        .native
        .as_mut()
        .unwrap()
        .extra
        .push(("details".into(), "[\n1]".into()));
    let stream = stream_text(&[start(), Event::Error(error), Event::End], exchange());
    assert_eq!(
        stream,
        "data: {\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\",\"details\":[1]}}\n\n"
    );
}

#[test]
fn thoughts_are_marked_and_their_seals_come_behind() {
    let seal = Delta::Seal(Seal::new("anthropic", "Eo+/".into()));
    assert_eq!(
        parts(vec![block(
            0,
            BlockKind::Reasoning,
            vec![Delta::Text("hm".into()), seal.clone()]
        )]),
        [
            value(r#"{"text":"hm","thought":true}"#),
            value(r#"{"text":"","thought":true,"thoughtSignature":"YW50MTpFbysv"}"#)
        ]
    );
    assert_eq!(
        parts(vec![block(0, BlockKind::Redacted, vec![seal])]),
        [value(
            r#"{"text":"","thought":true,"thoughtSignature":"YW50cjE6RW8rLw=="}"#
        )]
    );
}

#[test]
fn own_seals_stand_on_the_calls_they_belong_to() {
    let own = |place| Delta::Seal(Seal::new("gemini", "S=".into()).on(place));
    assert_eq!(
        parts(vec![
            block(0, BlockKind::Text, vec![Delta::Text("a".into())]),
            block(1, BlockKind::Reasoning, vec![own(SealPlace::Text)]),
            block(2, BlockKind::Reasoning, vec![own(SealPlace::Call)]),
            block(3, called("1"), vec![]),
            block(4, BlockKind::Reasoning, vec![own(SealPlace::Call)]),
        ]),
        [
            value(r#"{"text":"a"}"#),
            value(r#"{"text":"","thoughtSignature":"S="}"#),
            value(r#"{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"S="}"#),
            value(r#"{"text":"","thoughtSignature":"S="}"#),
        ]
    );
}

#[test]
fn calls_that_come_interleaved_are_written_whole() {
    let open = |block| Event::BlockStart {
        block,
        choice: 0,
        kind: called(""),
    };
    let more = |block, text: &'static str| Event::Delta {
        block,
        delta: Delta::Arguments(text.into()),
    };
    let events = vec![
        open(0),
        open(1),
        more(0, r#"{"a""#),
        more(1, r#"{"b":"#),
        more(0, ":1}"),
        Event::BlockStop { block: 0 },
        more(1, "2}"),
        Event::BlockStop { block: 1 },
    ];
    let parts = parts(vec![events]);
    let part = |index: usize| &parts[index]["functionCall"];
    assert_eq!(
        (&part(0)["args"]["a"], &part(1)["args"]["b"]),
        (&1.into(), &2.into())
    );
    assert!(part(0)["id"].is_string() && part(0)["id"] != part(1)["id"]);
}

#[test]
fn a_call_of_a_custom_tool_has_its_input_as_argument() {
    let kind = BlockKind::ToolCall {
        id: "1".into(),
        name: "f".into(),
        freeform: true,
    };
    let parts = parts(vec![block(
        0,
        kind,
        vec![Delta::Arguments("a\n\"b\"".into())],
    )]);
    assert_eq!(
        parts[0]["functionCall"]["args"],
        value(r#"{"input":"a\n\"b\""}"#)
    );
}

#[test]
fn a_refusal_is_text_that_was_stopped_for_safety() {
    let blocks = vec![block(
        0,
        BlockKind::Refusal,
        vec![Delta::Text("No.".into())],
    )];
    let chunks = chunks(&streamed(blocks, StopReason::End, exchange()));
    assert_eq!(
        chunks[0]["candidates"][0]["content"]["parts"][0]["text"],
        "No."
    );
    assert_eq!(chunks[1]["candidates"][0]["finishReason"], "SAFETY");
}

#[test]
fn citations_come_last_and_count_from_the_first_text() {
    let cite = Delta::Citation(Citation {
        url: Some("http://a".into()),
        span: Some((1, 2)),
        ..Citation::default()
    });
    let blocks = vec![
        block(0, BlockKind::Text, vec![Delta::Text("né".into())]),
        block(1, BlockKind::Text, vec![Delta::Text("éb".into()), cite]),
    ];
    let chunks = chunks(&streamed(blocks, StopReason::End, exchange()));
    assert_eq!(
        chunks[2]["candidates"][0]["groundingMetadata"]["groundingSupports"][0]["segment"],
        value(r#"{"startIndex":5,"endIndex":6,"text":"b"}"#)
    );
}

#[test]
fn log_probabilities_come_in_chunks_of_their_own() {
    let number = crate::json::Raw::new("-1.0").unwrap().number().unwrap();
    let likely = Delta::Logprobs(Logprobs {
        tokens: vec![Logprob::new("a".into(), number)],
        ..Logprobs::default()
    });
    let blocks = vec![block(
        0,
        BlockKind::Text,
        vec![Delta::Text("a".into()), likely],
    )];
    let chunks = chunks(&streamed(blocks, StopReason::End, exchange()));
    assert_eq!(
        chunks[1]["candidates"][0]["logprobsResult"],
        value(r#"{"chosenCandidates":[{"token":"a","logProbability":-1.0}]}"#)
    );
}

#[test]
fn trap_109_native_blocks_go_home_only() {
    let text = "{\"executableCode\":\n{\"code\":\"1 + 1\"}}";
    let native = || {
        let value = crate::json::Raw::new(text).unwrap();
        vec![block(0, BlockKind::Native { value }, vec![])]
    };
    assert!(parts(native()).is_empty());
    let mut own = exchange();
    own.provider = "gemini";
    let stream = streamed(native(), StopReason::End, own);
    assert_eq!(
        chunks(&stream)[0]["candidates"][0]["content"]["parts"][0],
        value(text)
    );
}

#[test]
fn images_of_others_leave_their_native_members_and_what_is_no_base64() {
    let sent = |data: &str| {
        let mut image = Image::new(Source::Base64 {
            data: data.to_owned().into(),
        });
        image
            .extra
            .push("quality".into(), crate::json::Raw::EMPTY_OBJECT);
        parts(vec![block(0, BlockKind::Image(image), vec![])])
    };
    let shown = r#"{"inlineData":{"mimeType":"image/png","data":"+A=="}}"#;
    assert_eq!(sent("-A"), [value(shown)]);
    assert!(sent("i").is_empty());
}

#[test]
fn images_are_inline_data() {
    let image = Image::new(Source::Base64 {
        data: "AA==".into(),
    });
    assert_eq!(
        parts(vec![block(0, BlockKind::Image(image), vec![])]),
        [value(
            r#"{"inlineData":{"mimeType":"image/png","data":"AA=="}}"#
        )]
    );
}

#[test]
fn answers_end_together_with_the_counts() {
    let stop = |choice, reason| Event::Stop {
        choice,
        stop: Stop::new(reason),
    };
    let events = [
        start(),
        stop(1, StopReason::MaxTokens),
        stop(0, StopReason::End),
        Event::End,
    ];
    let chunks = chunks(&stream_text(&events, exchange()));
    let last = &chunks[0]["candidates"];
    for (choice, reason) in [(0, "STOP"), (1, "MAX_TOKENS")] {
        assert_eq!(last[choice]["index"], choice);
        assert_eq!(last[choice]["finishReason"], reason);
    }
}

#[test]
fn every_chunk_has_a_part_so_that_chats_remember_the_answer() {
    let blocks = vec![block(0, BlockKind::Text, vec![Delta::Text("a".into())])];
    for chunk in chunks(&streamed(blocks, StopReason::End, exchange())) {
        let parts = &chunk["candidates"][0]["content"]["parts"];
        assert!(parts[0]["text"].is_string(), "{chunk}");
    }
}

#[test]
fn an_empty_answer_is_one_chunk() {
    let chunks = chunks(&stream_text(&[start(), Event::End], exchange()));
    assert_eq!(
        chunks[0]["candidates"],
        value(
            r#"[{"index":0,"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP"}]"#
        )
    );
}

#[test]
fn an_answer_without_an_id_gets_one() {
    let start = Event::Start {
        id: "".into(),
        model: "m".into(),
        created: None,
        usage: Usage::default(),
    };
    let events = [start, Event::End];
    let id = |provider| {
        let mut exchange = exchange();
        exchange.provider = provider;
        chunks(&stream_text(&events, exchange))[0]["responseId"].clone()
    };
    assert!(id("other").is_string());
    assert!(id("gemini").is_null());
}
