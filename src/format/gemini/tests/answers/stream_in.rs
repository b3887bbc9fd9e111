use super::*;
use crate::ir::ErrorKind;

#[test]
fn text_goes_on_over_chunks() {
    assert_eq!(
        events_of_parts(&[r#"[{"text":"a"},{"text":"b"}]"#, r#"[{"text":"c"}]"#, "[]"]),
        [
            "start r ",
            "+0 of 0: Text",
            "0 a",
            "0 b",
            "0 c",
            "-0",
            "stop 0 End",
            "end"
        ]
    );
}

#[test]
fn thoughts_are_a_block_of_their_own() {
    assert_eq!(
        events_of_parts(&[
            r#"[{"text":"h","thought":true}]"#,
            r#"[{"text":"m","thought":true,"thoughtSignature":"A"}]"#,
            r#"[{"text":"hi"}]"#
        ]),
        [
            "start r ",
            "+0 of 0: Reasoning",
            "0 h",
            "0 m",
            "0 [gemini Thought A]",
            "-0",
            "+1 of 0: Text",
            "1 hi",
            "-1",
            "stop 0 End",
            "end"
        ]
    );
}

#[test]
fn a_signature_on_an_empty_last_part_is_not_lost() {
    let expected = [
        "start r ",
        "+0 of 0: Text",
        "0 hi",
        "-0",
        "+1 of 0: Reasoning",
        "1 [gemini Text S]",
        "-1",
        "stop 0 End",
        "end",
    ];
    for parts in [
        &[
            r#"[{"text":"hi"}]"#,
            r#"[{"text":"","thoughtSignature":"S"}]"#,
        ] as &[&str],
        &[r#"[{"text":"hi"}]"#, r#"[{"thoughtSignature":"S"}]"#],
        &[r#"[{"text":"hi","thoughtSignature":"S"}]"#],
    ] {
        assert_eq!(events_of_parts(parts), expected, "{parts:?}");
    }
}

#[test]
fn text_behind_a_signature_is_another_text() {
    let events = events_of_parts(&[r#"[{"text":"a","thoughtSignature":"S"},{"text":"b"}]"#]);
    assert_eq!(
        events[4..7],
        ["+1 of 0: Reasoning", "1 [gemini Text S]", "-1"]
    );
    assert_eq!(events[7..10], ["+2 of 0: Text", "2 b", "-2"]);
}

#[test]
fn trap_069_trap_080_calls_are_counted_over_all_chunks() {
    assert_eq!(
        events_of_parts(&[
            r#"[{"functionCall":{"id":"1","name":"f","args":{"a": 1.0}},"thoughtSignature":"S"}]"#,
            r#"[{"functionCall":{"name":"g"}}]"#
        ]),
        [
            "start r ",
            "+0 of 0: Reasoning",
            "0 [gemini Call S]",
            "-0",
            "+1 of 0: call 1 f",
            r#"1 {"a":1.0}"#,
            "-1",
            "+2 of 0: call  g",
            "2 {}",
            "-2",
            "stop 0 ToolUse",
            "end"
        ]
    );
}

#[test]
fn arguments_in_pieces_are_put_together() {
    let events = events_of_parts(&[
        r#"[{"functionCall":{"id":"1","name":"f","willContinue":true},"thoughtSignature":"S"}]"#,
        r#"[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"San ","willContinue":true}],"willContinue":true}}]"#,
        r#"[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"José"},{"jsonPath":"$.days[0].n","numberValue":1.50},{"jsonPath":"$.days[1]['n']","boolValue":true},{"jsonPath":"$.none","nullValue":"NULL_VALUE"}],"willContinue":true}}]"#,
        r#"[{"functionCall":{}}]"#,
    ]);
    assert_eq!(
        events[1..7],
        [
            "+0 of 0: Reasoning",
            "0 [gemini Call S]",
            "-0",
            "+1 of 0: call 1 f",
            r#"1 {"city":"San José","days":[{"n":1.50},{"n":true}],"none":null}"#,
            "-1"
        ]
    );
    assert_eq!(events[7..], ["stop 0 ToolUse", "end"]);
}

#[test]
fn a_call_that_was_cut_short_is_still_one() {
    let chunks = [
        chunk(
            r#"[{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}}]"#,
        ),
        r#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#.to_owned(),
    ];
    let events = events(&[&chunks[0], &chunks[1]]);
    assert_eq!(
        events[1..],
        [
            "+0 of 0: call  f",
            r#"0 {"a":"x"}"#,
            "-0",
            "stop 0 MaxTokens",
            "end"
        ]
    );
}

#[test]
fn what_only_this_api_has_is_native() {
    let events = events_of_parts(&[
        "[{\"executableCode\" :\r\ndata: {\"code\":\"1 + 1\"},\"thoughtSignature\":\"S\"},{\"text\":\"\"}]",
    ]);
    assert_eq!(
        events[1..3],
        [
            r#"+0 of 0: {"executableCode":{"code":"1 + 1"},"thoughtSignature":"S"}"#,
            "-0"
        ]
    );
    assert_eq!(events[3..], ["stop 0 End", "end"]);
}

#[test]
fn counts_are_running_totals() {
    let events = events(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"b"}]}}],"usageMetadata":{"trafficType":"ON_DEMAND"}}"#,
        r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7}}"#,
        r#"{"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"totalTokenCount":8}}"#,
    ]);
    let usage: Vec<_> = events
        .iter()
        .filter(|event| event.starts_with("usage"))
        .collect();
    assert_eq!(usage, ["usage Some(5)/Some(2)", "usage Some(5)/Some(3)"]);
    assert_eq!(events[events.len() - 2..], ["stop 0 End", "end"]);
}

