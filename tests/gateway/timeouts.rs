//! What a caller hears of each part of an exchange that takes too long, in its own format. Time is paused, and the
//! provider is the host's own handler.

use std::{convert::Infallible, future::pending, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::time::sleep;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_llm_gateway::{Body, BoxError, Gateway, config::Config, format::ApiFormat};

use crate::{
    bodies::{Ask, answer, error_message, path, question, streamed},
    caller::{Reply, post},
    inner::response,
    support::fault::{Fault, Format, Script},
};

/// A gateway whose model `own` is a handler of this format, with these entries of the downstream.
fn gateway(format: ApiFormat, entries: &str) -> Gateway {
    let config = format!(
        "downstreams: [{{id: own, handler: inner, api_formats: [{format}], output_model_ids: [own], {entries}}}]"
    );
    Gateway::from_yaml(&config).unwrap()
}

fn asks(client: ApiFormat, stream: bool) -> Request<Body> {
    let body = question(client, "own", "Hi", Ask::Plain, stream).to_string();
    post(&path(client, "own", stream), body)
}

async fn send<S>(service: S, request: Request<Body>) -> Reply
where
    S: Service<Request<Body>, Response = Response<Body>, Error: std::fmt::Debug>,
{
    Reply::of(service.oneshot(request).await.unwrap()).await
}

/// Every caller with every provider.
fn pairs() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let formats = ApiFormat::BUILT_IN.iter().copied();
    formats.flat_map(|client| ApiFormat::BUILT_IN.iter().map(move |own| (client, *own)))
}

/// These pieces, and then nothing more without an end.
fn stalling(pieces: impl IntoIterator<Item = Bytes>) -> Body {
    let pieces: Vec<_> = pieces.into_iter().collect();
    let frames = stream::iter(pieces).map(|piece| Ok::<_, BoxError>(Frame::data(piece)));
    Body::new(StreamBody::new(frames.chain(stream::pending())))
}

/// The first events of an answer, and no end.
fn begun(format: ApiFormat) -> Vec<Bytes> {
    let format = match format.id() {
        "openai" => Format::OpenAi,
        "openai_responses" => Format::Responses,
        "anthropic" => Format::Anthropic,
        _ => Format::Gemini,
    };
    format.open_events()
}

/// Phase, what is said, and the code where the format has one.
const SAID: [(&str, &str, &str); 3] = [
    (
        "first_byte",
        "No answer from the provider within 9s.",
        "first_byte_timeout",
    ),
    (
        "attempt",
        "The provider did not finish within 9s.",
        "attempt_timeout",
    ),
    (
        "total",
        "The request was not done within 9s.",
        "total_timeout",
    ),
];

