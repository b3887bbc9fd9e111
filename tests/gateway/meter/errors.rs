//! What a summary says of errors.

use super::*;

/// The outcome and the error that a gateway's only request is told with.
fn told(summaries: &Summaries) -> (Outcome, Option<Arc<str>>) {
    let summary = summaries.only();
    (summary.outcome, summary.error)
}

#[tokio::test]
async fn situation_66_a_provider_s_error_is_told_by_its_kind_in_both_lanes() {
    let summaries = Summaries::default();
    let of_openai = r#"{"error":{"message":"no","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#;
    for caller in CALLERS {
        for (code, body, outcome, error) in [
            (429, "{}", Outcome::Refused, "rate_limited"),
            (429, of_openai, Outcome::Refused, "billing"),
            (400, "no JSON", Outcome::Refused, "bad_request"),
            (500, "{}", Outcome::Failed, "internal"),
            (503, "", Outcome::Failed, "overloaded"),
        ] {
            let app = answering(Caller::OpenAi, &summaries, status(code, body));
            send(app, caller.asks("gpt-4o", "Hi", false)).await;
            assert_eq!(told(&summaries), (outcome, Some(error.into())), "{body}");
        }
    }
}

#[tokio::test]
async fn the_gateway_s_own_refusals_are_told_by_their_codes() {
    let summaries = Summaries::default();
    let mut encoded = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    let gzip = "gzip".parse().unwrap();
    encoded.headers_mut().insert("content-encoding", gzip);
    for (request, error) in [
        (Caller::OpenAi.asks("foo", "Hi", false), "model_not_found"),
        (encoded, "unsupported_content_encoding"),
        (post(CHAT, "no JSON"), "invalid_json"),
        (
            post("/v1/embeddings", r#"{"model":"gpt-4o"}"#),
            "endpoint_not_supported",
        ),
    ] {
        let app = app(Caller::Anthropic, &summaries, || Box::pin(pending()));
        send(app, request).await;
        assert_eq!(told(&summaries).1.as_deref(), Some(error));
    }
}

#[tokio::test]
async fn situation_66_an_error_before_a_stream_begins_has_failed() {
    let summaries = Summaries::default();
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"no\"}}\n\n";
    for caller in CALLERS {
        let answer = response("text/event-stream", error);
        let app = answering(Caller::Anthropic, &summaries, answer);
        send(app, caller.asks("gpt-4o", "Hi", true)).await;
        let expected = (Outcome::Failed, Some("overloaded".into()));
        assert_eq!(told(&summaries), expected);
    }
}

#[tokio::test]
async fn situation_66_an_error_within_a_stream_is_told() {
    let summaries = Summaries::default();
    for provider in CALLERS {
        for caller in CALLERS {
            let (gate, body) = Gate::new();
            gate.send(open_events(provider));
            gate.breaks();
            let app = answering(provider, &summaries, response("text/event-stream", body));
            send(app, caller.asks("gpt-4o", "Hi", true)).await;
            let summary = summaries.only();
            assert_eq!(summary.error.as_deref(), Some("handler_error"));
            assert!(summary.first_content.is_some());
        }
    }
}

#[tokio::test]
async fn a_whole_answer_that_passes_and_breaks_off_is_told() {
    let summaries = Summaries::default();
    let (gate, body) = Gate::new();
    gate.send("{");
    gate.breaks();
    let answer = response("application/json", body);
    let app = answering(Caller::OpenAi, &summaries, answer);
    send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    let expected = (Outcome::Broken, Some("handler_error".into()));
    assert_eq!(told(&summaries), expected);
}

#[tokio::test]
async fn an_error_under_a_good_status_is_told_and_passes() {
    let summaries = Summaries::default();
    let error = r#"{"error":{"message":"no","type":"server_error","code":null}}"#;
    let answer = response("application/json", error);
    let app = answering(Caller::OpenAi, &summaries, answer);
    let reply = send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    assert_eq!((reply.status.as_u16(), &*reply.text()), (200, error));
    assert_eq!(told(&summaries).0, Outcome::Broken);
}

#[tokio::test(start_paused = true)]
async fn situation_66_a_timeout_is_told_by_its_part_of_the_exchange() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
    send(app, Caller::OpenAi.asks("gpt-4o", "Hi", true)).await;
    let expected = (Outcome::Failed, Some("first_byte_timeout".into()));
    assert_eq!(told(&summaries), expected);
}

#[tokio::test]
async fn a_handler_that_fails_is_told() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || {
        Box::pin(ready(Err("no".into())))
    });
    send(app, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    let expected = (Outcome::Failed, Some("handler_error".into()));
    assert_eq!(told(&summaries), expected);
}

#[tokio::test]
async fn situation_66_a_plugin_that_panics_is_told() {
    let summaries = Summaries::default();
    let app = app(Caller::OpenAi, &summaries, || Box::pin(pending()));
    send(app, Caller::OpenAi.asks("plugged", "Hi", true)).await;
    let expected = (Outcome::Failed, Some("plugin_error".into()));
    assert_eq!(told(&summaries), expected);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_while_the_gateway_drains_is_told() {
    let summaries = Summaries::default();
    let gateway = gateway(Caller::OpenAi, &summaries);
    let _draining = gateway.drain(Duration::from_secs(1));
    ask(&gateway, Caller::Anthropic.asks("gpt-4o", "Hi", false)).await;
    let expected = (Outcome::Failed, Some("shutting_down".into()));
    assert_eq!(told(&summaries), expected);
}

#[tokio::test]
async fn a_caller_who_leaves_is_no_error() {
    let summaries = Summaries::default();
    let app = answering(Caller::OpenAi, &summaries, status(429, "{}"));
    let request = Caller::OpenAi.asks("gpt-4o", "Hi", false);
    drop(app.oneshot(request).await.unwrap());
    assert_eq!(told(&summaries), (Outcome::ClientCancelled, None));
}
