//! `api.anthropic.com`, Messages.
//!
//! Messages as the API words them, read off its SDKs' issue trackers and the API reference.

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use super::{
    anthropic_count, anthropic_messages, anthropic_models, anthropic_tools,
    check::{self, Fields, Kind},
    endpoints::Reply,
    fault::Fault,
    fixture::{Answer, Asked, Scene, fixture, offers_tools},
    provider::Provider,
    schema,
    script::Failure,
};

const VERSIONS: &[&str] = &["2023-01-01", "2023-06-01", "2026-10-21"];

/// The request's fields: `messages.create` of anthropic-python 2.12, and the sampling fields that
/// version 2023-06-01 of the API still takes.
const FIELDS: Fields = &[
    ("cache_control", Kind::Object),
    ("container", Kind::TextOrObject),
    ("diagnostics", Kind::Object),
    ("inference_geo", Kind::Text),
    ("max_tokens", Kind::Integer),
    ("messages", Kind::Array),
    ("metadata", Kind::Object),
    ("model", Kind::Text),
    ("output_config", Kind::Object),
    ("service_tier", Kind::Text),
    ("speed", Kind::Text),
    ("stop_sequences", Kind::Array),
    ("stream", Kind::Boolean),
    ("system", Kind::TextOrArray),
    ("temperature", Kind::Decimal),
    ("thinking", Kind::Object),
    ("tool_choice", Kind::Object),
    ("tools", Kind::Array),
    ("top_k", Kind::Integer),
    ("top_p", Kind::Decimal),
];

/// Fields whose type the SDK declares optional; the others refuse null.
const NULLABLE: &[&str] = &[
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "speed",
];

/// Fields that only a request with an `anthropic-beta` header may have.
const BETA_FIELDS: &[&str] = &["context_management", "mcp_servers", "output_format"];

/// The provider.
#[derive(Debug)]
pub struct Anthropic;

impl Provider for Anthropic {
    fn base(&self) -> &'static str {
        ""
    }

    fn serves(&self, path: &str) -> bool {
        path == "/v1/messages"
    }

    fn other(&self, head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
        anthropic_count::answer(self, head, body)
    }

    fn request_id(&self, number: u64) -> String {
        format!("req_011C{number:020}")
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        [
            ("request-id", id),
            ("anthropic-organization-id", "6f0c2a58-double"),
            ("anthropic-ratelimit-requests-limit", "4000"),
            ("anthropic-ratelimit-requests-remaining", "3999"),
            ("anthropic-ratelimit-requests-reset", "2026-11-22T09:00:01Z"),
            ("anthropic-ratelimit-tokens-limit", "2400000"),
            ("anthropic-ratelimit-tokens-remaining", "2399000"),
            ("anthropic-ratelimit-tokens-reset", "2026-11-22T09:00:02Z"),
            ("server", "cloudflare"),
            ("cf-ray", "9c2e5b07de41a6f8-CDG"),
            (
                "set-cookie",
                "_cfuvid=double-anthropic; path=/; HttpOnly; Secure",
            ),
            ("via", "1.1 google"),
            (
                "strict-transport-security",
                "max-age=31536000; includeSubDomains; preload",
            ),
            ("x-robots-tag", "none"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let token = text(header::AUTHORIZATION.as_str());
        let token = token.map(|text| text.strip_prefix("Bearer ").unwrap_or_default());
        let problem = match (text("x-api-key"), token) {
            (None, None) => "x-api-key header is required",
            (Some(_), Some(_)) => "only one of x-api-key and Authorization may be sent",
            (Some(sent), None) if sent != key => "invalid x-api-key",
            (None, Some(sent)) if sent != key => "Invalid bearer token",
            _ => return check_version(text("anthropic-version")),
        };
        Err(Fault::new(
            StatusCode::UNAUTHORIZED,
            "authentication_error",
            problem,
        ))
    }

    fn no_such_path(&self, _: &Method, _: &str) -> Fault {
        Fault::new(StatusCode::NOT_FOUND, "not_found_error", "Not Found")
    }

    fn no_such_method(&self, _: &Method, _: &str) -> Fault {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Fault::new(status, "invalid_request_error", "Method Not Allowed")
    }

    fn not_json(&self, error: &serde_json::Error) -> Fault {
        Fault::invalid(format!("The request body is not valid JSON: {error}"))
    }

    fn check(&self, head: &Parts, body: &Value) -> Result<(), Fault> {
        let headers = &head.headers;
        check_fields(headers, body)?;
        anthropic_models::check(headers, body)?;
        check_system(&body["system"])?;
        check_format(&body["output_config"])?;
        anthropic_tools::check(body)?;
        anthropic_messages::check(body)
    }

    fn failure(&self, failure: Failure) -> Fault {
        match failure {
            Failure::RateLimit => Fault::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limit_error",
                "This request would exceed your organization's rate limit of 30,000 input tokens \
                 per minute. Please try again in 7 seconds.",
            )
            .retry_after(7),
            Failure::Overloaded => {
                let status = StatusCode::from_u16(529).expect("529 is a valid status");
                Fault::new(status, "overloaded_error", "Overloaded")
            }
            Failure::ServerError => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Fault::new(status, "api_error", "Internal server error")
            }
        }
    }

    fn error_body(&self, fault: &Fault, id: &str) -> Value {
        json!({
            "type": "error",
            "error": {"type": fault.kind, "message": fault.message},
            "request_id": id,
        })
    }

    fn error_event(&self, id: &str) -> Bytes {
        let body = self.error_body(&self.failure(Failure::Overloaded), id);
        format!("event: error\ndata: {body}\n\n").into()
    }

    fn answer(&self, body: &Value) -> Answer {
        let fixture = match scene(body) {
            Scene::Text => fixture!("anthropic", "text"),
            Scene::Tools => fixture!("anthropic", "tools"),
            Scene::ToolAnswer => fixture!("anthropic", "tool_answer"),
            Scene::Thinking => fixture!("anthropic", "thinking"),
            Scene::ThinkingTools => fixture!("anthropic", "thinking_tools"),
            Scene::ThinkingAnswer => fixture!("anthropic", "thinking_answer"),
            Scene::Structured => fixture!("anthropic", "structured"),
        };
        fixture.answer()
    }
}

