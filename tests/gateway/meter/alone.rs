//! `Meter` around a service, without a gateway.

use tower_llm_gateway::{context::Selected, target::Target};

use super::*;

/// Around this service alone.
async fn metered<S, B>(
    summaries: &Summaries,
    service: S,
) -> Result<Response<impl HttpBody<Data = Bytes, Error = B::Error>>, S::Error>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: 'static,
    B: HttpBody<Data = Bytes>,
    B::Error: 'static,
{
    let recorded = summaries.0.clone();
    let record = move |summary: &Summary| recorded.lock().unwrap().push(summary.clone());
    MeterLayer::new(record)
        .layer(service)
        .oneshot(Request::new(Body::empty()))
        .await
}

#[tokio::test]
async fn situation_66_a_panic_that_somebody_catches_in_mid_body_is_a_broken_answer() {
    let summaries = Summaries::default();
    let (gate, body) = Gate::new();
    gate.send("a frame");
    let body = body.map_frame(|_| -> Frame<Bytes> { panic!("as it is expected to") });
    let answer = Mutex::new(Some(Response::new(body)));
    let inner =
        service_fn(move |_| ready(Ok::<_, Infallible>(answer.lock().unwrap().take().unwrap())));
    let response = metered(&summaries, inner).await.unwrap();
    let mut body = Box::pin(response.into_body());
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let _ = task::spawn(body.frame()).poll();
    }));
    assert!(polled.is_err());
    summaries.assert_none();
    drop(body);
    let summary = summaries.only();
    assert_eq!(summary.outcome, Outcome::Broken);
    assert_eq!(summary.error.as_deref(), Some("panic"));
}

#[tokio::test]
async fn an_error_of_the_service_below_has_failed_without_a_status() {
    let summaries = Summaries::default();
    let inner = service_fn(|_| ready(Err::<Response<Body>, _>("no")));
    assert!(metered(&summaries, inner).await.is_err());
    let summary = summaries.only();
    assert_eq!((summary.outcome, summary.status), (Outcome::Failed, None));
}

/// An answer in two frames whose content ends so in the first.
fn ends(end: End) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible> {
    service_fn(move |_| {
        let progress = Progress::new();
        let (gate, body) = Gate::new();
        gate.send("data: 1\n\n");
        gate.send("data: 2\n\n");
        let noting = progress.clone();
        let mut answer = Response::new(Body::new(body.map_frame(move |frame| {
            noting.ended(end);
            frame
        })));
        answer.extensions_mut().insert(progress);
        ready(Ok(answer))
    })
}

#[tokio::test]
async fn an_error_within_a_stream_is_a_broken_answer() {
    let summaries = Summaries::default();
    let cases = [
        (End::Open, Outcome::Completed),
        (End::Complete, Outcome::Completed),
        (End::Empty, Outcome::Completed),
        (End::Failed, Outcome::Broken),
    ];
    for (end, outcome) in cases {
        let response = metered(&summaries, ends(end)).await.unwrap();
        response.into_body().collect().await.unwrap();
        assert_eq!(summaries.only().outcome, outcome, "{end:?}");
    }
}

#[tokio::test]
async fn who_leaves_behind_the_last_word_has_heard_it_all() {
    let summaries = Summaries::default();
    let cases = [
        (End::Open, Outcome::ClientCancelled),
        (End::Complete, Outcome::Completed),
        (End::Failed, Outcome::Broken),
    ];
    for (end, outcome) in cases {
        let response = metered(&summaries, ends(end)).await.unwrap();
        let mut body = Box::pin(response.into_body());
        body.frame().await;
        drop(body);
        assert_eq!(summaries.only().outcome, outcome, "{end:?}");
    }
}

#[tokio::test]
async fn who_leaves_before_the_last_word_has_left_though_it_was_there() {
    let summaries = Summaries::default();
    let inner = service_fn(|_| {
        let progress = Progress::new();
        progress.ended(End::Complete);
        let mut answer = Response::new(Body::from("all of it"));
        answer.extensions_mut().insert(progress);
        ready(Ok::<_, Infallible>(answer))
    });
    drop(metered(&summaries, inner).await);
    assert_eq!(summaries.only().outcome, Outcome::ClientCancelled);
}