#[test]
fn the_last_reason_counts() {
    let events = events(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#,
        r#"{"candidates":[{"finishReason":"RECITATION"}]}"#,
    ]);
    assert_eq!(events[4..], ["stop 0 Refusal", "end"]);
}

#[test]
fn trap_074_a_refused_prompt_is_a_refusal() {
    let mut explanation = None;
    let stream = sse(&[r#"{"promptFeedback":{"blockReason":"OTHER"}}"#]);
    let mut reason = None;
    run(&stream, StreamEnd::Clean, &mut |event| {
        if let Event::Stop { stop, .. } = event {
            reason = Some(stop.reason);
            explanation = stop.explanation.map(|text| text.decode().into_owned());
        }
    });
    assert_eq!(reason, Some(StopReason::Refusal));
    assert_eq!(explanation.unwrap(), "Prompt blocked: OTHER");
}

#[test]
fn an_end_without_a_reason_is_an_error() {
    for chunks in [
        &[] as &[&str],
        &[r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#],
    ] {
        let events = events(chunks);
        let last = events.last().unwrap();
        assert!(last.starts_with("error BadGateway"), "{last}");
    }
}

#[test]
fn a_broken_connection_is_an_error_unless_all_was_said() {
    let broken = || StreamEnd::Failed(Error::new(ErrorKind::GatewayTimeout, "slow"));
    let events = events_of(&sse(&[&chunk(r#"[{"text":"a"}]"#)]), broken());
    assert_eq!(events.last().unwrap(), "error GatewayTimeout slow");
    assert_eq!(events_of(&sse(&[STOP]), broken()).last().unwrap(), "end");
}

#[test]
fn trap_094_trap_103_trap_107_an_error_ends_the_stream_however_it_comes() {
    let error =
        "{\"error\": {\n\"code\": 503,\n\"message\": \"busy\",\n\"status\": \"UNAVAILABLE\"}}";
    let text = sse(&[&chunk(r#"[{"text":"a"}]"#)]);
    for (framed, name) in [
        (format!("data: {}\n\n", error.replace('\n', "")), "an event"),
        (format!("data: [{}]\n\n", error.replace('\n', "")), "a list"),
        (format!("{error}\n\n"), "bare"),
    ] {
        let stream = format!("{text}{framed}{}", sse(&[STOP]));
        let events = events_of(&stream, StreamEnd::Clean);
        assert_eq!(events.last().unwrap(), "error Overloaded busy", "{name}");
    }
}

#[test]
fn the_status_of_an_error_in_a_stream_is_in_it() {
    let events = events(&[r#"{"error":{"code":429,"message":"slow down"}}"#]);
    assert_eq!(events, ["error RateLimited slow down"]);
}

#[test]
fn a_chunk_that_is_no_json_is_an_error() {
    let events = events(&[STOP, "{"]);
    assert!(events.last().unwrap().starts_with("error BadGateway"));
}

#[test]
fn a_candidate_with_a_huge_number_is_an_error() {
    let events = events(&[r#"{"candidates":[{"index":4294967296}]}"#]);
    assert!(events.last().unwrap().starts_with("error BadGateway"));
}

#[test]
fn candidates_have_blocks_of_their_own() {
    let events = events(&[
        r#"{"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]}},{"index":1,"content":{"parts":[{"text":"b"}]}}]}"#,
        r#"{"candidates":[{"index":1,"finishReason":"MAX_TOKENS"},{"index":0,"content":{"parts":[{"text":"c"}]},"finishReason":"STOP"}]}"#,
    ]);
    assert_eq!(
        events[1..],
        [
            "+0 of 0: Text",
            "0 a",
            "+1 of 1: Text",
            "1 b",
            "0 c",
            "-0",
            "stop 0 End",
            "-1",
            "stop 1 MaxTokens",
            "end"
        ]
    );
}

#[test]
fn sources_are_cited_in_the_text_so_far() {
    let chunks = [
        chunk(r#"[{"text":"né "}]"#),
        r#"{"candidates":[{"content":{"parts":[{"text":"Zoë.","thoughtSignature":"S"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://a"}}],"groundingSupports":[{"segment":{"startIndex":4,"endIndex":9},"groundingChunkIndices":[0]}]},"finishReason":"STOP"}]}"#.to_owned(),
    ];
    let events = events(&[&chunks[0], &chunks[1]]);
    assert_eq!(events[4], r#"0 cites Some("http://a") Some((3, 7))"#);
    assert_eq!(events[5], "-0");
}

#[test]
fn log_probabilities_come_with_their_text() {
    let events = events(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-1}]}}]}"#,
        r#"{"candidates":[{"logprobsResult":{},"finishReason":"STOP"}]}"#,
    ]);
    assert_eq!(events[3..5], [r#"0 likely "a""#, "-0"]);
}

#[test]
fn images_come_whole() {
    let events = events_of_parts(&[r#"[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]"#]);
    assert_eq!(events[1..3], [r#"+0 of 0: image Some("image/png")"#, "-0"]);
}

#[test]
fn signs_of_life_and_end_markers_are_understood() {
    let stream = format!(": ping\n\n{}data: [DONE]\n\n{}", sse(&[STOP]), sse(&["{"]));
    assert_eq!(
        events_of(&stream, StreamEnd::Clean),
        ["ping", "start r ", "stop 0 End", "end"]
    );
}

#[test]
fn all_chunks_in_one_list_are_a_stream() {
    let all = format!("[{},{STOP}]", chunk(r#"[{"text":"a"}]"#));
    assert_eq!(events(&[&all])[1..4], ["+0 of 0: Text", "0 a", "-0"]);
}
