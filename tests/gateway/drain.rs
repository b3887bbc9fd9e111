//! A gateway that is taken out of service.

use std::{
    convert::Infallible,
    future::{Future, pending, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use http::{Request, Response, StatusCode, Version};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_test::{assert_ready, task};
use tower::{Layer, ServiceExt, service_fn, util::BoxCloneSyncService};
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    config::Config,
    context::Selected,
    downstream::Shutdown,
    drain::Drained,
    format::ApiFormat,
    meter::{Outcome, Summary},
};

use crate::{
    bodies::{Ask, error_message, path, question},
    caller::{Reply, post},
    inner::{Gate, response},
    support::fault::Format,
};

const SECOND: Duration = Duration::from_secs(1);

/// Its only provider is the handler behind it, in this format.
fn gateway(provider: ApiFormat) -> Gateway {
    let config = format!(
        "downstreams: [{{id: own, handler: inner, api_formats: [{provider}], output_model_ids: [m]}}]"
    );
    Gateway::from_yaml(&config).unwrap()
}

type App = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;
type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

fn app(gateway: &Gateway, answer: impl Fn() -> Answer + Clone + Send + Sync + 'static) -> App {
    let handler = service_fn(move |_: Request<Body>| answer());
    BoxCloneSyncService::new(gateway.layer().layer(handler))
}

/// The same, for one answer that is there already.
fn answering(gateway: &Gateway, answer: Response<Body>) -> App {
    let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
    app(gateway, move || {
        let answer = answer.lock().unwrap().take().expect("asked once");
        Box::pin(ready(Ok(answer)))
    })
}

fn asks(client: ApiFormat, stream: bool) -> Request<Body> {
    let body = question(client, "m", "Hi", Ask::Plain, stream).to_string();
    post(&path(client, "m", stream), body)
}

async fn send(app: App, request: Request<Body>) -> Reply {
    Reply::of(app.oneshot(request).await.unwrap()).await
}

/// A stream of this format that says something and then nothing more, unless the test does.
fn open_stream(provider: Format) -> (Gate, Response<Body>) {
    let (gate, body) = Gate::new();
    for event in provider.open_events() {
        gate.send(event);
    }
    (gate, response("text/event-stream", body))
}

/// Every caller with every provider.
fn pairs() -> impl Iterator<Item = (ApiFormat, Format)> {
    let formats = ApiFormat::BUILT_IN.iter().copied();
    formats.flat_map(|client| Format::ALL.map(|provider| (client, provider)))
}

/// Whatever is drained has as much.
#[track_caller]
fn assert_drained(drained: Drained, finished: usize, cut: usize) {
    assert_eq!((drained.finished, drained.cut), (finished, cut));
}

/// An answer that says in the caller's format that the gateway stops.
#[track_caller]
fn assert_refused(reply: &Reply, client: ApiFormat) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("retry-after"), "1");
    let message = error_message(client, &reply.json());
    assert_eq!(message, "The gateway is shutting down.");
}

