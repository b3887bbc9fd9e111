//! Answers that are compressed, though they were asked for as they are.

use std::future::ready;

use http::{Response, StatusCode};
use http_body_util::BodyExt;
use tower_llm_gateway::{Body, Error, format::ApiFormat};

use crate::support::{Server, raw_server, request, selected, send, target};

const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0];

/// The answer of a provider with this status and these headers.
async fn answer(
    status: u16,
    headers: &[(&'static str, &'static str)],
) -> Result<Response<Body>, Error> {
    let headers = headers.to_vec();
    let server = Server::start(move |_| {
        let mut response = Response::builder().status(status);
        for (name, value) in &headers {
            response = response.header(*name, *value);
        }
        ready(response.body(Body::from(GZIP.to_vec())).unwrap())
    });
    let target = server.await.target();
    send(request(selected(target, ApiFormat::OPENAI))).await
}

#[tokio::test]
async fn situation_19_a_compressed_answer_is_an_error_of_its_own() {
    for coding in ["gzip", "br", "identity, gzip", "GZIP"] {
        for content_type in ["application/json", "text/event-stream"] {
            let headers = [("content-encoding", coding), ("content-type", content_type)];
            let error = answer(200, &headers).await.unwrap_err();
            assert!(!error.is_connect() && !error.is_timeout());
            assert!(error.to_string().contains("compressed"), "{error}");
        }
    }
}

#[tokio::test]
async fn situation_19_what_is_compressed_for_the_transfer_alone_is_an_error_as_well() {
    let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let target = target(raw_server(answer).await);
    let error = send(request(selected(target, ApiFormat::OPENAI))).await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("compressed"), "{error}");
}

#[tokio::test]
async fn an_answer_that_calls_itself_uncompressed_is_one() {
    for coding in ["identity", "Identity", ""] {
        let response = answer(200, &[("content-encoding", coding)]).await.unwrap();
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), GZIP);
    }
}

#[tokio::test]
async fn situation_19_of_a_compressed_error_the_status_and_the_time_to_wait_are_left() {
    let headers = [
        ("content-encoding", "gzip"),
        ("content-type", "application/json"),
        ("retry-after", "7"),
        ("set-cookie", "a=1"),
    ];
    let response = answer(429, &headers).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "7");
    for (name, _) in [headers[0], headers[1], headers[3]] {
        assert!(!response.headers().contains_key(name), "{name}");
    }
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "");
}
