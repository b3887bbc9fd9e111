//! Streams that come or go as a JSON array, and bodies that are not what was asked for.

use bytes::Bytes;
use http::Response;
use http_body_util::StreamBody;
use tower_llm_gateway::{
    Body, BoxError,
    format::ApiFormat,
    ir::{Error, ErrorKind},
    translate::TranslateLayer,
};

use crate::{
    bodies::{
        Ask, answer, array, error_body, error_message, is_there, pairs, path, question, said,
        streamed,
    },
    layer::{Seen, exchange_at, reply},
};

/// The directions whose codecs are there.
fn directions() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let there: Vec<_> = pairs()
        .filter(|(client, provider)| is_there(*client) && is_there(*provider))
        .collect();
    assert!(there.len() >= 2);
    there.into_iter()
}

/// What comes back when a provider answers with this body.
async fn ask(
    (client, provider): (ApiFormat, ApiFormat),
    ask: Ask,
    stream: bool,
    response: Response<Body>,
) -> Seen {
    let body = question(client, "m", "Hi", ask, stream).to_string();
    let layer = TranslateLayer::new(client, provider);
    let (_, back) = exchange_at(layer, &path(client, "m", stream), &body, response).await;
    back
}

/// The body in pieces of so many bytes.
fn in_pieces(content_type: &str, text: &str, size: usize) -> Response<Body> {
    let frames: Vec<Result<_, BoxError>> = text
        .as_bytes()
        .chunks(size)
        .map(|piece| Ok(http_body::Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let response = Response::builder().header("content-type", content_type);
    response.body(Body::new(body)).unwrap()
}

#[tokio::test]
async fn a_stream_that_comes_as_an_array_is_a_stream_wherever_it_is_cut() {
    for pair in directions() {
        for kind in [Ask::Plain, Ask::Tools] {
            let (_, stream) = answer(pair.1, kind);
            let events = ask(pair, kind, true, reply(200, "text/event-stream", stream)).await;
            let expected = streamed(pair.0, &events.text).unwrap();
            for size in [1, 7, 1 << 20] {
                let response = in_pieces("application/json; charset=UTF-8", &array(stream), size);
                let back = ask(pair, kind, true, response).await;
                assert_eq!(back.headers["content-type"], "text/event-stream");
                assert_eq!(
                    streamed(pair.0, &back.text),
                    Ok(expected.clone()),
                    "{pair:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_array_for_a_plain_request_becomes_a_whole_answer() {
    for pair in directions() {
        let (_, stream) = answer(pair.1, Ask::Tools);
        let events = ask(
            pair,
            Ask::Tools,
            false,
            reply(200, "text/event-stream", stream),
        )
        .await;
        let response = reply(200, "application/json", array(stream));
        let back = ask(pair, Ask::Tools, false, response).await;
        assert_eq!(
            said(pair.0, &back.text),
            said(pair.0, &events.text),
            "{pair:?}"
        );
    }
}

#[tokio::test]
async fn events_that_call_themselves_something_else_are_events() {
    for pair in directions() {
        let (_, stream) = answer(pair.1, Ask::Plain);
        let back = ask(pair, Ask::Plain, true, reply(200, "text/plain", stream)).await;
        let expected = streamed(pair.1, stream).unwrap();
        let said = streamed(pair.0, &back.text).unwrap();
        assert_eq!(said.first(), expected.first(), "{pair:?}");
    }
}

#[tokio::test]
async fn trap_105_a_whole_answer_to_a_request_for_a_stream_becomes_one() {
    for pair in directions() {
        for kind in [Ask::Plain, Ask::Tools] {
            let (whole, _) = answer(pair.1, kind);
            let plain = ask(pair, kind, false, reply(200, "application/json", whole)).await;
            for size in [1, 1 << 20] {
                let response = in_pieces("application/json", whole, size);
                let back = ask(pair, kind, true, response).await;
                assert_eq!(back.headers["content-type"], "text/event-stream");
                assert_eq!(
                    streamed(pair.0, &back.text),
                    Ok(said(pair.0, &plain.text)),
                    "{pair:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn trap_106_a_stream_in_answer_to_a_plain_request_is_folded() {
    for pair in directions() {
        for kind in [Ask::Plain, Ask::Tools] {
            let (_, stream) = answer(pair.1, kind);
            let response = in_pieces("text/event-stream; charset=utf-8", stream, 5);
            let back = ask(pair, kind, false, response).await;
            assert_eq!(back.headers["content-type"], "application/json");
            let expected = ask(pair, kind, true, reply(200, "text/event-stream", stream)).await;
            assert_eq!(
                Ok(said(pair.0, &back.text)),
                streamed(pair.0, &expected.text),
                "{pair:?}"
            );
        }
    }
}

#[tokio::test]
async fn trap_095_trap_105_an_error_in_any_body_is_an_error_with_a_status() {
    let error = Error::new(ErrorKind::Overloaded, "Too busy");
    for pair in directions() {
        let (_, body) = error_body(pair.1, &error);
        let expected = pair.0.error_body(&error).0;
        let bodies = [
            ("application/json", body.clone()),
            ("application/json", format!("[{body}\n]")),
            ("text/event-stream", format!("data: {body}\n\n")),
            ("text/event-stream", body.clone()),
        ];
        for (content_type, body) in bodies {
            for stream in [false, true] {
                let response = reply(200, content_type, body.clone());
                let back = ask(pair, Ask::Plain, stream, response).await;
                let message = error_message(pair.0, &back.json());
                assert_eq!(message, "Too busy", "{pair:?} {stream} {body}");
                assert_eq!(back.status, expected.as_u16(), "{pair:?} {stream} {body}");
            }
        }
    }
}

#[tokio::test]
async fn trap_103_bare_json_in_mid_stream_is_an_error() {
    let error = Error::new(ErrorKind::Overloaded, "Too busy");
    for pair in directions() {
        let (_, body) = error_body(pair.1, &error);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let (_, stream) = answer(pair.1, Ask::Plain);
        let events: Vec<&str> = stream.split_inclusive("\n\n").collect();
        let half = events[..events.len() / 2].concat();
        let broken = format!("{half}{body:#}\n");
        for size in [1, 1 << 20] {
            let back = ask(
                pair,
                Ask::Plain,
                true,
                in_pieces("text/event-stream", &broken, size),
            );
            let message = streamed(pair.0, &back.await.text).unwrap_err();
            assert_eq!(message, "Too busy", "{pair:?}");
        }
    }
}

#[tokio::test]
async fn a_cut_array_ends_in_an_error() {
    for pair in directions() {
        let (_, stream) = answer(pair.1, Ask::Plain);
        let array = array(stream);
        let half = &array[..array.len() / 2];
        let back = ask(
            pair,
            Ask::Plain,
            true,
            reply(200, "application/json", half.to_owned()),
        )
        .await;
        assert_eq!(back.status, 200);
        assert!(streamed(pair.0, &back.text).is_err(), "{pair:?}");
    }
}
