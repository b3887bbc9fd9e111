//! Provider doubles: HTTP servers on loopback that check and answer like the real providers.
//!
//! A double refuses what its provider refuses, in that provider's own error format, so a sloppy
//! translation fails the test that sends it. What it answers is a fixture of `tests/fixtures`,
//! chosen by the request ([`fixture`]); a marker such as `[[rate-limit]]` in the last user message
//! asks for a failure instead ([`script`]).
//!
//! ```ignore
//! let openai = Double::openai("sk-proj-test").start().await;
//! // point a client at openai.url(), then
//! assert_eq!(openai.requests().len(), 1);
//! ```

mod anthropic;
mod anthropic_count;
mod anthropic_messages;
mod anthropic_models;
mod anthropic_tools;
mod azure;
mod check;
mod endpoints;
mod fault;
mod fixture;
mod gemini;
mod gemini_contents;
mod gemini_endpoints;
mod openai;
mod openai_endpoints;
mod openai_format;
mod openai_forms;
mod openai_messages;
mod openai_tools;
mod provider;
mod ready;
mod responses;
mod responses_input;
mod responses_tools;
mod schema;
mod script;
mod server;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, serve::ListenerExt};
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

use provider::Provider;
#[allow(unused_imports)]
pub use ready::Format;

/// A provider's double, not yet listening.
#[derive(Clone)]
pub struct Double {
    provider: &'static dyn Provider,
    key: Arc<str>,
    pace: Pace,
    requests: Arc<Mutex<Vec<Recorded>>>,
    count: Arc<AtomicU64>,
}

/// How slow a double answers. Nothing waits unless it is set.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    first_byte: Duration,
    event: Duration,
}

impl Double {
    /// Doubles `api.openai.com`: wants `Authorization: Bearer KEY`, serves `gpt-4o`,
    /// `gpt-4o-mini` and, with thoughts, `gpt-oss-120b`.
    pub fn openai(key: &str) -> Self {
        Self::new(&openai::OpenAi, key)
    }

    /// Doubles `api.anthropic.com`: wants the key as `x-api-key` or Bearer, but not both, serves
    /// `claude-sonnet-4-20250514` and a few newer models.
    pub fn anthropic(key: &str) -> Self {
        Self::new(&anthropic::Anthropic, key)
    }

    /// Doubles the Responses API of `api.openai.com`: wants `Authorization: Bearer KEY`, serves
    /// `gpt-5.2`, keeps no state.
    pub fn responses(key: &str) -> Self {
        Self::new(&responses::Responses, key)
    }

    /// Doubles `generativelanguage.googleapis.com`: wants `x-goog-api-key: KEY` and no Bearer,
    /// serves `gemini-3-pro-preview`.
    pub fn gemini(key: &str) -> Self {
        Self::new(&gemini::Gemini, key)
    }

    /// Doubles an Azure OpenAI resource: wants `api-key: KEY` and no Bearer, has one deployment
    /// named `gpt-4o`.
    pub fn azure(key: &str) -> Self {
        Self::new(&azure::Azure, key)
    }

    fn new(provider: &'static dyn Provider, key: &str) -> Self {
        Self {
            provider,
            key: key.into(),
            pace: Pace::default(),
            requests: Arc::default(),
            count: Arc::default(),
        }
    }

    /// Waits this long before the response head of a success. Default: zero.
    #[must_use]
    pub fn first_byte_delay(mut self, delay: Duration) -> Self {
        self.pace.first_byte = delay;
        self
    }

    /// Waits this long between two events of a stream. Default: zero.
    #[must_use]
    pub fn event_interval(mut self, interval: Duration) -> Self {
        self.pace.event = interval;
        self
    }

    /// The double as a service, for tests that need no socket.
    pub fn router(&self) -> Router {
        server::router(self.clone())
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().expect("no holder panics").clone()
    }

    /// Listens on a free port of 127.0.0.1, HTTP/1 and HTTP/2 with prior knowledge.
    pub async fn start(self) -> Running {
        super::log::observe();
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        // Else the kernel holds an event back until the one before is acknowledged, which takes 40 ms.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, self.router()).with_graceful_shutdown(async {
            // An error means that `Running` was dropped, which is the way to stop it.
            let _ = stopped.await;
        });
        tokio::spawn(server.into_future());
        Running {
            url: format!("http://{address}{}", self.provider.base()),
            double: self,
            _stop: stop,
        }
    }

    fn record(&self, request: Recorded) {
        self.requests
            .lock()
            .expect("no holder panics")
            .push(request);
    }

    /// A request id nobody else has in this double.
    fn next_id(&self) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.provider.request_id(number)
    }
}

/// A listening double. Dropping it stops the listener and closes idle connections.
pub struct Running {
    url: String,
    double: Double,
    _stop: oneshot::Sender<()>,
}

impl Running {
    /// The base URL as a configuration wants it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.double.requests()
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl Recorded {
    /// The body as JSON; `null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's text, if it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }
}
