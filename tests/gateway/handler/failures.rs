//! Handlers that fail, or say less than they should.

use std::task::Poll;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::*;

/// What each caller is told when a handler does this.
async fn told<S>(gateway: &Gateway, handler: S) -> Vec<(StatusCode, String)>
where
    S: Service<Request<Body>, Error: Into<BoxError> + std::fmt::Debug, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let app = gateway.layer().layer(handler);
    let mut told = Vec::new();
    for client in ApiFormat::BUILT_IN {
        for stream in [false, true] {
            let reply = send(app.clone(), asks(*client, stream)).await;
            assert_eq!(reply.header("content-type"), "application/json");
            told.push((reply.status, error_message(*client, &reply.json())));
        }
    }
    told
}

fn answers(
    status: StatusCode,
    content_type: &'static str,
    body: &'static str,
) -> impl Service<
    Request<Body>,
    Response = Response<Body>,
    Error = Infallible,
    Future = std::future::Ready<Result<Response<Body>, Infallible>>,
> + Clone
+ Send
+ Sync
+ 'static {
    service_fn(move |_: Request<Body>| {
        let mut response = response(content_type, body);
        *response.status_mut() = status;
        ready(Ok(response))
    })
}

#[tokio::test]
async fn an_answer_that_names_no_model_is_of_the_one_that_was_asked() {
    let choice = r#""finish_reason":"stop""#;
    let whole = format!(r#"{{"choices":[{{"message":{{"content":"Hi"}},{choice}}}]}}"#);
    let stream = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"Hi\"}},{choice}}}]}}\n\ndata: [DONE]\n\n"
    );
    let handlers = [("application/json", whole), ("text/event-stream", stream)];
    for (content_type, body) in handlers {
        let handler = answers(StatusCode::OK, content_type, String::leak(body));
        let app = gateway(OPENAI).layer().layer(handler);
        let stream = content_type != "application/json";
        let reply = send(app, asks(ApiFormat::ANTHROPIC, stream)).await;
        assert!(
            reply.text().contains(r#""model":"model""#),
            "{}",
            reply.text()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_handler_s_is_the_caller_s() {
    let error = r#"{"error":{"message":"The parrot sleeps.","type":"server_error","param":null,"code":null}}"#;
    let handler = answers(StatusCode::SERVICE_UNAVAILABLE, "application/json", error);
    for (status, message) in told(&gateway(OPENAI), handler).await {
        assert!(status.is_server_error(), "{status}");
        assert_eq!(message, "The parrot sleeps.");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_in_place_of_an_answer_is_an_error_in_the_caller_s_format() {
    for (status, content_type) in [
        (StatusCode::NOT_FOUND, "text/html"),
        (StatusCode::INTERNAL_SERVER_ERROR, "text/plain"),
    ] {
        let handler = answers(status, content_type, "<html>nothing here</html>");
        for (told, _) in told(&gateway(OPENAI), handler).await {
            assert_eq!(told, status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_is_an_error_in_the_caller_s_format() {
    let handler = service_fn(async |request: Request<Body>| {
        assert_eq!(request.method(), "GET", "no model answers that");
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let handler = CatchPanicLayer::new()
        .layer(handler)
        .map_response(|r: Response<_>| r.map(Body::new));
    for (status, _) in told(&gateway(OPENAI), handler).await {
        assert_eq!(status, 500);
    }
}

#[tokio::test]
async fn a_handler_that_fails_is_502_and_its_words_are_its_own() {
    let handler =
        service_fn(|_: Request<Body>| ready(Err::<Response<Body>, BoxError>("secret".into())));
    for told in told(&gateway(OPENAI), handler).await {
        assert_eq!(
            told,
            (StatusCode::BAD_GATEWAY, "The handler failed.".to_owned())
        );
    }
}

#[tokio::test]
async fn situation_60_a_handler_that_panics_is_502_and_its_words_are_its_own() {
    let in_call = service_fn(|request: Request<Body>| {
        assert_eq!(request.method(), "GET", "secret");
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let in_future = service_fn(async |request: Request<Body>| {
        assert_eq!(request.method(), "GET", "secret");
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let gateway = gateway(OPENAI);
    let told = [
        told(&gateway, in_call).await,
        told(&gateway, in_future).await,
    ];
    for told in told.concat() {
        assert_eq!(
            told,
            (StatusCode::BAD_GATEWAY, "The handler failed.".to_owned())
        );
    }
}

#[tokio::test]
async fn situation_60_a_handler_s_stream_that_panics_ends_in_an_error_of_the_caller_s_format() {
    for (client, own) in pairs() {
        let handler = service_fn(move |_: Request<Body>| {
            let (_, events) = bodies::answer(own, Ask::Plain);
            let mut events = events.split_inclusive("\n\n").take(4);
            let frames = stream::poll_fn(move |_| {
                let event = events.next().expect("secret");
                Poll::Ready(Some(Ok::<_, Infallible>(Frame::data(Bytes::from(event)))))
            });
            let body = Body::new(StreamBody::new(frames));
            ready(Ok::<_, Infallible>(response("text/event-stream", body)))
        });
        let reply = send(gateway(own).layer().layer(handler), asks(client, true)).await;
        assert_eq!(reply.status, 200, "{client} {own}");
        let told = streamed(client, &reply.text());
        assert_eq!(
            told,
            Err("The handler failed.".to_owned()),
            "{client} {own}"
        );
    }
}

#[tokio::test]
async fn a_handler_that_sheds_load_is_said_to_be_overloaded() {
    let busy = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let busy = ConcurrencyLimit::new(busy, 0);
    for (_, message) in told(&gateway(OPENAI), LoadShed::new(busy)).await {
        assert_eq!(message, "The gateway is overloaded.");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_begin_in_time_is_504() {
    let gateway = gateway_with("api_formats: [openai], timeouts: {first_byte: 9s}");
    let never = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let begun = tokio::time::Instant::now();
    for (status, _) in told(&gateway, never).await {
        assert_eq!(status, 504);
    }
    let asked = 2 * ApiFormat::BUILT_IN.len() as u64;
    assert_eq!(
        begun.elapsed().as_secs(),
        Duration::from_secs(9 * asked).as_secs()
    );
}
