//! `generativelanguage.googleapis.com`, generateContent.
//!
//! Takes each name in camelCase and in `snake_case`, as the API's JSON parser does.

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{
    check::{self, Fields, Kind},
    endpoints::Reply,
    fault::Fault,
    fixture::{Answer, Asked, Scene, fixture},
    gemini_contents, gemini_endpoints,
    provider::Provider,
    script::Failure,
};

pub const MODELS: &[&str] = &["gemini-3-pro-preview"];

const FIELDS: Fields = &[
    ("cachedContent", Kind::Text),
    ("contents", Kind::Array),
    ("generationConfig", Kind::Object),
    ("labels", Kind::Object),
    ("model", Kind::Text),
    ("safetySettings", Kind::Array),
    ("serviceTier", Kind::Text),
    ("store", Kind::Boolean),
    ("systemInstruction", Kind::Object),
    ("toolConfig", Kind::Object),
    ("tools", Kind::Array),
];

const GENERATION_FIELDS: Fields = &[
    ("candidateCount", Kind::Integer),
    ("frequencyPenalty", Kind::Decimal),
    ("logprobs", Kind::Integer),
    ("maxOutputTokens", Kind::Integer),
    ("mediaResolution", Kind::Text),
    ("presencePenalty", Kind::Decimal),
    ("responseFormat", Kind::Array),
    ("responseJsonSchema", Kind::Object),
    ("responseLogprobs", Kind::Boolean),
    ("responseMimeType", Kind::Text),
    ("responseModalities", Kind::Array),
    ("responseSchema", Kind::Object),
    ("seed", Kind::Integer),
    ("speechConfig", Kind::Object),
    ("stopSequences", Kind::Array),
    ("temperature", Kind::Decimal),
    ("thinkingConfig", Kind::Object),
    ("topK", Kind::Decimal),
    ("topP", Kind::Decimal),
];

const THINKING_FIELDS: Fields = &[
    ("includeThoughts", Kind::Boolean),
    ("thinkingBudget", Kind::Integer),
    ("thinkingLevel", Kind::Text),
];

/// The provider.
#[derive(Debug)]
pub struct Gemini;

