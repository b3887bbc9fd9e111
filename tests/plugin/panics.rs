//! Plugins that fail or panic, in each of their parts.

use std::{
    convert::Infallible,
    future::{Future, pending, ready},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Body as _, Frame};
use tokio_test::{assert_ready_err, task};
use tower::{Layer, Service, ServiceExt, service_fn, util::MapErrLayer};
use tower_llm_gateway::{
    Body, BoxError, Error,
    plugin::{PipelineLayer, PluginLayer, Registry},
};

use crate::{
    faulty::{Cut, Phase, SECRET, Way, before_the_head, faulty, quiet},
    log, named, request,
};

const WAYS: [Way; 2] = [Way::Panics, Way::Errs];

/// A body of two pieces that doesn't say how long it is.
fn pieces() -> Body {
    let pieces =
        ["a\n\n", "b\n\n"].map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from(piece))));
    Body::new(StreamBody::new(stream::iter(pieces)))
}

/// The answer of a service that streams, through these plugins.
async fn answer(
    plugins: impl IntoIterator<Item = PluginLayer>,
) -> Result<Response<Body>, BoxError> {
    let inner = service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(pieces()))));
    PipelineLayer::new()
        .layer(inner)
        .oneshot(request(plugins))
        .await
}

/// What passes of a body, and how it ends.
async fn read(mut body: Body) -> (String, Option<BoxError>) {
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => text += std::str::from_utf8(frame.data_ref().unwrap()).unwrap(),
            Err(error) => return (text, Some(error)),
        }
    }
    (text, None)
}

/// Looks whether an error is a plugin's, and tells nobody what the plugin said when it panicked.
#[track_caller]
fn assert_plugin_s(error: &BoxError, way: Way) {
    let error = error.downcast_ref::<Error>().expect("it is one of ours");
    assert!(error.is_plugin(), "{error}");
    let source = std::error::Error::source(error).unwrap().to_string();
    match way {
        Way::Panics => {
            assert_eq!(source, "it panicked");
            assert!(!format!("{error} {error:?}").contains(SECRET));
        }
        Way::Errs => assert_eq!(source, SECRET),
    }
}

#[tokio::test]
async fn situation_60_a_plugin_that_fails_before_its_answer_begins_is_an_error_of_its_own() {
    for (phase, way) in before_the_head() {
        let error = answer([faulty(phase, way)]).await.unwrap_err();
        assert_plugin_s(&error, way);
        assert_eq!(error.to_string(), "a plugin failed");
    }
}

#[tokio::test]
async fn situation_60_a_body_that_fails_ends_in_an_error_and_is_not_asked_again() {
    for way in WAYS {
        for (cut, passes) in [(Cut::Behind(0), ""), (Cut::Behind(1), "a\n\n")] {
            let mut body = answer([faulty(Phase::Frame(cut), way)])
                .await
                .unwrap()
                .into_body();
            let mut text = String::new();
            let error = loop {
                match body.frame().await.expect("it fails") {
                    Ok(frame) => text += std::str::from_utf8(frame.data_ref().unwrap()).unwrap(),
                    Err(error) => break error,
                }
            };
            assert_plugin_s(&error, way);
            assert_eq!(text, passes);
            assert!(body.frame().await.is_none());
            assert!(body.is_end_stream());
        }
    }
}

#[tokio::test]
async fn situation_60_a_body_that_panics_when_it_is_looked_at_fails_when_it_is_read() {
    let body = answer([faulty(Phase::Hint, Way::Panics)])
        .await
        .unwrap()
        .into_body();
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), None);
    let (text, error) = read(body).await;
    assert_eq!(text, "");
    assert_plugin_s(&error.unwrap(), Way::Panics);
}

#[tokio::test]
async fn situation_60_what_panics_while_it_is_dropped_changes_nothing() {
    for phase in [Phase::DropService, Phase::DropFuture, Phase::DropBody] {
        let body = answer([faulty(phase, Way::Panics)])
            .await
            .unwrap()
            .into_body();
        assert_eq!(read(body).await.0, "a\n\nb\n\n", "{phase:?}");
        // Unread, and unanswered.
        drop(answer([faulty(phase, Way::Panics)]).await);
        let never = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
        let future = PipelineLayer::new().layer(never);
        let future = future.oneshot(request([faulty(phase, Way::Panics)]));
        let mut future = task::spawn(future);
        assert!(future.poll().is_pending());
    }
}

/// A service that never answers, and whether it is still asked.
fn never() -> (
    impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static,
    std::sync::Weak<()>,
) {
    let held = Arc::new(());
    let alive = Arc::downgrade(&held);
    let held = Arc::new(Mutex::new(Some(held)));
    let service = service_fn(move |_: Request<Body>| {
        let held = held.lock().unwrap().take();
        async move {
            let answer = pending().await;
            drop(held);
            answer
        }
    });
    (service, alive)
}

#[test]
fn situation_60_what_a_plugin_has_asked_is_dropped_when_it_fails() {
    for way in WAYS {
        for phase in [Phase::Call, Phase::Poll] {
            let (never, alive) = never();
            let pipeline = PipelineLayer::new().layer(never);
            let mut future = task::spawn(pipeline.oneshot(request([faulty(phase, way)])));
            assert_ready_err!(future.poll());
            // The future itself is not dropped yet.
            assert_eq!(alive.strong_count(), 0, "{phase:?} {way:?}");
        }
    }
}

