//! A provider that fails in three ways to answer, limits that are said in three places, and what a caller hears.
//!
//! ```sh
//! cargo run --example timeouts
//! ```

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use http::Request;
use http_body_util::BodyExt;
use support::{
    doubles::Format,
    fault::{Fault, Script},
};
use tower::ServiceExt;
use tower_llm_gateway::{Body, BoxError, Gateway};

const CONFIG: &str = "
timeouts: {idle: 300ms}             # everywhere, unless something nearer says another
downstreams:
- id: openai
  base_url: UPSTREAM
  api_formats: [openai]
  output_model_ids: [mute, hesitant, silent]
  timeouts: {first_byte: 200ms}     # of all requests to this provider
rules:
- id: hesitant
  pattern_model: hesitant
  timeouts: {first_event: 500ms}    # of the requests that this rule matches
";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let keep_alives = Script::stream().chunk_every(": ping\n\n", Duration::from_millis(50), 1000);
    let upstream = Fault::h1().each(move |_, request| match request.json().get("model") {
        Some(model) if model == "mute" => Script::new().stall(),
        Some(model) if model == "hesitant" => keep_alives.clone(),
        _ => Script::stream_start(Format::OpenAi).stall(),
    });
    let upstream = upstream.start().await;
    let gateway = Gateway::from_yaml(&CONFIG.replace("UPSTREAM", upstream.url()))?;
    for model in ["mute", "hesitant", "silent"] {
        let body = format!(r#"{{"model":"{model}","stream":true,"messages":[]}}"#);
        let request = Request::post("/v1/chat/completions").body(Body::from(body))?;
        let response = gateway.service().oneshot(request).await?;
        println!("{model}: {}", response.status());
        let body = response.into_body().collect().await?.to_bytes();
        let body = String::from_utf8_lossy(&body);
        println!(
            "{}",
            body.trim_end().rsplit('\n').next().unwrap_or_default()
        );
    }
    Ok(())
}