impl Provider for Gemini {
    fn base(&self) -> &'static str {
        ""
    }

    fn serves(&self, path: &str) -> bool {
        target(path).is_some()
    }

    fn streams(&self, head: &Parts, _: &Value) -> bool {
        target(head.uri.path()).is_some_and(|(_, method)| method == "streamGenerateContent")
    }

    fn other(&self, head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
        gemini_endpoints::answer(head, body)
    }

    fn request_id(&self, number: u64) -> String {
        format!("gemini-{number}")
    }

    fn headers(&self, _: &str) -> Vec<(&'static str, String)> {
        [
            ("vary", "Origin"),
            ("vary", "X-Origin"),
            ("vary", "Referer"),
            ("server", "scaffolding on HTTPServer2"),
            ("server-timing", "gfet4t7; dur=412"),
            ("x-xss-protection", "0"),
            ("x-frame-options", "SAMEORIGIN"),
            ("x-content-type-options", "nosniff"),
            ("set-cookie", "NID=double-gemini; path=/; HttpOnly; Secure"),
            ("alt-svc", "h3=\":443\"; ma=2592000"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault> {
        if headers.contains_key(http::header::AUTHORIZATION) {
            return Err(Fault::new(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, \
                 login cookie or other valid authentication credential.",
            ));
        }
        match headers.get("x-goog-api-key").map(|it| it.to_str()) {
            Some(Ok(sent)) if sent == key => Ok(()),
            Some(_) => Err(invalid("API key not valid. Please pass a valid API key.")),
            None => Err(Fault::new(
                StatusCode::FORBIDDEN,
                "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers (callers without established \
                 identity). Please use API Key or other form of API consumer identity to call \
                 this API.",
            )),
        }
    }

    fn no_such_path(&self, _: &Method, path: &str) -> Fault {
        let message = format!("The requested URL {path} was not found on this server.");
        Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    fn no_such_method(&self, _: &Method, path: &str) -> Fault {
        self.no_such_path(&Method::GET, path)
    }

    fn not_json(&self, error: &serde_json::Error) -> Fault {
        invalid(format!("Invalid JSON payload received. {error}"))
    }

    fn check(&self, head: &Parts, body: &Value) -> Result<(), Fault> {
        let (model, method) = target(head.uri.path()).unwrap_or_default();
        check_model(model, method, MODELS)?;
        let is_sse = head.uri.query().is_some_and(|it| it.contains("alt=sse"));
        if self.streams(head, body) && !is_sse {
            return Err(invalid(
                "This double streams events only: ask with alt=sse.",
            ));
        }
        check_body(&camel(body))
    }

    fn failure(&self, failure: Failure) -> Fault {
        match failure {
            Failure::RateLimit => Fault::new(
                StatusCode::TOO_MANY_REQUESTS,
                "RESOURCE_EXHAUSTED",
                "You exceeded your current quota, please check your plan and billing details. \
                 Please retry in 7s.",
            ),
            Failure::Overloaded => Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "The model is overloaded. Please try again later.",
            ),
            Failure::ServerError => Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                "An internal error has occurred. Please retry.",
            ),
        }
    }

    /// The wait is a detail in the body; there is no `retry-after`.
    fn error_body(&self, fault: &Fault, _: &str) -> Value {
        let mut error = json!({
            "code": fault.status.as_u16(),
            "message": fault.message,
            "status": fault.kind,
        });
        if fault.status == StatusCode::TOO_MANY_REQUESTS {
            error["details"] = json!([
                {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"},
            ]);
        }
        json!({"error": error})
    }

    fn error_event(&self, id: &str) -> Bytes {
        let body = self.error_body(&self.failure(Failure::Overloaded), id);
        format!("data: {body}\n\n").into()
    }

    fn answer(&self, body: &Value) -> Answer {
        let fixture = match scene(&camel(body)) {
            Scene::Text => fixture!("gemini", "text"),
            Scene::Tools => fixture!("gemini", "tools"),
            Scene::ToolAnswer => fixture!("gemini", "tool_answer"),
            Scene::Thinking => fixture!("gemini", "thinking"),
            Scene::ThinkingTools => fixture!("gemini", "thinking_tools"),
            Scene::ThinkingAnswer => fixture!("gemini", "thinking_answer"),
            Scene::Structured => fixture!("gemini", "structured"),
        };
        fixture.answer()
    }
}

/// Checks what is asked, whether it is to be answered or counted.
pub fn check_body(body: &Value) -> Result<(), Fault> {
    check_object(body, FIELDS, "")?;
    check_generation(&body["generationConfig"])?;
    check_system(&body["systemInstruction"])?;
    gemini_contents::check_tools(body)?;
    gemini_contents::check(body)
}

/// Model and method of a path that generates.
fn target(path: &str) -> Option<(&str, &str)> {
    let generates = |method: &str| matches!(method, "generateContent" | "streamGenerateContent");
    method_of(path).filter(|(_, method)| generates(method))
}

/// Model and method of a path.
pub fn method_of(path: &str) -> Option<(&str, &str)> {
    let path = path
        .strip_prefix("/v1beta/")
        .or(path.strip_prefix("/v1/"))?;
    path.strip_prefix("models/")?.rsplit_once(':')
}

/// Checks that the model is one of these.
pub fn check_model(model: &str, method: &str, models: &[&str]) -> Result<(), Fault> {
    if models.contains(&model) {
        return Ok(());
    }
    let message = format!(
        "models/{model} is not found for API version v1beta, or is not supported for {method}. \
         Call ModelService.ListModels to see the list of available models and their supported \
         methods."
    );
    Err(Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", message))
}

/// The body with its own names in camelCase; those within a caller's data stay.
pub fn camel(value: &Value) -> Value {
    const OF_THE_CALLER: &[&str] = &[
        "args",
        "labels",
        "parametersJsonSchema",
        "properties",
        "response",
        "responseJsonSchema",
    ];
    match value {
        Value::Array(values) => values.iter().map(camel).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                let name = camel_name(name);
                let is_own = !OF_THE_CALLER.contains(&name.as_str());
                let value = if is_own { camel(value) } else { value.clone() };
                (name, value)
            })
            .collect(),
        other => other.clone(),
    }
}

fn camel_name(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

fn scene(body: &Value) -> Scene {
    let contents = body["contents"].as_array().into_iter().flatten();
    let parts = contents
        .filter_map(|content| content["parts"].as_array())
        .flatten();
    let mode = &body["toolConfig"]["functionCallingConfig"]["mode"];
    let config = &body["generationConfig"];
    let seal = gemini_contents::seal(fixture!("gemini", "thinking_tools"), 1);
    let asked = Asked {
        has_results: parts
            .clone()
            .any(|part| part["functionResponse"].is_object()),
        offers_tools: !gemini_contents::functions(body).is_empty() && mode != "NONE",
        thinks: config["thinkingConfig"]["includeThoughts"] == true,
        structured: ["responseSchema", "responseJsonSchema"]
            .iter()
            .any(|name| config[*name].is_object()),
        remembers: parts
            .clone()
            .any(|part| gemini_contents::seal_of(part).as_deref() == Some(&*seal)),
    };
    asked.scene()
}

/// 400 `INVALID_ARGUMENT`.
pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
}

/// Checks names and types of an object's fields.
pub fn check_object(value: &Value, fields: Fields, at: &str) -> Result<(), Fault> {
    let Some(object) = value.as_object() else {
        return Err(invalid(format!("Invalid value at '{at}': not a message.")));
    };
    if let Some(name) = check::unknown(object, fields) {
        return Err(invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field."
        )));
    }
    match check::mistyped(object, fields) {
        Some((name, _)) => Err(invalid(format!(
            "Invalid value at '{at}.{name}': {}",
            object[name]
        ))),
        None => Ok(()),
    }
}

