//! Folds streams into whole answers, by reading their JSON and nothing of the crate: what a client would have in the
//! end.

use serde_json::{Value, json};

/// The data of each event that is JSON.
pub(crate) fn events(stream: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(stream)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let data = text.split("\n\n").map(|event| {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
        lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n")
    });
    data.filter_map(|data| serde_json::from_str(&data).ok())
        .collect()
}

/// What an OpenAI client has in the end: for each choice its message, and the rest once.
pub(crate) fn openai(stream: &[u8]) -> Value {
    let mut answer = json!({"choices": []});
    for chunk in events(stream) {
        for (key, value) in chunk.as_object().into_iter().flatten() {
            match key.as_str() {
                "choices" => {
                    for choice in value.as_array().into_iter().flatten() {
                        openai_choice(&mut answer["choices"], choice);
                    }
                }
                _ if value.is_null() => {}
                _ => answer[key] = value.clone(),
            }
        }
    }
    answer
}

fn openai_choice(choices: &mut Value, choice: &Value) {
    let index = usize::try_from(choice["index"].as_u64().unwrap_or(0)).unwrap();
    let choices = choices.as_array_mut().unwrap();
    while choices.len() <= index {
        choices.push(json!({}));
    }
    let folded = &mut choices[index];
    for (key, value) in choice.as_object().into_iter().flatten() {
        match key.as_str() {
            "delta" => openai_delta(&mut folded["message"], value),
            "index" => {}
            // The first real reason counts; some servers repeat it.
            "finish_reason"
                if value.as_str().is_none_or(str::is_empty) || !folded[key].is_null() => {}
            _ if value.is_null() => {}
            "logprobs" => append(&mut folded[key], value),
            _ => folded[key] = value.clone(),
        }
    }
}

fn openai_delta(message: &mut Value, delta: &Value) {
    for (key, value) in delta.as_object().into_iter().flatten() {
        match key.as_str() {
            "tool_calls" => {
                for (position, call) in value.as_array().into_iter().flatten().enumerate() {
                    openai_call(&mut message["tool_calls"], call, position);
                }
            }
            "role" => message[key] = value.clone(),
            _ => append(&mut message[key], value),
        }
    }
}

/// A call with another id under the same index is another call.
fn openai_call(calls: &mut Value, call: &Value, position: usize) {
    if calls.is_null() {
        *calls = json!([]);
    }
    let calls = calls.as_array_mut().unwrap();
    let index = call["index"].clone();
    let index = if index.is_null() {
        json!(position)
    } else {
        index
    };
    let id = call["id"].as_str().filter(|id| !id.is_empty());
    let known = calls.iter().rposition(|known| {
        known["index"] == index && id.is_none_or(|id| known["id"].is_null() || known["id"] == *id)
    });
    let known = known.unwrap_or_else(|| {
        calls.push(json!({"index": index}));
        calls.len() - 1
    });
    let folded = &mut calls[known];
    for (key, value) in call.as_object().into_iter().flatten() {
        match key.as_str() {
            "function" => {
                if folded["function"]["name"].is_null() && !value["name"].is_null() {
                    folded["function"]["name"] = value["name"].clone();
                }
                append(&mut folded["function"]["arguments"], &value["arguments"]);
            }
            "index" => {}
            _ if value.is_null() || value == "" => {}
            _ => folded[key] = value.clone(),
        }
    }
}

/// Joins text to text, lists to lists, and objects member by member.
pub(crate) fn append(folded: &mut Value, value: &Value) {
    match (&mut *folded, value) {
        (_, Value::Null) => {}
        (Value::String(folded), Value::String(more)) => folded.push_str(more),
        (Value::Array(folded), Value::Array(more)) => folded.extend(more.iter().cloned()),
        (Value::Object(folded), Value::Object(more)) => {
            for (key, value) in more {
                append(folded.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (folded, value) => *folded = value.clone(),
    }
}

/// What an Anthropic client has in the end.
pub(crate) fn anthropic(stream: &[u8]) -> Value {
    let mut message = Value::Null;
    let mut inputs: Vec<String> = Vec::new();
    for event in events(stream) {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(event["content_block"].clone());
                inputs.push(String::new());
            }
            "content_block_delta" => anthropic_delta(&mut message, &mut inputs, &event),
            "content_block_stop" => anthropic_stop(&mut message, &inputs),
            "message_delta" => {
                append_members(&mut message, &event["delta"]);
                append_members(&mut message["usage"], &event["usage"]);
            }
            "error" => message["error"] = event["error"].clone(),
            _ => {}
        }
    }
    message
}

fn anthropic_delta(message: &mut Value, inputs: &mut [String], event: &Value) {
    let index = usize::try_from(event["index"].as_u64().unwrap()).unwrap();
    let block = &mut message["content"][index];
    for (key, value) in event["delta"].as_object().into_iter().flatten() {
        match key.as_str() {
            "type" => {}
            "partial_json" => inputs[index].push_str(value.as_str().unwrap_or_default()),
            "citation" => {
                if block["citations"].is_null() {
                    block["citations"] = json!([]);
                }
                block["citations"]
                    .as_array_mut()
                    .unwrap()
                    .push(value.clone());
            }
            _ => append(&mut block[key], value),
        }
    }
}

fn anthropic_stop(message: &mut Value, inputs: &[String]) {
    let (Some(block), Some(input)) = (
        message["content"]
            .as_array_mut()
            .and_then(|blocks| blocks.last_mut()),
        inputs.last(),
    ) else {
        return;
    };
    if let Ok(input) = serde_json::from_str::<Value>(input) {
        block["input"] = input;
    }
}

pub(crate) fn append_members(folded: &mut Value, members: &Value) {
    for (key, value) in members.as_object().into_iter().flatten() {
        if !value.is_null() {
            folded[key] = value.clone();
        }
    }
}
