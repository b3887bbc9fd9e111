//! Bodies that nest without end. Each thread has a small stack, so that a level of recursion per level of the body
//! would abort the tests.

use super::*;
use crate::ir::{BlockKind, ErrorKind, Part, Response};

const LEVELS: usize = 100_000;

fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(512 * 1024);
        let thread = builder.spawn_scoped(scope, work).unwrap();
        thread.join().unwrap()
    })
}

/// `inner`, within `opening` and `closing` so many times.
fn nested(levels: usize, opening: &str, inner: &str, closing: &str) -> String {
    [&opening.repeat(levels), inner, &closing.repeat(levels)].concat()
}

fn nested_results() -> String {
    let result = r#"{"type":"tool_result","tool_use_id":"a","content":["#;
    nested(LEVELS, result, "", "]}")
}

#[test]
fn a_result_within_a_result_is_refused_however_deep_it_goes() {
    let body = conversation(&format!(
        r#"[{{"role":"user","content":[{}]}}]"#,
        nested_results()
    ));
    let error = on_a_small_stack(|| read(&body).map(|_| ())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert_eq!(
        error.to_string(),
        "messages[0].content[0].content[0].type: a `tool_result` can't be within a `tool_result`"
    );
    assert_eq!(
        error.param.as_deref(),
        Some("messages[0].content[0].content[0].type")
    );
}

#[test]
fn a_call_within_a_result_is_refused() {
    let error = read(&conversation(
        r#"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"t"},{"type":"tool_use","id":"b","name":"f","input":{}}]}]}]"#,
    ))
    .unwrap_err();
    assert_eq!(
        error.param.as_deref(),
        Some("messages[0].content[0].content[1].type")
    );
}

#[test]
fn a_thought_within_a_result_stays_what_it_is() {
    let body = conversation(
        r#"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"thinking","thinking":"t","signature":"s"}]}]}]"#,
    );
    let request = read(&body).unwrap();
    let [Part::ToolResult(result)] = &*request.turns[0].parts else {
        panic!("{request:?}");
    };
    assert!(matches!(&*result.content, [Part::Native { .. }]));
}

#[test]
fn an_answer_whose_results_nest_without_end_keeps_the_rest() {
    let block = nested_results();
    let body = format!(
        r#"{{"id":"msg_1","type":"message","model":"m","content":[{block},{{"type":"text","text":"t"}}],"stop_reason":"end_turn"}}"#
    );
    let written = on_a_small_stack(|| {
        let answer: Response<'_> = Anthropic.decode_response(body.as_bytes()).unwrap();
        assert!(matches!(
            &*answer.choices[0].parts,
            [Part::Native { value, .. }, Part::Text { .. }] if value.get() == block
        ));
        let mut out = BytesMut::new();
        Anthropic
            .encode_response(&answer, &mut Exchange::new(0, 0), &mut out)
            .unwrap();
        out
    });
    let written = std::str::from_utf8(&written).unwrap();
    assert!(written.contains(&format!(r#""content":[{block},{{"#)));
}

#[test]
fn a_stream_whose_results_nest_without_end_keeps_the_block() {
    let block = nested_results();
    let event = format!(
        "event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{block}}}\n\n"
    );
    let mut kept = false;
    on_a_small_stack(|| {
        let mut parser = sse::Parser::new(1 << 24);
        let mut decoder = Anthropic.stream_decoder();
        parser.push(event.as_bytes());
        while let Some(item) = parser.next().unwrap() {
            decoder.item(item, &mut |event: Event<'_>| {
                kept |= matches!(
                    event,
                    Event::BlockStart { kind: BlockKind::Native { value }, .. }
                        if value.get() == block
                );
            });
        }
    });
    assert!(kept);
}

#[test]
fn what_only_the_caller_understands_may_nest_without_end() {
    let lists = nested(LEVELS, "[", "", "]");
    let objects = nested(LEVELS, "{\"a\":", "1", "}");
    let body = format!(
        r#"{{"model":"claude-sonnet-4-5","max_tokens":9,"odd":{lists},"tools":[{{"name":"f","input_schema":{{"type":"object","properties":{objects}}}}},{{"type":"s","x":{lists}}}],"messages":[{{"role":"user","content":[{{"type":"tomorrow","x":{lists}}},{{"type":"document","source":{{"type":"content","content":{lists}}}}}]}},{{"role":"assistant","content":[{{"type":"tool_use","id":"a","name":"f","input":{objects}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"a","content":[{{"type":"text","text":"t","citations":[{lists}]}}]}}]}}]}}"#
    );
    let text = on_a_small_stack(|| {
        let mut out = BytesMut::new();
        let mut exchange = Exchange::new(0, 0);
        let request = read(&body).unwrap();
        Anthropic
            .encode_request(&request, &Dialect::default(), &mut exchange, &mut out)
            .unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    });
    assert_eq!(text.matches(&lists).count(), 5);
    assert_eq!(text.matches(&objects).count(), 2);
}

#[test]
fn content_that_is_lists_of_lists_is_refused() {
    let body = conversation(&format!(
        r#"[{{"role":"user","content":{}}}]"#,
        nested(LEVELS, "[", "", "]")
    ));
    let error = on_a_small_stack(|| read(&body).map(|_| ())).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("messages[0].content[0]"));
}
