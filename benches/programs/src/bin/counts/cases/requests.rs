//! Requests as the providers' own clients write them: the messages come before the model, and a large one has up to 20
//! turns of a tool loop and as many tools. Each has exactly as many bytes as it is to have.

use serde_json::{Value, json};

use super::text::text;

/// From here on a request has turns and tools.
const LARGE: usize = 10_000;

/// What there is of JSON to a turn and a tool, about.
const PER_TURN: usize = 1_100;

/// How much a request says.
struct Amount {
    turns: u64,
    system: usize,
    arguments: usize,
    result: usize,
    question: usize,
}

impl Amount {
    /// That comes to somewhat less than so many bytes.
    fn below(size: usize) -> Self {
        if size < LARGE {
            return Self {
                turns: 0,
                system: size / 4,
                arguments: 0,
                result: 0,
                question: size / 2,
            };
        }
        let turns = (size / 9_000).clamp(1, 20);
        let system = (size / 20).min(8_000);
        // A tenth is escapes.
        let said = (size - 2 * system - turns * PER_TURN) * 9 / 10;
        Self {
            turns: turns as u64,
            system,
            arguments: said / turns / 7,
            result: said / turns * 6 / 7,
            question: 400,
        }
    }

    /// The last message, with so many letters at its end.
    fn question(&self, letters: usize) -> Value {
        json!({"role": "user", "content": text(3, self.question) + &"x".repeat(letters)})
    }
}

/// What `write` makes, with as many letters as it takes to this size.
fn exactly(size: usize, write: impl Fn(&Amount, usize) -> String) -> String {
    let amount = Amount::below(size);
    let least = write(&amount, 0).len();
    assert!(least <= size, "{least} bytes are more than {size}");
    write(&amount, size - least)
}

/// A chat completion request.
pub(super) fn openai(model: &str, size: usize, stream: bool) -> String {
    exactly(size, |amount, letters| {
        let mut messages = vec![json!({"role": "system", "content": text(1, amount.system)})];
        messages.extend((0..amount.turns).flat_map(|turn| openai_turn(amount, turn)));
        messages.push(amount.question(letters));
        let mut members = vec![
            ("messages", Value::Array(messages)),
            ("model", model.into()),
            ("max_completion_tokens", 256.into()),
            ("temperature", json!(0.7)),
            ("stream", stream.into()),
        ];
        if amount.turns > 0 {
            members.push(("tools", (0..amount.turns).map(openai_tool).collect()));
        }
        object(&members)
    })
}

/// One that shows a picture of so many bytes.
pub(super) fn with_image(model: &str, size: usize) -> String {
    let url = format!("data:image/png;base64,{}", "iVBORw0K".repeat(size / 6));
    let image = json!({"type": "image_url", "image_url": {"url": url}});
    let question = json!({"type": "text", "text": text(3, 400)});
    let message = json!({"role": "user", "content": [image, question]});
    object(&[("messages", json!([message])), ("model", model.into())])
}

fn openai_turn(amount: &Amount, turn: u64) -> [Value; 2] {
    let id = format!("call_{turn}");
    let arguments = json!({"path": text(turn + 7, amount.arguments)}).to_string();
    let function = json!({"name": "tool_1", "arguments": arguments});
    let call = json!({"id": id, "type": "function", "function": function});
    let result = text(turn + 50, amount.result);
    [
        json!({"role": "assistant", "content": text(turn, 60), "tool_calls": [call]}),
        json!({"role": "tool", "tool_call_id": id, "content": result}),
    ]
}

fn openai_tool(tool: u64) -> Value {
    let (name, description) = (format!("tool_{tool}"), text(tool + 100, 300));
    let function = json!({"name": name, "description": description, "parameters": schema(tool)});
    json!({"type": "function", "function": function})
}

/// A request for a message.
pub(super) fn anthropic(model: &str, size: usize, stream: bool) -> String {
    exactly(size, |amount, letters| {
        let mut messages = Vec::new();
        if amount.turns > 0 {
            messages.push(json!({"role": "user", "content": "start"}));
        }
        messages.extend((0..amount.turns).flat_map(|turn| anthropic_turn(amount, turn)));
        messages.push(amount.question(letters));
        let mut members = vec![
            ("messages", Value::Array(messages)),
            ("model", model.into()),
            ("max_tokens", 256.into()),
            ("system", text(1, amount.system).into()),
            ("stream", stream.into()),
        ];
        if amount.turns > 0 {
            members.push(("tools", (0..amount.turns).map(anthropic_tool).collect()));
        }
        object(&members)
    })
}

fn anthropic_turn(amount: &Amount, turn: u64) -> [Value; 2] {
    let id = format!("toolu_{turn}");
    let input = json!({"path": text(turn + 7, amount.arguments)});
    let call = json!({"type": "tool_use", "id": id, "name": "tool_1", "input": input});
    let said = json!({"type": "text", "text": text(turn, 60)});
    let result = text(turn + 50, amount.result);
    let result = json!({"type": "tool_result", "tool_use_id": id, "content": result});
    [
        json!({"role": "assistant", "content": [said, call]}),
        json!({"role": "user", "content": [result]}),
    ]
}

fn anthropic_tool(tool: u64) -> Value {
    let (name, description) = (format!("tool_{tool}"), text(tool + 100, 300));
    json!({"name": name, "description": description, "input_schema": schema(tool)})
}

fn schema(tool: u64) -> Value {
    json!({"type": "object", "required": ["path"], "properties": {
        "path": {"type": "string", "description": format!("Absolute path number {tool}")},
        "limit": {"type": "integer", "minimum": 0, "description": "Maximum number of lines"},
        "mode": {"type": "string", "enum": ["read", "write", "append"]},
        "opts": {"type": "object", "properties": {
            "recursive": {"type": "boolean"},
            "glob": {"type": "array", "items": {"type": "string"}},
        }},
    }})
}

/// The members in this order.
fn object(members: &[(&str, Value)]) -> String {
    let members = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
