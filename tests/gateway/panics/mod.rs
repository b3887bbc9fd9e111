//! Plugins that fail or panic, on either side of every translation.

mod wire;

use std::{
    convert::Infallible,
    future::{pending, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tower::{
    Layer, ServiceExt,
    layer::layer_fn,
    limit::ConcurrencyLimit,
    load_shed::LoadShed,
    service_fn,
    timeout::Timeout,
    util::{BoxCloneSyncService, MapResponseLayer},
};
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    context::Selected,
    failover::Attempts,
    format::ApiFormat,
    ir::{Error, ErrorKind},
    plugin::{CallerPlugins, PluginLayer, Plugins, Stack},
};

use crate::{
    bodies::{self, Ask, error_message, path, question, streamed},
    caller::{PASSED, Reply, TRANSLATED, ask, post},
    faulty::{Cut, Phase, SECRET, Way, before_the_head, faulty},
    inner::response,
    support::page::Page,
};

const WAYS: [Way; 2] = [Way::Panics, Way::Errs];

/// The side of the translation on which a plugin runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Caller,
    Provider,
}

use Side::{Caller, Provider};

/// Every caller with every provider, and a plugin on either side.
fn lanes() -> impl Iterator<Item = (ApiFormat, ApiFormat, Side)> {
    let formats = || ApiFormat::BUILT_IN.iter().copied();
    let pairs = formats().flat_map(move |client| formats().map(move |own| (client, own)));
    pairs.flat_map(|(client, own)| [Caller, Provider].map(|side| (client, own, side)))
}

fn gateway(own: ApiFormat) -> Gateway {
    let config = format!(
        "downstreams: [{{id: own, handler: inner, output_model_ids: [model], api_formats: [{own}]}}]"
    );
    Gateway::from_yaml(&config).unwrap()
}

/// A provider of this format that answers piece by piece, in front of it the gateway.
fn app(own: ApiFormat) -> App {
    let provider = service_fn(move |request: Request<Body>| {
        let (whole, events) = bodies::answer(own, Ask::Plain);
        let (content_type, text) = if Selected::of(request.extensions()).unwrap().stream() {
            ("text/event-stream", events)
        } else {
            ("application/json", whole)
        };
        ready(Ok::<_, Infallible>(response(content_type, pieces(text))))
    });
    App::new(gateway(own).layer().layer(provider))
}

type App = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// What a provider of this format answers through a plugin.
async fn ask_through(
    (client, own, side): (ApiFormat, ApiFormat, Side),
    plugin: PluginLayer,
    stream: bool,
) -> Reply {
    let request = with(side, plugin, asks(client, stream));
    Reply::of(app(own).oneshot(request).await.unwrap()).await
}

fn pieces(text: &'static str) -> Body {
    let pieces = text.split_inclusive("\n\n");
    let frames = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from(piece))));
    Body::new(StreamBody::new(stream::iter(frames)))
}

fn asks(client: ApiFormat, stream: bool) -> Request<Body> {
    let body = question(client, "model", "Hi", Ask::Plain, stream).to_string();
    post(&path(client, "model", stream), body)
}

fn with(side: Side, plugin: PluginLayer, mut request: Request<Body>) -> Request<Body> {
    let plugins = [plugin].into();
    match side {
        Caller => drop(request.extensions_mut().insert(CallerPlugins(plugins))),
        Provider => drop(request.extensions_mut().insert(Plugins(plugins))),
    }
    request
}

/// The caller is told that it was a plugin, and nothing else.
#[track_caller]
fn assert_told(client: ApiFormat, reply: &Reply) {
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(error_message(client, &reply.json()), "A plugin failed.");
    assert!(!reply.broken);
}

#[tokio::test]
async fn situation_60_a_plugin_that_fails_before_its_answer_is_500_in_the_caller_s_format() {
    for lane in lanes() {
        for (phase, way) in before_the_head() {
            for stream in [false, true] {
                let reply = ask_through(lane, faulty(phase, way), stream).await;
                assert_told(lane.0, &reply);
                assert!(!reply.text().contains("canary"));
            }
        }
    }
    let lane = (ApiFormat::OPENAI, ApiFormat::OPENAI, Provider);
    let reply = ask_through(lane, faulty(Phase::Poll, Way::Panics), false).await;
    assert_eq!(reply.json()["error"]["code"], "plugin_error");
}

#[tokio::test]
async fn situation_60_a_stream_whose_plugin_fails_ends_in_an_error_of_the_caller_s_format() {
    for lane in lanes() {
        for way in WAYS {
            let plugin = faulty(Phase::Frame(Cut::Behind(4)), way);
            let reply = ask_through(lane, plugin, true).await;
            assert_eq!(reply.status, 200, "{lane:?}");
            let told = streamed(lane.0, &reply.text());
            assert_eq!(told, Err("A plugin failed.".to_owned()), "{lane:?}");
            assert!(!reply.broken && !reply.text().contains(SECRET));
        }
    }
}

#[tokio::test]
async fn situation_60_a_stream_whose_plugin_fails_at_once_is_never_an_empty_answer() {
    for lane @ (client, _, side) in lanes() {
        for way in WAYS {
            let plugin = faulty(Phase::Frame(Cut::Behind(0)), way);
            let reply = ask_through(lane, plugin, true).await;
            if side == Provider {
                assert_told(client, &reply);
            } else {
                let told = streamed(client, &reply.text());
                assert_eq!(told, Err("A plugin failed.".to_owned()), "{lane:?}");
            }
        }
    }
}

