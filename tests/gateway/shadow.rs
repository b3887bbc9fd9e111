//! Copies of requests to somebody else, of which no caller notices anything.

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Gateway,
    config::Config,
    format::ApiFormat,
    meter::{Outcome, Summary},
    router::Facts,
};

use crate::{
    caller::{CHAT, Caller, Reply, SONNET, post},
    support::{
        doubles::{Double, Running},
        fault::{Cut, Fault, Gate, Script, Upstream},
    },
};

/// What the provider that is asked answers.
const ANSWER: &str = r#"{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#;

/// A gateway that asks one provider, and sends copies to another.
struct Pair {
    gateway: Gateway,
    asked: Upstream,
    summaries: mpsc::UnboundedReceiver<Summary>,
}

impl Pair {
    /// With copies to `url`, as `shadow` says.
    async fn new(url: &str, shadow: &str) -> Self {
        Self::asking(Script::json(ANSWER), url, shadow).await
    }

    /// The same with a provider that does this.
    async fn asking(script: Script, url: &str, shadow: &str) -> Self {
        let asked = Fault::h1().script(script).start().await;
        let config = format!(
            "retry: {{attempts: 1}}
downstreams:
- {{id: asked, api_formats: [openai], base_url: '{}', api_key: sk-asked, output_model_ids: [gpt-4o]}}
- {{id: other, api_formats: [anthropic], base_url: '{url}', api_key: sk-other, output_model_ids: ['{SONNET}']}}
rules:
- {{id: chat, pattern_model: gpt-4o, match_downstreams: [asked], shadow: {shadow}}}
",
            asked.url()
        );
        let (sender, summaries) = mpsc::unbounded_channel();
        let gateway = Gateway::builder(Config::from_yaml(&config).unwrap())
            .recorder(move |summary: &Summary| drop(sender.send(summary.clone())))
            .build()
            .unwrap();
        Self {
            gateway,
            asked,
            summaries,
        }
    }

    async fn ask(&self, body: &Value) -> Reply {
        let request = post(CHAT, body.to_string());
        Reply::of(self.gateway.service().oneshot(request).await.unwrap()).await
    }

    /// The summary of the next copy that is over.
    async fn copy(&mut self) -> Summary {
        loop {
            let summary = self.summaries.recv().await.unwrap();
            if summary.is_shadow {
                return summary;
            }
        }
    }

    /// The same of a caller's request.
    async fn request(&mut self) -> Summary {
        loop {
            let summary = self.summaries.recv().await.unwrap();
            if !summary.is_shadow {
                return summary;
            }
        }
    }
}

fn question() -> Value {
    Caller::OpenAi.question("gpt-4o", "Hi", false)
}

async fn other() -> Running {
    Double::anthropic("sk-other").start().await
}

#[tokio::test]
async fn row_64_a_copy_goes_to_the_other_provider_in_its_own_format() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "other").await;
    let reply = pair.ask(&question()).await;
    assert_eq!(reply.text(), ANSWER);
    let copy = pair.copy().await;
    assert_eq!(copy.outcome, Outcome::Completed);
    let seen = &other.requests()[0];
    assert_eq!(seen.target, "/v1/messages");
    assert_eq!(seen.json()["model"], SONNET);
    assert_eq!(seen.header("x-api-key"), Some("sk-other"));
    assert_eq!(seen.header("x-llm-shadow"), Some("true"));
}

#[tokio::test]
async fn row_64_the_request_itself_is_as_it_would_be_without_a_copy() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "other").await;
    let body = question();
    pair.ask(&body).await;
    pair.copy().await;
    let seen = &pair.asked.seen()[0];
    assert_eq!(seen.body, body.to_string().as_bytes());
    assert_eq!(seen.header("x-llm-shadow"), None);
    assert_eq!(seen.header("authorization"), Some("Bearer sk-asked"));
}

