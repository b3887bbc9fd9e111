//! Streams that come or go as a JSON array, and bodies that are not what was asked for.

use bytes::Bytes;
use http::Response;
use http_body_util::StreamBody;
use serde_json::json;
use tower_llm_gateway::{
    Body, BoxError,
    format::ApiFormat,
    ir::{Error, ErrorKind},
    translate::TranslateLayer,
};

use crate::{
    bodies::{
        Ask, answer, array, directions, error_body, error_message, path, question, said, streamed,
    },
    layer::{Seen, exchange_at, reply},
};

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

/// A tool of the caller whose name no other format takes, as a function or as a custom tool.
fn awkward(client: ApiFormat, custom: bool) -> serde_json::Value {
    let mut body = question(client, "m", "Hi", Ask::Tools, false);
    let tool = match (client.id(), custom) {
        ("openai", true) => json!({"type": "custom", "custom": {"name": AWKWARD}}),
        ("openai_responses", true) => json!({"type": "custom", "name": AWKWARD}),
        ("gemini", _) => {
            body["tools"][0]["functionDeclarations"][0]["name"] = json!(AWKWARD);
            return body;
        }
        ("openai", false) => {
            body["tools"][0]["function"]["name"] = json!(AWKWARD);
            return body;
        }
        _ => {
            body["tools"][0]["name"] = json!(AWKWARD);
            return body;
        }
    };
    body["tools"][0] = tool;
    body
}

const AWKWARD: &str = "get weather, please!";

/// The name by which the provider knows the caller's tool.
async fn name_sent((client, provider): (ApiFormat, ApiFormat), body: &serde_json::Value) -> String {
    let layer = TranslateLayer::new(client, provider);
    let response = reply(200, "application/json", "{}");
    let (seen, _) = exchange_at(
        layer,
        &path(client, "m", false),
        &body.to_string(),
        response,
    )
    .await;
    let sent = seen.expect("it is sent").json();
    let tool = &sent["tools"][0];
    let tool = match provider.id() {
        "openai" => &tool["function"]["name"],
        "gemini" => &tool["functionDeclarations"][0]["name"],
        _ => &tool["name"],
    };
    tool.as_str().unwrap_or_else(|| panic!("{sent}")).to_owned()
}

#[tokio::test]
async fn names_and_kinds_of_tools_are_the_callers_however_the_answer_comes() {
    for pair in directions() {
        let (client, provider) = pair;
        for custom in [false, true] {
            // Where both have custom tools, none is turned into a function.
            let has_custom = |format: ApiFormat| format.id().starts_with("openai");
            if custom && (!has_custom(client) || has_custom(provider)) {
                continue;
            }
            let body = awkward(client, custom);
            let name = name_sent(pair, &body).await;
            let (whole, stream) = answer(provider, Ask::Tools);
            let [whole, stream] = [whole, stream].map(|text| text.replace("get_weather", &name));
            let mut told = Vec::new();
            for (content_type, text) in [
                ("application/json", whole),
                ("application/json", array(&stream)),
                ("text/event-stream", stream),
            ] {
                for streams in [false, true] {
                    let mut body = body.clone();
                    if streams && client != ApiFormat::GEMINI {
                        body["stream"] = json!(true);
                    }
                    let layer = TranslateLayer::new(client, provider);
                    let response = reply(200, content_type, text.clone());
                    let path = path(client, "m", streams);
                    let (_, back) = exchange_at(layer, &path, &body.to_string(), response).await;
                    let said = if streams {
                        streamed(client, &back.text).unwrap()
                    } else {
                        said(client, &back.text)
                    };
                    let calls: Vec<String> = said
                        .into_iter()
                        .filter(|line| line.starts_with("calls"))
                        .collect();
                    assert!(
                        calls[0].contains(AWKWARD),
                        "{pair:?} {content_type} {calls:?}"
                    );
                    assert_eq!(
                        back.text.contains("custom"),
                        custom,
                        "{pair:?} {}",
                        back.text
                    );
                    told.push(calls);
                }
            }
            assert!(
                told.iter().all(|calls| *calls == told[0]),
                "{pair:?} {told:#?}"
            );
        }
    }
}
