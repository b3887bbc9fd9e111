//! Requests as callers make them, and what comes back.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway, config::Config};

use crate::support::{log, page::Page};

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const MESSAGES: &str = "/v1/messages";
pub(crate) const SONNET: &str = "claude-sonnet-4-20250514";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    OpenAi,
    Anthropic,
}

use Caller::{Anthropic, OpenAi};

pub(crate) const CALLERS: [Caller; 2] = [OpenAi, Anthropic];

/// A caller, and a model that it reaches.
pub(crate) type Lane = (Caller, &'static str);

/// The provider speaks another format.
pub(crate) const TRANSLATED: [Lane; 2] = [(OpenAi, SONNET), (Anthropic, "gpt-4o")];
/// The provider speaks the caller's format; the last knows the model by another name.
pub(crate) const PASSED: [Lane; 3] = [
    (OpenAi, "gpt-4o"),
    (Anthropic, SONNET),
    (OpenAi, "azure-gpt4o"),
];

impl Caller {
    pub(crate) fn path(self) -> &'static str {
        match self {
            OpenAi => CHAT,
            Anthropic => MESSAGES,
        }
    }

    /// A question. OpenAI's streams report token counts only on demand.
    pub(crate) fn question(self, model: &str, text: &str, stream: bool) -> Value {
        let messages = json!([{"role": "user", "content": text}]);
        let mut body = json!({"model": model, "messages": messages, "stream": stream});
        match self {
            OpenAi if stream => body["stream_options"] = json!({"include_usage": true}),
            OpenAi => {}
            Anthropic => body["max_tokens"] = json!(512),
        }
        body
    }

    pub(crate) fn asks(self, model: &str, text: &str, stream: bool) -> Request<Body> {
        post(self.path(), self.question(model, text, stream).to_string())
    }

    /// The name of the last event of a stream that is whole.
    pub(crate) fn terminal(self) -> &'static str {
        match self {
            OpenAi => "data: [DONE]",
            Anthropic => "event: message_stop",
        }
    }
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(body.into()).unwrap()
}

/// What came back, its body as frames.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) frames: Vec<Bytes>,
    /// Whether the body broke off.
    pub(crate) broken: bool,
}

impl Reply {
    pub(crate) async fn of<B>(response: Response<B>) -> Self
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let (parts, mut body) = response.into_parts();
        let mut reply = Self {
            status: parts.status,
            headers: parts.headers,
            frames: Vec::new(),
            broken: false,
        };
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                reply.broken = true;
                break;
            };
            reply.frames.extend(frame.into_data().ok());
        }
        log::note(&reply);
        reply
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.frames.concat()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes()).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    /// The data of each event that is JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok())
            .collect()
    }

    /// What a stream says, in either format.
    pub(crate) fn said(&self) -> String {
        let events = self.events();
        let said = events.iter().filter_map(|event| {
            let text = event["choices"][0]["delta"]["content"].as_str();
            text.or(event["delta"]["text"].as_str())
        });
        said.collect()
    }

    /// The error's `type` and message, after a look at whether the whole is an error in this caller's format.
    #[track_caller]
    pub(crate) fn error(&self, caller: Caller) -> (String, String) {
        assert_eq!(self.header("content-type"), "application/json");
        in_format(caller, &self.json())
    }

    /// The error that ends a stream.
    #[track_caller]
    pub(crate) fn last_error(&self, caller: Caller) -> (String, String) {
        let text = self.text();
        assert!(!text.contains(caller.terminal()), "{text}");
        assert_eq!(
            text.contains("event: error\n"),
            caller == Anthropic,
            "{text}"
        );
        in_format(caller, self.events().last().expect("there are events"))
    }
}

#[track_caller]
fn in_format(caller: Caller, body: &Value) -> (String, String) {
    let error = body["error"].as_object().unwrap_or_else(|| {
        panic!("{body} is no error");
    });
    match caller {
        OpenAi => {
            assert!(
                error.contains_key("param") && error.contains_key("code"),
                "{body}"
            );
            assert!(body.get("type").is_none(), "{body}");
        }
        Anthropic => {
            assert_eq!(body["type"], "error", "{body}");
            assert!(body.get("request_id").is_some(), "{body}");
        }
    }
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("type"), text("message"))
}

pub(crate) async fn ask(gateway: &Gateway, request: Request<Body>) -> Reply {
    log::observe();
    let response = gateway.service().oneshot(request).await;
    Reply::of(response.unwrap_or_else(|never| match never {})).await
}

/// The page's gateway with its configuration changed.
pub(crate) fn gateway_with(page: &Page, change: impl Fn(String) -> String) -> Gateway {
    let config = page.config();
    let changed = change(config.clone());
    assert_ne!(config, changed, "the change has changed nothing");
    Gateway::builder(Config::from_yaml(&changed).unwrap())
        .downstream(Page::downstream())
        .build()
        .unwrap()
}

/// The answer of the page's gateway.
pub(crate) async fn answer(page: &Page, request: Request<Body>) -> Reply {
    ask(&page.gateway().unwrap(), request).await
}

/// How many requests any provider has seen.
pub(crate) fn upstream_calls(page: &Page) -> usize {
    let doubles = [&page.openai, &page.anthropic, &page.azure];
    doubles.map(|double| double.requests().len()).iter().sum()
}
