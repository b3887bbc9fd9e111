//! A model of the host's own, which speaks OpenAI's chat and is reached through four APIs, and a provider beside it.
//!
//! ```sh
//! cargo run --example own_model
//! ```

#[path = "own_model/ask.rs"]
mod ask;
#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;

use axum::response::{IntoResponse, Response};
use axum::{Json, Router, response::Sse, response::sse::Event, routing::post};
use futures_util::stream;
use serde_json::{Value, json};
use tower::Layer;
use tower_llm_gateway::Gateway;

const CONFIG: &str = "
downstreams:
- {id: own, handler: inner, api_formats: [openai], output_model_ids: [parrot]}
- {id: openai, base_url: PROVIDER, api_key: sk-proj, api_formats: [openai], output_model_ids: [gpt-4o]}
aliases:
- input_model_id: assistant
  options: [{downstream_id: openai, output_model_id: gpt-4o}, {downstream_id: own, output_model_id: parrot}]
";

/// The model: it says again what it hears, word by word for who wants a stream.
async fn parrot(Json(request): Json<Value>) -> Response {
    let heard = request.pointer("/messages/0/content");
    let heard = heard.and_then(Value::as_str).unwrap_or_default();
    if request.get("stream") != Some(&json!(true)) {
        let choice = json!({"message": {"content": heard}, "finish_reason": "stop"});
        return Json(json!({"choices": [choice]})).into_response();
    }
    let words = heard.split_inclusive(' ');
    let deltas = words.map(|word| json!({"delta": {"content": word}}));
    let choices = deltas.chain([json!({"delta": {}, "finish_reason": "stop"})]);
    let events = choices.map(|choice| Event::default().json_data(json!({"choices": [choice]})));
    let events = events.chain([Ok(Event::default().data("[DONE]"))]);
    Sse::new(stream::iter(events.collect::<Vec<_>>())).into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let provider = support::doubles::Double::openai("sk-proj").start().await;
    let gateway = Gateway::from_yaml(&CONFIG.replace("PROVIDER", provider.url()))?;
    let host = Router::new().route("/v1/chat/completions", post(parrot));
    // Around the whole router, so that what goes to the model finds the model's route.
    let app = Router::new().fallback_service(gateway.layer().layer(host));
    for option in ["openai/gpt-4o", "own/parrot"] {
        gateway.activate_alias(option)?;
        println!("assistant is {option}");
        ask::everywhere(&app).await?;
    }
    Ok(())
}