#[tokio::test]
async fn row_64_a_copy_that_hangs_holds_nobody_up() {
    let gate = Gate::new();
    let hanging = Fault::h1().script(Script::new().wait(&gate)).start().await;
    let pair = Pair::new(hanging.url(), "other").await;
    let reply = pair.ask(&question()).await;
    assert_eq!(reply.text(), ANSWER);
    gate.reached(1).await;
}

#[tokio::test]
async fn row_64_a_copy_that_fails_is_counted_apart() {
    for script in [
        Script::new().status(500),
        Script::new().cut(Cut::Rst),
        Script::new().garbage("garbage"),
    ] {
        let failing = Fault::h1().script(script).start().await;
        let mut pair = Pair::new(failing.url(), "other").await;
        let reply = pair.ask(&question()).await;
        assert_eq!(reply.text(), ANSWER);
        let copy = pair.copy().await;
        assert_eq!(copy.outcome, Outcome::Failed);
        assert!(copy.error.is_some(), "{copy:?}");
        assert_eq!(failing.attempts(), 1);
        let own = pair.ask(&question()).await;
        assert_eq!(own.status, 200);
        assert_eq!(pair.request().await.outcome, Outcome::Completed);
    }
}

#[tokio::test]
async fn no_caller_passes_for_a_copy() {
    let pair = Pair::new("http://localhost:1", "other").await;
    let mut request = post(CHAT, question().to_string());
    let headers = request.headers_mut();
    headers.insert("x-llm-shadow", HeaderValue::from_static("true"));
    pair.gateway.service().oneshot(request).await.unwrap();
    assert_eq!(pair.asked.get(0).header("x-llm-shadow"), None);
}

#[tokio::test]
async fn situation_63_a_copy_is_given_up_after_its_own_timeout() {
    let hanging = Fault::h1().script(Script::new().stall()).start().await;
    let mut pair = Pair::new(hanging.url(), "{downstream: other, timeout: 20ms}").await;
    pair.ask(&question()).await;
    let copy = pair.copy().await;
    assert_eq!(copy.error.as_deref(), Some("attempt_timeout"));
}

#[tokio::test]
async fn situation_63_a_summary_says_whose_copy_it_was() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "other").await;
    pair.ask(&question()).await;
    let copy = pair.copy().await;
    assert_eq!(copy.rule.as_deref(), Some("chat"));
    assert_eq!(copy.model.as_deref(), Some("gpt-4o"));
    let assigned = copy.assigned.unwrap();
    assert_eq!(&*assigned.downstream, "other");
    assert_eq!(assigned.model.as_deref(), Some(SONNET));
    assert_eq!(copy.served, Some(assigned));
    assert_eq!(copy.arm, None);
}

#[tokio::test]
async fn situation_63_a_summary_says_what_the_answer_to_a_copy_came_to() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "other").await;
    for stream in [false, true] {
        pair.ask(&Caller::OpenAi.question("gpt-4o", "Hi", stream))
            .await;
        let copy = pair.copy().await;
        assert!(copy.usage.output > Some(0), "{copy:?}");
        assert_eq!(copy.is_empty, Some(false));
        assert_eq!(copy.first_content.is_some(), stream, "{copy:?}");
    }
}

#[tokio::test]
async fn situation_62_no_more_copies_are_on_their_way_than_may_be() {
    let gate = Gate::new();
    let slow = Fault::h1().script(Script::new().wait(&gate)).start().await;
    let mut pair = Pair::new(slow.url(), "{downstream: other, max_in_flight: 2}").await;
    for _ in 0..5 {
        assert_eq!(pair.ask(&question()).await.text(), ANSWER);
    }
    gate.reached(2).await;
    let counts = pair.gateway.shadows();
    assert_eq!((counts.sent, counts.dropped), (2, 3));
    gate.open();
    pair.copy().await;
    pair.copy().await;
    assert_eq!(slow.attempts(), 2);
}

