//! How a client library of each format keeps a conversation: what it asks, what it keeps of an answer, and how it tells
//! what a tool said.

use serde_json::{Value, json};
use tower_llm_gateway::format::ApiFormat;

use crate::{
    fold,
    support::{GEMINI, events},
};

/// A conversation as a client of `format` has it.
#[derive(Debug)]
pub struct Conversation {
    format: ApiFormat,
    items: Vec<Value>,
}

impl Conversation {
    pub fn new(format: ApiFormat) -> Self {
        let question = if format == GEMINI {
            json!({"role": "user", "parts": [{"text": "What is the weather?"}]})
        } else {
            json!({"role": "user", "content": "What is the weather?"})
        };
        Self {
            format,
            items: vec![question],
        }
    }

    /// The body that asks for the next answer.
    pub fn body(&self, model: &str, stream: bool) -> Value {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        match self.format.id() {
            "openai" => {
                json!({"model": model, "messages": self.items, "stream": stream, "reasoning_effort": "high",
                "tools": [{"type": "function", "function": {"name": "weather", "parameters": schema}}]})
            }
            "openai_responses" => {
                json!({"model": model, "input": self.items, "stream": stream, "store": false,
                "reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"],
                "tools": [{"type": "function", "name": "weather", "parameters": schema, "strict": false}]})
            }
            "anthropic" => {
                json!({"model": model, "messages": self.items, "stream": stream, "max_tokens": 9000,
                "thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"},
                "tools": [{"name": "weather", "input_schema": schema}]})
            }
            _ => json!({"contents": self.items,
                "generationConfig": {"thinkingConfig": {"includeThoughts": true, "thinkingLevel": "HIGH"}},
                "tools": [{"functionDeclarations": [{"name": "weather", "parametersJsonSchema": schema}]}]}),
        }
    }

    /// Keeps an answer, and tells what each tool it calls said. Tells how many it calls.
    pub fn go_on(&mut self, answer: &str, stream: bool) -> usize {
        let said = match (self.format.id(), stream) {
            ("openai", false) => whole(answer)["choices"][0]["message"].clone(),
            ("openai", true) => fold::openai(answer.as_bytes())["choices"][0]["message"].clone(),
            ("openai_responses", false) => whole(answer)["output"].clone(),
            ("openai_responses", true) => {
                events(answer).last().unwrap()["response"]["output"].clone()
            }
            ("anthropic", false) => whole(answer)["content"].clone(),
            ("anthropic", true) => fold::anthropic(answer.as_bytes())["content"].clone(),
            (_, false) => whole(answer)["candidates"][0]["content"]["parts"].clone(),
            (_, true) => events(answer)
                .iter()
                .filter_map(|chunk| chunk["candidates"][0]["content"]["parts"].as_array())
                .flatten()
                .cloned()
                .collect(),
        };
        match self.format.id() {
            "openai" => self.openai(said),
            "openai_responses" => self.responses(&said),
            "anthropic" => self.anthropic(&said),
            _ => self.gemini(&said),
        }
    }

    fn openai(&mut self, said: Value) -> usize {
        let calls = list(&said["tool_calls"]);
        let mut said = said;
        said["role"] = json!("assistant");
        self.items.push(said);
        self.items.extend(
            calls.iter().map(
                |call| json!({"role": "tool", "tool_call_id": call["id"], "content": "Sunny."}),
            ),
        );
        calls.len()
    }

    fn responses(&mut self, said: &Value) -> usize {
        let calls = of_type(said, "function_call");
        self.items.extend(list(said));
        self.items.extend(calls.iter().map(|call| {
            json!({"type": "function_call_output", "call_id": call["call_id"], "output": "Sunny."})
        }));
        calls.len()
    }

    fn anthropic(&mut self, said: &Value) -> usize {
        let calls = of_type(said, "tool_use");
        self.items
            .push(json!({"role": "assistant", "content": said}));
        let results = calls.iter().map(
            |call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": "Sunny."}),
        );
        let results: Vec<Value> = results.collect();
        self.items.push(json!({"role": "user", "content": results}));
        calls.len()
    }

    fn gemini(&mut self, said: &Value) -> usize {
        let parts = list(said);
        let calls: Vec<Value> = parts
            .iter()
            .map(|part| part["functionCall"].clone())
            .filter(|call| !call.is_null())
            .collect();
        self.items.push(json!({"role": "model", "parts": parts}));
        let results = calls.iter().map(|call| {
            json!({"functionResponse": {"id": call["id"], "name": call["name"], "response": {"output": "Sunny."}}})
        });
        let results: Vec<Value> = results.collect();
        self.items.push(json!({"role": "user", "parts": results}));
        calls.len()
    }
}

fn whole(answer: &str) -> Value {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn of_type(value: &Value, kind: &str) -> Vec<Value> {
    let mut elements = list(value);
    elements.retain(|element| element["type"] == kind);
    elements
}
