//! What a whole answer comes to, beside what one makes of it who reads all of it.

use serde_json::Value;
use tower_llm_gateway::{
    format::ApiFormat,
    ir::{Error, Gist},
};

use crate::files::{codec, recorded};

/// Most places of a recorded answer at which something is changed.
const PLACES: usize = 12;

/// Answers that have each member with a meaning, as they nearly always are.
const USUAL: &[(ApiFormat, &str)] = &[
    (
        ApiFormat::OPENAI,
        r#"{"id":"a","object":"chat.completion","created":1,"model":"m","service_tier":"default","choices":[{"index":0,
            "message":{"role":"assistant","content":"Hi.","refusal":null,"annotations":[],"reasoning_content":"Hm.",
            "tool_calls":null,"function_call":null,"audio":null},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":15,"prompt_cache_hit_tokens":3,
            "prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":1},
            "completion_tokens_details":{"reasoning_tokens":2}}}"#,
    ),
    (
        ApiFormat::OPENAI,
        r#"{"choices":[{"message":{"content":null,"refusal":"","images":[],"tool_calls":[{"index":0,"id":"c",
            "type":"function","function":{"name":"f","arguments":"{}"}},{"function":{"name":"g"}}]},
            "finish_reason":"tool_calls"}],"usage":null}"#,
    ),
    (
        ApiFormat::OPENAI,
        r#"{"choices":[{"message":{"content":" \n","refusal":"No.","audio":{"id":"a"}},"finish_reason":null}]}"#,
    ),
    (
        ApiFormat::OPENAI,
        r#"{"choices":[{"message":{"content":""},"delta":{"content":"Hi."},"finish_reason":"stop"}]}"#,
    ),
    (
        ApiFormat::ANTHROPIC,
        r#"{"id":"a","type":"message","role":"assistant","model":"m","content":[
            {"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"redacted_thinking","data":"d"},
            {"type":"text","text":"Hi.","citations":null}],"stop_reason":"end_turn","stop_sequence":null,
            "stop_details":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,
            "cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":0},"output_tokens":4,
            "output_tokens_details":{"thinking_tokens":2},"service_tier":"standard","inference_geo":"here"}}"#,
    ),
    (
        ApiFormat::ANTHROPIC,
        r#"{"type":"message","content":[{"type":"text","text":" "},{"type":"tool_use","id":"c","name":"f","input":{},
            "caller":{"type":"direct"}}],"stop_reason":"tool_use","usage":null}"#,
    ),
];

/// Values to be put in the place of others.
const VALUES: &[&str] = &[
    "null",
    "true",
    "7",
    "1.5",
    "-1",
    "2e1",
    "\"\"",
    "\"\\n \"",
    "\"x\"",
    "\"\\u0065rror\"",
    "\"error\"",
    "\"length\"",
    "\"max_tokens\"",
    "\"text\"",
    "\"thinking\"",
    "\"tool_use\"",
    "[]",
    "[{}]",
    "[null]",
    "[1]",
    "{}",
    "{\"message\":\"m\"}",
    "nul",
    "01",
    "\"\\x\"",
];

/// What is done to one value of a body.
#[derive(Debug, Clone, Copy)]
enum Change {
    Remove,
    Repeat,
    RepeatBehindNull,
    RepeatBeforeNull,
    EscapeName,
    Replace(&'static str),
}

fn changes() -> impl Iterator<Item = Change> {
    let others = [
        Change::Remove,
        Change::Repeat,
        Change::RepeatBehindNull,
        Change::RepeatBeforeNull,
        Change::EscapeName,
    ];
    let values = VALUES.iter().map(|value| Change::Replace(value));
    others.into_iter().chain(values)
}

/// A body that is written with a change.
struct Mutant {
    change: Change,
    /// How many values come before the one that is changed.
    before: usize,
}

impl Mutant {
    fn write(&mut self, value: &Value) -> String {
        match value {
            Value::Object(members) => {
                let members = members.iter();
                let written = members.flat_map(|(name, value)| self.place(Some(name), value));
                format!("{{{}}}", written.collect::<Vec<_>>().join(","))
            }
            Value::Array(elements) => {
                let written = elements.iter().flat_map(|value| self.place(None, value));
                format!("[{}]", written.collect::<Vec<_>>().join(","))
            }
            value => value.to_string(),
        }
    }