#[tokio::test]
async fn situation_60_a_stream_that_fails_within_an_event_breaks_off_where_it_passes() {
    for lane @ (client, own, side) in lanes() {
        for way in WAYS {
            let plugin = faulty(Phase::Frame(Cut::Within(4)), way);
            let reply = ask_through(lane, plugin, true).await;
            assert_eq!(reply.status, 200);
            if side == Provider && client != own {
                let told = streamed(client, &reply.text());
                assert_eq!(told, Err("A plugin failed.".to_owned()), "{lane:?}");
            } else {
                assert!(reply.broken, "{lane:?} {}", reply.text());
            }
        }
    }
}

#[tokio::test]
async fn situation_60_a_whole_answer_whose_plugin_fails_is_500_where_it_is_translated_above() {
    for lane @ (client, own, side) in lanes() {
        for cut in [Cut::Behind(0), Cut::Within(0)] {
            for way in WAYS {
                let reply = ask_through(lane, faulty(Phase::Frame(cut), way), false).await;
                if side == Provider && client != own {
                    assert_told(client, &reply);
                } else {
                    assert!(reply.broken, "{lane:?} {}", reply.text());
                }
                assert!(!reply.text().contains("canary"));
            }
        }
    }
}

#[tokio::test]
async fn situation_60_a_json_array_whose_plugin_fails_ends_in_an_error_and_is_whole() {
    let others = ApiFormat::BUILT_IN.iter();
    for own in others.filter(|own| **own != ApiFormat::GEMINI) {
        let request = asks(ApiFormat::GEMINI, true);
        let path = request.uri().path().to_owned();
        let mut request = with(
            Caller,
            faulty(Phase::Frame(Cut::Behind(4)), Way::Panics),
            request,
        );
        *request.uri_mut() = path.parse().unwrap();
        let answer = app(*own).oneshot(request).await.unwrap();
        let reply = Reply::of(answer).await.json();
        let elements = reply.as_array().unwrap();
        let (error, said) = elements.split_last().unwrap();
        assert!(said.len() > 2, "{own} {said:?}");
        let message = error_message(ApiFormat::GEMINI, error);
        assert_eq!(message, "A plugin failed.", "{own}");
    }
}

// Paused, because it counts as if the provider had said it, and so the provider is asked again.
#[tokio::test(start_paused = true)]
async fn a_plugin_says_itself_how_a_stream_ends() {
    let fails = PluginLayer::new(MapResponseLayer::new(|response: Response<Body>| {
        let fault = Error::new(ErrorKind::Overloaded, "Enough for today.");
        let ends = stream::once(ready(Err::<Frame<Bytes>, _>(fault)));
        response.map(|_| Body::new(StreamBody::new(ends)))
    }));
    for lane @ (client, _, side) in lanes() {
        let reply = ask_through(lane, fails.clone(), true).await;
        let told = match side {
            Provider => error_message(client, &reply.json()),
            Caller => streamed(client, &reply.text()).unwrap_err(),
        };
        assert_eq!(told, "Enough for today.", "{lane:?}");
    }
}

#[tokio::test]
async fn what_a_plugin_fails_in_is_not_tried_again() {
    let in_body = [Cut::Behind(0), Cut::Within(0)].map(Phase::Frame);
    for lane @ (client, own, side) in lanes() {
        for phase in [Phase::Poll].into_iter().chain(in_body) {
            for stream in [false, true] {
                let mut request = with(side, faulty(phase, Way::Errs), asks(client, stream));
                let attempts = Attempts::new();
                request.extensions_mut().insert(attempts.clone());
                drop(app(own).oneshot(request).await);
                assert_eq!(attempts.count(), 1, "{lane:?} {phase:?}");
            }
        }
    }
}

#[tokio::test]
async fn situation_60_a_request_s_body_that_a_plugin_spoils_is_500_and_not_the_provider_s_fault() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    for (caller, model) in TRANSLATED.into_iter().chain(PASSED) {
        for side in [Caller, Provider] {
            for way in WAYS {
                let request = caller.asks(model, "Hi", false);
                let mut request = with(side, faulty(Phase::Upload, way), request);
                let attempts = Attempts::new();
                request.extensions_mut().insert(attempts.clone());
                assert_told(caller.format(), &ask(&gateway, request).await);
                assert_eq!(attempts.count(), 1, "{caller:?} {model} {side:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_of_tower_s_says_as_a_plugin_keeps_its_meaning() {
    let limit = Duration::from_secs(1);
    let hangs = PluginLayer::new(layer_fn(move |_: Stack| {
        let never = service_fn(|_: Request<Body>| pending::<Result<_, BoxError>>());
        Timeout::new(never, limit)
    }));
    let full = PluginLayer::new(layer_fn(|inner: Stack| {
        LoadShed::new(ConcurrencyLimit::new(inner, 0))
    }));
    for lane in lanes() {
        let reply = ask_through(lane, hangs.clone(), true).await;
        assert_eq!(reply.status, 504, "{lane:?}");
        let reply = ask_through(lane, full.clone(), true).await;
        let told = error_message(lane.0, &reply.json());
        assert_eq!(told, "The gateway is overloaded.", "{lane:?}");
    }
}
