//! A canary: a few users of one model are answered by another provider, always the same ones, and more of them as it grows.
//!
//! ```sh
//! cargo run --example split
//! ```

#[path = "../tests/support/mod.rs"]
mod support;

use http::Request;
use support::doubles::Double;
use tower::ServiceExt;
use tower_llm_gateway::{Body, BoxError, Gateway, router::Served};

const CONFIG: &str = "
downstreams:
- {id: openai, base_url: OPENAI, api_key: sk-proj, api_formats: [openai]}
- {id: anthropic, base_url: ANTHROPIC, api_key: sk-ant, api_formats: [anthropic]}
rules:
- id: assistant-ab
  pattern_model: assistant
  split:
    key: [header:x-user]
    arms:
    - {id: control, downstream: openai, output_model: gpt-4o, weight: 95}
    - {id: canary, downstream: anthropic, output_model: claude-sonnet-4-20250514, weight: 5}
";

const QUESTION: &str = r#"{"model": "assistant", "messages": [{"role": "user", "content": "Hi"}]}"#;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let openai = Double::openai("sk-proj").start().await;
    let anthropic = Double::anthropic("sk-ant").start().await;
    let config = CONFIG.replace("OPENAI", openai.url());
    let gateway = Gateway::from_yaml(&config.replace("ANTHROPIC", anthropic.url()))?;
    for percent in [5.0, 20.0, 5.0] {
        let weights = [("control", 100.0 - percent), ("canary", percent)];
        gateway.set_weights("assistant-ab", &weights)?;
        let mut users = Vec::new();
        for user in 0..100_u32 {
            let request = Request::post("/v1/chat/completions").header("x-user", user);
            let request = request.body(Body::from(QUESTION))?;
            let response = gateway.service().oneshot(request).await?;
            let served = Served::of(response.extensions()).ok_or("nobody was asked")?;
            let arm = served.assignment().map(|assignment| &*assignment.arm);
            if arm == Some("canary") {
                users.push(user);
            }
        }
        println!("{percent}%: the canary has users {users:?}");
    }
    let (openai, anthropic) = (openai.requests().len(), anthropic.requests().len());
    println!("openai was asked {openai} times, anthropic {anthropic}");
    Ok(())
}
