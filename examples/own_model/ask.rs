//! The same question in each format, whole and streamed.

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

type Error = Box<dyn std::error::Error>;

/// Asks the model `assistant` through each API and prints what it says.
pub(crate) async fn everywhere(app: &Router) -> Result<(), Error> {
    for stream in [false, true] {
        for (path, question) in questions(stream) {
            let request = Request::post(path).header("content-type", "application/json");
            let request = request.body(Body::from(question.to_string()))?;
            let answer = app.clone().oneshot(request).await?;
            let status = answer.status();
            let body = to_bytes(answer.into_body(), 1 << 20).await?;
            let said = said(std::str::from_utf8(&body)?);
            let shape = if stream { "streamed" } else { "whole" };
            println!("  {status} {path:<55} {shape:<8} {said}");
        }
    }
    Ok(())
}

fn questions(stream: bool) -> [(&'static str, Value); 4] {
    let text = "Good morning to you";
    let messages = json!([{"role": "user", "content": text}]);
    let gemini = if stream {
        "/v1beta/models/assistant:streamGenerateContent?alt=sse"
    } else {
        "/v1beta/models/assistant:generateContent"
    };
    [
        (
            "/v1/chat/completions",
            json!({"model": "assistant", "messages": messages, "stream": stream}),
        ),
        (
            "/v1/responses",
            json!({"model": "assistant", "input": text, "stream": stream}),
        ),
        (
            "/v1/messages",
            json!({"model": "assistant", "max_tokens": 99, "messages": messages, "stream": stream}),
        ),
        (
            gemini,
            json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}),
        ),
    ]
}

/// Where the words are, in an answer of any format and in an event of its streams.
const WORDS: [&str; 7] = [
    "/choices/0/message/content",
    "/choices/0/delta/content",
    "/output/0/content/0/text",
    "/delta",
    "/content/0/text",
    "/delta/text",
    "/candidates/0/content/parts/0/text",
];

fn said(answer: &str) -> String {
    let whole = serde_json::from_str::<Value>(answer).into_iter();
    let events = answer
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
    let words = |json: Value| {
        let mut words = WORDS
            .iter()
            .filter_map(|place| json.pointer(place)?.as_str());
        words.next().map(str::to_owned)
    };
    whole.chain(events).filter_map(words).collect()
}
