//! What is content, and what is told of it and of errors.

use super::*;

#[test]
fn nothing_of_an_error_is_lost() {
    for client in ALL {
        let error = r#"{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED","details":[
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}}"#;
        let (gate, body) = Gate::new();
        let mut response = response("text/event-stream", body);
        let id = HeaderValue::from_static("req_7");
        let name = GEMINI.api().request_id_header();
        response.headers_mut().insert(name, id);
        gate.send(format!("data: {}\n\n", error.replace('\n', " ")));
        let mut attempt = Attempt::with(request((client, GEMINI), true), response);
        let seen = attempt.fails();
        assert_eq!(seen.status, 429);
        assert_eq!(seen.headers["retry-after"], "7");
        let error = seen.error.as_ref().unwrap();
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert_eq!(error.retry_after.unwrap().as_secs(), 7);
        assert_eq!(error.request_id.as_deref(), Some("req_7"));
        assert_eq!(seen.headers[client.api().request_id_header()], "req_7");
        let native = seen.text.contains("type.googleapis.com");
        assert_eq!(native, client == GEMINI, "{}", seen.text);
    }
}

/// A 500 that has no end yet.
fn unfinished(client: ApiFormat, provider: ApiFormat, content_type: &str) -> (Attempt, Gate) {
    let (gate, body) = Gate::new();
    let mut answer = response(content_type, body);
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let attempt = Attempt::with(request((client, provider), true), answer);
    (attempt, gate)
}

#[test]
fn an_error_that_does_not_end_is_told_when_the_head_must_go() {
    for (client, provider) in pairs() {
        for (content_type, text) in [
            ("application/json", ""),
            ("application/json", "{\"error\":{\"message\":\"Bu"),
            ("application/json", "{\"error\":{\"message\":\"Busy\"}}\n"),
            ("text/html", "<html>"),
        ] {
            let (mut attempt, gate) = unfinished(client, provider, content_type);
            gate.send(text);
            attempt.is_waiting();
            assert!(attempt.progress.awaits_content());
            attempt.progress.commit();
            let seen = attempt.fails();
            assert_eq!(seen.status, 500, "{client} {provider}: {text}");
            let message = error_message(client, &seen.json());
            assert_eq!(message == "Busy", text.ends_with('\n'), "{message}");
            assert!(!gate.is_held());
        }
    }
}

#[test]
fn what_a_provider_alone_says_of_an_error_is_kept_for_those_who_speak_its_format() {
    let (mut attempt, gate) = Attempt::stream((OPENAI, OPENAI));
    gate.send("data: {\"error\":{\"message\":\"No\",\"type\":\"odd\",\"param\":null,\"code\":\"c\",\"inner\":{\"x\":1.0}}}\n\n");
    let text = attempt.fails().text;
    assert!(
        text.contains("\"odd\"") && text.contains("{\"x\":1.0}"),
        "{text}"
    );
}

/// The first events of answers, up to what they say first.
const FIRST: [(ApiFormat, &[&str]); 9] = [
    (
        OPENAI,
        &[
            r#"{"id":"","model":"","choices":[],"prompt_filter_results":[]}"#,
            r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]}"#,
        ],
    ),
    (
        OPENAI,
        &[
            r#"{"id":"1","choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1}}"#,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f"}}]}}]}"#,
        ],
    ),
    (
        RESPONSES,
        &[
            r#"{"type":"response.created","response":{"id":"1","model":"m"}}"#,
            r#"{"type":"response.in_progress","response":{"id":"1"}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"r","type":"reasoning","summary":[]}}"#,
            r#"{"type":"keepalive"}"#,
            r#"{"type":"response.reasoning_summary_text.delta","item_id":"r","output_index":0,"summary_index":0,"delta":"Hm"}"#,
        ],
    ),
    (
        RESPONSES,
        &[
            r#"{"type":"response.queued","response":{"id":"1","model":"m"}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"f","type":"function_call","call_id":"c","name":"f","arguments":""}}"#,
        ],
    ),
    (
        RESPONSES,
        &[
            r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"w","type":"web_search_call","status":"in_progress"}}"#,
        ],
    ),
    (
        ANTHROPIC,
        &[
            r#"{"type":"message_start","message":{"id":"1","model":"m","content":[]}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"something_new"}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        ],
    ),
    (
        ANTHROPIC,
        &[
            r#"{"type":"message_start","message":{"id":"1","model":"m","content":[]}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"refusal"}}"#,
        ],
    ),
    (
        GEMINI,
        &[
            r#"{"responseId":"1","modelVersion":"m","candidates":[{"index":0,"content":{"role":"model"}}]}"#,
            r#"{"usageMetadata":{"promptTokenCount":1}}"#,
            r#"{"candidates":[{"index":0,"content":{"parts":[{"text":"Hm","thought":true}]}}]}"#,
        ],
    ),
    (
        GEMINI,
        &[
            r#"{"responseId":"1","candidates":[{"index":0,"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]}"#,
        ],
    ),
];

#[test]
fn what_says_nothing_of_the_answer_is_no_content() {
    for client in ALL {
        for (provider, events) in FIRST {
            let (mut attempt, gate) = Attempt::stream((client, provider));
            let (last, before) = events.split_last().unwrap();
            for event in before {
                gate.send(format!("data: {event}\n\n"));
                attempt.is_waiting();
            }
            gate.send(format!("data: {last}\n\n"));
            assert_eq!(
                attempt.answers().status(),
                200,
                "{client} {provider} {last}"
            );
        }
    }
}

#[test]
fn each_event_that_is_more_than_a_sign_of_life_is_counted() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        let (_, stream) = answer(pair.1, Ask::Plain);
        let mut text = String::new();
        for event in stream.split_inclusive("\n\n") {
            write!(text, "{KEEP_ALIVE}{event}").unwrap();
        }
        gate.send(text);
        drop(gate);
        let _ = seen(attempt.answers());
        let signs = ["\"ping\"", "response.in_progress"];
        let events = stream
            .split_inclusive("\n\n")
            .filter(|event| !signs.iter().any(|sign| event.contains(sign)));
        // What comes behind the end is not read.
        let (counted, all) = (attempt.progress.events(), events.count() as u64);
        assert_eq!(counted, all, "{pair:?}");
    }
}

#[test]
fn a_stream_that_is_gathered_tells_how_far_it_is() {
    for pair in pairs().filter(|(client, provider)| client != provider) {
        let (mut attempt, gate) = Attempt::of(request(pair, false), "text/event-stream");
        gate.send(prelude(pair.1).concat());
        attempt.is_waiting();
        assert!(attempt.progress.awaits_content());
        gate.send(divided(pair.1).1);
        attempt.is_waiting();
        assert!(attempt.progress.has_content());
        drop(gate);
        assert_eq!(attempt.answers().status(), 200);
        assert_eq!(attempt.progress.end(), End::Complete);
    }
}

#[test]
fn a_whole_answer_tells_that_it_is_complete() {
    for pair in pairs().filter(|(client, provider)| client != provider) {
        for stream in [false, true] {
            let (whole, _) = answer(pair.1, Ask::Plain);
            let response = response("application/json", whole);
            let progress = Progress::new();
            let mut attempt = Attempt::watched_by(progress, request(pair, stream), response);
            assert_eq!(attempt.answers().status(), 200);
            assert_eq!(attempt.progress.end(), End::Complete, "{pair:?}");
        }
    }
}
