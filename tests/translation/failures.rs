//! Error answers of providers, whatever their bodies are, to every caller: an error with its status, and never an answer
//! that says nothing.

use http::{Response, StatusCode};
use serde_json::Value;
use tower_llm_gateway::{
    Body,
    context::{End, Progress},
    format::ApiFormat,
    ir::{Error, ErrorKind},
};

use crate::{
    attempt::{Attempt, pairs, request, seen},
    bodies::{error_body, error_message},
    gate::Gate,
    layer::Seen,
};

/// Statuses, and the classes for which providers use them.
const STATUSES: [(u16, ErrorKind); 9] = [
    (400, ErrorKind::BadRequest),
    (401, ErrorKind::Unauthenticated),
    (403, ErrorKind::Forbidden),
    (404, ErrorKind::NotFound),
    (413, ErrorKind::TooLarge),
    (429, ErrorKind::RateLimited),
    (500, ErrorKind::Internal),
    (503, ErrorKind::Overloaded),
    (529, ErrorKind::Overloaded),
];

/// Bodies that errors come with, and what of them is in the message.
fn bodies(provider: ApiFormat, kind: ErrorKind) -> [(&'static str, String, &'static str); 5] {
    let (_, body) = error_body(provider, &Error::new(kind, "Not today."));
    let half = body[..body.len() / 2].to_owned();
    let page = "<html><body><h1>Not today.</h1></body></html>".to_owned();
    [
        ("application/json", body, "Not today."),
        ("text/html; charset=utf-8", page, "Not today."),
        ("application/json", String::new(), ""),
        ("text/plain", String::new(), ""),
        ("application/json", half, ""),
    ]
}

fn response(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type);
    response.body(body.into()).unwrap()
}

/// What a caller gets for an error, which it must be able to read.
#[track_caller]
fn told((client, provider): (ApiFormat, ApiFormat), stream: bool, error: Response<Body>) -> Seen {
    let expected = expected(client, provider, &error);
    let mut attempt = Attempt::with(request((client, provider), stream), error);
    let seen = seen(attempt.answers());
    assert!(
        expected.contains(&seen.status),
        "{client} {provider}: {} {expected:?}",
        seen.status
    );
    assert_eq!(seen.headers["content-type"], "application/json");
    assert!(!attempt.progress.has_content());
    assert_ne!(attempt.progress.end(), End::Complete);
    seen
}

/// The statuses that an error may have here: its own among those who speak one format, else the one that the caller's
/// format has for it.
fn expected(client: ApiFormat, provider: ApiFormat, error: &Response<Body>) -> Vec<u16> {
    let status = error.status();
    if client == provider {
        return vec![status.as_u16()];
    }
    let mut said = Error::new(ErrorKind::of_status(status), "");
    let usual = client.error_body(&said).0;
    said.status = Some(status);
    vec![usual.as_u16(), client.error_body(&said).0.as_u16()]
}

#[test]
fn situation_43_an_error_is_one_for_every_caller_whatever_its_body_is() {
    for pair in pairs() {
        for (status, kind) in STATUSES {
            for (content_type, body, words) in bodies(pair.1, kind) {
                for stream in [false, true] {
                    let error = response(status, content_type, body.clone());
                    let seen = told(pair, stream, error);
                    let message = error_message(pair.0, &seen.json());
                    assert!(!message.is_empty() && message.contains(words), "{message}");
                }
            }
        }
    }
}

#[test]
fn situation_43_an_error_whose_body_breaks_keeps_its_status() {
    for pair in pairs() {
        for stream in [false, true] {
            let (_, body) = error_body(pair.1, &Error::new(ErrorKind::RateLimited, "Slow down."));
            let (gate, half) = Gate::new();
            gate.send(body[..20].to_owned());
            gate.breaks();
            let seen = told(pair, stream, response(429, "application/json", half));
            assert_eq!(seen.status, 429);
            error_message(pair.0, &seen.json());
            assert!(!gate.is_held());
        }
    }
}

#[test]
fn situation_43_a_good_error_passes_as_it_is_to_who_speaks_its_format() {
    for format in ApiFormat::BUILT_IN.iter().copied() {
        let (_, body) = error_body(format, &Error::new(ErrorKind::Overloaded, "Busy"));
        let body = body.replacen('{', "{ ", 1);
        let error = response(503, "application/json", body.clone());
        let seen = told((format, format), false, error);
        assert!(seen.text == body && seen.error.is_none());
    }
}

#[test]
fn situation_43_a_long_error_passes_as_it_is_to_who_speaks_its_format() {
    for format in ApiFormat::BUILT_IN.iter().copied() {
        let pieces = [
            "{\"error\":\"".to_owned(),
            "x".repeat(70 << 10),
            "\"}".to_owned(),
        ];
        let (gate, body) = Gate::new();
        for piece in &pieces {
            gate.send(piece.clone());
        }
        drop(gate);
        let seen = told(
            (format, format),
            false,
            response(503, "application/json", body),
        );
        assert!(seen.text == pieces.concat());
    }
}

#[test]
fn situation_43_an_error_that_does_not_call_itself_json_does_then() {
    for format in ApiFormat::BUILT_IN.iter().copied() {
        let (_, body) = error_body(format, &Error::new(ErrorKind::Overloaded, "Busy"));
        let seen = told((format, format), true, response(503, "text/plain", body));
        assert_eq!(error_message(format, &seen.json()), "Busy");
    }
}

#[test]
fn an_error_page_without_end_is_not_read_to_it() {
    for pair in pairs() {
        let (gate, body) = Gate::new();
        for _ in 0..70 {
            gate.send("<p>".repeat(1000));
        }
        let error = response(502, "text/html", body);
        let mut attempt = Attempt::with(request(pair, true), error);
        if pair.0 == pair.1 {
            let seen = seen(attempt.answers());
            assert_eq!(seen.status, 502);
            assert!(seen.text.len() < 2000);
            assert!(!gate.is_held());
        }
    }
}

#[test]
fn situation_43_an_error_under_a_good_status_is_no_empty_answer() {
    for pair in pairs().filter(|(client, provider)| client != provider) {
        let error = Error::new(ErrorKind::Overloaded, "Busy");
        let (_, body) = error_body(pair.1, &error);
        for stream in [false, true] {
            let response = response(200, "application/json", body.clone());
            let progress = Progress::new();
            let mut attempt = Attempt::watched_by(progress, request(pair, stream), response);
            let seen = seen(attempt.answers());
            assert_eq!(attempt.progress.end(), End::Failed);
            assert!(StatusCode::from_u16(seen.status).unwrap().is_server_error());
            assert_eq!(error_message(pair.0, &seen.json()), "Busy");
            let told: Value = seen.json();
            assert!(told.get("choices").is_none() && told.get("content").is_none());
        }
    }
}
