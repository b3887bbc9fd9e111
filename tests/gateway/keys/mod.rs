//! Callers need one of the configuration's keys, and nobody behind the gateway gets to see it.

mod changes;
mod places;
mod refusals;

use std::sync::{Arc, Mutex};

use axum::{Router, routing::any};
use http::{HeaderMap, Request, Uri};
use tokio::net::TcpListener;
use tower_llm_gateway::{Body, Gateway, config::Config, format::ApiFormat};

use crate::{
    bodies::{self, Ask, question},
    caller::post,
};

const KEY: &str = "CANARY-client-ada";

/// What a provider was sent.
type Seen = Arc<Mutex<Vec<(Uri, HeaderMap)>>>;

/// A provider of every format, and the gateway before it, as these lines of configuration say.
struct World {
    seen: Seen,
    config: String,
    gateway: Gateway,
}

impl World {
    async fn start(keys: &str, downstream: &str) -> Self {
        let seen = Seen::default();
        let provider = {
            let seen = Arc::clone(&seen);
            move |uri: Uri, headers: HeaderMap| {
                let answer = answer(uri.path());
                seen.lock().unwrap().push((uri, headers));
                async move { ([("content-type", "application/json")], answer) }
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(any(provider));
        tokio::spawn(async { axum::serve(listener, app).await });
        let mut config = "downstreams:\n".to_owned();
        for format in ApiFormat::BUILT_IN {
            let entry = format!(
                "- {{id: {format}, base_url: '{url}', api_formats: [{format}], output_model_ids: [m-{format}], {downstream}}}\n"
            );
            config += &entry;
        }
        let gateway = Gateway::from_yaml(&format!("{config}{keys}\n")).unwrap();
        Self {
            seen,
            config,
            gateway,
        }
    }

    /// With a key for callers, and keys for providers.
    async fn guarded() -> Self {
        let keys = format!("proxy_api_keys: [CANARY-client-bob, {KEY}]");
        Self::start(&keys, "api_key: CANARY-provider").await
    }

    fn reload(&self, keys: &str) {
        let config = Config::from_yaml(&format!("{}{keys}\n", self.config)).unwrap();
        self.gateway.reload(&config).unwrap();
    }

    /// The requests that the provider got since the last look.
    fn seen(&self) -> Vec<(Uri, HeaderMap)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

/// A whole answer, as the API at this path gives it.
fn answer(path: &str) -> &'static str {
    let (format, _) = ApiFormat::detect(path).unwrap();
    bodies::answer(format, Ask::Plain).0
}

/// A question of a caller of this format to a provider of that.
fn asks(client: ApiFormat, provider: ApiFormat, stream: bool) -> Request<Body> {
    let model = format!("m-{provider}");
    let body = question(client, &model, "Hi", Ask::Plain, stream).to_string();
    post(&bodies::path(client, &model, stream), body)
}

/// A request with these headers besides.
fn with(mut request: Request<Body>, headers: &[(&'static str, &str)]) -> Request<Body> {
    for (name, value) in headers {
        let value = value.parse().unwrap();
        request.headers_mut().append(*name, value);
    }
    request
}

fn pairs() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let formats = || ApiFormat::BUILT_IN.iter().copied();
    formats().flat_map(move |client| formats().map(move |provider| (client, provider)))
}
