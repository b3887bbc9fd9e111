//! The same exchanges from every caller to every provider, through the whole gateway.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::any};
use http::{Request, Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tower_llm_gateway::{Gateway, format::ApiFormat};

use crate::{
    bodies::{self, Ask, error_message, path, question, said, streamed},
    caller::{Reply, ask, post},
    support::doubles::{Double, Running},
};

const GEMINI: ApiFormat = ApiFormat::GEMINI;

/// A double for each format, and the gateway before them.
struct World {
    _doubles: Vec<Running>,
    gateway: Gateway,
}

fn model(provider: ApiFormat) -> &'static str {
    match provider.id() {
        "openai" => "gpt-4o",
        "openai_responses" => "gpt-5.2",
        "anthropic" => "claude-sonnet-4-20250514",
        _ => "gemini-3-pro-preview",
    }
}

impl World {
    async fn start() -> Self {
        let mut doubles = Vec::new();
        let mut config = "retry: {attempts: 1}\ndownstreams:\n".to_owned();
        for format in ApiFormat::BUILT_IN {
            let double = match format.id() {
                "openai" => Double::openai("CANARY-ours"),
                "openai_responses" => Double::responses("CANARY-ours"),
                "anthropic" => Double::anthropic("CANARY-ours"),
                _ => Double::gemini("CANARY-ours"),
            };
            let double = double.start().await;
            let (url, model) = (double.url(), model(*format));
            let entry = format!("api_formats: [{format}], base_url: '{url}', api_key: CANARY-ours");
            let entry = format!("- {{id: {format}, {entry}, output_model_ids: [{model}]}}\n");
            config.push_str(&entry);
            doubles.push(double);
        }
        Self {
            _doubles: doubles,
            gateway: Gateway::from_yaml(&config).unwrap(),
        }
    }

    async fn ask(
        &self,
        (client, provider): (ApiFormat, ApiFormat),
        text: &str,
        kind: Ask,
        stream: bool,
    ) -> Reply {
        let model = model(provider);
        let body = question(client, model, text, kind, stream).to_string();
        ask(&self.gateway, post(&path(client, model, stream), body)).await
    }
}

/// All directions, and the four in which nothing is translated.
fn directions() -> Vec<(ApiFormat, ApiFormat)> {
    let same = ApiFormat::BUILT_IN.iter().map(|format| (*format, *format));
    bodies::directions().chain(same).collect()
}

