//! When the caller goes away, so does the request to the provider; in each of its phases, and at once.

use std::{
    fmt::Debug,
    future::{Future, pending},
    sync::{Arc, Weak},
};

use http::{Request, Response};
use tokio_test::{assert_pending, task};
use tower::{Layer, Service, ServiceBuilder, service_fn, util::BoxCloneService};
use tower_llm_gateway::{
    Body, BoxError,
    config::Config,
    plugin::{PipelineLayer, Registry},
    router::RuleRouterLayer,
    translate::TranslateLayer,
};

use crate::{
    caller::{CALLERS, Caller, SONNET, post},
    inner::{Gate, next, pairs, response, selected, translated},
};

/// An inner service that never answers, and a look at whether its future is still there.
fn never() -> (
    impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static,
    Weak<()>,
) {
    let held = Arc::new(());
    let alive = Arc::downgrade(&held);
    let held = Arc::new(std::sync::Mutex::new(Some(held)));
    let service = service_fn(move |_: Request<Body>| {
        let held = held.lock().unwrap().take().expect("asked once");
        async move {
            let response: Result<Response<Body>, BoxError> = pending().await;
            drop(held);
            response
        }
    });
    (service, alive)
}

fn assert_dropped_with<F: Future<Output: Debug>>(future: F, is_held: impl Fn() -> bool) {
    let mut future = task::spawn(future);
    assert_pending!(future.poll());
    assert!(is_held(), "the inner one has not begun");
    drop(future);
    assert!(!is_held(), "the inner one goes on");
}

#[test]
fn waiting_for_the_head() {
    for (caller, provider) in pairs() {
        let (inner, alive) = never();
        let mut service = TranslateLayer::selected().layer(inner);
        let future = service.call(selected(caller, provider, true));
        assert_dropped_with(future, || alive.strong_count() > 0);
    }
}

#[test]
fn reading_the_request() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        let (inner, _) = never();
        let mut service = TranslateLayer::selected().layer(inner);
        let request = selected(caller, caller.other(), true).map(|_| body);
        assert_dropped_with(service.call(request), || gate.is_held());
    }
}

#[test]
fn reading_a_whole_answer() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        let answer = response("application/json", body);
        let future = translated(selected(caller, caller.other(), false), answer);
        assert_dropped_with(future, || gate.is_held());
    }
}

#[test]
fn gathering_a_stream() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        let answer = response("text/event-stream", body);
        let future = translated(selected(caller, caller.other(), false), answer);
        assert_dropped_with(future, || gate.is_held());
    }
}

#[test]
fn waiting_for_the_first_event() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(": keep-alive\n\n");
        let answer = response("text/event-stream", body);
        let future = translated(selected(caller, caller.other(), true), answer);
        assert_dropped_with(future, || gate.is_held());
    }
}

#[tokio::test]
async fn trap_108_in_mid_stream() {
    for (caller, provider) in pairs() {
        let (gate, body) = Gate::new();
        gate.send(provider.stream().split_inclusive("\n\n").next().unwrap());
        let answer = response("text/event-stream", body);
        let reply = translated(selected(caller, provider, true), answer).await;
        assert!(gate.is_held());
        drop(reply);
        assert!(!gate.is_held());
    }
}

/// Only a body that was read to its end leaves the connection fit for the next request.
#[tokio::test]
async fn a_whole_stream_is_read_to_the_end_of_the_provider_s_body() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(caller.other().stream());
        let answer = response("text/event-stream", body);
        let reply = translated(selected(caller, caller.other(), true), answer).await;
        let mut body = reply.into_body();
        let mut text = String::new();
        while !text.contains(caller.terminal()) {
            text += &next(&mut body).expect("the answer is whole");
        }
        assert!(gate.is_held());
        drop(gate);
        assert_eq!(next(&mut body), None);
    }
}

#[tokio::test]
async fn a_provider_that_goes_on_and_on_behind_the_end_is_left() {
    for caller in CALLERS {
        let (gate, body) = Gate::new();
        gate.send(caller.other().stream());
        gate.send(": noise\n\n".repeat(10_000));
        let answer = response("text/event-stream", body);
        let reply = translated(selected(caller, caller.other(), true), answer).await;
        let mut body = reply.into_body();
        while next(&mut body).is_some() {}
        assert!(!gate.is_held());
    }
}

/// The whole stack over an inner service, with a plugin for `gpt-4o`.
fn stack<S>(inner: S) -> BoxCloneService<Request<Body>, Response<Body>, std::convert::Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let config = format!(
        "downstreams:\n- {{id: a, base_url: 'https://a', api_formats: [anthropic], output_model_ids: ['{SONNET}', gpt-4o]}}\n\
         rules:\n- {{id: r, pattern_path: '*', pattern_model: gpt-4o, pipeline_config: [{{plugin_id: custom_header}}]}}\n"
    );
    let table = Config::from_yaml(&config).unwrap();
    let table = table.build(&Registry::default()).unwrap();
    let stack = ServiceBuilder::new()
        .layer(RuleRouterLayer::new(table))
        .layer(TranslateLayer::selected())
        .layer(PipelineLayer::new())
        .service(inner);
    BoxCloneService::new(stack)
}

#[test]
fn waiting_for_the_head_through_the_whole_stack() {
    for caller in CALLERS {
        for model in [SONNET, "gpt-4o"] {
            let (inner, alive) = never();
            let future = stack(inner).call(caller.asks(model, "Hi", true));
            assert_dropped_with(future, || alive.strong_count() > 0);
        }
    }
}

#[test]
fn reading_the_request_for_the_router() {
    let (gate, body) = Gate::new();
    let (inner, _) = never();
    let future = stack(inner).call(post(Caller::OpenAi.path(), body));
    assert_dropped_with(future, || gate.is_held());
}
