//! A request each double accepts, and ways to vary it.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::doubles::Double;

/// What came back, its body as frames.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub frames: Vec<String>,
    pub broken: bool,
}

impl Reply {
    pub fn text(&self) -> String {
        self.frames.concat()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text()).expect("the body is JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("the header is text"))
    }
}

pub async fn send(double: &Double, request: Request<Body>) -> Reply {
    let answer = double
        .router()
        .oneshot(request)
        .await
        .expect("the router cannot fail");
    let (parts, mut body) = answer.into_parts();
    let mut reply = Reply {
        status: parts.status,
        headers: parts.headers,
        frames: Vec::new(),
        broken: false,
    };
    while let Some(frame) = body.frame().await {
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(bytes)) => {
                reply
                    .frames
                    .push(String::from_utf8(bytes.to_vec()).expect("the body is UTF-8"));
            }
            Ok(Err(_)) => {}
            Err(_) => reply.broken = true,
        }
    }
    reply
}

/// A provider with what a right request to it needs.
pub struct Case {
    pub double: Double,
    pub path: &'static str,
    /// Where a stream is asked for, if that is another path.
    pub stream_path: Option<&'static str>,
    /// The name of the list of turns.
    pub turns: &'static str,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: Value,
}

impl Case {
    pub fn openai() -> Self {
        Self {
            double: Double::openai("k"),
            path: "/v1/chat/completions",
            stream_path: None,
            turns: "messages",
            headers: &[("authorization", "Bearer k")],
            body: json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}),
        }
    }

    pub fn azure() -> Self {
        Self {
            double: Double::azure("k"),
            path: "/openai/v1/chat/completions",
            headers: &[("api-key", "k")],
            ..Self::openai()
        }
    }

    pub fn anthropic() -> Self {
        Self {
            double: Double::anthropic("k"),
            path: "/v1/messages",
            stream_path: None,
            turns: "messages",
            headers: &[("x-api-key", "k"), ("anthropic-version", "2023-06-01")],
            body: json!({
                "model": "claude-sonnet-4-20250514",
                "max_tokens": 2048,
                "messages": [{"role": "user", "content": "Hi"}],
            }),
        }
    }

    pub fn responses() -> Self {
        Self {
            double: Double::responses("k"),
            path: "/v1/responses",
            turns: "input",
            body: json!({"model": "gpt-5.2", "input": [{"role": "user", "content": "Hi"}]}),
            ..Self::openai()
        }
    }

    pub fn gemini() -> Self {
        Self {
            double: Double::gemini("k"),
            path: "/v1/models/gemini-3-pro-preview:generateContent",
            stream_path: Some("/v1/models/gemini-3-pro-preview:streamGenerateContent?alt=sse"),
            turns: "contents",
            headers: &[("x-goog-api-key", "k")],
            body: json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}),
        }
    }

    pub fn all() -> [Self; 5] {
        [
            Self::openai(),
            Self::anthropic(),
            Self::azure(),
            Self::responses(),
            Self::gemini(),
        ]
    }

    pub fn request(&self) -> request::Builder {
        self.request_to(self.path)
    }

    fn request_to(&self, path: &str) -> request::Builder {
        let request = Request::post(path).header("content-type", "application/json");
        self.headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
    }

    /// The right request with some fields replaced.
    pub async fn with(&self, fields: Value) -> Reply {
        let mut body = self.body.clone();
        let mut fields = fields.as_object().expect("fields are an object").clone();
        let mut path = self.path;
        if let Some(stream_path) = self.stream_path
            && fields.remove("stream") == Some(Value::Bool(true))
        {
            path = stream_path;
        }
        body.as_object_mut()
            .expect("a body is an object")
            .extend(fields);
        let request = self.request_to(path).body(body.to_string().into());
        send(&self.double, request.expect("the request is valid")).await
    }

    pub async fn says(&self, text: &str, stream: bool) -> Reply {
        self.with(json!({self.turns: [self.turn("user", text)], "stream": stream}))
            .await
    }

    /// A turn that says this, by the user or by the model.
    pub fn turn(&self, role: &str, text: &str) -> Value {
        match (self.turns, role) {
            ("contents", role) => json!({"role": role, "parts": [{"text": text}]}),
            (_, "model") => json!({"role": "assistant", "content": text}),
            (_, role) => json!({"role": role, "content": text}),
        }
    }

    pub async fn refuses(&self, fields: Value, status: u16, words: &str) {
        let reply = self.with(fields.clone()).await;
        let text = reply.text();
        assert_eq!(reply.status, status, "{fields} -> {text}");
        let body = reply.json();
        let message = body
            .pointer("/error/message")
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert!(
            message.contains(words),
            "{fields} -> {text}, expected: {words}"
        );
    }
}

/// The data of each event of a stream that is JSON.
pub fn events(reply: &Reply) -> Vec<Value> {
    let text = reply.text();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).expect(data))
        .collect()
}