#[tokio::test]
async fn a_whole_answer_says_what_the_provider_said() {
    let world = World::start().await;
    for pair in directions() {
        for kind in [Ask::Plain, Ask::Tools] {
            let reply = world.ask(pair, "Hi", kind, false).await;
            assert_eq!(reply.status, 200, "{pair:?} {}", reply.text());
            assert_eq!(reply.header("content-type"), "application/json");
            let expected = said(pair.1, bodies::answer(pair.1, kind).0);
            assert_eq!(said(pair.0, &reply.text()), expected, "{pair:?} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_stream_says_what_the_provider_said() {
    let world = World::start().await;
    for pair in directions() {
        for kind in [Ask::Plain, Ask::Tools] {
            let reply = world.ask(pair, "Hi", kind, true).await;
            assert_eq!(reply.status, 200, "{pair:?} {}", reply.text());
            assert!(
                reply
                    .header("content-type")
                    .starts_with("text/event-stream")
            );
            let expected = streamed(pair.1, bodies::answer(pair.1, kind).1);
            assert_eq!(
                streamed(pair.0, &reply.text()),
                expected,
                "{pair:?} {kind:?}"
            );
        }
    }
}

#[tokio::test]
async fn trap_102_a_gemini_caller_without_alt_sse_gets_an_array() {
    let world = World::start().await;
    for provider in ApiFormat::BUILT_IN.iter().copied() {
        // A provider of the caller's own format has to send the array itself.
        if provider == GEMINI {
            continue;
        }
        let ask_for = |text: &str| {
            let body = question(GEMINI, model(provider), text, Ask::Tools, true).to_string();
            let path = path(GEMINI, model(provider), true);
            let path = path.strip_suffix("?alt=sse").unwrap().to_owned();
            let gateway = &world.gateway;
            async move { ask(gateway, post(&path, body)).await }
        };
        let reply = ask_for("Hi").await;
        assert_eq!(reply.header("content-type"), "application/json");
        let events = world.ask((GEMINI, provider), "Hi", Ask::Tools, true).await;
        assert_eq!(
            streamed(GEMINI, &as_events(&reply)),
            streamed(GEMINI, &events.text())
        );

        let cut = ask_for("Hi [[truncate]]").await;
        assert!(streamed(GEMINI, &as_events(&cut)).is_err());
        let failed = ask_for("Hi [[rate-limit]]").await;
        assert_eq!(failed.status, 429);
    }
}

/// The elements of an array, as events.
fn as_events(reply: &Reply) -> String {
    let elements: Vec<Value> = serde_json::from_slice(&reply.bytes())
        .unwrap_or_else(|error| panic!("{error}: {}", reply.text()));
    assert!(!elements.is_empty());
    let events = elements
        .iter()
        .map(|element| format!("data: {element}\n\n"));
    events.collect()
}

#[tokio::test]
async fn trap_124_a_provider_s_refusal_is_an_error_of_the_caller_s() {
    let world = World::start().await;
    for pair in directions() {
        let busy = match (pair.0.id(), pair.0 == pair.1) {
            ("anthropic", _) => 529,
            _ => 503,
        };
        for (marker, status) in [("[[rate-limit]]", 429), ("[[overloaded]]", busy)] {
            for stream in [false, true] {
                let reply = world.ask(pair, marker, Ask::Plain, stream).await;
                assert_eq!(reply.status, status, "{pair:?} {marker} {}", reply.text());
                assert!(!error_message(pair.0, &reply.json()).is_empty());
            }
        }
        let reply = world.ask(pair, "[[html]]", Ask::Plain, true).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{pair:?}");
        error_message(pair.0, &reply.json());
    }
}

#[tokio::test]
async fn trap_095_an_error_before_all_else_has_a_status() {
    let world = World::start().await;
    for pair in bodies::directions() {
        let reply = world
            .ask(pair, "[[stream-error-first]]", Ask::Plain, true)
            .await;
        assert!(reply.status.as_u16() >= 429, "{pair:?} {}", reply.text());
        error_message(pair.0, &reply.json());
    }
}

#[tokio::test]
async fn a_stream_that_fails_or_is_cut_ends_in_the_caller_s_error() {
    let world = World::start().await;
    for pair in directions() {
        for marker in ["[[stream-error]]", "[[truncate]]", "[[reset]]"] {
            let reply = world.ask(pair, marker, Ask::Plain, true).await;
            assert_eq!(reply.status, 200, "{pair:?} {marker}");
            assert!(!reply.broken, "{pair:?} {marker}");
            let end = streamed(pair.0, &reply.text());
            assert!(end.is_err(), "{pair:?} {marker} {end:?}");
        }
        for marker in ["[[truncate]]", "[[reset]]"] {
            let reply = world.ask(pair, marker, Ask::Plain, false).await;
            if pair.0 == pair.1 {
                continue;
            }
            assert_eq!(reply.status, 502, "{pair:?} {marker}");
            error_message(pair.0, &reply.json());
        }
    }
}

/// What a Gemini caller gets without `alt=sse` when a Gemini provider answers with these pieces, and where it was asked.
async fn passed(pieces: Vec<String>) -> (Reply, String) {
    let seen = Arc::new(Mutex::new(String::new()));
    let provider = {
        let seen = Arc::clone(&seen);
        move |request: Request<axum::body::Body>| {
            *seen.lock().unwrap() = request.uri().to_string();
            let pieces = pieces.clone().into_iter().map(Ok::<_, Infallible>);
            let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
            let response =
                Response::builder().header("content-type", "application/json; charset=UTF-8");
            async { response.body(body).unwrap() }
        }
    };
    let app = Router::new().fallback_service(any(provider));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    let gateway = Gateway::from_yaml(&format!(
        "downstreams:\n- {{id: g, base_url: '{url}', api_formats: [gemini], output_model_ids: [m]}}"
    ));
    let body = question(GEMINI, "m", "Hi", Ask::Plain, true).to_string();
    let path = path(GEMINI, "m", true);
    let path = path.strip_suffix("?alt=sse").unwrap();
    let reply = ask(&gateway.unwrap(), post(path, body)).await;
    let seen = seen.lock().unwrap().clone();
    (reply, seen)
}

#[tokio::test]
async fn trap_102_an_array_that_passes_is_not_touched() {
    let array = bodies::array(bodies::answer(GEMINI, Ask::Plain).1);
    let pieces: Vec<String> = array.split_inclusive(' ').map(str::to_owned).collect();
    let (reply, seen) = passed(pieces).await;
    assert_eq!(seen, "/v1beta/models/m:streamGenerateContent");
    assert_eq!(reply.text(), array);
    assert_eq!(
        reply.header("content-type"),
        "application/json; charset=UTF-8"
    );
}

#[tokio::test]
async fn an_array_that_passes_and_was_cut_ends_in_an_error() {
    let array = bodies::array(bodies::answer(GEMINI, Ask::Plain).1);
    let elements: Vec<&str> = array.split_inclusive("\n,\r\n").collect();
    let first = elements[0];
    for cut in [first.to_owned(), first.replace("\n,\r\n", "")] {
        let (reply, _) = passed(vec![cut.clone()]).await;
        assert!(reply.text().starts_with(&cut));
        assert!(
            streamed(GEMINI, &as_events(&reply)).is_err(),
            "{}",
            reply.text()
        );
    }
    let within = first.len() + 20;
    let (reply, _) = passed(vec![array[..within].to_owned()]).await;
    assert_eq!(reply.text(), array[..within]);
    assert!(reply.broken);
}

#[tokio::test]
async fn an_array_that_passes_and_was_cut_before_it_says_anything_is_an_error_response() {
    for cut in ["", "[", "[{\"candidates\":[{\"content\""] {
        let (reply, _) = passed(vec![cut.to_owned()]).await;
        assert_eq!(reply.status, 502, "{cut}");
        error_message(GEMINI, &reply.json());
    }
}

#[tokio::test]
async fn an_error_that_passes_in_place_of_an_array_is_not_touched() {
    let error = r#"{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}"#;
    let detailed = error.replace("\"No.\"", "\"No.\",\"details\":[{},{}]");
    for body in [error.to_owned(), detailed] {
        let (reply, _) = passed(vec![body.clone()]).await;
        assert_eq!((reply.text(), reply.broken), (body, false));
    }
}

#[tokio::test]
async fn an_error_that_passes_in_an_array_has_its_status() {
    let error = r#"{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}"#;
    let (reply, _) = passed(vec![format!("[{error}]")]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(error_message(GEMINI, &reply.json()), "No.");
}