#[tokio::test]
async fn situation_60_a_body_that_fails_lets_go_of_the_one_below() {
    for way in WAYS {
        let held = Arc::new(());
        let alive = Arc::downgrade(&held);
        let held = Mutex::new(Some(held));
        let inner = tower::util::BoxService::new(service_fn(move |_: Request<Body>| {
            let held = held.lock().unwrap().take();
            let pieces = stream::repeat_with(move || {
                assert!(held.is_some());
                Ok::<_, Infallible>(Frame::data(Bytes::from("a\n\n")))
            });
            ready(Ok::<_, Infallible>(Response::new(Body::new(
                StreamBody::new(pieces),
            ))))
        }));
        let inner = tower::buffer::Buffer::new(inner, 1);
        let plugin = faulty(Phase::Frame(Cut::Behind(1)), way);
        let answer = PipelineLayer::new()
            .layer(inner)
            .oneshot(request([plugin]))
            .await;
        let mut body = answer.unwrap().into_body();
        while body.frame().await.unwrap().is_ok() {}
        assert_eq!(alive.strong_count(), 0);
    }
}

#[tokio::test]
async fn situation_60_plugins_further_out_see_an_error_and_not_a_panic() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let outer = PluginLayer::new(MapErrLayer::new(move |error: BoxError| {
        notes.lock().unwrap().push(error.to_string());
        error
    }));
    for (phase, way) in before_the_head() {
        let inner = faulty(phase, way).named("inner");
        let error = answer([outer.clone().named("outer"), inner])
            .await
            .unwrap_err();
        assert_plugin_s(&error, way);
        // It stays the fault of the one that failed.
        assert_eq!(error.to_string(), "the plugin `inner` failed");
        assert_eq!(*seen.lock().unwrap(), [error.to_string()]);
        seen.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn what_fails_below_is_no_plugin_s_fault() {
    let broken = || stream::iter([Err::<Frame<Bytes>, BoxError>("broken".into())]);
    let inner = service_fn(move |_: Request<Body>| {
        let body = Body::new(StreamBody::new(broken()));
        ready(Ok::<_, Infallible>(Response::new(body)))
    });
    let wraps = faulty(Phase::DropFuture, Way::Errs);
    let pipeline = PipelineLayer::new().layer(inner);
    let answer = pipeline.oneshot(request([named("a"), wraps])).await;
    let (_, error) = read(answer.unwrap().into_body()).await;
    assert_eq!(error.unwrap().to_string(), "broken");
}

#[tokio::test]
async fn situation_60_a_panic_over_what_fails_below_is_the_plugin_s_own() {
    quiet();
    let panics = MapErrLayer::new(|_: BoxError| -> BoxError { panic!("{SECRET}") });
    let inner = service_fn(|_: Request<Body>| ready(Err::<Response<Body>, BoxError>("no".into())));
    let pipeline = PipelineLayer::new().layer(inner);
    let answer = pipeline.oneshot(request([PluginLayer::new(panics)])).await;
    assert_plugin_s(&answer.unwrap_err(), Way::Panics);
}

/// How the body of a request fails where it is read.
async fn upload(request: Request<Body>) -> BoxError {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let inner = service_fn(move |request: Request<Body>| {
        let sender = sender.clone();
        async move {
            let error = request.into_body().collect().await.unwrap_err();
            sender.send(error).unwrap();
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let answer = PipelineLayer::new().layer(inner).oneshot(request).await;
    answer.unwrap();
    receiver.recv().await.unwrap()
}

#[tokio::test]
async fn situation_60_a_request_s_body_that_a_plugin_spoils_is_an_error_where_it_is_read() {
    for way in WAYS {
        let error = upload(request([named("a"), faulty(Phase::Upload, way)])).await;
        assert_plugin_s(&error, way);
    }
}

#[tokio::test]
async fn what_fails_above_is_no_plugin_s_fault() {
    let broken = stream::iter([Err::<Frame<Bytes>, BoxError>("broken".into())]);
    let broken = Body::new(StreamBody::new(broken));
    let error = upload(request([named("a")]).map(|_| broken)).await;
    assert_eq!(error.to_string(), "broken");
}

#[tokio::test]
async fn a_registry_names_the_plugins_that_it_makes() {
    let mut registry = Registry::empty();
    registry.register("hosts", |_| Ok(faulty(Phase::Poll, Way::Errs)));
    let plugin = registry.make("hosts", &serde_json::Value::Null).unwrap();
    let error = answer([plugin.unwrap()]).await.unwrap_err();
    assert_eq!(error.to_string(), "the plugin `hosts` failed");
}

/// What is logged while this is awaited.
fn logged<T>(work: impl Future<Output = T>) -> (T, String) {
    log::keep();
    let done = tokio_test::block_on(work);
    (done, log::kept())
}

#[test]
fn situation_60_a_panic_is_logged_with_the_plugin_s_name() {
    let plugin = faulty(Phase::Poll, Way::Panics).named("hosts");
    let (_, log) = logged(answer([plugin]));
    assert!(log.contains("ERROR"), "{log}");
    assert!(log.contains(r#"plugin="hosts""#), "{log}");
    assert!(log.contains(&format!("panic=\"{SECRET}\"")), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn what_a_body_fails_with_is_logged_once_with_the_plugin_s_name() {
    let plugin = faulty(Phase::Frame(Cut::Behind(1)), Way::Errs).named("hosts");
    let plugins = [named("a"), plugin];
    let (_, log) = logged(async { read(answer(plugins).await.unwrap().into_body()).await });
    assert!(log.contains("WARN"), "{log}");
    assert!(log.contains("the plugin `hosts` failed"), "{log}");
    assert!(log.contains(SECRET), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}
