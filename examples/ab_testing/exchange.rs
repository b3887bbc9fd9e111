//! One exchange with the gateway, measured from outside as any client would.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) model: &'static str,
    pub(crate) stream: bool,
    pub(crate) tools: bool,
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// To the first byte of the body.
    pub(crate) first_byte: Duration,
    pub(crate) total: Duration,
    /// Tokens of the prompt and of the answer, if reported.
    pub(crate) tokens: Option<(u64, u64)>,
    /// What went wrong, if anything did: an error status, an error within the stream, a stream without its end.
    pub(crate) error: Option<String>,
}

impl Answer {
    /// A header's text, empty if it isn't there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

/// A plain HTTP client.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

impl Caller {
    pub(crate) fn new(gateway: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url: format!("{gateway}/v1/chat/completions"),
        }
    }

    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, Box<dyn Error>> {
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(question.body().to_string()))?;
        let start = Instant::now();
        let response = self.client.request(request).await?;
        let (head, mut body) = response.into_parts();
        let mut first_byte = None;
        let mut bytes = Vec::new();
        let mut broken = None;
        while let Some(frame) = body.frame().await {
            match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => {
                    first_byte.get_or_insert_with(|| start.elapsed());
                    bytes.extend_from_slice(&data);
                }
                Ok(Err(_trailers)) => {}
                Err(error) => broken = Some(error.to_string()),
            }
        }
        let total = start.elapsed();
        let text = String::from_utf8_lossy(&bytes);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            first_byte: first_byte.unwrap_or(total),
            total,
            tokens: tokens(&text),
            error: broken.or_else(|| fault(question, &text)),
        })
    }
}

impl Question {
    fn body(self) -> Value {
        let mut body = json!({
            "model": self.model,
            "messages": [{
                "role": "user",
                "content": "How is the weather in Paris, and what time is it there?",
            }],
        });
        let mut set = |name: &str, value| {
            body.as_object_mut()
                .map(|body| body.insert(name.into(), value))
        };
        if self.stream {
            set("stream", json!(true));
            set("stream_options", json!({"include_usage": true}));
        }
        if self.tools {
            let tools = [tool("get_weather", "city"), tool("get_time", "timezone")];
            set("tools", json!(tools));
        }
        body
    }
}

fn tool(name: &str, parameter: &str) -> Value {
    json!({"type": "function", "function": {
        "name": name,
        "parameters": {
            "type": "object",
            "properties": {parameter: {"type": "string"}},
            "required": [parameter],
        },
    }})
}

/// What is wrong with an answer: an error in it, or a stream that lacks its end.
fn fault(question: Question, body: &str) -> Option<String> {
    let error = values(body).find_map(|value| {
        let error = value.get("error")?;
        Some(error.get("message").unwrap_or(error).to_string())
    });
    let is_cut = question.stream && !body.contains("data: [DONE]");
    error.or_else(|| is_cut.then(|| "the stream has no end".to_owned()))
}

/// The JSON values of a whole answer, or of the events of a stream.
fn values(body: &str) -> impl Iterator<Item = Value> {
    let whole = serde_json::from_str(body).into_iter();
    let events = body
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
    whole.chain(events)
}

/// The token counts of a whole answer, or of the last event of a stream that has them.
fn tokens(body: &str) -> Option<(u64, u64)> {
    let usage = values(body).filter_map(|value| {
        let usage = value.get("usage")?;
        let count = |name: &str| usage.get(name)?.as_u64();
        Some((count("prompt_tokens")?, count("completion_tokens")?))
    });
    usage.last()
}