#[tokio::test]
async fn the_answer_to_head_has_no_body_to_wait_for() {
    let summaries = Summaries::default();
    let inner = service_fn(|_| ready(Ok::<_, Infallible>(Response::new(Body::from("none of it")))));
    let recorded = summaries.0.clone();
    let record = move |summary: &Summary| recorded.lock().unwrap().push(summary.clone());
    let request = Request::head("/").body(Body::empty()).unwrap();
    drop(MeterLayer::new(record).layer(inner).oneshot(request).await);
    assert_eq!(summaries.only().outcome, Outcome::Completed);
}

/// Servers don't ask for the end of a body whose length they know.
#[tokio::test]
async fn an_answer_that_a_server_has_sent_is_completed() {
    let (sender, mut recorded) = mpsc::unbounded_channel();
    let gateway = Gateway::builder(Config::from_yaml(OWN).unwrap())
        .recorder(move |summary: &Summary| sender.send(summary.outcome).unwrap())
        .build()
        .unwrap();
    let handler = service_fn(|_: Request<Body>| {
        ready(Ok::<_, Infallible>(response(
            "application/json",
            Caller::OpenAi.whole(),
        )))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback_service(gateway.layer().layer(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let question = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    for (method, path, request) in [
        (Method::POST, CHAT, question),
        (Method::GET, "/v1/models", Request::new(Body::empty())),
        (Method::HEAD, "/v1/models", Request::new(Body::empty())),
        (Method::HEAD, "/v1/models/foo", Request::new(Body::empty())),
    ] {
        let (mut parts, body) = request.into_parts();
        parts.method = method;
        parts.uri = format!("{url}{path}").parse().unwrap();
        let answer = client
            .request(Request::from_parts(parts, body))
            .await
            .unwrap();
        let refused = answer.status().is_client_error();
        answer.into_body().collect().await.unwrap();
        let expected = if refused {
            Outcome::Refused
        } else {
            Outcome::Completed
        };
        assert_eq!(recorded.recv().await, Some(expected), "{path}");
    }
}

/// A stream of so many pieces.
fn pieces(number: u64) -> Response<Body> {
    let progress = Progress::new();
    let counted = progress.clone();
    let frames = (0..number).map(move |_| {
        counted.piece();
        Ok::<_, BoxError>(Frame::data(Bytes::from_static(b"data: 1\n\n")))
    });
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let mut answer = Response::new(Body::new(body));
    answer.extensions_mut().insert(progress);
    answer
}

/// A request whose caller is to get a stream.
fn streaming() -> Request<Body> {
    let target = Target::new("t", "https://example.com".parse().unwrap());
    let selected = Selected::new(Arc::new(target), Caller::OpenAi.format()).with_stream(true);
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(selected);
    request
}

#[test]
fn a_piece_of_a_stream_allocates_nothing() {
    let allocations = |number: u64| {
        let answer = Arc::new(Mutex::new(Some(pieces(number))));
        let inner = service_fn(move |_: Request<Body>| {
            ready(Ok::<_, BoxError>(answer.lock().unwrap().take().unwrap()))
        });
        let service = MeterLayer::new(|_: &Summary| {}).layer(inner);
        let request = streaming();
        let counted = allocation_counter::measure(|| {
            let answer = assert_ready!(task::spawn(service.oneshot(request)).poll()).unwrap();
            let mut body = answer.into_body();
            while assert_ready!(task::spawn(body.frame()).poll()).is_some() {}
        });
        // Those of the test's own tasks, two for each frame, are not the meter's.
        counted.count_total - 2 * number
    };
    let few = allocations(1_000);
    assert_eq!(allocations(2_000), few);
    assert!(few <= 20, "{few} for a request");
}
