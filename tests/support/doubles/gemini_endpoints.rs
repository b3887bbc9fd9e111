//! Embeddings and counts of `generativelanguage.googleapis.com`.

use axum::body::Bytes;
use http::{Method, request::Parts};
use serde_json::{Value, json};

use super::{
    endpoints::{Reply, object},
    fault::Fault,
    gemini::{MODELS, camel, check_body, check_model, invalid, method_of},
};

const EMBEDDING_MODELS: &[&str] = &["gemini-embedding-001"];

/// What such an endpoint answers; `None` if it is none.
pub fn answer(head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
    let (model, method) = method_of(head.uri.path())?;
    let answer = match method {
        "countTokens" => count,
        "embedContent" => embed,
        "batchEmbedContents" => embed_all,
        _ => return None,
    };
    (head.method == Method::POST).then(|| answer(model, &camel(&object(body)?)))
}

/// Takes either the contents or a whole request, which names the model once more.
fn count(model: &str, body: &Value) -> Result<Reply, Fault> {
    check_model(model, "countTokens", MODELS)?;
    let request = &body["generateContentRequest"];
    if request.is_object() {
        check_named(model, request)?;
        check_body(request)?;
    } else {
        check_body(body)?;
    }
    Ok(Reply::json(&json!({"totalTokens": 2095})))
}

fn embed(model: &str, body: &Value) -> Result<Reply, Fault> {
    check_model(model, "embedContent", EMBEDDING_MODELS)?;
    if !body["model"].is_null() {
        check_named(model, body)?;
    }
    Ok(Reply::json(&json!({"embedding": embedding(body, 0)?})))
}

/// Each request names the model once more.
fn embed_all(model: &str, body: &Value) -> Result<Reply, Fault> {
    check_model(model, "batchEmbedContents", EMBEDDING_MODELS)?;
    let requests = body["requests"].as_array().into_iter().flatten();
    let embeddings = requests.enumerate().map(|(index, request)| {
        check_named(model, request)?;
        embedding(request, index)
    });
    let embeddings = embeddings.collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::json(&json!({"embeddings": embeddings})))
}

fn check_named(model: &str, request: &Value) -> Result<(), Fault> {
    let named = request["model"].as_str().unwrap_or_default();
    if named == format!("models/{model}") {
        return Ok(());
    }
    Err(invalid(format!(
        "The model of a request, '{named}', must be that of the path, 'models/{model}'."
    )))
}

/// A vector that begins with the place among the requests.
fn embedding(request: &Value, index: usize) -> Result<Value, Fault> {
    if request["content"]["parts"][0]["text"].is_string() {
        Ok(json!({"values": [index, -0.5, 0.25]}))
    } else {
        Err(invalid("content is required"))
    }
}