#[tokio::test]
async fn a_place_is_free_again_when_a_copy_is_over() {
    let other = other().await;
    let pair = Pair::new(other.url(), "{downstream: other, max_in_flight: 1}").await;
    while pair.gateway.shadows().sent < 3 {
        pair.ask(&question()).await;
    }
}

#[tokio::test]
async fn situation_63_a_copy_goes_on_when_the_caller_has_left() {
    let gate = Gate::new();
    let slow = Script::new().status(500).wait(&gate);
    let slow = Fault::h1().script(slow).start().await;
    let mut pair = Pair::asking(Script::new().stall(), slow.url(), "other").await;
    let request = post(CHAT, question().to_string());
    let answer = tokio::spawn(pair.gateway.service().oneshot(request));
    gate.reached(1).await;
    answer.abort();
    assert_eq!(pair.request().await.outcome, Outcome::ClientCancelled);
    gate.open();
    assert_eq!(pair.copy().await.outcome, Outcome::Failed);
}

#[tokio::test]
async fn situation_63_what_leaves_something_behind_is_asked_once() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "other").await;
    let mut body = question();
    body["store"] = json!(true);
    pair.ask(&body).await;
    // The next one shows that there was none before.
    pair.ask(&question()).await;
    pair.copy().await;
    assert_eq!(pair.gateway.shadows().sent, 1);
    assert_eq!(other.requests().len(), 1);
}

#[tokio::test]
async fn a_sample_of_none_copies_nothing() {
    let other = other().await;
    let mut pair = Pair::new(other.url(), "{downstream: other, sample: 0}").await;
    for _ in 0..100 {
        pair.ask(&question()).await;
        pair.request().await;
    }
    assert_eq!(pair.gateway.shadows().sent, 0);
}

#[tokio::test]
async fn an_explanation_says_where_copies_go() {
    let pair = Pair::new("http://localhost:1", "{downstream: other, sample: 0.25}").await;
    let headers = HeaderMap::new();
    let facts = Facts::new(CHAT, ApiFormat::OPENAI, "gpt-4o", &headers);
    let explanation = pair.gateway.explain(&facts);
    assert_eq!(explanation.shadow.as_deref(), Some("other"));
    let why = format!(
        "Rule 'chat' sends copies of 25 % of such requests to 'other' as '{SONNET}' too, as far as they leave nothing behind there."
    );
    assert_eq!(explanation.why.last(), Some(&why));
}

#[tokio::test]
async fn about_so_many_are_copied_as_the_sample_says() {
    let other = other().await;
    let shadow = "{downstream: other, sample: 50%, max_in_flight: 1000}";
    let pair = Pair::new(other.url(), shadow).await;
    for _ in 0..400 {
        pair.ask(&question()).await;
    }
    // Six standard deviations.
    let sent = pair.gateway.shadows().sent;
    assert!((140..=260).contains(&sent), "{sent}");
}

#[tokio::test]
async fn the_fallback_s_rules_count_for_a_copy_too() {
    let asked = Fault::h1().script(Script::json(ANSWER)).start().await;
    let same = Fault::h1().script(Script::json(ANSWER)).start().await;
    let config = format!(
        "downstreams:
- {{id: asked, api_formats: [openai], base_url: '{}', output_model_ids: [gpt-4o]}}
- {{id: same, api_formats: [openai], base_url: '{}', output_model_ids: [gpt-4o]}}
rules:
- {{id: chat, pattern_model: gpt-4o, match_downstreams: [asked], shadow: same}}
- {{id: there, match_downstreams: [same], pipeline_config: [{{plugin_id: custom_header, config: {{headers: {{x-there: 'yes'}}}}}}]}}
",
        asked.url(),
        same.url()
    );
    let gateway = Gateway::from_yaml(&config).unwrap();
    let request = post(CHAT, Body::from(question().to_string()));
    gateway.service().oneshot(request).await.unwrap();
    same.requests(1).await;
    assert_eq!(same.get(0).header("x-there"), Some("yes"));
    assert_eq!(asked.get(0).header("x-there"), None);
}
