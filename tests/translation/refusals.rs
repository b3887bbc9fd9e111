//! What is refused, because without it the answer would be wrong or missing: in the caller's words, naming the field.

use serde_json::{Value, json};
use tower_llm_gateway::{format::ApiFormat, ir::Error};

use crate::support::{ANTHROPIC, NEW, OLD, OPENAI, refusal};

fn merged(mut body: Value, members: &Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

fn refused(from: ApiFormat, members: &Value) -> Error {
    let body =
        json!({"model": OLD, "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]});
    let to = if from == OPENAI { ANTHROPIC } else { OPENAI };
    refusal(from, to, &merged(body, members))
}

/// An OpenAI user message with one part.
fn part(part: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": [part]}]})
}

#[test]
fn trap_013_trap_014_what_would_be_missing_from_the_answer_is_refused() {
    for (members, param) in [
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_logprobs": 3}), "top_logprobs"),
        (json!({"modalities": ["text", "audio"]}), "modalities"),
        (
            json!({"audio": {"voice": "alloy", "format": "wav"}}),
            "audio",
        ),
        (json!({"web_search_options": {}}), "web_search_options"),
        (
            json!({"moderation": {"model": "m", "policy": "block"}}),
            "moderation",
        ),
        (json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
    ] {
        let error = refused(OPENAI, &members);
        let (status, body) = OPENAI.error_body(&error);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, 400, "{members}");
        assert_eq!(body["error"]["type"], "invalid_request_error", "{members}");
        assert_eq!(body["error"]["param"], param, "{members}");
    }
}

#[test]
fn what_only_anthropic_can_do_is_refused() {
    let file = json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}});
    let pdf =
        json!({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}});
    let upload = json!({"type": "container_upload", "file_id": "file_1"});
    for (members, place) in [
        (json!({"max_tokens": 0}), "max_tokens"),
        (json!({"container": "c_1"}), "container"),
        (
            json!({"mcp_servers": [{"type": "url", "url": "https://example.com", "name": "x"}]}),
            "mcp_servers",
        ),
        (
            json!({"tools": [{"type": "bash_20250124", "name": "bash"}]}),
            "tools[0].type",
        ),
        (part(&file), "messages[0].content[0]"),
        (part(&pdf), "messages[0].content[0]"),
        (part(&upload), "messages[0].content[0]"),
    ] {
        let error = refused(ANTHROPIC, &members);
        let (status, body) = ANTHROPIC.error_body(&error);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status.as_u16(), &body["type"]),
            (400, &json!("error")),
            "{members}"
        );
        assert_eq!(body["error"]["type"], "invalid_request_error", "{members}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(place), "{message}");
    }
}

#[test]
fn what_anthropic_can_not_read_is_refused() {
    for content in [
        json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        json!({"type": "file", "file": {"file_id": "file-1"}}),
        json!({"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,PHN2Zy8+"}}),
    ] {
        let error = refused(OPENAI, &part(&content));
        let place = error.param.as_deref().unwrap_or_default();
        assert!(
            place.starts_with("messages[0].content[0]"),
            "{content}: {place}"
        );
    }
}

#[test]
fn a_last_turn_of_the_assistant_is_refused_where_the_model_does_not_go_on_with_it() {
    let messages =
        json!([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hel"}]);
    let error = refusal(
        OPENAI,
        ANTHROPIC,
        &json!({"model": NEW, "messages": messages}),
    );
    assert_eq!(error.param.as_deref(), Some("messages[1]"));
}

#[test]
fn a_body_that_is_no_request_is_refused_with_its_place() {
    for (from, body, place) in [
        (
            OPENAI,
            json!({"messages": [{"role": "user", "content": "Hi"}]}),
            "model",
        ),
        (OPENAI, json!({"model": "m", "messages": []}), "messages"),
        (
            OPENAI,
            json!({"model": "m", "messages": [{"role": "user", "content": 1}]}),
            "messages[0].content",
        ),
        (
            OPENAI,
            json!({"model": "m", "messages": [{"role": "nobody", "content": "x"}]}),
            "messages[0].role",
        ),
        (
            ANTHROPIC,
            json!({"messages": [{"role": "user", "content": "Hi"}]}),
            "model",
        ),
        (
            ANTHROPIC,
            json!({"model": "m", "max_tokens": 1, "messages": []}),
            "messages",
        ),
        (
            ANTHROPIC,
            json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user"}]}),
            "messages[0].content",
        ),
    ] {
        let to = if from == OPENAI { ANTHROPIC } else { OPENAI };
        let error = refusal(from, to, &body);
        assert_eq!(error.param.as_deref(), Some(place), "{body}");
    }
}
