//! What the doubles refuse.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::case::{Case, send};

/// Sends each set of fields and expects the status and these words in the error's message.
macro_rules! refusals {
    ($case:expr; $($status:literal $words:literal $fields:tt)*) => {
        $($case.refuses(json!($fields), $status, $words).await;)*
    };
}

#[tokio::test]
async fn a_wrong_path_or_method_is_refused_in_the_own_format() {
    let refusals = [
        json!({"error": {"message": "Invalid URL (POST /v2)", "type": "invalid_request_error",
            "param": null, "code": null}}),
        json!({"type": "error", "error": {"type": "not_found_error", "message": "Not Found"},
            "request_id": "req_011C00000000000000000001"}),
        json!({"error": {"code": "404", "message": "Resource not found"}}),
        json!({"error": {"message": "Invalid URL (POST /v2)", "type": "invalid_request_error",
            "param": null, "code": null}}),
        json!({"error": {"code": 404, "status": "NOT_FOUND",
            "message": "The requested URL /v2 was not found on this server."}}),
    ];
    for (case, refusal) in Case::all().iter().zip(refusals) {
        let request = Request::post("/v2").body(Body::empty()).unwrap();
        let reply = send(&case.double, request).await;
        assert_eq!(
            (reply.status, reply.json()),
            (StatusCode::NOT_FOUND, refusal)
        );
        let request = Request::get(case.path).body(Body::empty()).unwrap();
        let status = send(&case.double, request).await.status;
        let allowed = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND];
        assert!(allowed.contains(&status), "{status}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");
    let attempts: [(Case, &[(&str, &str)]); 13] = [
        (Case::openai(), &[]),
        (Case::openai(), &[("authorization", "Bearer other")]),
        (Case::openai(), &[("api-key", "k")]),
        (Case::anthropic(), &[VERSION]),
        (Case::anthropic(), &[VERSION, ("x-api-key", "other")]),
        (
            Case::anthropic(),
            &[VERSION, ("x-api-key", "k"), ("authorization", "Bearer k")],
        ),
        (Case::azure(), &[("api-key", "other")]),
        (Case::azure(), &[("authorization", "Bearer k")]),
        (
            Case::azure(),
            &[("api-key", "k"), ("authorization", "Bearer k")],
        ),
        (Case::responses(), &[("api-key", "k")]),
        (Case::gemini(), &[]),
        (Case::gemini(), &[("x-goog-api-key", "other")]),
        (
            Case::gemini(),
            &[("x-goog-api-key", "k"), ("authorization", "Bearer k")],
        ),
    ];
    for (mut case, headers) in attempts {
        case.headers = headers;
        let status = case.with(json!({})).await.status.as_u16();
        // Google has 400 for a wrong key and 403 for none.
        let expected: &[u16] = if case.turns == "contents" {
            &[400, 401, 403]
        } else {
            &[401]
        };
        assert!(expected.contains(&status), "{headers:?}");
    }
}

#[tokio::test]
async fn anthropic_takes_a_bearer_key_and_wants_a_known_version() {
    let mut case = Case::anthropic();
    case.headers = &[
        ("authorization", "Bearer k"),
        ("anthropic-version", "2026-10-21"),
    ];
    assert_eq!(case.with(json!({})).await.status, 200);
    case.refuses(json!({"temperature": 1.0}), 400, "temperature")
        .await;
    case.headers = &[("x-api-key", "k")];
    case.refuses(json!({}), 400, "anthropic-version: header is required")
        .await;
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    for case in Case::all() {
        let request = case.request().body("{\"model\":".into()).unwrap();
        let reply = send(&case.double, request).await;
        assert_eq!(reply.status, 400);
        let error = &reply.json()["error"];
        assert!(error["type"] == "invalid_request_error" || error["status"] == "INVALID_ARGUMENT");
    }
}

#[tokio::test]
async fn openai_refuses_what_is_wrong_at_the_top_level() {
    let untyped = json!({"type": "function", "function": {"name": "f", "parameters": {}}});
    refusals! { Case::openai();
        400 "Unrecognized request argument supplied: system" {"system": "x"}
        400 "expected a decimal, but got a string" {"temperature": "1"}
        400 "Invalid 'temperature'" {"temperature": 3}
        404 "The model `gpt-9` does not exist" {"model": "gpt-9"}
        400 "you must provide a model parameter" {"model": null}
        400 "empty array" {"messages": []}
        400 "Invalid type for 'messages'" {"messages": null}
        400 "only allowed when 'tools' are specified" {"tool_choice": "auto"}
        400 "only allowed when 'stream' is enabled" {"stream_options": {}}
        400 "at the same time" {"max_tokens": 1, "max_completion_tokens": 1}
        400 "'tools[0].type'" {"tools": [{"name": "f"}]}
        400 "Invalid schema for function 'f'" {"tools": [untyped]}
    }
    refusals! { Case::azure();
        404 "The API deployment for this resource does not exist" {"model": "azure-gpt4o"}
        400 "Unrecognized request argument supplied: system" {"system": "x"}
    }
}