#[tokio::test]
async fn situation_58_new_requests_are_refused_in_the_caller_s_format() {
    let gateway = gateway(ApiFormat::OPENAI);
    let app = app(&gateway, || panic!("nobody is to be asked"));
    assert!(!gateway.is_draining());
    let drain = gateway.drain(SECOND);
    assert!(gateway.clone().is_draining());
    for client in ApiFormat::BUILT_IN.iter().copied() {
        for stream in [false, true] {
            let reply = send(app.clone(), asks(client, stream)).await;
            assert_refused(&reply, client);
            assert_eq!(reply.header("connection"), "close");
        }
    }
    assert_drained(drain.await, 0, 0);
    // And so they are after it.
    let reply = Reply::of(
        gateway
            .service()
            .oneshot(asks(ApiFormat::OPENAI, false))
            .await
            .unwrap(),
    );
    assert_refused(&reply.await, ApiFormat::OPENAI);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_the_gateway_s_passes_also_after_a_deadline_that_cut_something() {
    let gateway = gateway(ApiFormat::OPENAI);
    let running = app(&gateway, || Box::pin(pending()));
    let running = tokio::spawn(send(running, asks(ApiFormat::OPENAI, false)));
    sleep(SECOND).await;
    assert_drained(gateway.drain(SECOND).await, 0, 1);
    assert_refused(&running.await.unwrap(), ApiFormat::OPENAI);
    let other = Request::get("/elsewhere").body(Body::empty()).unwrap();
    let reply = Reply::of(gateway.service().oneshot(other).await.unwrap()).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_of_models_are_refused_too() {
    let gateway = gateway(ApiFormat::OPENAI);
    gateway.drain(SECOND).await;
    let list = Request::get("/v1/models").body(Body::empty()).unwrap();
    let reply = Reply::of(gateway.service().oneshot(list).await.unwrap()).await;
    assert_refused(&reply, ApiFormat::OPENAI);
}

#[tokio::test]
async fn only_http_1_is_told_to_close_the_connection() {
    let gateway = gateway(ApiFormat::OPENAI);
    gateway.drain(SECOND).await;
    for (version, expected) in [
        (Version::HTTP_10, "close"),
        (Version::HTTP_11, "close"),
        (Version::HTTP_2, ""),
    ] {
        let mut request = asks(ApiFormat::OPENAI, false);
        *request.version_mut() = version;
        let reply = Reply::of(gateway.service().oneshot(request).await.unwrap()).await;
        assert_eq!(reply.header("connection"), expected, "{version:?}");
    }
}

#[tokio::test]
async fn what_is_the_host_s_goes_on() {
    let gateway = gateway(ApiFormat::OPENAI);
    gateway.drain(SECOND).await;
    let app = answering(&gateway, response("text/plain", "hello"));
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    assert_eq!(send(app, request).await.text(), "hello");
}

#[tokio::test(start_paused = true)]
async fn situation_58_a_stream_that_ends_in_time_is_whole() {
    for (client, provider) in pairs() {
        let gateway = gateway(provider.api());
        let (gate, answer) = open_stream(provider);
        let asked = tokio::spawn(send(answering(&gateway, answer), asks(client, true)));
        sleep(SECOND).await;
        let drain = gateway.drain(10 * SECOND);
        let rest = provider
            .events()
            .into_iter()
            .skip(provider.open_events().len());
        sleep(SECOND).await;
        for event in rest {
            gate.send(event);
        }
        drop(gate);
        let began = Instant::now();
        assert_drained(drain.await, 1, 0);
        assert_eq!(
            began.elapsed(),
            Duration::ZERO,
            "nothing was left to wait for"
        );
        let reply = asked.await.unwrap();
        assert!(
            !reply.broken && !reply.text().contains("shutting down"),
            "{}",
            reply.text()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn situation_58_a_stream_beyond_the_deadline_ends_with_an_error_in_the_caller_s_format() {
    for (client, provider) in pairs() {
        let gateway = gateway(provider.api());
        let (gate, answer) = open_stream(provider);
        let asked = tokio::spawn(send(answering(&gateway, answer), asks(client, true)));
        sleep(SECOND).await;
        let began = Instant::now();
        assert_drained(gateway.drain(5 * SECOND).await, 0, 1);
        assert_eq!(began.elapsed(), 5 * SECOND);
        assert!(!gate.is_held(), "the provider is left alone");
        let reply = asked.await.unwrap();
        assert!(!reply.broken);
        let last = reply.events().pop().unwrap();
        let error = last.get("response").unwrap_or(&last);
        let error = if error.get("error").is_some() {
            &error["error"]
        } else {
            error
        };
        assert_eq!(
            error["message"],
            "The gateway is shutting down.",
            "{}",
            reply.text()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn situation_58_who_waits_for_the_head_at_the_deadline_is_refused() {
    for (client, provider) in pairs() {
        for stream in [false, true] {
            let gateway = gateway(provider.api());
            let asked = Arc::new(());
            let alive = Arc::downgrade(&asked);
            let app = app(&gateway, move || {
                let held = Arc::clone(&asked);
                Box::pin(async move {
                    let never = pending().await;
                    drop(held);
                    never
                })
            });
            let asked = tokio::spawn(send(app, asks(client, stream)));
            sleep(SECOND).await;
            assert_drained(gateway.drain(SECOND).await, 0, 1);
            assert_refused(&asked.await.unwrap(), client);
            assert_eq!(alive.strong_count(), 0, "the provider is left alone");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn situation_58_who_has_not_sent_all_at_the_deadline_is_refused() {
    for client in ApiFormat::BUILT_IN.iter().copied() {
        let gateway = gateway(ApiFormat::OPENAI);
        let (gate, body) = Gate::new();
        gate.send("{");
        let app = app(&gateway, || panic!("nobody is to be asked"));
        let asked = tokio::spawn(send(app, post(&path(client, "m", false), body)));
        sleep(SECOND).await;
        assert_drained(gateway.drain(SECOND).await, 0, 1);
        assert_refused(&asked.await.unwrap(), client);
        assert!(!gate.is_held());
    }
}

#[tokio::test(start_paused = true)]
async fn situation_58_a_whole_answer_that_has_begun_breaks_off_at_the_deadline() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (gate, body) = Gate::new();
    gate.send("{");
    let app = answering(&gateway, response("application/json", body));
    let asked = tokio::spawn(send(app, asks(ApiFormat::OPENAI, false)));
    sleep(SECOND).await;
    assert_drained(gateway.drain(SECOND).await, 0, 1);
    let reply = asked.await.unwrap();
    assert_eq!((reply.status, reply.broken), (StatusCode::OK, true));
    assert!(!gate.is_held());
}

#[tokio::test(start_paused = true)]
async fn situation_58_nothing_is_tried_again_after_the_deadline() {
    let calls = Arc::new(AtomicUsize::new(0));
    let gateway = gateway(ApiFormat::OPENAI);
    let counted = Arc::clone(&calls);
    let app = app(&gateway, move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let mut answer = response("application/json", Format::OpenAi.error(503));
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        answer.headers_mut().insert("retry-after", 5.into());
        Box::pin(ready(Ok(answer)))
    });
    let asked = tokio::spawn(send(app, asks(ApiFormat::OPENAI, true)));
    sleep(SECOND).await;
    assert_drained(gateway.drain(SECOND).await, 0, 1);
    assert_refused(&asked.await.unwrap(), ApiFormat::OPENAI);
    sleep(60 * SECOND).await;
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn situation_58_who_never_reads_does_not_hold_it_up() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (_gate, answer) = open_stream(Format::OpenAi);
    let app = answering(&gateway, answer);
    let unread = app.oneshot(asks(ApiFormat::OPENAI, true)).await.unwrap();
    let began = Instant::now();
    assert_drained(gateway.drain(5 * SECOND).await, 0, 1);
    assert_eq!(began.elapsed(), 6 * SECOND);
    let reply = Reply::of(unread).await;
    assert!(reply.text().contains("shutting down"), "{}", reply.text());
}

#[tokio::test]
async fn with_nothing_on_its_way_it_is_over_at_once() {
    let gateway = gateway(ApiFormat::OPENAI);
    let mut drain = task::spawn(gateway.drain(Duration::MAX));
    assert_drained(assert_ready!(drain.poll()), 0, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_everything_is_waited_for() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (gate, answer) = open_stream(Format::OpenAi);
    let asked = tokio::spawn(send(
        answering(&gateway, answer),
        asks(ApiFormat::OPENAI, true),
    ));
    tokio::task::yield_now().await;
    let drain = tokio::spawn(gateway.drain(Duration::MAX));
    for _ in 0..100 {
        sleep(20 * SECOND).await;
        gate.send(": still there\n\n");
    }
    drop(gate);
    assert_drained(drain.await.unwrap(), 1, 0);
    asked.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_time_at_all_is_a_deadline() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (_gate, answer) = open_stream(Format::OpenAi);
    let asked = tokio::spawn(send(
        answering(&gateway, answer),
        asks(ApiFormat::OPENAI, true),
    ));
    tokio::task::yield_now().await;
    assert_drained(gateway.drain(Duration::ZERO).await, 0, 1);
    assert!(asked.await.unwrap().text().contains("shutting down"));
}

#[tokio::test(start_paused = true)]
async fn of_several_drains_the_earliest_deadline_counts() {
    for deadlines in [[3, 10], [10, 3]] {
        let gateway = gateway(ApiFormat::OPENAI);
        let (_gate, answer) = open_stream(Format::OpenAi);
        let app = answering(&gateway, answer);
        let _unread = app.oneshot(asks(ApiFormat::OPENAI, true)).await.unwrap();
        let began = Instant::now();
        let drains = deadlines.map(|seconds| {
            let drain = gateway.clone().drain(seconds * SECOND);
            async move { (drain.await, began.elapsed()) }
        });
        for (drained, took) in join_all(drains).await {
            assert_drained(drained, 0, 1);
            assert_eq!(took, 4 * SECOND);
        }
        // One that comes too late counts none that it could have waited for.
        assert_drained(gateway.drain(SECOND).await, 0, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn who_ends_and_who_is_cut_are_counted_apart() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (ends, answer) = open_stream(Format::OpenAi);
    let first = answering(&gateway, answer);
    let (_stays, answer) = open_stream(Format::OpenAi);
    let second = answering(&gateway, answer);
    let running = [first, second].map(|app| tokio::spawn(send(app, asks(ApiFormat::OPENAI, true))));
    sleep(SECOND).await;
    let drain = gateway.drain(SECOND);
    drop(ends);
    assert_drained(drain.await, 1, 1);
    join_all(running).await;
    assert_drained(gateway.drain(SECOND).await, 0, 0);
}

#[tokio::test]
async fn what_the_host_has_routed_itself_is_refused_in_the_format_that_it_says() {
    let gateway = gateway(ApiFormat::OPENAI);
    gateway.drain(SECOND).await;
    let target = Arc::clone(gateway.table().load().targets().first().unwrap());
    let mut request = Request::post("/of/its/own").body(Body::empty()).unwrap();
    let selected = Selected::new(target, ApiFormat::ANTHROPIC);
    request.extensions_mut().insert(selected);
    let reply = Reply::of(gateway.service().oneshot(request).await.unwrap()).await;
    assert_refused(&reply, ApiFormat::ANTHROPIC);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_given_up_refuses_but_cuts_nothing() {
    let gateway = gateway(ApiFormat::OPENAI);
    let (gate, answer) = open_stream(Format::OpenAi);
    let asked = tokio::spawn(send(
        answering(&gateway, answer),
        asks(ApiFormat::OPENAI, true),
    ));
    tokio::task::yield_now().await;
    assert!(timeout(SECOND, gateway.drain(5 * SECOND)).await.is_err());
    let service = gateway.service();
    let reply = Reply::of(
        service
            .oneshot(asks(ApiFormat::OPENAI, true))
            .await
            .unwrap(),
    )
    .await;
    assert_refused(&reply, ApiFormat::OPENAI);
    sleep(20 * SECOND).await;
    assert!(gate.is_held());
    drop(gate);
    assert!(!asked.await.unwrap().text().contains("shutting down"));
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_has_a_summary() {
    let summaries = Arc::new(std::sync::Mutex::new(Vec::new()));
    let config =
        "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [m]}]";
    let recorded = Arc::clone(&summaries);
    let gateway = Gateway::builder(Config::from_yaml(config).unwrap())
        .recorder(move |it: &Summary| recorded.lock().unwrap().push((it.outcome, it.status)))
        .build()
        .unwrap();
    let (_gate, answer) = open_stream(Format::OpenAi);
    let in_stream = answering(&gateway, answer);
    let waiting = app(&gateway, || Box::pin(pending()));
    let refused = waiting.clone();
    let running: Vec<JoinHandle<_>> = [in_stream, waiting]
        .map(|app| tokio::spawn(send(app, asks(ApiFormat::OPENAI, true))))
        .into();
    sleep(SECOND).await;
    let drain = gateway.drain(SECOND);
    send(refused, asks(ApiFormat::OPENAI, true)).await;
    assert_drained(drain.await, 0, 2);
    join_all(running).await;
    let mut summaries = summaries.lock().unwrap().clone();
    summaries.sort_by_key(|(_, status)| *status);
    let unavailable = (Outcome::Failed, Some(StatusCode::SERVICE_UNAVAILABLE));
    let broken = (Outcome::Broken, Some(StatusCode::OK));
    assert_eq!(summaries, [broken, unavailable, unavailable]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_the_host_s_can_see_the_end_coming() {
    let gateway = gateway(ApiFormat::OPENAI);
    let handler = service_fn(|request: Request<Body>| async move {
        let shutdown = Shutdown::of(request.extensions()).cloned().unwrap();
        let (gate, answer) = open_stream(Format::OpenAi);
        tokio::spawn(async move {
            assert!(!shutdown.has_come());
            shutdown.clone().wait().await;
            assert!(shutdown.has_come() && !gate.is_held());
        });
        Ok::<_, Infallible>(answer)
    });
    let app = gateway.layer().layer(handler);
    let asked = tokio::spawn(async {
        Reply::of(app.oneshot(asks(ApiFormat::OPENAI, true)).await.unwrap()).await
    });
    tokio::task::yield_now().await;
    assert_drained(gateway.drain(SECOND).await, 0, 1);
    asked.await.unwrap();
}
