//! `api.openai.com`, chat completions.
//!
//! Messages as the API words them, read off its SDKs' issue trackers and the API reference.

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use serde_json::{Map, Value, json};

use super::{
    check::{self, Fields, Kind},
    endpoints::Reply,
    fault::Fault,
    fixture::{Answer, Asked, Fixture, Scene, fixture, offers_tools},
    openai_endpoints, openai_format, openai_messages, openai_tools,
    provider::Provider,
    script::Failure,
};

const MODELS: &[&str] = &["gpt-4o", "gpt-4o-mini", REASONING_MODEL];

/// Shows its thoughts, unsealed, as servers of open models do.
const REASONING_MODEL: &str = "gpt-oss-120b";

/// The request's fields: `chat.completions.create` of openai-python 3.54.
const FIELDS: Fields = &[
    ("audio", Kind::Object),
    ("frequency_penalty", Kind::Decimal),
    ("function_call", Kind::TextOrObject),
    ("functions", Kind::Array),
    ("logit_bias", Kind::Object),
    ("logprobs", Kind::Boolean),
    ("max_completion_tokens", Kind::Integer),
    ("max_tokens", Kind::Integer),
    ("messages", Kind::Array),
    ("metadata", Kind::Object),
    ("modalities", Kind::Array),
    ("model", Kind::Text),
    ("moderation", Kind::Object),
    ("n", Kind::Integer),
    ("parallel_tool_calls", Kind::Boolean),
    ("prediction", Kind::Object),
    ("presence_penalty", Kind::Decimal),
    ("prompt_cache_key", Kind::Text),
    ("prompt_cache_options", Kind::Object),
    ("prompt_cache_retention", Kind::Text),
    ("reasoning_effort", Kind::Text),
    ("response_format", Kind::Object),
    ("safety_identifier", Kind::Text),
    ("seed", Kind::Integer),
    ("service_tier", Kind::Text),
    ("stop", Kind::TextOrArray),
    ("store", Kind::Boolean),
    ("stream", Kind::Boolean),
    ("stream_options", Kind::Object),
    ("temperature", Kind::Decimal),
    ("tool_choice", Kind::TextOrObject),
    ("tools", Kind::Array),
    ("top_logprobs", Kind::Integer),
    ("top_p", Kind::Decimal),
    ("user", Kind::Text),
    ("verbosity", Kind::Text),
    ("web_search_options", Kind::Object),
];

/// Fields that mean nothing without another one.
const DEPENDENT: &[(&str, &str, &str)] = &[
    (
        "tool_choice",
        "tools",
        "'tool_choice' is only allowed when 'tools' are specified.",
    ),
    (
        "parallel_tool_calls",
        "tools",
        "'parallel_tool_calls' is only allowed when 'tools' are specified.",
    ),
    (
        "top_logprobs",
        "logprobs",
        "'top_logprobs' is only allowed when 'logprobs' is enabled.",
    ),
];

/// The provider.
#[derive(Debug)]
pub struct OpenAi;