#[tokio::test]
async fn openai_refuses_what_is_wrong_in_a_message() {
    let user = json!({"role": "user", "content": "Hi"});
    let thinks = json!({"role": "assistant", "content": "x", "reasoning_content": "y"});
    let part = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    let function = json!({"name": "f", "arguments": "{}"});
    let call = json!({"id": "c1", "type": "function", "function": function});
    let asks = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let answers = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "x"});
    let (right, wrong) = (answers("c1"), answers("c2"));
    refusals! { Case::openai();
        400 "Invalid value: 'model'" {"messages": [{"role": "model", "content": "x"}]}
        400 "expected a string, got null" {"messages": [{"role": "user", "content": null}]}
        400 "'reasoning_content' was unexpected" {"messages": [user, thinks]}
        400 "'cache_control' was unexpected" {"messages": [{"role": "user", "content": [part]}]}
        400 "did not have response messages: c1" {"messages": [user, asks, user]}
        400 "did not have response messages: c1" {"messages": [user, asks]}
        400 "must be a response to a preceeding" {"messages": [user, right]}
        400 "'tool_call_id' of 'c2' not found" {"messages": [user, asks, wrong]}
        400 "'tool_call_id' of 'c1' not found" {"messages": [user, asks, right, right]}
    }
}

#[tokio::test]
async fn anthropic_refuses_what_is_wrong_at_the_top_level() {
    let manual = json!({"type": "enabled", "budget_tokens": 2048});
    refusals! { Case::anthropic();
        400 "max_completion_tokens: Extra inputs are not" {"max_completion_tokens": 1}
        400 "max_tokens: Input should be a valid integer" {"max_tokens": null}
        400 "max_tokens: 65000 > 64000" {"max_tokens": 65000}
        400 "temperature: range: 0..1" {"temperature": 1.5}
        400 "temperature: Input should be a valid number" {"temperature": null}
        404 "model: gpt-4o" {"model": "gpt-4o"}
        400 "must be non-empty" {"system": [{"type": "text", "text": ""}]}
        400 "adaptive thinking is not supported" {"thinking": {"type": "adaptive"}}
        400 "`max_tokens` must be greater" {"thinking": manual}
        400 "tools.0.custom.input_schema: Field required" {"tools": [{"name": "f"}]}
        400 "only be specified while providing tools" {"tool_choice": {"type": "auto"}}
    }
}

#[tokio::test]
async fn anthropic_takes_a_beta_field_only_with_the_beta_header() {
    let mut case = Case::anthropic();
    refusals! { case; 400 "mcp_servers: Extra inputs" {"mcp_servers": []} }
    case.headers = &[
        ("x-api-key", "k"),
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "mcp-client-2025-11-20"),
    ];
    assert_eq!(case.with(json!({"mcp_servers": []})).await.status, 200);
}

#[tokio::test]
async fn anthropic_refuses_what_is_wrong_in_a_message() {
    let user = json!({"role": "user", "content": "Hi"});
    let forged = json!({"type": "thinking", "thinking": "x", "signature": "eA=="});
    refusals! { Case::anthropic();
        400 "at least one message is required" {"messages": []}
        400 "Unexpected role" {"messages": [{"role": "system", "content": "x"}, user]}
        400 "messages.0.role" {"messages": [{"role": "tool", "content": "x"}]}
        400 "first message" {"messages": [{"role": "assistant", "content": "x"}, user]}
        400 "non-empty" {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}
        400 "messages.0.name: Extra" {"messages": [{"role": "user", "content": "x", "name": "y"}]}
        400 "Invalid `signature`" {"messages": [user, {"role": "assistant", "content": [forged]}]}
        400 "trailing whitespace" {"messages": [user, {"role": "assistant", "content": "x "}]}
    }
}

