//! The next provider: when, in which format, and what the caller gets if none does better.

use http::{HeaderMap, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tower::{ServiceBuilder, filter::AsyncFilterLayer, util::MapRequestLayer};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    failover::{Alternative, Attempts, FailoverLayer, Fallbacks},
    format::{ApiFormat, Operation},
    ir::ErrorKind,
    plugin::{CallerPlugins, PluginLayer, Plugins},
};

use super::world::{Asks, OPENAI, Seen, Step, World};
use crate::{
    bodies::{Ask, answer, error_body, error_message, said, streamed},
    inner::Gate,
};

#[tokio::test(start_paused = true)]
async fn targets_are_tried_in_their_order_each_as_often_as_it_may() {
    let world = World::new([
        ("a", vec![Step::status(503)]),
        ("b", vec![Step::breaks()]),
        ("c", vec![Step::status(529), Step::good(OPENAI)]),
    ]);
    let asks = Asks::of(&["a", "b", "c"]).retry(|retry| retry.attempts = Some(2));
    let response = world.call(asks.request()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(world.course(), "aabbcc");
    let attempts = Attempts::of(response.extensions()).unwrap();
    assert_eq!(&*attempts.assigned().unwrap().downstream, "a");
    assert_eq!(&*attempts.served().unwrap().downstream, "c");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_request_goes_to_the_next_only_if_configured() {
    for status in [400, 401, 403, 404, 413, 422] {
        let world = || {
            World::new([
                ("a", vec![Step::status(status)]),
                ("b", vec![Step::good(OPENAI)]),
            ])
        };
        let (world, configured) = (world(), world());
        assert_eq!(world.status(Asks::of(&["a", "b"]).request()).await, status);
        assert_eq!(world.course(), "a");

        let asks = Asks::of(&["a", "b"]).retry(|retry| {
            retry.statuses = Some([status.try_into().unwrap()].into());
        });
        assert_eq!(configured.status(asks.request()).await, 200);
        assert_eq!(configured.course(), "ab");
    }
}

#[tokio::test(start_paused = true)]
async fn the_provider_s_status_counts_and_not_what_the_caller_reads() {
    let world = World::new([
        ("a", vec![Step::status(413)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    // Gemini has no 413.
    let asks = Asks::between(ApiFormat::GEMINI, &[("a", OPENAI), ("b", OPENAI)]);
    let asks =
        asks.retry(|retry| retry.statuses = Some([http::StatusCode::PAYLOAD_TOO_LARGE].into()));
    let (reply, tried) = world.ask(asks.request()).await;
    assert_eq!(
        (reply.status.as_u16(), &*tried),
        (200, "a: status 413, b: answered")
    );
}

#[tokio::test(start_paused = true)]
async fn situation_29_a_fallback_in_another_format_is_translated_for_it() {
    for client in ApiFormat::BUILT_IN {
        for other in ApiFormat::BUILT_IN {
            let overloaded = tower_llm_gateway::ir::Error::new(ErrorKind::Overloaded, "busy");
            let (status, body) = error_body(*client, &overloaded);
            let refusal = Step::refusal(status, &[], body.leak());
            for stream in [false, true] {
                let good = if stream {
                    Step::stream(*other)
                } else {
                    Step::good(*other)
                };
                let world = World::new([("a", vec![refusal.clone()]), ("b", vec![good])]);
                let mut asks = Asks::between(*client, &[("a", *client), ("b", *other)])
                    .retry(|retry| retry.attempts = Some(1));
                if stream {
                    asks = asks.stream();
                }
                let (reply, tried) = world.ask(asks.request()).await;
                assert_eq!(tried, format!("a: status {status}, b: answered"));
                let (whole, events) = answer(*other, Ask::Plain);
                if stream {
                    let expected = streamed(*other, events);
                    assert_eq!(
                        streamed(*client, &reply.text()),
                        expected,
                        "{client} {other}"
                    );
                } else {
                    let expected = said(*other, whole);
                    assert_eq!(said(*client, &reply.text()), expected, "{client} {other}");
                }
                let path = other.api().path(Operation::Generate, "m", stream);
                let path = path.split('?').next().unwrap();
                assert_eq!(world.seen()[1].path, path, "{client} {other}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_said_is_better_than_that_another_is_not_there() {
    for (client, other) in crate::bodies::directions() {
        let refusal = Step::refusal(429, &[("retry-after", "60")], "{}");
        let world = World::new([("a", vec![refusal]), ("b", vec![Step::breaks()])]);
        let asks = Asks::between(client, &[("a", other), ("b", client)]);
        let response = world.call(asks.request()).await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "60");
        assert_eq!(world.course(), "abbb");
        let attempts = Attempts::of(response.extensions()).unwrap();
        assert_eq!(&*attempts.served().unwrap().downstream, "a");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        error_message(client, &serde_json::from_slice(&body).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_answers_the_last_is_the_caller_s() {
    let steps = [
        ("a", vec![Step::status(500)]),
        ("b", vec![Step::status(529)]),
    ];
    let world = World::new(steps);
    assert_eq!(world.status(Asks::of(&["a", "b"]).request()).await, 529);
    assert_eq!(world.course(), "aaabbb");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_answers_the_last_error_goes_up() {
    let world = World::new([("a", vec![Step::breaks()]), ("b", vec![Step::breaks()])]);
    let error = world
        .call(Asks::of(&["a", "b"]).request())
        .await
        .unwrap_err();
    let error = error.downcast::<tower_llm_gateway::Error>().unwrap();
    assert!(error.is_broken());
}

#[tokio::test(start_paused = true)]
async fn an_error_comes_with_all_its_frames_and_trailers() {
    let refusal = Step::answer(|| {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", "1".parse().unwrap());
        let frames = [
            Ok::<_, BoxError>(Frame::data("{\"error\"".into())),
            Ok(Frame::data(":{}}".into())),
            Ok(Frame::trailers(trailers)),
        ];
        let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
        let response = Response::builder().status(503);
        response
            .header("content-type", "application/json")
            .body(body)
            .unwrap()
    });
    let world = World::new([("a", vec![refusal])]);
    let response = world.call(Asks::of(&["a"]).request()).await.unwrap();
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-end"], "1");
    assert_eq!(collected.to_bytes(), r#"{"error":{}}"#);
}

/// Bytes in two pieces, the second not there at once.
fn streamed_body(asks: &Asks) -> (Gate, http::Request<Body>) {
    let (gate, body) = Gate::new();
    let whole = asks.request().into_body();
    let mut whole = tokio_test::task::spawn(whole.collect());
    let whole = tokio_test::assert_ready!(whole.poll()).unwrap().to_bytes();
    let whole: &'static str = String::from_utf8(whole.to_vec()).unwrap().leak();
    let (first, second) = whole.split_at(whole.len() / 2);
    gate.send(first);
    gate.send(second);
    (gate, asks.request_with(body))
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_as_a_stream_is_there_for_every_attempt() {
    let world = World::new([
        ("a", vec![Step::status(503)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    let (gate, request) = streamed_body(&Asks::of(&["a", "b"]));
    drop(gate);
    assert_eq!(world.status(request).await, 200);
    let bodies: Vec<_> = world.seen().iter().map(Seen::json).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_to_be_kept_is_413_in_the_caller_s_format() {
    for client in ApiFormat::BUILT_IN {
        let world = World::new([]).with(FailoverLayer::new().body_limit(16));
        let (_gate, request) = streamed_body(&Asks::between(*client, &[("a", OPENAI)]));
        let (reply, tried) = world.ask(request).await;
        // Gemini has no status of its own for it.
        let expected = if *client == ApiFormat::GEMINI {
            400
        } else {
            413
        };
        assert_eq!(reply.status, expected);
        error_message(*client, &reply.json());
        assert_eq!(tried, "");
    }
}

/// A request for an operation, under the layer alone, whose body is read by nobody. How often it is asked, and whether
/// the body was touched.
async fn unread(operation: Operation, stream: bool) -> usize {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    let stack = ServiceBuilder::new()
        .layer(FailoverLayer::new())
        .service(tower::service_fn(move |_: http::Request<Body>| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::future::ready(Ok::<_, BoxError>(
                Response::builder().status(503).body(Body::empty()).unwrap(),
            ))
        }));
    let asks = Asks::of(&["a", "b"]);
    let (_gate, mut request) = if stream {
        let (gate, body) = Gate::new();
        (Some(gate), asks.request_with(body))
    } else {
        (None, asks.request())
    };
    let selected = asks.selected().remove(0).with_operation(operation);
    request.extensions_mut().insert::<Selected>(selected);
    let response = tower::ServiceExt::oneshot(stack, request).await.unwrap();
    assert_eq!(response.status(), 503);
    asked.load(std::sync::atomic::Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn an_upload_goes_as_it_comes_and_once() {
    let speech = Operation::Other("audio/transcriptions");
    assert_eq!(unread(speech, true).await, 1);
    assert_eq!(unread(Operation::Unknown, true).await, 1);
    assert_eq!(unread(speech, false).await, 6);
    assert_eq!(unread(Operation::Unknown, false).await, 1);
    assert_eq!(unread(Operation::Other("/v1/videos"), false).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_fallback_has_a_say_of_its_own_how_often_it_is_tried() {
    let world = World::new([
        ("a", vec![Step::status(503)]),
        ("b", vec![Step::status(503)]),
    ]);
    let mut request = Asks::of(&["a"])
        .retry(|retry| retry.attempts = Some(1))
        .request();
    let other = Asks::of(&["b"])
        .retry(|retry| retry.attempts = Some(4))
        .selected();
    let others = other.into_iter().map(Into::into).collect();
    request.extensions_mut().insert(Fallbacks(others));
    world.status(request).await;
    assert_eq!(world.course(), "abbbb");
}

/// Sets a header by which its side is known.
fn mark(side: &'static str) -> PluginLayer {
    let set = move |mut request: http::Request<Body>| {
        request
            .headers_mut()
            .append("x-mark", side.parse().unwrap());
        request
    };
    PluginLayer::new(MapRequestLayer::new(set))
}

#[tokio::test(start_paused = true)]
async fn a_fallback_runs_its_own_plugins_and_no_others() {
    let world = World::new([
        ("a", vec![Step::status(520)]),
        ("b", vec![Step::status(520)]),
    ]);
    let mut request = Asks::of(&["a"]).request();
    let extensions = request.extensions_mut();
    extensions.insert(Plugins([mark("a")].into()));
    extensions.insert(CallerPlugins([mark("caller of a")].into()));
    let others = Asks::of(&["b", "b"]).selected().into_iter();
    let mut others: Vec<Alternative> = others.map(Into::into).collect();
    others[1].plugins = Some(Plugins([mark("b")].into()));
    extensions.insert(Fallbacks(others.into()));
    world.status(request).await;
    let seen = world.seen();
    let marks = |at: usize| -> Vec<_> { seen[at].headers.get_all("x-mark").iter().collect() };
    assert_eq!(marks(0), ["caller of a", "a"]);
    assert!(marks(1).is_empty());
    assert_eq!(marks(2), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_can_take_is_another_s() {
    let redirect = Step::refusal(302, &[("location", "https://elsewhere")], "");
    let compressed = Step::refusal(200, &[("content-encoding", "br")], "x");
    let foreign = Step::body("application/json", "<html>");
    let large = Step::answer(|| {
        let response = Response::builder().header("content-type", "application/json");
        response.body(Body::from(vec![b' '; 33 << 20])).unwrap()
    });
    for (client, odd, outcome) in [
        (OPENAI, redirect, "unusable"),
        (OPENAI, compressed, "unreadable"),
        (ApiFormat::ANTHROPIC, foreign, "unreadable"),
        (ApiFormat::ANTHROPIC, large, "unreadable"),
    ] {
        let world = World::new([("a", vec![odd]), ("b", vec![Step::good(OPENAI)])]);
        let asks = Asks::between(client, &[("a", OPENAI), ("b", OPENAI)]);
        let (reply, tried) = world.ask(asks.request()).await;
        assert_eq!(reply.status, 200);
        assert_eq!(tried, format!("a: {outcome}, b: answered"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_plugin_is_nobody_s_who_comes_next() {
    let world = World::new([
        ("a", vec![Step::good(OPENAI)]),
        ("b", vec![Step::good(OPENAI)]),
    ]);
    let refuse =
        |_: http::Request<Body>| async { Err::<http::Request<Body>, BoxError>("no".into()) };
    let mut request = Asks::of(&["a", "b"]).request();
    let refuse = PluginLayer::new(AsyncFilterLayer::new(refuse));
    request.extensions_mut().insert(Plugins([refuse].into()));
    assert!(world.call(request).await.is_err());
    assert_eq!(world.course(), "");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_has_routed_passes_untouched() {
    let stack = ServiceBuilder::new()
        .layer(FailoverLayer::new())
        .service(tower::service_fn(|request: http::Request<Body>| {
            assert!(request.extensions().is_empty());
            std::future::ready(Ok::<_, BoxError>(
                Response::builder()
                    .status(503)
                    .body(request.into_body())
                    .unwrap(),
            ))
        }));
    let (gate, body) = Gate::new();
    let response = tower::ServiceExt::oneshot(stack, http::Request::new(body))
        .await
        .unwrap();
    assert_eq!(response.status(), 503);
    assert!(gate.is_held() && response.extensions().is_empty());
}