impl Provider for OpenAi {
    fn base(&self) -> &'static str {
        "/v1"
    }

    fn serves(&self, path: &str) -> bool {
        path == "/v1/chat/completions"
    }

    fn other(&self, head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
        openai_endpoints::answer(head, body)
    }

    fn request_id(&self, number: u64) -> String {
        format!("req_{number:032x}")
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        [
            ("x-request-id", id),
            ("openai-organization", "org-double"),
            ("openai-processing-ms", "187"),
            ("openai-project", "proj_double"),
            ("openai-version", "2020-10-01"),
            ("x-ratelimit-limit-requests", "10000"),
            ("x-ratelimit-limit-tokens", "2000000"),
            ("x-ratelimit-remaining-requests", "9999"),
            ("x-ratelimit-remaining-tokens", "1999712"),
            ("x-ratelimit-reset-requests", "6ms"),
            ("x-ratelimit-reset-tokens", "8ms"),
            ("server", "cloudflare"),
            ("cf-ray", "9c2e4d81af30b7d2-CDG"),
            (
                "set-cookie",
                "__cf_bm=double-openai; path=/; HttpOnly; Secure",
            ),
            ("alt-svc", "h3=\":443\"; ma=86400"),
            ("strict-transport-security", "max-age=31536000"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault> {
        let text = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let Some(sent) = text.and_then(|text| text.strip_prefix("Bearer ")) else {
            return Err(unauthorized(
                "You didn't provide an API key. You need to provide your API key in an \
                 Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            ));
        };
        if sent == key {
            return Ok(());
        }
        let message = "Incorrect API key provided: ********. You can find your API key at \
                       https://platform.openai.com/account/api-keys.";
        Err(unauthorized(message).code("invalid_api_key"))
    }

    fn no_such_path(&self, method: &Method, path: &str) -> Fault {
        let message = format!("Invalid URL ({method} {path})");
        Fault::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    fn no_such_method(&self, method: &Method, path: &str) -> Fault {
        let message = format!("Invalid method for URL ({method} {path})");
        Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request_error",
            message,
        )
    }

    fn not_json(&self, _: &serde_json::Error) -> Fault {
        Fault::invalid(
            "We could not parse the JSON body of your request. (HINT: This likely means you \
             aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, \
             but what was sent was not valid JSON.)",
        )
    }

    fn check(&self, head: &Parts, body: &Value) -> Result<(), Fault> {
        check_content_type(&head.headers)?;
        check_fields(body)?;
        check_model(body)?;
        openai_format::check(body)?;
        openai_messages::check(body)?;
        openai_tools::check(body)
    }

    fn failure(&self, failure: Failure) -> Fault {
        match failure {
            Failure::RateLimit => Fault::new(
                StatusCode::TOO_MANY_REQUESTS,
                "tokens",
                "Rate limit reached for gpt-4o in organization org-double on tokens per min \
                 (TPM): Limit 30000, Used 29614, Requested 3871. Please try again in 7s.",
            )
            .code("rate_limit_exceeded")
            .retry_after(7),
            Failure::Overloaded => Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "service_unavailable_error",
                "Our servers are currently overloaded. Please try again later.",
            )
            .code("server_is_overloaded"),
            Failure::ServerError => Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                SERVER_ERROR,
            ),
        }
    }

    fn error_body(&self, fault: &Fault, _: &str) -> Value {
        json!({"error": {
            "message": fault.message,
            "type": fault.kind,
            "param": fault.param,
            "code": fault.code,
        }})
    }

    fn error_event(&self, id: &str) -> Bytes {
        let body = self.error_body(&self.failure(Failure::ServerError), id);
        format!("data: {body}\n\n").into()
    }

    fn answer(&self, body: &Value) -> Answer {
        let fixture = match scene(body) {
            Scene::ToolAnswer | Scene::ThinkingAnswer => fixture!("openai", "tool_answer"),
            Scene::Tools => fixture!("openai", "tools"),
            Scene::Text => fixture!("openai", "text"),
            Scene::Thinking => fixture!("openai", "thinking"),
            Scene::ThinkingTools => fixture!("openai", "thinking_tools"),
            Scene::Structured => fixture!("openai", "structured"),
        };
        answer(body, fixture)
    }
}

const SERVER_ERROR: &str =
    "The server had an error while processing your request. Sorry about that!";

fn unauthorized(message: &str) -> Fault {
    Fault::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
}

pub fn check_content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default();
    if kind.starts_with("application/json") {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Unsupported content type: '{kind}'. This API method only accepts 'application/json' \
         requests, but you specified the header 'Content-Type: {kind}'. Please try again with a \
         supported content type."
    )))
}

fn check_model(body: &Value) -> Result<(), Fault> {
    let model = body["model"].as_str().unwrap_or_default();
    if MODELS.contains(&model) {
        return check_effort(body, model);
    }
    Err(no_such_model(model))
}

pub fn no_such_model(model: &str) -> Fault {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    let fault = Fault::new(StatusCode::NOT_FOUND, "invalid_request_error", message);
    fault.code("model_not_found")
}

fn check_effort(body: &Value, model: &str) -> Result<(), Fault> {
    let effort = &body["reasoning_effort"];
    if effort.is_null() || model == REASONING_MODEL {
        return Ok(());
    }
    let message = "Unrecognized request argument supplied: reasoning_effort";
    Err(Fault::invalid(message).param("reasoning_effort"))
}

