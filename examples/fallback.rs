//! A provider that is overloaded, and another that answers in its place, in another format; the caller sees one API.
//!
//! ```sh
//! cargo run --example fallback
//! ```

#[path = "../tests/support/mod.rs"]
mod support;

use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use support::fault::{Fault, Format, Script};
use tower::ServiceExt;
use tower_llm_gateway::{Body, BoxError, Gateway, failover::Attempts};

const CONFIG: &str = "
retry: {attempts: 2, backoff: 20ms}
downstreams:
- {id: openai, base_url: FAILING, api_formats: [openai], output_model_ids: [gpt-4o]}
- {id: anthropic, base_url: WORKING, api_formats: [anthropic], output_model_ids: [claude-sonnet-4]}
rules:
- {id: chat, pattern_model: gpt-4o, match_downstreams: [openai], fallback: [anthropic]}
";

const QUESTION: &str = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}"#;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let failing = Script::error(Format::OpenAi, 503);
    let failing = Fault::h1().script(failing).start().await;
    let working = Script::answer(Format::Anthropic);
    let working = Fault::h1().script(working).start().await;
    let config = CONFIG.replace("FAILING", failing.url());
    let config = config.replace("WORKING", working.url());
    let gateway = Gateway::from_yaml(&config)?.service();

    for number in 1..=4 {
        let request = Request::post("/v1/chat/completions").body(Body::from(QUESTION))?;
        let response = gateway.clone().oneshot(request).await?;
        let (head, body) = response.into_parts();
        let answer: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
        let text = answer.pointer("/choices/0/message/content");
        let text = text.and_then(Value::as_str).unwrap_or_default();
        println!("{number}. {}: {text:?}", head.status);
        let attempts = Attempts::of(&head.extensions);
        for tried in attempts.into_iter().flat_map(Attempts::to_vec) {
            println!("   {}: {}", tried.downstream, tried.outcome);
        }
    }
    let (failing, working) = (failing.attempts(), working.attempts());
    println!("openai was asked {failing} times, anthropic {working}");
    Ok(())
}
