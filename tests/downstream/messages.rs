//! What the provider is asked, and what comes back.

use std::future::ready;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, Version, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, BoxError, Error,
    format::{ApiFormat, Operation},
};

use crate::support::{Server, http2, raw_server, request, selected, send, target};

#[tokio::test]
async fn the_url_is_the_targets_with_the_path_of_the_format() {
    for (format, uri, expected) in [
        (
            ApiFormat::OPENAI,
            "/mount/v1/chat/completions",
            "/v1/chat/completions",
        ),
        (
            ApiFormat::ANTHROPIC,
            "/v1/messages?beta=true&key=CANARY",
            "/v1/messages?beta=true",
        ),
        (
            ApiFormat::ANTHROPIC,
            "/v1/messages?betamax=1&x=beta",
            "/v1/messages",
        ),
        (
            ApiFormat::GEMINI,
            "/v1beta/models/a%2Fb:generateContent?key=CANARY",
            "/v1/models/a%2Fb:generateContent",
        ),
    ] {
        let (server, mut asked) = Server::recording().await;
        let mut request = request(selected(server.target(), format));
        *request.uri_mut() = uri.parse().unwrap();
        send(request).await.unwrap();
        let (parts, body) = asked.recv().await.unwrap();
        assert_eq!(parts.uri, expected);
        assert_eq!(parts.headers["host"], server.address.to_string());
        assert_eq!(body, r#"{"model":"m"}"#);
    }
}

#[tokio::test]
async fn a_format_with_the_model_in_its_path_gets_the_selected_one() {
    let (server, mut asked) = Server::recording().await;
    let selected = selected(server.target(), ApiFormat::OPENAI)
        .with_provider(ApiFormat::GEMINI)
        .with_model("tunedModels/x")
        .with_stream(true);
    send(request(selected)).await.unwrap();
    let (parts, _) = asked.recv().await.unwrap();
    assert_eq!(parts.uri, "/v1/tunedModels/x:streamGenerateContent?alt=sse");
}

/// What comes of an answer whose head has about so many bytes.
async fn with_head_of(bytes: usize) -> Result<Response<Body>, Error> {
    let server = Server::start(move |_| {
        let mut response = Response::new(Body::from("{}"));
        for number in 0..bytes / 1_000 {
            let name = HeaderName::try_from(format!("x-long-{number}")).unwrap();
            let value = HeaderValue::try_from("v".repeat(985)).unwrap();
            response.headers_mut().insert(name, value);
        }
        ready(response)
    });
    let target = server.await.target();
    send(request(selected(target, ApiFormat::OPENAI))).await
}

#[tokio::test]
async fn the_head_of_an_answer_may_have_12_kib() {
    let response = with_head_of(11_000).await.unwrap();
    assert!(response.headers().contains_key("x-long-10"));
    with_head_of(20_000).await.unwrap_err();
}

#[tokio::test]
async fn other_operations_keep_their_path_and_method() {
    let (server, mut asked) = Server::recording().await;
    let selected = selected(server.target(), ApiFormat::OPENAI)
        .with_operation(Operation::Other("/v1/embeddings"));
    send(request(selected)).await.unwrap();
    let (parts, _) = asked.recv().await.unwrap();
    assert_eq!(
        (parts.uri.path(), parts.method.as_str()),
        ("/v1/embeddings", "POST")
    );
}

#[tokio::test]
async fn the_length_is_that_of_the_body_whatever_the_caller_said() {
    let (server, mut asked) = Server::recording().await;
    let mut request = request(selected(server.target(), ApiFormat::OPENAI));
    *request.version_mut() = Version::HTTP_2;
    for value in ["999", "1"] {
        let value = value.parse().unwrap();
        request.headers_mut().append(header::CONTENT_LENGTH, value);
    }
    send(request).await.unwrap();
    let (parts, body) = asked.recv().await.unwrap();
    assert_eq!(parts.headers["content-length"], "13");
    assert_eq!(body.len(), 13);
}

#[tokio::test]
async fn early_hints_are_not_the_answer() {
    let answer =
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let target = target(raw_server(answer).await);
    let response = send(request(selected(target, ApiFormat::OPENAI)))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "{}"
    );
}

#[tokio::test]
async fn switching_protocols_is_not_handed_on() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    let target = target(raw_server(answer).await);
    let error = send(request(selected(target, ApiFormat::OPENAI)))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("101"), "{error}");
}

#[tokio::test]
async fn the_answer_to_head_has_a_length_and_no_body() {
    let (server, _asked) = Server::recording().await;
    let mut request = request(selected(server.target(), ApiFormat::OPENAI));
    *request.method_mut() = http::Method::HEAD;
    *request.body_mut() = Body::empty();
    let response = send(request).await.unwrap();
    assert_eq!(response.headers()["content-length"], "2");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "");
}

#[tokio::test]
async fn trailers_are_kept() {
    let server = Server::start(|_| {
        let trailers = HeaderMap::from_iter([("x-end".parse().unwrap(), "1".parse().unwrap())]);
        let frames = [Frame::data(Bytes::from("a")), Frame::trailers(trailers)];
        let frames = stream::iter(frames.map(Ok::<_, BoxError>));
        ready(Response::new(Body::new(StreamBody::new(frames))))
    });
    let request = request(selected(server.await.target(), ApiFormat::OPENAI));
    let response = http2().oneshot(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["x-end"], "1");
}
