//! One summary of each request, whatever becomes of it.

mod alone;
mod content;
mod errors;
mod ids;
mod leaving;
mod long;
#[cfg(feature = "metrics")]
mod metrics;
mod recorders;

use std::{
    convert::Infallible,
    future::{Future, pending, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_test::{assert_pending, assert_ready, task};
use tower::{Layer, Service, ServiceExt, layer::layer_fn, service_fn, util::BoxCloneSyncService};
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    config::Config,
    context::{End, Progress},
    meter::{MeterLayer, Outcome, Recorder, Summary},
    plugin::{PluginLayer, Registry, Stack},
};

use crate::{
    caller::{CALLERS, CHAT, Caller, Reply, SONNET, TRANSLATED, ask, post},
    inner::{Gate, response},
    support::{
        fault::{Fault, Format, Script},
        log,
    },
};

/// What was recorded.
#[derive(Debug, Clone, Default)]
struct Summaries(Arc<Mutex<Vec<Summary>>>);

impl Summaries {
    fn take(&self) -> Vec<Summary> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The only one, which is forgotten with this.
    #[track_caller]
    fn only(&self) -> Summary {
        let mut summaries = self.take();
        assert_eq!(summaries.len(), 1, "{summaries:?}");
        summaries.remove(0)
    }

    #[track_caller]
    fn assert_none(&self) {
        let summaries = self.take();
        assert!(summaries.is_empty(), "{summaries:?}");
    }
}

/// The only provider is the handler behind the gateway.
const OWN: &str =
    "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [gpt-4o]}]";

/// A gateway whose only provider is the handler behind it, in this format. What is asked of `plugged` panics.
fn gateway(provider: Caller, summaries: &Summaries) -> Gateway {
    let format = provider.format();
    let config = format!(
        "downstreams:\n\
         - {{id: own, handler: inner, api_formats: [{format}], output_model_ids: [gpt-4o, '{SONNET}', plugged], prices: {{'*': {{input: 1, output: 1}}}}}}\n\
         rules:\n\
         - {{id: sonnet, pattern_path: '*', pattern_model: '{SONNET}', output_model: served}}\n\
         - {{id: plugged, pattern_path: '*', pattern_model: plugged, pipeline_config: [{{plugin_id: panics}}]}}\n"
    );
    let mut plugins = Registry::default();
    plugins.register("panics", |_| Ok(panics()));
    let recorded = summaries.0.clone();
    Gateway::builder(Config::from_yaml(&config).unwrap())
        .plugins(plugins)
        .recorder(move |summary: &Summary| recorded.lock().unwrap().push(summary.clone()))
        .build()
        .unwrap()
}

fn panics() -> PluginLayer {
    PluginLayer::new(layer_fn(|inner: Stack| {
        inner.map_request(|_| -> Request<Body> { panic!("as it is expected to") })
    }))
}

type App = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;
type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

/// The gateway in front of a provider that answers so.
fn app(
    provider: Caller,
    summaries: &Summaries,
    answer: impl Fn() -> Answer + Clone + Send + Sync + 'static,
) -> App {
    let handler = service_fn(move |_: Request<Body>| answer());
    BoxCloneSyncService::new(gateway(provider, summaries).layer().layer(handler))
}

/// The same, for one answer that is there already.
fn answering(provider: Caller, summaries: &Summaries, answer: Response<Body>) -> App {
    let answer = Arc::new(Mutex::new(Some(answer)));
    app(provider, summaries, move || {
        let answer = answer.lock().unwrap().take().expect("asked once");
        Box::pin(ready(Ok(answer)))
    })
}

fn status(status: u16, body: &'static str) -> Response<Body> {
    let mut response = response("application/json", body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A gateway that is told of by this recorder, before a handler that gives this answer.
fn recorded(
    config: &str,
    recorder: impl Recorder,
    answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
) -> App {
    let gateway = Gateway::builder(Config::from_yaml(config).unwrap()).recorder(recorder);
    let handler = service_fn(move |_: Request<Body>| ready(Ok::<_, BoxError>(answer())));
    BoxCloneSyncService::new(gateway.build().unwrap().layer().layer(handler))
}

async fn send(app: App, request: Request<Body>) -> Reply {
    Reply::of(app.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn situation_66_every_answer_has_exactly_one_summary() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for (caller, model) in TRANSLATED {
            let whole = || response("application/json", provider.whole());
            let stream = || response("text/event-stream", provider.stream());
            let cases = [
                (whole(), false, Outcome::Completed, 200),
                (stream(), true, Outcome::Completed, 200),
                (status(429, "{}"), false, Outcome::Refused, 429),
                (status(400, "{}"), true, Outcome::Refused, 400),
                (status(500, "{}"), false, Outcome::Failed, 500),
                (status(302, ""), false, Outcome::Failed, 502),
            ];
            for (answer, stream, outcome, status) in cases {
                let app = answering(provider, &summaries, answer);
                let reply = send(app, caller.asks(model, "Hi", stream)).await;
                assert_eq!(reply.status, status, "{}", reply.text());
                let summary = summaries.only();
                assert_eq!(summary.outcome, outcome, "{summary:?}");
                assert_eq!(summary.status, Some(reply.status));
                assert_eq!(&*summary.assigned.unwrap().downstream, "own");
            }
        }
    }
}

#[tokio::test]
async fn situation_66_what_the_gateway_answers_itself_has_a_summary_without_a_destination() {
    let summaries = Summaries::default();
    let list = Request::get("/v1/models").body(Body::empty()).unwrap();
    let head = Request::head("/v1/models").body(Body::empty()).unwrap();
    let cases = [
        (list, Outcome::Completed, 200, None),
        (head, Outcome::Completed, 200, None),
        (
            Caller::OpenAi.asks("foo", "Hi", true),
            Outcome::Refused,
            404,
            Some("foo"),
        ),
        (post(CHAT, "no JSON"), Outcome::Refused, 400, None),
    ];
    for (request, outcome, status, model) in cases {
        let app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
        assert_eq!(send(app, request).await.status, status);
        let summary = summaries.only();
        assert_eq!(summary.outcome, outcome, "{summary:?}");
        assert_eq!(summary.model.as_deref(), model);
        assert_eq!(
            (summary.attempts, summary.assigned, summary.served),
            (0, None, None)
        );
    }
}

#[tokio::test]
async fn what_is_the_host_s_has_no_summary() {
    let summaries = Summaries::default();
    let app = answering(Caller::OpenAi, &summaries, response("text/plain", "hello"));
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    assert_eq!(send(app, request).await.text(), "hello");
    summaries.assert_none();
}

#[tokio::test]
async fn a_summary_says_which_rule_sent_which_model_where() {
    let summaries = Summaries::default();
    let answer = response("application/json", Caller::OpenAi.whole());
    let app = answering(Caller::OpenAi, &summaries, answer);
    send(app, Caller::Anthropic.asks(SONNET, "Hi", false)).await;
    let summary = summaries.only();
    assert_eq!(summary.rule.as_deref(), Some("sonnet"));
    assert_eq!(summary.model.as_deref(), Some(SONNET));
    assert_eq!(summary.attempts, 1);
    let assigned = summary.assigned.unwrap();
    assert_eq!(&*assigned.downstream, "own");
    assert_eq!(assigned.model.as_deref(), Some("served"));
    assert_eq!(summary.served, Some(assigned));
}

#[tokio::test]
async fn who_was_to_answer_and_who_did_are_both_told() {
    let first = Fault::h1()
        .script(Script::error(Format::OpenAi, 503))
        .start()
        .await;
    let answer = Script::answer(Format::Anthropic);
    let second = Fault::h1().script(answer).start().await;
    let config = format!(
        "retry: {{attempts: 1}}\n\
         downstreams:\n\
         - {{id: first, base_url: '{}', api_formats: [openai], output_model_ids: [gpt-4o]}}\n\
         - {{id: second, base_url: '{}', api_formats: [anthropic]}}\n\
         rules:\n\
         - {{id: r, pattern_path: '*', pattern_model: gpt-4o, fallback: [{{downstream: second, output_model: claude}}]}}\n",
        first.url(),
        second.url(),
    );
    let summaries = Summaries::default();
    let recorded = summaries.0.clone();
    let gateway = Gateway::builder(Config::from_yaml(&config).unwrap())
        .recorder(move |summary: &Summary| recorded.lock().unwrap().push(summary.clone()))
        .build()
        .unwrap();
    let reply = ask(&gateway, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    assert_eq!(reply.status, 200);
    let summary = summaries.only();
    assert_eq!((summary.outcome, summary.attempts), (Outcome::Completed, 2));
    let (assigned, served) = (summary.assigned.unwrap(), summary.served.unwrap());
    assert_eq!(
        (&*assigned.downstream, assigned.model.as_deref()),
        ("first", Some("gpt-4o"))
    );
    assert_eq!(
        (&*served.downstream, served.model.as_deref()),
        ("second", Some("claude"))
    );
}

#[tokio::test]
async fn a_stream_that_ends_in_an_error_is_broken() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for caller in CALLERS {
            let (gate, body) = Gate::new();
            gate.send(open_events(provider));
            gate.breaks();
            let app = answering(provider, &summaries, response("text/event-stream", body));
            let reply = send(app, caller.asks("gpt-4o", "Hi", true)).await;
            reply.last_error(caller);
            assert_eq!(
                (reply.broken, summaries.only().outcome),
                (false, Outcome::Broken)
            );
        }
    }
}

/// What a provider streams up to the first words.
fn open_events(provider: Caller) -> &'static str {
    let stream = provider.stream();
    let words = stream.find("Hello").unwrap();
    let end = stream[words..].find("\n\n").unwrap();
    &stream[..words + end + 2]
}

#[tokio::test]
async fn a_body_that_breaks_off_is_broken() {
    let summaries = Summaries::default();
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send("{");
        gate.breaks();
        drop(gate);
        let app = answering(caller, &summaries, response("application/json", body));
        assert!(send(app, caller.asks("gpt-4o", "Hi", false)).await.broken);
        assert_eq!(summaries.only().outcome, Outcome::Broken);
    }
}

