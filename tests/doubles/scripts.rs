//! The failures a marker asks for, and the doubles as servers.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

use crate::{
    case::{Case, events, send},
    support::doubles::Double,
};

#[tokio::test]
async fn a_rate_limit_names_the_seconds_to_wait() {
    for case in Case::all() {
        let reply = case.says("Please [[rate-limit]] me", true).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
        // Gemini says it in the body only.
        let in_body = reply.text().contains("\"retryDelay\":\"7s\"");
        assert!(in_body || reply.header("retry-after") == "7");
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn failures_have_the_status_and_the_words_of_the_provider() {
    let expected = [
        (503, "service_unavailable_error", "server_error"),
        (529, "overloaded_error", "api_error"),
        (503, "\"code\":\"503\"", "server_error"),
        (503, "service_unavailable_error", "server_error"),
        (503, "UNAVAILABLE", "INTERNAL"),
    ];
    for (case, (status, overloaded, broken)) in Case::all().iter().zip(expected) {
        let reply = case.says("[[overloaded]]", false).await;
        assert_eq!(reply.status, status);
        assert!(reply.text().contains(overloaded), "{}", reply.text());
        let reply = case.says("[[server-error]]", false).await;
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains(broken), "{}", reply.text());
        let reply = case.says("[[html]]", false).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (StatusCode::BAD_GATEWAY, "text/html")
        );
    }
}

#[tokio::test]
async fn a_stream_error_comes_after_some_events_or_first() {
    for case in Case::all() {
        let late = case.says("[[stream-error]]", true).await;
        assert_eq!(late.status, 200);
        let late = events(&late);
        let (last, before) = late.split_last().unwrap();
        assert!(
            before.len() > 2 && (last["error"]["message"].is_string() || last["type"] == "error"),
            "{last}"
        );
        let first = events(&case.says("[[stream-error-first]]", true).await);
        assert!(matches!(first.as_slice(), [event] if event["type"] == last["type"]));
        assert_eq!(case.says("[[stream-error]]", false).await.status, 500);
    }
}

#[tokio::test]
async fn a_cut_stream_has_no_terminal_event() {
    for case in Case::all() {
        let cut = case.says("[[truncate]]", true).await;
        assert!(cut.frames.len() > 2 && !cut.broken);
        for end in [
            "[DONE]",
            "message_stop",
            "response.completed",
            "finishReason",
        ] {
            assert!(!cut.text().contains(end));
        }
        let reset = case.says("[[reset]]", true).await;
        assert_eq!((reset.frames, reset.broken), (cut.frames, true));
        let half = case.says("[[truncate]]", false).await;
        assert!(serde_json::from_str::<Value>(&half.text()).is_err());
    }
}

#[tokio::test]
async fn only_the_last_user_message_is_a_script() {
    for case in Case::all() {
        let turns = [
            case.turn("user", "[[rate-limit]]"),
            case.turn("model", "Sorry"),
            case.turn("user", "And now?"),
        ];
        let reply = case.with(serde_json::json!({case.turns: turns})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_paced_double_waits_before_the_head_and_between_events() {
    let mut case = Case::openai();
    let double = Double::openai("k").first_byte_delay(Duration::from_secs(3));
    case.double = double.event_interval(Duration::from_secs(1));
    let start = tokio::time::Instant::now();
    let reply = case.says("Hi", true).await;
    let waits = u64::try_from(reply.frames.len() - 1).unwrap();
    assert_eq!(start.elapsed().as_secs(), 3 + waits);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_stream_never_ends() {
    let case = Case::anthropic();
    let stalled = tokio::time::timeout(Duration::from_secs(3600), case.says("[[stall]]", true));
    assert!(stalled.await.is_err());
}

#[tokio::test]
async fn a_running_double_speaks_both_versions_of_http_and_records_what_it_got() {
    let double = Double::anthropic("k").start().await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder
            .http2_only(version == Version::HTTP_2)
            .build_http::<Body>();
        let request = Case::anthropic()
            .request()
            .uri(format!("{}/v1/messages?x=1", double.url()));
        let reply = client
            .request(request.body("{}".into()).unwrap())
            .await
            .unwrap();
        assert_eq!(
            (reply.status(), reply.version()),
            (StatusCode::BAD_REQUEST, version)
        );
        let body = reply.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"{\"error\""));
    }
    let requests = double.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.target, "/v1/messages?x=1");
        assert_eq!(request.header("x-api-key"), Some("k"));
        assert_eq!(request.json(), serde_json::json!({}));
    }
}

#[tokio::test]
async fn request_ids_differ() {
    // Gemini's answers carry none in their headers.
    let cases = Case::all().into_iter();
    for case in cases.filter(|case| case.turns != "contents") {
        let mut ids = Vec::new();
        for _ in 0..2 {
            let request = Request::post("/nowhere").body(Body::empty()).unwrap();
            let reply = send(&case.double, request).await;
            ids.push((
                reply.header("request-id").to_owned(),
                reply.header("x-request-id").to_owned(),
            ));
        }
        assert_ne!(ids.first(), ids.last());
    }
}
