//! Bodies to translate, and the floor to measure against: the same bytes read into borrowed structs and written back,
//! which is the least that any translation must do.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A chat request of about `size` bytes: instructions, a tool loop, tools.
pub(crate) fn request(size: usize) -> String {
    let mut messages =
        String::from(r#"{"role":"system","content":"Answer in one sentence.\nBe exact."}"#);
    let mut turn = 0;
    loop {
        let text = "How is the weather, and what time is it there? ".repeat(if size > 4096 {
            12
        } else {
            1
        });
        let _ = write!(
            messages,
            r#",{{"role":"user","content":"{text}\"{turn}\""}}"#
        );
        if messages.len() + 400 >= size {
            break;
        }
        let _ = write!(
            messages,
            r#",{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_{turn}","type":"function","function":{{"name":"get_weather","arguments":"{{\"city\":\"Paris\",\"day\":{turn}}}"}}}}]}}"#
        );
        let _ = write!(
            messages,
            r#",{{"role":"tool","tool_call_id":"call_{turn}","content":"{{\"celsius\": 21.0}}"}}"#
        );
        turn += 1;
    }
    format!(
        r#"{{"model":"gpt-4o","messages":[{messages}],"max_completion_tokens":1024,"temperature":0.5,"tools":[{{"type":"function","function":{{"name":"get_weather","description":"The weather of a city.","parameters":{{"type":"object","properties":{{"city":{{"type":"string"}},"day":{{"type":"integer"}}}},"required":["city"]}}}}}}]}}"#
    )
}

/// A whole answer of Anthropic's API, with thoughts, text and a tool call.
pub(crate) const ANSWER: &str = r#"{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-20250514","content":[{"type":"thinking","thinking":"The user wants the weather, so I call the tool.","signature":"c2lnbmF0dXJl"},{"type":"text","text":"Let me look that up for you."},{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{"city":"Paris","day":2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":812,"cache_read_input_tokens":128,"cache_creation_input_tokens":0,"output_tokens":64}}"#;

/// A stream of Anthropic's API with this many text deltas.
pub(crate) fn stream(deltas: usize) -> Vec<String> {
    stream_of((0..deltas).map(|delta| format!(" word {delta},")))
}

/// The same with these, which need no escapes.
pub(crate) fn stream_of(deltas: impl Iterator<Item = String>) -> Vec<String> {
    let mut events = vec![
        event(
            "message_start",
            r#"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-20250514","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":812,"output_tokens":1}}}"#,
        ),
        event(
            "content_block_start",
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        ),
    ];
    for delta in deltas {
        let data = format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{delta}"}}}}"#
        );
        events.push(event("content_block_delta", &data));
    }
    events.extend([
        event("content_block_stop", r#"{"type":"content_block_stop","index":0}"#),
        event("message_delta", r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1000}}"#),
        event("message_stop", r#"{"type":"message_stop"}"#),
    ]);
    events
}

fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// Reads `bytes` into `T` and writes it back.
pub(crate) fn rewrite<'a, T: Deserialize<'a> + Serialize>(bytes: &'a [u8], out: &mut Vec<u8>) {
    let value: T = serde_json::from_slice(bytes).expect("the bench's own body");
    serde_json::to_writer(out, &value).expect("a vector takes all");
}

/// The floor of a request of any format: its turns are read one by one, all else is kept as it is.
#[derive(Deserialize, Serialize)]
pub(crate) struct FloorRequest<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    messages: Vec<FloorTurn<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    input: Vec<FloorTurn<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    contents: Vec<FloorTurn<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    system: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    tools: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize, Serialize)]
struct FloorTurn<'a> {
    #[serde(
        borrow,
        default,
        rename = "type",
        skip_serializing_if = "Option::is_none"
    )]
    kind: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    content: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    parts: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    call_id: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    output: Option<&'a RawValue>,
}

/// The floor of a whole answer of any format.
#[derive(Deserialize, Serialize)]
pub(crate) struct FloorAnswer<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    content: Vec<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    output: Vec<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    usage: Option<&'a RawValue>,
}

/// The floor of an event of any format.
#[derive(Deserialize, Serialize)]
pub(crate) struct FloorEvent<'a> {
    #[serde(
        borrow,
        default,
        rename = "type",
        skip_serializing_if = "Option::is_none"
    )]
    kind: Option<&'a str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    choices: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    candidates: Option<&'a RawValue>,
}