fn scene(body: &Value) -> Scene {
    let messages = body["messages"].as_array().into_iter().flatten();
    let blocks = messages
        .filter_map(|message| message["content"].as_array())
        .flatten();
    let seal = fixture!("anthropic", "thinking_tools").text("/content/0/signature");
    let asked = Asked {
        has_results: blocks.clone().any(|block| block["type"] == "tool_result"),
        offers_tools: offers_tools(body),
        thinks: matches!(
            body["thinking"]["type"].as_str(),
            Some("enabled" | "adaptive")
        ),
        structured: !body["output_config"]["format"].is_null(),
        remembers: blocks.clone().any(|block| block["signature"] == *seal),
    };
    asked.scene()
}

fn check_version(version: Option<&str>) -> Result<(), Fault> {
    match version {
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(version) => Err(Fault::invalid(format!(
            "anthropic-version: \"{version}\" is not a valid version"
        ))),
        None => Err(Fault::invalid("anthropic-version: header is required")),
    }
}

fn check_fields(headers: &HeaderMap, body: &Value) -> Result<(), Fault> {
    let Some(object) = body.as_object() else {
        return Err(Fault::invalid("Input should be a valid dictionary"));
    };
    for name in ["model", "max_tokens", "messages"] {
        if !object.contains_key(name) {
            return Err(Fault::invalid(format!("{name}: Field required")));
        }
    }
    let mut set = object.clone();
    if headers.contains_key("anthropic-beta") {
        set.retain(|name, _| !BETA_FIELDS.contains(&name.as_str()));
    }
    if let Some(name) = check::unknown(&set, FIELDS) {
        return Err(extra(name));
    }
    set.retain(|name, value| !(value.is_null() && NULLABLE.contains(&name.as_str())));
    if let Some((name, kind)) = check::mistyped(&set, FIELDS) {
        return Err(input_should_be(name, kind));
    }
    let stops = body["stop_sequences"].as_array().into_iter().flatten();
    for stop in stops {
        if stop.as_str().is_none_or(|stop| stop.trim().is_empty()) {
            let message = "stop_sequences: each stop sequence must contain non-whitespace";
            return Err(Fault::invalid(message));
        }
    }
    Ok(())
}

fn check_system(system: &Value) -> Result<(), Fault> {
    let blocks = system.as_array().into_iter().flatten();
    for (index, block) in blocks.enumerate() {
        let at = format!("system.{index}");
        if block["type"] != "text" {
            return Err(Fault::invalid(format!("{at}.type: Input should be 'text'")));
        }
        if let Some(key) = check::unknown_key(block, anthropic_messages::TEXT_KEYS) {
            return Err(extra(&format!("{at}.{key}")));
        }
        if block["text"].as_str().is_none_or(str::is_empty) {
            return Err(Fault::invalid(
                "system: text content blocks must be non-empty",
            ));
        }
    }
    Ok(())
}

/// Words of JSON Schema that structured output does not take.
const REFUSED_WORDS: &[&str] = &[
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "multipleOf",
    "not",
    "oneOf",
];

fn check_format(config: &Value) -> Result<(), Fault> {
    if let Some(key) = check::unknown_key(config, &["effort", "format", "task_budget"]) {
        return Err(extra(&format!("output_config.{key}")));
    }
    let format = &config["format"];
    if format.is_null() {
        return Ok(());
    }
    if let Some(key) = check::unknown_key(format, &["type", "schema"]) {
        return Err(extra(&format!("output_config.format.{key}")));
    }
    let wrong = |what: String| Err(Fault::invalid(format!("output_config.format.{what}")));
    if format["type"] != "json_schema" {
        return wrong("type: Input should be 'json_schema'".into());
    }
    let schema = &format["schema"];
    if !schema.is_object() {
        return wrong("schema: Field required".into());
    }
    if let Some(word) = schema::keyword(schema, REFUSED_WORDS) {
        return wrong(format!("schema: property '{word}' is not supported"));
    }
    match schema::open_object(schema, false) {
        Some(_) => wrong(
            "schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
                .into(),
        ),
        None => Ok(()),
    }
}

/// "Extra inputs are not permitted".
pub fn extra(at: &str) -> Fault {
    Fault::invalid(format!("{at}: Extra inputs are not permitted"))
}

/// "Input should be a valid ...".
pub fn input_should_be(at: &str, kind: Kind) -> Fault {
    let wanted = match kind {
        Kind::Text | Kind::TextOrArray | Kind::TextOrObject => "string",
        Kind::Decimal => "number",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::Array => "list",
        Kind::Object => "dictionary",
    };
    Fault::invalid(format!("{at}: Input should be a valid {wanted}"))
}
