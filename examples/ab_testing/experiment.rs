//! An experiment that runs: two models behind one name, callers that never stop asking, and the report of it.

use std::{error::Error, time::Duration};

use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_llm_gateway::{Body, BoxError, Gateway};

use crate::support::lively::{Lively, chance};

const CONFIG: &str = "
retry: {attempts: 1}
downstreams:
- id: openai
  base_url: OPENAI/v1
  api_formats: [openai]
  output_model_ids: [gpt-4o]
  prices: {gpt-4o: {input: 2.5, output: 10.0, cache_read: 1.25}}
- id: anthropic
  base_url: ANTHROPIC
  api_formats: [anthropic]
  output_model_ids: [claude-sonnet-4]
  prices: {claude-sonnet-4: {input: 3.0, output: 15.0, cache_read: 0.3}}
rules:
- id: assistant-ab
  pattern_model: assistant
  split:
    key: [header:x-session-id]
    arms:
    - {id: control, downstream: openai, output_model: gpt-4o, weight: 50}
    - {id: challenger, downstream: anthropic, output_model: claude-sonnet-4, weight: 50}
";

const QUESTION: &str = r#"{"model": "assistant", "stream": true, "stream_options": {"include_usage": true},
    "messages": [{"role": "user", "content": "How is the weather in Paris?"}]}"#;

/// How many callers there are at any moment.
const CALLERS: usize = 32;

/// A gateway between two providers that differ.
pub(crate) async fn gateway() -> Result<Gateway, Box<dyn Error>> {
    let openai = Lively {
        is_anthropic: false,
        first: Duration::from_millis(420),
        gap: Duration::from_millis(27),
        pieces: 36.0,
        overloaded: 0.01,
    };
    let anthropic = Lively {
        is_anthropic: true,
        first: Duration::from_millis(290),
        gap: Duration::from_millis(22),
        pieces: 42.0,
        overloaded: 0.03,
    };
    let config = CONFIG.replace("OPENAI", &openai.start().await);
    let config = config.replace("ANTHROPIC", &anthropic.start().await);
    Ok(Gateway::from_yaml(&config)?)
}

/// Lets many callers ask it from now on.
pub(crate) fn run(gateway: &Gateway) {
    for caller in 0..CALLERS {
        tokio::spawn(ask_for_ever(gateway.clone(), caller));
    }
}

async fn ask_for_ever(gateway: Gateway, caller: usize) {
    for session in 0_u64.. {
        for turn in 0..3 {
            let id = format!("{caller}-{session}-{turn}");
            // What goes wrong is in the report.
            let _ = ask(&gateway, &format!("{caller}-{session}"), &id).await;
            tokio::time::sleep(Duration::from_secs_f64(chance())).await;
        }
    }
}

async fn ask(gateway: &Gateway, session: &str, id: &str) -> Result<(), BoxError> {
    let request = Request::post("/v1/chat/completions")
        .header("x-session-id", session)
        .header("x-request-id", id)
        .body(Body::from(QUESTION))?;
    let answer = gateway.service().oneshot(request).await?;
    let is_answer = answer.status().is_success();
    answer.into_body().collect().await?;
    // Some say what they think of it, and most like it.
    if is_answer && chance() < 0.3 {
        let score = if chance() < 0.8 { 1.0 } else { 0.0 };
        gateway.feedback(id, score)?;
    }
    Ok(())
}