fn check_generation(config: &Value) -> Result<(), Fault> {
    if config.is_null() {
        return Ok(());
    }
    check_object(config, GENERATION_FIELDS, "generation_config")?;
    let schemas = ["responseSchema", "responseJsonSchema"];
    let schemas = schemas.iter().filter(|name| config[**name].is_object());
    match (schemas.count(), config["responseMimeType"].as_str()) {
        (0, _) | (1, Some("application/json")) => {}
        (1, _) => {
            return Err(invalid(
                "Function calling config or response schema is set without response_mime_type \
                 'application/json'.",
            ));
        }
        _ => return Err(invalid("Only one of the response schemas may be set.")),
    }
    let thinking = &config["thinkingConfig"];
    if thinking.is_null() {
        return Ok(());
    }
    check_object(
        thinking,
        THINKING_FIELDS,
        "generation_config.thinking_config",
    )?;
    if !thinking["thinkingLevel"].is_null() && !thinking["thinkingBudget"].is_null() {
        return Err(invalid(
            "You can only set only one of thinking budget and thinking level.",
        ));
    }
    let level = thinking["thinkingLevel"].as_str().map(str::to_uppercase);
    if level.is_some_and(|it| !["LOW", "MEDIUM", "HIGH"].contains(&it.as_str())) {
        return Err(invalid("Thinking level is not supported for this model."));
    }
    Ok(())
}

fn check_system(system: &Value) -> Result<(), Fault> {
    if system.is_null() || system["parts"].is_array() || system["parts"].is_object() {
        return Ok(());
    }
    Err(invalid("Invalid value at 'system_instruction'."))
}
