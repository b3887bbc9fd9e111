//! Endpoints of `api.openai.com` besides chat: each knows one model and answers the same each time.

use axum::body::Bytes;
use http::{Method, request::Parts};
use serde_json::{Value, json};

use super::{
    check,
    endpoints::{Reply, object},
    fault::Fault,
    openai::{check_content_type, no_such_model},
    openai_forms,
};

/// An endpoint whose body is JSON.
struct Endpoint {
    path: &'static str,
    model: &'static str,
    fields: &'static [&'static str],
    answer: fn(&Value) -> Result<Reply, Fault>,
}

/// Bodies as openai-python 3.57 sends them.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/v1/embeddings",
        model: "text-embedding-3-small",
        fields: &["dimensions", "encoding_format", "input", "model", "user"],
        answer: embeddings,
    },
    Endpoint {
        path: "/v1/moderations",
        model: "omni-moderation-latest",
        fields: &["input", "model"],
        answer: moderation,
    },
    Endpoint {
        path: "/v1/images/generations",
        model: "gpt-image-1",
        fields: &["model", "n", "prompt", "size"],
        answer: image,
    },
    Endpoint {
        path: "/v1/audio/speech",
        model: "tts-1",
        fields: &["input", "model", "voice"],
        answer: speech,
    },
    Endpoint {
        path: "/v1/completions",
        model: "gpt-3.5-turbo-instruct",
        fields: &["max_tokens", "model", "prompt", "temperature"],
        answer: completion,
    },
];

/// What such an endpoint answers; `None` if it is none.
pub fn answer(head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
    if let Some(answer) = openai_forms::answer(head, body) {
        return Some(answer);
    }
    let path = head.uri.path();
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == path)?;
    (head.method == Method::POST).then(|| endpoint.answer(head, body))
}

impl Endpoint {
    fn answer(&self, head: &Parts, body: &[u8]) -> Result<Reply, Fault> {
        check_content_type(&head.headers)?;
        let body = object(body)?;
        if let Some(name) = check::unknown_key(&body, self.fields) {
            let message = format!("Unrecognized request argument supplied: {name}");
            return Err(Fault::invalid(message));
        }
        check_model(&body["model"], self.model)?;
        (self.answer)(&body)
    }
}

/// Checks that the named model is the one that the endpoint knows.
pub fn check_model(named: &Value, model: &str) -> Result<(), Fault> {
    match named.as_str() {
        None => Err(Fault::invalid("you must provide a model parameter")),
        Some(name) if name == model => Ok(()),
        Some(name) => Err(no_such_model(name)),
    }
}

/// A text of the body.
fn text<'a>(body: &'a Value, name: &'static str) -> Result<&'a str, Fault> {
    let missing = || Fault::invalid(format!("Missing required parameter: '{name}'.")).param(name);
    body[name].as_str().ok_or_else(missing)
}

/// The same vector for each text, as numbers or as the bytes of 32-bit floats.
fn embeddings(body: &Value) -> Result<Reply, Fault> {
    let count = match &body["input"] {
        Value::String(_) => 1,
        Value::Array(texts) => texts.len(),
        _ => return Err(Fault::invalid("'$.input' is invalid.").param("input")),
    };
    let vector = match body["encoding_format"].as_str() {
        Some("base64") => json!("AACAPwAAAL8AAIA+"),
        _ => json!([1.0, -0.5, 0.25]),
    };
    let data: Vec<_> = (0..count)
        .map(|index| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    Ok(Reply::json(&json!({
        "object": "list",
        "data": data,
        "model": body["model"],
        "usage": {"prompt_tokens": 5, "total_tokens": 5},
    })))
}

fn moderation(body: &Value) -> Result<Reply, Fault> {
    let flagged = text(body, "input")?.contains("violence");
    Ok(Reply::json(&json!({
        "id": "modr-double",
        "model": body["model"],
        "results": [{
            "flagged": flagged,
            "categories": {"violence": flagged},
            "category_scores": {"violence": if flagged { 0.875 } else { 0.125 }},
            "category_applied_input_types": {"violence": ["text"]},
        }],
    })))
}

fn image(body: &Value) -> Result<Reply, Fault> {
    text(body, "prompt")?;
    // The eight bytes every PNG begins with.
    let data = json!([{"b64_json": "iVBORw0KGgo="}]);
    Ok(Reply::json(
        &json!({"created": 1_764_000_000, "data": data}),
    ))
}

/// Every byte there is, as no text could carry it.
fn speech(body: &Value) -> Result<Reply, Fault> {
    text(body, "input")?;
    text(body, "voice")?;
    Ok(Reply {
        kind: "audio/mpeg",
        body: (0..=u8::MAX).collect::<Vec<_>>().into(),
    })
}

fn completion(body: &Value) -> Result<Reply, Fault> {
    let prompt = text(body, "prompt")?;
    let choice = json!({
        "index": 0,
        "text": format!("{prompt} …"),
        "logprobs": null,
        "finish_reason": "length",
    });
    Ok(Reply::json(&json!({
        "id": "cmpl-double",
        "object": "text_completion",
        "created": 1_764_000_000,
        "model": body["model"],
        "choices": [choice],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6},
    })))
}