#[tokio::test]
async fn anthropic_refuses_tool_results_out_of_order() {
    let user = json!({"role": "user", "content": "Hi"});
    let call = json!({"type": "tool_use", "id": "t1", "name": "f", "input": {}});
    let asks = json!({"role": "assistant", "content": [call]});
    let result = json!({"type": "tool_result", "tool_use_id": "t1", "content": "x"});
    let text = json!({"type": "text", "text": "x"});
    let late = json!({"role": "user", "content": [text, result]});
    let twice = json!({"role": "user", "content": [result, result]});
    let good = json!({"role": "user", "content": [result, text]});
    refusals! { Case::anthropic();
        400 "without `tool_result` blocks immediately after: t1" {"messages": [user, asks, user]}
        400 "without `tool_result` blocks immediately after: t1" {"messages": [user, asks]}
        400 "without `tool_result` blocks immediately after: t1" {"messages": [user, asks, late]}
        400 "unexpected `tool_use_id`" {"messages": [good]}
        400 "single result" {"messages": [user, asks, twice]}
        400 "must define tools" {"messages": [user, asks, good]}
    }
}

#[tokio::test]
async fn structured_output_takes_the_schemas_that_the_provider_takes() {
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let chat = |schema: &serde_json::Value| {
        json!({"type": "json_schema",
            "json_schema": {"name": "x", "strict": true, "schema": schema}})
    };
    let flat = json!({"type": "json_schema", "name": "x", "strict": true, "schema": open});
    let ranged = json!({"type": "integer", "minimum": 1});
    refusals! { Case::openai();
        400 "'additionalProperties' is required" {"response_format": chat(&open)}
        400 "'response_format.json_schema'" {"response_format": {"type": "json_schema"}}
        400 "must contain the word 'json'" {"response_format": {"type": "json_object"}}
    }
    refusals! { Case::responses();
        400 "'additionalProperties' is required" {"text": {"format": flat}}
        400 "'json_schema' was unexpected" {"text": {"format": chat(&open)}}
    }
    refusals! { Case::anthropic();
        400 "explicitly set to false" {"output_config":
            {"format": {"type": "json_schema", "schema": open}}}
        400 "'minimum' is not supported" {"output_config":
            {"format": {"type": "json_schema", "schema": ranged}}}
    }
    refusals! { Case::gemini();
        400 "response_mime_type" {"generationConfig": {"responseJsonSchema": open}}
    }
}

#[tokio::test]
async fn responses_refuses_what_is_wrong_in_the_input() {
    let user = json!({"role": "user", "content": "Hi"});
    let nested = json!({"type": "function", "function": {"name": "f"}});
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c", "output": "x"});
    let said = json!({"role": "assistant", "content": [{"type": "input_text", "text": "x"}]});
    let thought = json!({"type": "reasoning", "id": "rs_1", "summary": []});
    let forged = json!({"type": "reasoning", "id": "rs_1", "summary": [],
        "encrypted_content": "gAAAAAB"});
    refusals! { Case::responses();
        400 "Unknown parameter: 'messages'" {"messages": []}
        400 "'gpt-9' does not exist" {"model": "gpt-9"}
        400 "'temperature' is not supported" {"temperature": 1}
        400 "'tools[0].name'" {"tools": [nested]}
        400 "'call_1'. Expected an ID" {"input": [{"type": "function_call", "id": "call_1",
            "call_id": "c", "name": "f", "arguments": "{}"}, output]}
        400 "No tool output found" {"input": [user, call]}
        400 "No tool call found" {"input": [user, output]}
        400 "Supported values are: 'output_text'" {"input": [user, said]}
        400 "Items are not persisted" {"input": [user, {"type": "item_reference", "id": "rs_1"}]}
        400 "Items are not persisted" {"input": [user, thought, call, output]}
        400 "could not be verified" {"input": [user, forged, call, output]}
        400 "not found" {"previous_response_id": "resp_1"}
    }
}

#[tokio::test]
async fn gemini_refuses_what_is_wrong_in_the_contents() {
    let user = json!({"role": "user", "parts": [{"text": "Hi"}]});
    let call = |seal: &str| {
        json!({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}},
            "thoughtSignature": seal}]})
    };
    let bare = json!({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]});
    let result = |name: &str| json!({"role": "user", "parts": [{"functionResponse": {"name": name, "response": {}}}]});
    let skip = call("skip_thought_signature_validator");
    refusals! { Case::gemini();
        400 "Unknown name \"messages\"" {"messages": []}
        400 "contents is not specified" {"contents": []}
        400 "valid role" {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}
        400 "must not be empty" {"contents": [{"role": "user", "parts": []}]}
        400 "required oneof field" {"contents": [{"role": "user", "parts": [{}]}]}
        400 "number of function response parts" {"contents": [user, skip, result("g")]}
        400 "followed by function response" {"contents": [user, skip]}
        400 "missing a thought_signature" {"contents": [user, bare, result("f")]}
        400 "signature is not valid" {"contents": [user, call("eA=="), result("f")]}
        400 "not supported for this model" {"generationConfig":
            {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}}
    }
    let fine = json!({"contents": [user, skip, result("f")]});
    assert_eq!(Case::gemini().with(fine).await.status, 200);
}