    /// A member or an element, or what comes of it.
    fn place(&mut self, name: Option<&str>, value: &Value) -> Vec<String> {
        let is_here = self.before == 0;
        self.before = self.before.wrapping_sub(1);
        let name = name.map(|name| Value::from(name).to_string());
        let written = self.write(value);
        let put = |name: &Option<String>, value: &str| match name {
            Some(name) => format!("{name}:{value}"),
            None => value.to_owned(),
        };
        let (this, null) = (put(&name, &written), put(&name, "null"));
        if !is_here {
            return vec![this];
        }
        match self.change {
            Change::Remove => vec![],
            Change::Repeat => vec![this.clone(), this],
            Change::RepeatBehindNull => vec![null, this],
            Change::RepeatBeforeNull => vec![this, null],
            Change::EscapeName => vec![put(&name.map(escaped), &written)],
            Change::Replace(value) => vec![put(&name, value)],
        }
    }
}

/// The same name, spelled otherwise.
fn escaped(literal: String) -> String {
    match literal.as_bytes() {
        [b'"', first, ..] if first.is_ascii_lowercase() => {
            format!("\"\\u{:04x}{}", first, &literal[2..])
        }
        _ => literal,
    }
}

fn places(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(|value| 1 + places(value)).sum(),
        Value::Array(elements) => elements.iter().map(|value| 1 + places(value)).sum(),
        _ => 0,
    }
}

fn read_whole(format: ApiFormat, body: &[u8]) -> Result<Gist, Error> {
    let response = codec(format).decode_response(body)?;
    Ok(Gist::of(&response))
}

#[track_caller]
fn agrees(format: ApiFormat, body: &[u8]) {
    assert_eq!(
        codec(format).gist(body),
        read_whole(format, body),
        "{format}: {}",
        String::from_utf8_lossy(body)
    );
}

/// Changes a body at every place, or at so many.
fn changed(format: ApiFormat, body: &[u8], most: usize) {
    let value: Value = serde_json::from_slice(body).unwrap();
    let places = places(&value);
    for before in (0..places).step_by(places / most + 1) {
        for change in changes() {
            let mut mutant = Mutant { change, before };
            agrees(format, mutant.write(&value).as_bytes());
        }
    }
}

#[test]
fn what_a_recorded_answer_comes_to_is_what_one_finds_who_reads_all_of_it() {
    for format in ApiFormat::BUILT_IN {
        for kind in ["json", "error"] {
            for file in recorded(*format, kind) {
                agrees(*format, &file.bytes);
            }
        }
    }
}

#[test]
fn what_a_changed_answer_comes_to_is_what_one_finds_who_reads_all_of_it() {
    for (format, body) in USUAL {
        agrees(*format, body.as_bytes());
        changed(*format, body.as_bytes(), usize::MAX);
    }
}

#[test]
fn what_a_changed_recorded_answer_comes_to_is_what_one_finds_who_reads_all_of_it() {
    for format in [ApiFormat::OPENAI, ApiFormat::ANTHROPIC] {
        for file in recorded(format, "json") {
            changed(format, &file.bytes, PLACES);
        }
    }
}

#[test]
fn what_an_answer_that_is_cut_off_comes_to_is_what_one_finds_who_reads_all_of_it() {
    for (format, body) in USUAL {
        for end in 0..body.len() {
            agrees(*format, &body.as_bytes()[..end]);
            agrees(
                *format,
                [&body[..end], "\u{0}", &body[end..]].concat().as_bytes(),
            );
            agrees(
                *format,
                [&body.as_bytes()[..end], b"\xff", &body.as_bytes()[end..]]
                    .concat()
                    .as_slice(),
            );
        }
    }
}
