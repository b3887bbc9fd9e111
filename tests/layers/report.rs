//! The report of a scoreboard, as a service that a host mounts.

use std::time::Duration;

use axum::Router;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body,
    experiment::{AssignedBy, Assignment, Share, Unit},
    meter::{Destination, Outcome, Recorder, Summary},
    scoreboard::{ReportService, Scoreboard},
};

/// A challenger that is four times as fast as control, and fails never.
fn counted() -> Scoreboard {
    let scoreboard = Scoreboard::new();
    for number in 0..1_000_u32 {
        let (arm, seconds) = [("control", 0.4), ("challenger", 0.1)][number as usize % 2];
        let has_failed = arm == "control" && number % 10 == 0;
        let mut summary = Summary::new(number.to_string());
        summary.arm = Some(assignment(arm, number));
        summary.assigned = Some(Destination::new(&"openai".into(), Some(&"gpt-4o".into())));
        summary.outcome = if has_failed {
            Outcome::Failed
        } else {
            Outcome::Completed
        };
        summary.first_content = Some(Duration::from_secs_f64(seconds + f64::from(number) * 1e-5));
        summary.total = Duration::from_secs_f64(seconds * 3.0);
        scoreboard.record(&summary);
    }
    scoreboard
}

fn assignment(arm: &str, number: u32) -> Assignment {
    let shares = ["control", "challenger"].map(|arm| Share::new(arm, 0.5));
    // Numbers that follow each other are in buckets that don't.
    let unit = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Assignment::new("assistant", arm, AssignedBy::Key, Unit(unit), shares.into())
}

async fn send(scoreboard: &Scoreboard, request: Request<Body>) -> Response<Body> {
    let service = ReportService::new(scoreboard.clone());
    service.oneshot(request).await.unwrap()
}

async fn get(scoreboard: &Scoreboard, target: &str) -> Response<Body> {
    send(
        scoreboard,
        Request::get(target).body(Body::empty()).unwrap(),
    )
    .await
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

async fn json(response: Response<Body>) -> Value {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    serde_json::from_str(&text(response).await).unwrap()
}

#[tokio::test]
async fn the_page_has_the_sentence_of_every_comparison() {
    let scoreboard = counted();
    let page = text(get(&scoreboard, "/").await).await;
    let report = scoreboard.report();
    let sentences = report.experiments.iter().flat_map(|one| &one.comparisons);
    let sentences: Vec<&str> = sentences.map(|one| one.sentence.as_str()).collect();
    assert_eq!(sentences.len(), 8);
    for sentence in sentences {
        assert!(page.contains(sentence), "no {sentence:?}");
    }
    assert!(page.contains("challenger</b> starts 74\u{a0}% sooner"));
}

#[tokio::test]
async fn json_is_the_report_of_the_scoreboard() {
    let scoreboard = counted();
    let mut shown = json(get(&scoreboard, "/?format=json").await).await;
    let report = serde_json::to_string(&scoreboard.report()).unwrap();
    let mut report: Value = serde_json::from_str(&report).unwrap();
    for moment in [&mut shown, &mut report] {
        assert!(moment["at"].take().as_f64() >= moment["since"].as_f64());
    }
    assert!(shown == report);
    assert_eq!(shown["experiments"][0]["arms"][1]["requests"], 500);
}

#[tokio::test]
async fn a_snapshot_can_be_counted_in_elsewhere() {
    let shown = get(&counted(), "/?format=snapshot").await;
    let snapshot = serde_json::from_value(json(shown).await).unwrap();
    let other = Scoreboard::new();
    other.absorb(&snapshot);
    assert_eq!(other.report().experiments, counted().report().experiments);
}

#[tokio::test]
async fn json_comes_to_who_takes_that_and_no_page() {
    for (accept, content_type) in [
        ("application/json", "application/json"),
        ("text/plain, Application/JSON;q=0.9", "application/json"),
        (
            "text/html,application/json;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("*/*", "text/html; charset=utf-8"),
    ] {
        let request = Request::get("/").header(header::ACCEPT, accept);
        let shown = send(&counted(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            shown.headers()[header::CONTENT_TYPE],
            content_type,
            "{accept}"
        );
    }
}

#[tokio::test]
async fn nothing_counted_is_a_page_too() {
    let page = text(get(&Scoreboard::new(), "/").await).await;
    assert!(page.contains("<h2>Nothing yet</h2>"), "{page}");
    let shown = json(get(&Scoreboard::new(), "/?format=json").await).await;
    assert_eq!(shown["experiments"], json!([]));
}

#[tokio::test]
async fn nobody_keeps_it_frames_it_or_is_told_where_it_is() {
    let shown = get(&counted(), "/").await;
    let header = |name: &str| shown.headers()[name].to_str().unwrap();
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let policy = header("content-security-policy");
    let directives: Vec<&str> = policy.split("; ").collect();
    assert!(directives.contains(&"default-src 'none'"), "{policy}");
    assert!(directives.contains(&"frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let request = Request::head("/?format=snapshot").body(Body::empty());
    let scoreboard = Scoreboard::new();
    let head = send(&scoreboard, request.unwrap()).await;
    assert_eq!(head.status(), StatusCode::OK);
    let length = length(head.headers());
    assert_eq!(head.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(text(head).await, "");
    assert!(length > 20, "{length}");
}

fn length(headers: &HeaderMap) -> usize {
    headers[header::CONTENT_LENGTH]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn it_can_only_be_read() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let request = Request::builder().method(&method).uri("/");
        let refused = send(&counted(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(refused.headers()[header::ALLOW], "GET, HEAD");
    }
}

#[tokio::test]
async fn a_format_that_it_does_not_have_is_refused() {
    let refused = get(&counted(), "/?a=b&format=xml").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn it_can_be_mounted_at_any_path() {
    let service = ReportService::new(counted());
    let app: Router = Router::new()
        .nest_service("/admin/report", service.clone())
        .route_service("/figures", service);
    for target in [
        "/admin/report",
        "/admin/report?format=json",
        "/figures?format=json",
    ] {
        let request = Request::get(target).body(Full::default()).unwrap();
        let shown = app.clone().oneshot(request.map(Body::new)).await.unwrap();
        assert_eq!(shown.status(), StatusCode::OK, "{target}");
    }
}
