//! A provider that notes what it is asked, and answers what it is told to.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body as AxumBody, to_bytes},
    extract::State,
};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use tokio::net::TcpListener;
use tower_llm_gateway::{Gateway, config::Config};

/// One request as it came.
#[allow(dead_code, reason = "not every test looks at all of it")]
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A provider on a port.
#[derive(Debug, Clone)]
pub(crate) struct Echo {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<(&'static str, Bytes)>,
}

impl Echo {
    /// Answers every request with this content type and body, once it has all of it.
    pub(crate) async fn start(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let echo = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            answer: Arc::new((content_type, body.into())),
        };
        let app = Router::new().fallback(note).with_state(echo.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        echo
    }

    /// Sends back what comes, as it comes. Notes nothing.
    pub(crate) async fn mirror() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mirror = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            answer: Arc::default(),
        };
        let app = Router::new().fallback(|body: AxumBody| async { body });
        tokio::spawn(async { axum::serve(listener, app).await });
        mirror
    }

    /// Answers with an object that is JSON and nothing else.
    pub(crate) async fn json() -> Self {
        Self::start("application/json", "{}").await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request that came.
    #[track_caller]
    pub(crate) fn one(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// A gateway to it: it speaks `format` and has `models`; `rules` is YAML.
    pub(crate) fn gateway(&self, format: &str, models: &str, rules: &str) -> Gateway {
        let url = &self.url;
        let text = format!(
            "downstreams:\n  - {{id: echo, base_url: '{url}/v1', api_key: CANARY-echo, api_formats: [{format}], output_model_ids: [{models}]}}\nrules: [{rules}]\n"
        );
        let config = Config::from_yaml(&text).unwrap();
        Gateway::builder(config).body_limit(4096).build().unwrap()
    }
}

async fn note(State(echo): State<Echo>, request: Request<AxumBody>) -> Response<AxumBody> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let seen = Seen {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    };
    echo.seen.lock().unwrap().push(seen);
    let (content_type, body) = &*echo.answer;
    let response = Response::builder().header("content-type", *content_type);
    response.body(AxumBody::from(body.clone())).unwrap()
}
