//! Experiments, from the caller to the arm that answers and back.

use http::{Request, Response};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    experiment::{AssignedBy, Assignment},
    failover::{Attempts, Outcome},
    router::Served,
};

use crate::{
    caller::{Caller, Reply, SONNET, gateway_with},
    support::{
        fault::{Fault, Format, Script},
        page::Page,
    },
};

/// The page, and a rule that splits `assistant` between OpenAI and Anthropic by these keys.
fn document(page: &Page, keys: &str) -> String {
    format!(
        "experiments: {{override_key: CANARY-qa}}
{}
  - id: assistant-ab
    pattern_path: /v1/chat/completions
    pattern_model: assistant
    split:
      key: {keys}
      arms:
        - {{id: openai, downstream: openai, output_model: gpt-4o}}
        - {{id: anthropic, downstream: anthropic, output_model: {SONNET}}}
",
        page.config()
    )
}

fn split(page: &Page, keys: &str) -> Gateway {
    gateway_with(page, |_| document(page, keys))
}

fn asks(session: u32) -> Request<Body> {
    let mut request = Caller::OpenAi.asks("assistant", "Hi", false);
    let headers = request.headers_mut();
    headers.insert("x-session-id", session.into());
    request
}

async fn ask(gateway: &Gateway, request: Request<Body>) -> Response<Body> {
    let response = gateway.service().oneshot(request).await;
    response
        .unwrap_or_else(|never| match never {})
        .map(Body::new)
}

fn assignment(response: &Response<Body>) -> Assignment {
    let served = Served::of(response.extensions()).unwrap();
    served.assignment().unwrap().clone()
}

fn served(response: &Response<Body>) -> String {
    let attempts = Attempts::of(response.extensions()).unwrap();
    attempts.served().unwrap().downstream.to_string()
}

#[tokio::test]
async fn row_57_a_session_is_answered_by_one_arm_in_the_caller_s_format() {
    let page = Page::start().await;
    let key = "['header:x-session-id']";
    // The second is what another replica would be, or this one after a restart.
    let gateways = [split(&page, key), split(&page, key)];
    let mut seen = Vec::new();
    for session in 0..16 {
        let mut arms = Vec::new();
        for gateway in [&gateways[0], &gateways[0], &gateways[1]] {
            let response = ask(gateway, asks(session)).await;
            let assignment = assignment(&response);
            assert_eq!(assignment.by, AssignedBy::Key);
            assert_eq!(*served(&response), *assignment.arm);
            let reply = Reply::of(response).await;
            assert_eq!(
                reply.json()["object"],
                "chat.completion",
                "{}",
                reply.text()
            );
            arms.push(assignment.arm.to_string());
        }
        arms.dedup();
        assert_eq!(arms.len(), 1, "{arms:?}");
        seen.append(&mut arms);
    }
    let models = |requests: Vec<crate::support::doubles::Recorded>| {
        let models = requests
            .into_iter()
            .map(|request| request.json()["model"].to_string());
        models.collect::<Vec<_>>()
    };
    let asked = |arm: &str| 3 * seen.iter().filter(|seen| *seen == arm).count();
    let (openai, anthropic) = (
        models(page.openai.requests()),
        models(page.anthropic.requests()),
    );
    assert!(!openai.is_empty() && !anthropic.is_empty());
    assert_eq!(
        (openai.len(), anthropic.len()),
        (asked("openai"), asked("anthropic"))
    );
    assert!(
        openai.iter().all(|model| model == "\"gpt-4o\""),
        "{openai:?}"
    );
    assert!(
        anthropic.iter().all(|model| model.contains(SONNET)),
        "{anthropic:?}"
    );
}

#[tokio::test]
async fn row_58_without_a_key_each_request_is_drawn_by_chance() {
    let page = Page::start().await;
    let gateway = split(&page, "['header:x-session-id']");
    for _ in 0..48 {
        let response = ask(&gateway, Caller::OpenAi.asks("assistant", "Hi", false)).await;
        assert_eq!(assignment(&response).by, AssignedBy::Random);
    }
    // That one of them gets nothing happens once in 10^14 times.
    assert!(!page.openai.requests().is_empty() && !page.anthropic.requests().is_empty());
}