#[tokio::test]
async fn a_handler_that_fails_has_failed() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || {
        Box::pin(ready(Err("no".into())))
    });
    let reply = send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    let summary = summaries.only();
    assert_eq!(
        (summary.outcome, summary.status),
        (Outcome::Failed, Some(reply.status))
    );
}

#[tokio::test(start_paused = true)]
async fn a_summary_says_how_long_the_head_and_the_whole_took() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let (gate, body) = Gate::new();
            gate.send(open_events(Caller::OpenAi));
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(3)).await;
                gate.send("data: [DONE]\n\n");
            });
            Ok(response("text/event-stream", body))
        })
    });
    send(app, Caller::OpenAi.asks("gpt-4o", "Hi", true)).await;
    let summary = summaries.only();
    assert_eq!(summary.head, Some(Duration::from_secs(2)));
    assert_eq!(summary.total, Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn situation_66_a_timeout_has_exactly_one_summary() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
    let reply = send(app, Caller::OpenAi.asks("gpt-4o", "Hi", true)).await;
    assert_eq!(reply.status, 504);
    let summary = summaries.only();
    assert_eq!((summary.outcome, summary.attempts), (Outcome::Failed, 1));
}

#[tokio::test]
async fn situation_66_a_panic_on_the_way_has_exactly_one_summary() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
    let asked = tokio::spawn(send(app, Caller::OpenAi.asks("plugged", "Hi", true)));
    // Whether the panic is caught below is not what is asked here.
    let _ = asked.await;
    let summary = summaries.only();
    assert_eq!(summary.outcome, Outcome::Failed, "{summary:?}");
    assert_eq!(summary.rule.as_deref(), Some("plugged"));
}