/// Checks the top level of a body, for both providers of this format.
pub fn check_fields(body: &Value) -> Result<(), Fault> {
    let Some(object) = body.as_object() else {
        return Err(invalid_type("", "an object", body));
    };
    if let Some(name) = check::unknown(object, FIELDS) {
        return Err(Fault::invalid(format!(
            "Unrecognized request argument supplied: {name}"
        )));
    }
    if body["model"].is_null() {
        return Err(Fault::invalid("you must provide a model parameter"));
    }
    // The API takes null for any optional field.
    let mut set = object.clone();
    set.retain(|name, value| !value.is_null() || name == "model" || name == "messages");
    if let Some((name, kind)) = check::mistyped(&set, FIELDS) {
        return Err(invalid_type(name, wanted(kind), &body[name]));
    }
    check_combinations(&set)?;
    check_ranges(&set)
}

fn check_combinations(set: &Map<String, Value>) -> Result<(), Fault> {
    for (name, needs, message) in DEPENDENT {
        if set.contains_key(*name) && !set.contains_key(*needs) {
            return Err(Fault::invalid(*message).param(*name));
        }
    }
    if set.contains_key("stream_options") && set.get("stream") != Some(&Value::Bool(true)) {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Fault::invalid(message).param("stream_options"));
    }
    if set.contains_key("max_tokens") && set.contains_key("max_completion_tokens") {
        return Err(Fault::invalid(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        )
        .code("invalid_parameter_combination"));
    }
    Ok(())
}

fn check_ranges(set: &Map<String, Value>) -> Result<(), Fault> {
    const RANGES: &[(&str, f64, f64)] = &[
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("frequency_penalty", -2.0, 2.0),
        ("presence_penalty", -2.0, 2.0),
        ("max_tokens", 1.0, 16384.0),
        ("max_completion_tokens", 1.0, 16384.0),
        ("n", 1.0, 128.0),
    ];
    for (name, least, most) in RANGES {
        let value = set.get(*name).and_then(Value::as_f64);
        if value.is_some_and(|value| value < *least || value > *most) {
            let message = format!("Invalid '{name}': expected a value from {least} to {most}.");
            return Err(Fault::invalid(message).param(*name).code("invalid_value"));
        }
    }
    let stops = set
        .get("stop")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if stops > 4 {
        let message = "Invalid 'stop': array too long. Expected an array with maximum length 4.";
        return Err(Fault::invalid(message)
            .param("stop")
            .code("array_above_max_length"));
    }
    Ok(())
}

pub fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a string",
        Kind::Decimal => "a decimal",
        Kind::Integer => "an integer",
        Kind::Boolean => "a boolean",
        Kind::Array => "an array",
        Kind::Object => "an object",
        Kind::TextOrArray => "one of a string or array of strings",
        Kind::TextOrObject => "one of a string or object",
    }
}

/// "Invalid type for ...".
pub fn invalid_type(at: &str, wanted: &str, value: &Value) -> Fault {
    let got = check::type_name(value);
    let message = format!("Invalid type for '{at}': expected {wanted}, but got {got} instead.");
    Fault::invalid(message).param(at).code("invalid_type")
}

/// Which answer a body of this format gets.
pub fn scene(body: &Value) -> Scene {
    let messages = body["messages"].as_array();
    let has_results =
        messages.is_some_and(|messages| messages.iter().any(|message| message["role"] == "tool"));
    let asked = Asked {
        has_results,
        offers_tools: offers_tools(body),
        thinks: body["reasoning_effort"]
            .as_str()
            .is_some_and(|effort| effort != "none"),
        structured: body["response_format"]["type"] == "json_schema",
        remembers: false,
    };
    asked.scene()
}

/// The fixture as this request sees it: usage streams only to who asked for it.
pub fn answer(body: &Value, fixture: Fixture) -> Answer {
    let with_usage = body["stream_options"]["include_usage"] == true;
    let events = fixture.events().filter_map(|event| {
        if with_usage {
            return Some(Bytes::from_static(event.as_bytes()));
        }
        let is_usage = event.contains("\"usage\":{");
        (!is_usage).then(|| event.replace(",\"usage\":null", "").into())
    });
    Answer {
        json: Bytes::from_static(fixture.json.as_bytes()),
        events: events.collect(),
    }
}