#[tokio::test]
async fn row_62_what_a_fallback_serves_stays_assigned_to_its_arm() {
    let page = Page::start().await;
    let failing = Fault::h1()
        .script(Script::error(Format::Anthropic, 503))
        .start()
        .await;
    let gateway = gateway_with(&page, |config| {
        let config = config.replace(page.anthropic.url(), failing.url());
        format!(
            "ejection: {{consecutive: 2}}\n{config}
  - id: assistant-ab
    pattern_model: assistant
    fallback: [openai]
    split:
      key: ['header:x-session-id']
      arms:
        - {{id: openai, downstream: openai, output_model: gpt-4o}}
        - {{id: anthropic, downstream: anthropic, output_model: {SONNET}}}
"
        )
    });
    let mut assigned = Vec::new();
    let mut outcomes = Vec::new();
    for session in 0..32 {
        let response = ask(&gateway, asks(session)).await;
        assert_eq!(response.status(), 200);
        assert_eq!(served(&response), "openai");
        let arm = assignment(&response).arm;
        if &*arm == "anthropic" {
            let attempts = Attempts::of(response.extensions()).unwrap().to_vec();
            assert_eq!(&*attempts[0].downstream, "anthropic");
            outcomes.push(attempts[0].outcome);
        }
        assigned.push(arm);
    }
    assert!(assigned.iter().any(|arm| &**arm == "openai"));
    // After two failures it is left alone.
    assert_eq!(failing.attempts(), 2);
    let ejected = outcomes
        .iter()
        .filter(|outcome| **outcome == Outcome::Ejected);
    assert_eq!(ejected.count(), outcomes.len() - 2);
    assert!(outcomes.len() > 2);
}

#[tokio::test]
async fn an_arm_that_is_chosen_answers_and_no_provider_sees_who_chose() {
    let page = Page::start().await;
    let gateway = split(&page, "[]");
    for arm in ["openai", "anthropic"] {
        let mut request = Caller::OpenAi.asks("assistant", "Hi", false);
        request
            .headers_mut()
            .insert("x-llm-arm", arm.parse().unwrap());
        let refused = ask(&gateway, Caller::OpenAi.asks("assistant", "Hi", false)).await;
        assert_eq!(refused.status(), 200);
        request
            .headers_mut()
            .insert("x-llm-arm-key", "CANARY-qa".parse().unwrap());
        let response = ask(&gateway, request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(assignment(&response).by, AssignedBy::Override);
        assert_eq!(served(&response), arm);
    }
    for seen in [page.openai.requests(), page.anthropic.requests()].concat() {
        assert_eq!(
            (seen.header("x-llm-arm"), seen.header("x-llm-arm-key")),
            (None, None)
        );
    }
}

#[tokio::test]
async fn who_may_not_choose_is_told_so_in_its_own_format() {
    let page = Page::start().await;
    let gateway = split(&page, "[]");
    for caller in [Caller::OpenAi, Caller::Anthropic] {
        let mut request = caller.asks("assistant", "Hi", false);
        request
            .headers_mut()
            .insert("x-llm-arm", "anthropic".parse().unwrap());
        request
            .headers_mut()
            .insert("x-llm-arm-key", "CANARY-guessed".parse().unwrap());
        let reply = Reply::of(ask(&gateway, request).await).await;
        assert_eq!(reply.status, 403);
        let (_, message) = reply.error(caller);
        assert_eq!(
            message,
            "Only who sends the key for it in x-llm-arm-key may choose an arm."
        );
    }
}

#[tokio::test]
async fn weights_are_set_while_the_gateway_runs_and_stay_over_a_reload() {
    let page = Page::start().await;
    let gateway = split(&page, "[]");
    gateway
        .set_weights("assistant-ab", &[("openai", 0.0)])
        .unwrap();
    for reload in [false, true] {
        if reload {
            gateway
                .reload(&Config::from_yaml(&document(&page, "[]")).unwrap())
                .unwrap();
        }
        for _ in 0..16 {
            let response = ask(&gateway, Caller::OpenAi.asks("assistant", "Hi", false)).await;
            assert_eq!(served(&response), "anthropic");
        }
    }
    assert!(
        gateway
            .set_weights("assistant-ab", &[("nobody", 1.0)])
            .is_err()
    );
}
