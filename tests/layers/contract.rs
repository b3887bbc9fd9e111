//! What tower asks of every service.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use http::{Request, Response, StatusCode};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok};
use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit, service_fn, util::MapResponse};
use tower_llm_gateway::{
    Body, BoxError,
    admission::{ClientKeys, ClientKeysLayer},
    failover::FailoverLayer,
    format::ApiFormat,
    meter::MeterLayer,
    plugin::PipelineLayer,
    translate::TranslateLayer,
};
use tower_test::mock::{self, Mock, Spawn};

use crate::stacks::{
    Strict, answer, chat, gateway, gateway_with_handler, json, messages, page, router, selected,
    with_plugin,
};

/// Calls a service as often as any host might, through clones and without.
async fn hammer<S, B>(mut service: S, request: fn() -> Request<Body>)
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
{
    for _ in 0..3 {
        let response = service.ready().await.unwrap().call(request()).await;
        assert!(response.unwrap().status().is_success());
        let response = service.clone().oneshot(request()).await;
        assert!(response.unwrap().status().is_success());
    }
    // Ready, cloned, and then called.
    let ready = service.ready().await.unwrap();
    let clone = ready.clone();
    assert!(ready.call(request()).await.is_ok());
    assert!(clone.oneshot(request()).await.is_ok());
}

#[tokio::test]
async fn situation_55_rule_router_calls_the_instance_that_was_ready() {
    hammer(router().layer(Strict::default()), chat).await;
    hammer(router().layer(Strict::default()), page).await;
    hammer(router().layer(Strict::default()), || {
        selected(ApiFormat::OPENAI)
    })
    .await;
}

#[tokio::test]
async fn situation_55_translate_calls_the_instance_that_was_ready() {
    let translate = TranslateLayer::selected();
    hammer(translate.layer(Strict::default()), || {
        selected(ApiFormat::OPENAI)
    })
    .await;
    hammer(translate.layer(Strict::default()), || {
        selected(ApiFormat::ANTHROPIC)
    })
    .await;
    hammer(translate.layer(Strict::default()), page).await;
}

#[tokio::test]
async fn situation_55_pipeline_calls_the_instance_that_was_ready() {
    hammer(PipelineLayer::new().layer(Strict::default()), chat).await;
    hammer(PipelineLayer::new().layer(Strict::default()), with_plugin).await;
}

#[tokio::test]
async fn situation_55_in_front_calls_the_instance_that_was_ready() {
    hammer(gateway().layer().layer(Strict::default()), page).await;
}

#[tokio::test]
async fn situation_55_require_key_calls_the_instance_that_was_ready() {
    let layer = ClientKeysLayer::new(ClientKeys::default());
    hammer(layer.layer(Strict::default()), chat).await;
}

#[tokio::test]
async fn situation_55_in_front_calls_the_instance_that_was_ready_as_a_handler() {
    for request in [chat, messages] {
        hammer(
            gateway_with_handler().layer().layer(Strict::default()),
            request,
        )
        .await;
    }
}

/// What was reserved is used and not given to who waits behind: that one would keep it, and this request would hang.
#[tokio::test]
async fn in_front_uses_the_one_reservation_that_it_has() {
    let inner = service_fn(|_: Request<Body>| ready(Ok::<_, BoxError>(answer())));
    let inner = ConcurrencyLimit::new(inner, 1);
    for request in [chat, messages, page] {
        let mut first = gateway_with_handler().layer().layer(inner.clone());
        let mut second = first.clone();
        let reserved = ServiceExt::<Request<Body>>::ready(&mut first)
            .await
            .unwrap();
        let mut behind = tokio_test::task::spawn(ServiceExt::<Request<Body>>::ready(&mut second));
        assert_pending!(behind.poll());
        let mut response = tokio_test::task::spawn(reserved.call(request()));
        assert_eq!(assert_ready_ok!(response.poll()).status(), 200);
    }
}

#[tokio::test]
async fn situation_55_the_whole_stack_calls_the_instance_that_was_ready() {
    let stack = TranslateLayer::selected().layer(PipelineLayer::new().layer(Strict::default()));
    hammer(router().layer(stack), chat).await;
}

#[tokio::test]
async fn situation_55_meter_calls_the_instance_that_was_ready() {
    hammer(MeterLayer::default().layer(Strict::default()), chat).await;
}

#[tokio::test]
async fn situation_55_failover_calls_the_instance_that_was_ready() {
    let failover = FailoverLayer::new().layer(Strict::default());
    hammer(failover.clone(), page).await;
    hammer(failover, || selected(ApiFormat::OPENAI)).await;
}

#[tokio::test(start_paused = true)]
async fn situation_55_failover_waits_for_readiness_before_every_attempt() {
    // Every other one is refused.
    let counter = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&counter);
    let fails_once = MapResponse::new(Strict::default(), move |mut answer: Response<Body>| {
        if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        answer
    });
    let failover = FailoverLayer::new().layer(fails_once);
    hammer(failover, || selected(ApiFormat::OPENAI)).await;
    assert_eq!(counter.load(Ordering::Relaxed), 2 * 8);
}