#[track_caller]
fn assert_says(client: ApiFormat, reply: &Reply, (message, code): (&str, &str)) {
    assert_eq!(error_message(client, &reply.json()), message);
    if client.id().starts_with("openai") {
        assert_eq!(reply.json()["error"]["code"], code);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_504() {
    for (client, own) in pairs() {
        for (phase, message, code) in SAID {
            let never =
                service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
            let gateway = gateway(own, &format!("timeouts: {{{phase}: 9s}}"));
            let app = gateway.layer().layer(never);
            for stream in [false, true] {
                let reply = send(app.clone(), asks(client, stream)).await;
                assert_eq!(reply.status, 504, "{client} {own} {phase}");
                assert_says(client, &reply, (message, code));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_does_not_get_free_is_503() {
    for (client, own) in pairs() {
        let never = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
        let gateway = gateway(own, "max_in_flight: 1, timeouts: {pool_wait: 3s}");
        let app = gateway.layer().layer(never);
        let mut inside = tokio_test::task::spawn(send(app.clone(), asks(client, true)));
        tokio_test::assert_pending!(inside.poll());
        let reply = send(app.clone(), asks(client, true)).await;
        // Anthropic's word for it has a number of its own.
        let status = if client == ApiFormat::ANTHROPIC {
            529
        } else {
            503
        };
        assert_eq!(reply.status, status);
        let message = "No free place at the provider within 3s.";
        assert_says(client, &reply, (message, "pool_timeout"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reload_changes_the_number_of_places_and_forgets_nobody() {
    let config = |places| {
        let own = "id: own, handler: inner, api_formats: [openai], output_model_ids: [own]";
        let config = format!("downstreams: [{{{own}, max_in_flight: {places}}}]");
        Config::from_yaml(&config).unwrap()
    };
    let stalls = service_fn(|_: Request<Body>| async {
        let body = stalling(begun(ApiFormat::OPENAI));
        Ok::<_, Infallible>(response("text/event-stream", body))
    });
    let gateway = Gateway::builder(config(2)).build().unwrap();
    let app = gateway.layer().layer(stalls);
    let ask = || app.clone().oneshot(asks(ApiFormat::OPENAI, true));
    let mut inside = vec![ask().await.unwrap(), ask().await.unwrap()];
    gateway.reload(&config(1)).unwrap();
    inside.pop();
    assert_eq!(ask().await.unwrap().status(), 503);
    gateway.reload(&config(2)).unwrap();
    inside.push(ask().await.unwrap());
    assert_eq!(inside[1].status(), 200);
    assert_eq!(ask().await.unwrap().status(), 503);
}

const IN_THE_ANSWER: [(&str, &str, &str); 3] = [
    ("idle", "The provider fell silent for 9s.", "idle_timeout"),
    SAID[1],
    SAID[2],
];

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_too_long_ends_in_an_error() {
    for (client, own) in pairs() {
        for (phase, message, code) in IN_THE_ANSWER {
            let stalls = service_fn(move |_: Request<Body>| async move {
                let body = stalling(begun(own));
                Ok::<_, Infallible>(response("text/event-stream", body))
            });
            let gateway = gateway(own, &format!("timeouts: {{{phase}: 9s}}"));
            let reply = send(gateway.layer().layer(stalls), asks(client, true)).await;
            assert_eq!((reply.status.as_u16(), reply.broken), (200, false));
            let text = reply.text();
            let error = streamed(client, &text).expect_err("it never ended");
            assert_eq!(error, message, "{client} {own} {text}");
            if client == ApiFormat::OPENAI {
                assert!(text.contains(&format!("\"code\":\"{code}\"")), "{text}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_is_504_when_it_is_translated_and_else_half_an_answer() {
    for (client, own) in pairs() {
        for (phase, message, code) in IN_THE_ANSWER {
            let stalls = service_fn(move |_: Request<Body>| async move {
                let whole = Bytes::from_static(answer(own, Ask::Plain).0.as_bytes());
                let body = stalling([whole.slice(..whole.len() / 2)]);
                Ok::<_, Infallible>(response("application/json", body))
            });
            let gateway = gateway(own, &format!("timeouts: {{{phase}: 9s}}"));
            let reply = send(gateway.layer().layer(stalls), asks(client, false)).await;
            if client == own {
                assert!(reply.broken);
                continue;
            }
            assert_eq!(reply.status, 504, "{client} {own} {phase}");
            assert_says(client, &reply, (message, code));
        }
    }
}

/// The head of a stream, and signs of life for ever.
async fn only_lives(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let keep_alives = stream::unfold((), |()| async {
        sleep(Duration::from_secs(2)).await;
        let frame = Frame::data(Bytes::from_static(b": keep-alive\n\n"));
        Some((Ok::<_, BoxError>(frame), ()))
    });
    let body = Body::new(StreamBody::new(keep_alives));
    Ok(response("text/event-stream", body))
}

const NO_CONTENT: &str = "No content from the provider within";

#[tokio::test(start_paused = true)]
async fn content_that_does_not_come_is_504_while_the_head_waits() {
    for (client, own) in pairs() {
        let gateway = gateway(own, "timeouts: {first_event: 9s}");
        let app = gateway.layer().layer(service_fn(only_lives));
        let reply = send(app, asks(client, true)).await;
        assert_eq!(reply.status, 504, "{client} {own}");
        let message = format!("{NO_CONTENT} 9s.");
        assert_says(client, &reply, (&message, "first_event_timeout"));
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_does_not_come_is_an_error_in_the_stream_when_the_head_has_gone() {
    for (client, own) in pairs() {
        let app = gateway(own, "").layer().layer(service_fn(only_lives));
        let reply = send(app, asks(client, true)).await;
        assert_eq!((reply.status.as_u16(), reply.broken), (200, false));
        let error = streamed(client, &reply.text()).expect_err("there is no content");
        assert_eq!(error, format!("{NO_CONTENT} 600s."), "{client} {own}");
    }
}

/// A gateway before the model `own` at this address, which asks once.
fn before(url: &str, limit: &str) -> Gateway {
    let config = format!(
        "retry: off
timeouts: {{{limit}}}
downstreams: [{{id: own, base_url: '{url}', api_formats: [openai], output_model_ids: [own]}}]"
    );
    Gateway::from_yaml(&config).unwrap()
}

#[tokio::test]
async fn a_connection_that_does_not_come_up_is_504() {
    let nobody = Fault::unreachable().await;
    let gateway = before(&nobody.url(), "connect: 30ms");
    for client in ApiFormat::BUILT_IN.iter().copied() {
        let reply = send(gateway.service(), asks(client, false)).await;
        assert_eq!(reply.status, 504);
        let message = "No connection to the provider within 30ms.";
        assert_says(client, &reply, (message, "connect_timeout"));
    }
}

/// More than the kernel takes from us for somebody who doesn't read.
#[tokio::test]
async fn a_provider_that_does_not_read_is_504() {
    let upstream = Fault::h1().script(Script::new().never_read());
    let upstream = upstream.with_buffers(4096).start().await;
    let gateway = before(upstream.url(), "request_write: 200ms");
    for client in [ApiFormat::OPENAI, ApiFormat::ANTHROPIC] {
        let text = "x".repeat(12 << 20);
        let body = question(client, "own", &text, Ask::Plain, false).to_string();
        let request = post(&path(client, "own", false), body);
        let reply = send(gateway.service(), request).await;
        assert_eq!(reply.status, 504, "{}", reply.text());
        let message = "The provider did not go on reading the request for 200ms.";
        assert_says(client, &reply, (message, "request_write_timeout"));
    }
}
