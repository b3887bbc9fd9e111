//! What the gateway's scoreboard counts of the requests that go through it.

use http::{HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_llm_gateway::{
    Gateway,
    config::Config,
    meter::Summary,
    scoreboard::{ArmReport, ExperimentReport, FeedbackError},
};

use crate::{
    caller::{Caller, SONNET, ask},
    support::{
        fault::{Fault, Format, Script},
        page::Page,
    },
};

/// The page, and a rule that splits `assistant` between OpenAI and Anthropic, which is somewhere else.
fn split(page: &Page, anthropic: &str) -> Gateway {
    let config = page.config().replace(page.anthropic.url(), anthropic);
    let config = format!(
        "{config}
  - id: assistant-ab
    pattern_model: assistant
    fallback: [openai]
    split:
      key: ['header:x-session-id']
      arms:
        - {{id: openai, downstream: openai, output_model: gpt-4o}}
        - {{id: anthropic, downstream: anthropic, output_model: {SONNET}}}
"
    );
    Gateway::builder(Config::from_yaml(&config).unwrap())
        .downstream(Page::downstream())
        .recorder(|_: &Summary| panic!("the recorder of the host has a bug"))
        .build()
        .unwrap()
}

/// So many sessions, each with a request that is answered.
async fn ask_of(gateway: &Gateway, sessions: u32) {
    for session in 0..sessions {
        let mut request = Caller::OpenAi.asks("assistant", "Hi", session % 2 == 0);
        let headers = request.headers_mut();
        headers.insert("x-session-id", session.into());
        assert_eq!(ask(gateway, request).await.status, 200);
    }
}

fn only(gateway: &Gateway) -> ExperimentReport {
    let mut experiments = gateway.scoreboard().report().experiments;
    assert_eq!(experiments.len(), 1);
    experiments.remove(0)
}

#[tokio::test]
async fn every_request_counts_for_its_arm_whatever_else_records_it() {
    let page = Page::start().await;
    let gateway = split(&page, page.anthropic.url());
    ask_of(&gateway, 32).await;
    let report = only(&gateway);
    assert_eq!(&*report.id, "assistant-ab");
    let ids: Vec<&str> = report.arms.iter().map(|arm| &*arm.id).collect();
    assert_eq!(ids, ["openai", "anthropic"]);
    for (arm, provider) in report.arms.iter().zip([&page.openai, &page.anthropic]) {
        assert_eq!(arm.requests, provider.requests().len() as u64);
        assert_eq!(arm.outcomes["completed"], arm.requests);
        assert_eq!(arm.downstream, Some(arm.id.clone()));
        assert_eq!((arm.share.to_string(), arm.fallbacks), ("0.5".into(), 0));
    }
    let requests = |arm: &ArmReport| arm.requests;
    assert_eq!(report.arms.iter().map(requests).sum::<u64>(), 32);
    assert_eq!(report.mismatch.seen.iter().sum::<u64>(), 32);
}

#[tokio::test]
async fn a_score_counts_for_the_request_of_its_id() {
    let page = Page::start().await;
    let gateway = split(&page, page.anthropic.url());
    let mut request = Caller::OpenAi.asks("assistant", "Hi", false);
    let headers = request.headers_mut();
    headers.insert("x-session-id", 1.into());
    headers.insert("x-request-id", HeaderValue::from_static("r1"));
    let reply = ask(&gateway, request).await;
    assert_eq!(reply.header("x-llm-request-id"), "r1");
    assert_eq!(gateway.feedback("r1", 0.25), Ok(()));
    let scores = only(&gateway).arms.into_iter().map(|arm| arm.score);
    let scores: Vec<_> = scores.filter_map(|score| score.mean).collect();
    assert_eq!(scores, [0.25]);
}

#[tokio::test]
async fn the_report_is_of_what_the_gateway_counts() {
    let page = Page::start().await;
    let gateway = split(&page, page.anthropic.url());
    let report = gateway.report();
    ask_of(&gateway, 4).await;
    let request = Request::get("/?format=json").body(()).unwrap();
    let shown = report.oneshot(request).await.unwrap().into_body();
    let shown = shown.collect().await.unwrap().to_bytes();
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!(shown["experiments"][0]["id"], "assistant-ab");
    let arms = shown["experiments"][0]["arms"].as_array().unwrap();
    let requests = arms.iter().map(|arm| arm["requests"].as_u64().unwrap());
    assert_eq!(requests.sum::<u64>(), 4);
}

#[tokio::test]
async fn an_arm_that_others_answer_for_is_still_the_one_that_counts() {
    let page = Page::start().await;
    let script = Script::error(Format::Anthropic, 503);
    let failing = Fault::h1().script(script).start().await;
    let gateway = split(&page, failing.url());
    ask_of(&gateway, 16).await;
    let report = only(&gateway);
    let [openai, anthropic] = &report.arms[..] else {
        panic!("{:?}", report.arms)
    };
    assert!(anthropic.requests > 0);
    assert_eq!(openai.fallbacks, 0);
    assert_eq!(anthropic.fallbacks, anthropic.requests);
}

#[tokio::test]
async fn a_reload_forgets_nothing_of_it() {
    let page = Page::start().await;
    let gateway = split(&page, page.anthropic.url());
    ask_of(&gateway, 4).await;
    gateway
        .reload(&Config::from_yaml(&page.config()).unwrap())
        .unwrap();
    assert_eq!(gateway.clone().scoreboard().report().experiments.len(), 1);
}

#[tokio::test]
async fn feedback_of_what_was_not_counted_is_refused() {
    let page = Page::start().await;
    let gateway = split(&page, page.anthropic.url());
    let refused = gateway.feedback("nobody", 1.0);
    assert_eq!(refused, Err(FeedbackError::UnknownRequest));
}