type Inner = Mock<Request<Body>, Response<Body>>;

/// Pending while the inner service is, ready when it is, and with one request to it.
fn assert_waits<S>(layer: impl Layer<Inner, Service = S>, request: Request<Body>)
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: std::fmt::Debug,
{
    let (mut service, mut handle): (Spawn<S>, _) = mock::spawn_layer(layer);
    handle.allow(0);
    assert_pending!(service.poll_ready());
    handle.allow(1);
    assert_ready_ok!(service.poll_ready());
    let mut future = tokio_test::task::spawn(service.call(request));
    assert_pending!(future.poll());
    let mut next = tokio_test::task::spawn(handle.next_request());
    let (_, send) = assert_ready!(next.poll()).unwrap();
    send.send_response(answer());
    assert_ready_ok!(future.poll());
    // Its reservation is spent.
    assert_pending!(service.poll_ready());
}

#[test]
fn rule_router_is_ready_when_the_inner_service_is() {
    assert_waits(router(), chat());
    assert_waits(router(), page());
}

#[test]
fn translate_is_ready_when_the_inner_service_is() {
    assert_waits(TranslateLayer::selected(), selected(ApiFormat::OPENAI));
    assert_waits(TranslateLayer::selected(), selected(ApiFormat::ANTHROPIC));
}

#[test]
fn pipeline_is_ready_when_the_inner_service_is() {
    assert_waits(PipelineLayer::new(), chat());
    assert_waits(PipelineLayer::new(), with_plugin());
}

#[test]
fn require_key_is_ready_when_the_inner_service_is() {
    assert_waits(ClientKeysLayer::new(ClientKeys::default()), chat());
}

#[test]
fn in_front_is_ready_when_the_inner_service_is() {
    assert_waits(gateway().layer(), page());
}

#[tokio::test]
async fn in_front_waits_for_its_handler_once() {
    assert_waits(gateway_with_handler().layer(), chat());
    assert_waits(gateway_with_handler().layer(), messages());
}

/// Says for which requests the service shall be ready, as it may be for several types.
fn poll_ready<S: Service<Request<Body>>>(service: &mut Spawn<S>) -> Poll<Result<(), S::Error>> {
    service.poll_ready()
}

#[test]
fn rule_router_answers_when_the_inner_service_breaks() {
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(router());
    handle.send_error("secret of the host");
    assert_ready_ok!(poll_ready(&mut service));
    let mut future = tokio_test::task::spawn(service.call(chat()));
    let response: Response<Body> = assert_ready_ok!(future.poll());
    assert_eq!(response.status(), 500);
    let body = tokio_test::block_on(json(response));
    assert_eq!(body["error"]["type"], "server_error");
    assert!(!body.to_string().contains("secret"), "{body}");
}

#[test]
fn the_other_layers_hand_up_how_the_inner_service_breaks() {
    fn assert_fails<S>(layer: impl Layer<Inner, Service = S>)
    where
        S: Service<Request<Body>, Error = BoxError>,
    {
        let (mut service, mut handle): (Spawn<S>, _) = mock::spawn_layer(layer);
        handle.send_error("broken");
        let polled = service.poll_ready();
        let error = assert_ready!(polled).err().expect("it is broken");
        assert_eq!(error.to_string(), "broken");
    }
    assert_fails(TranslateLayer::selected());
    assert_fails(PipelineLayer::new());
    assert_fails(gateway().layer());
}

#[tokio::test]
async fn a_service_that_was_not_ready_a_second_time_is_not_told_of_the_first() {
    let inner = service_fn(|_: Request<Body>| ready(Ok::<_, BoxError>(answer())));
    let mut service = router().layer(inner);
    // Asked twice, called once: a reservation may be asked for again.
    for _ in 0..2 {
        let ready = ServiceExt::<Request<Body>>::ready(&mut service).await;
        ready.unwrap_or_else(|never| match never {});
    }
    let response = service.call(chat()).await;
    assert_eq!(
        response.unwrap_or_else(|never| match never {}).status(),
        200
    );
}

#[test]
fn services_and_their_futures_cross_threads() {
    fn crosses<S>(_: &S)
    where
        S: Service<Request<Body>, Future: Send + 'static> + Clone + Send + Sync + 'static,
    {
    }
    crosses(&router().layer(Strict::default()));
    crosses(&TranslateLayer::selected().layer(Strict::default()));
    crosses(&PipelineLayer::new().layer(Strict::default()));
    let keys = ClientKeysLayer::new(ClientKeys::default());
    crosses(&keys.layer(Strict::default()));
    crosses(&gateway().layer().layer(Strict::default()));
    crosses(&gateway().service());
}
