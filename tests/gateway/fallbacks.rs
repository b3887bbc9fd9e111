//! Fallbacks that a file names, from the caller to the provider that serves and back.

use tower::ServiceExt;
use tower_llm_gateway::{failover::Attempts, router::Served};

use crate::{
    caller::{CALLERS, Caller, Reply, SONNET, gateway_with},
    support::{
        fault::{Fault, Script},
        page::Page,
    },
};

/// What the one question of a caller has led to.
struct Course {
    page: Page,
    reply: Reply,
    decided: String,
    attempts: Attempts,
}

/// The page, on which OpenAI fails, with this rule too.
async fn course(caller: Caller, stream: bool, rule: &str) -> Course {
    let page = Page::start().await;
    let failing = Fault::h1().script(Script::new().status(503)).start().await;
    let gateway = gateway_with(&page, |config| {
        let config = config.replace(page.openai.url(), failing.url());
        format!("{config}\n  - id: next\n    {rule}\n")
    });
    let request = caller.asks("gpt-4o", "Hi", stream);
    let response = gateway.service().oneshot(request).await.unwrap();
    let extensions = response.extensions();
    Course {
        decided: Served::of(extensions)
            .unwrap()
            .selected()
            .target()
            .id()
            .to_string(),
        attempts: Attempts::of(extensions).unwrap().clone(),
        reply: Reply::of(response).await,
        page,
    }
}

impl Course {
    fn downstreams(&self) -> Vec<String> {
        let attempts = self.attempts.to_vec().into_iter();
        attempts.map(|tried| tried.downstream.to_string()).collect()
    }
}

const TO_SONNET: &str =
    "fallback: [{downstream: anthropic, output_model: claude-sonnet-4-20250514}]";

#[tokio::test]
async fn a_fallback_of_another_format_answers_in_the_caller_s() {
    for caller in CALLERS {
        for stream in [false, true] {
            let course = course(caller, stream, TO_SONNET).await;
            assert_eq!(course.reply.status, 200, "{}", course.reply.text());
            let seen = course.page.anthropic.requests();
            let [seen] = seen.as_slice() else {
                panic!("one request");
            };
            assert_eq!(seen.target, "/v1/messages");
            assert_eq!(seen.json()["model"], SONNET);
            assert_eq!(seen.header("x-api-key"), Some("sk-ant-..."));
            assert_eq!(seen.header("authorization"), None);
            if stream {
                assert!(course.reply.text().contains(caller.terminal()));
            }
        }
    }
}

#[tokio::test]
async fn what_is_decided_is_assigned_and_what_answers_has_served() {
    let course = course(Caller::OpenAi, false, TO_SONNET).await;
    assert_eq!(course.decided, "openai");
    assert_eq!(course.downstreams(), ["openai", "anthropic"]);
    assert_eq!(&*course.attempts.assigned().unwrap().downstream, "openai");
    let served = course.attempts.served().unwrap();
    assert_eq!(&*served.downstream, "anthropic");
    assert_eq!(served.model.as_deref(), Some(SONNET));
}

#[tokio::test]
async fn the_same_model_elsewhere_needs_no_name() {
    let course = course(Caller::OpenAi, false, "fallback: [azure-openai]").await;
    assert_eq!(course.reply.status, 200, "{}", course.reply.text());
    assert_eq!(course.downstreams(), ["openai", "azure-openai"]);
    let seen = &course.page.azure.requests()[0];
    assert_eq!(seen.json()["model"], "gpt-4o");
}

#[tokio::test]
async fn plugins_that_lead_to_the_fallback_are_passed_there() {
    let header = |name: &str| {
        format!("{{plugin_id: custom_header, config: {{headers: {{{name}: 'yes'}}}}}}")
    };
    let rules = format!(
        "{TO_SONNET}
    match_downstreams: [openai]
    pipeline_config: [{}]
  - id: there
    match_downstreams: [anthropic]
    pipeline_config: [{}]
  - id: elsewhere
    match_downstreams: [openai, azure-openai]
    pipeline_config: [{}]",
        header("x-names"),
        header("x-leads"),
        header("x-not")
    );
    let course = course(Caller::OpenAi, false, &rules).await;
    let seen = &course.page.anthropic.requests()[0];
    let passed = ["x-names", "x-leads", "x-not"].map(|name| seen.header(name));
    assert_eq!(passed, [Some("yes"), Some("yes"), None]);
}
