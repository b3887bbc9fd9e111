//! What the tests of layers share: requests, routes, and services to put below.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower::{Service, layer::util::Identity};
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    context::Selected,
    format::ApiFormat,
    plugin::{PluginLayer, Plugins, Registry},
    router::{RuleRouterLayer, Table},
    target::Target,
};

pub(crate) const CHAT: &str = "/v1/chat/completions";

const CONFIG: &str = "downstreams:\n- {id: a, base_url: 'http://127.0.0.1:9', api_formats: [openai], output_model_ids: [m]}";

pub(crate) fn table() -> Table {
    let config = Config::from_yaml(CONFIG).unwrap();
    config.build(&Registry::default()).unwrap()
}

pub(crate) fn router() -> RuleRouterLayer {
    RuleRouterLayer::new(table())
}

pub(crate) fn gateway() -> Gateway {
    Gateway::from_yaml(CONFIG).unwrap()
}

/// A gateway whose model `m` is the service behind it, which speaks OpenAI's format.
pub(crate) fn gateway_with_handler() -> Gateway {
    let gateway = gateway();
    let own = Target::handler("own")
        .with_formats(vec![ApiFormat::OPENAI])
        .with_models(vec!["m".into()]);
    let table = Table::build(vec![own], Vec::new(), Vec::new());
    gateway.table().store(table.unwrap());
    gateway
}

pub(crate) fn chat() -> Request<Body> {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    Request::post(CHAT).body(body.into()).unwrap()
}

/// A request that somebody has routed: to where OpenAI's format is spoken.
pub(crate) fn selected(client: ApiFormat) -> Request<Body> {
    let mut request = chat();
    if client == ApiFormat::ANTHROPIC {
        request = messages();
    }
    let target = Target::new("t", "https://example.com".parse().unwrap());
    let selected = Selected::new(Arc::new(target), client).with_provider(ApiFormat::OPENAI);
    request.extensions_mut().insert(selected);
    request
}

/// A question in Anthropic's format, for the model `m`.
pub(crate) fn messages() -> Request<Body> {
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
    Request::post("/v1/messages").body(body.into()).unwrap()
}

/// A request that passes through a plugin which does nothing.
pub(crate) fn with_plugin() -> Request<Body> {
    let mut request = chat();
    let plugins = Plugins([PluginLayer::new(Identity::new())].into());
    request.extensions_mut().insert(plugins);
    request
}

/// A request that is for no model.
pub(crate) fn page() -> Request<Body> {
    Request::get("/page").body(Body::empty()).unwrap()
}

pub(crate) fn answer() -> Response<Body> {
    let answer = r#"{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}"#;
    let response = Response::builder().header("content-type", "application/json");
    response.body(Body::from(answer)).unwrap()
}

/// Panics unless the very instance is called that was ready.
#[derive(Debug, Default)]
pub(crate) struct Strict {
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<B> Service<Request<B>> for Strict {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.is_ready),
            "called without being ready"
        );
        ready(Ok(answer()))
    }
}

/// A stream of events, and the end by which the test sends them.
pub(crate) fn events() -> (UnboundedSender<&'static str>, Response<Body>) {
    let (sender, receiver) = unbounded_channel();
    let frames = stream::unfold(receiver, |mut receiver| async {
        let event: &str = receiver.recv().await?;
        let frame = Frame::data(Bytes::from_static(event.as_bytes()));
        Some((Ok::<_, Infallible>(frame), receiver))
    });
    let response = Response::builder().header("content-type", "text/event-stream");
    let body = Body::new(StreamBody::new(frames));
    (sender, response.body(body).unwrap())
}

pub(crate) async fn json(response: Response<Body>) -> Value {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}
