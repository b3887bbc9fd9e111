//! `api.openai.com`, Responses: the same account and errors as chat completions, another format.

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{
    check::{self, Fields, Kind},
    fault::Fault,
    fixture::{Answer, Asked, Fixture, Scene, fixture, offers_tools},
    openai::{self, OpenAi, invalid_type},
    openai_format,
    openai_messages::{additional, missing},
    provider::Provider,
    responses_input, responses_tools,
    script::Failure,
};

const MODELS: &[&str] = &["gpt-5.2"];

/// The request's fields: `responses.create` of openai-python 3.57.
const FIELDS: Fields = &[
    ("background", Kind::Boolean),
    ("background_options", Kind::Object),
    ("context_management", Kind::Array),
    ("conversation", Kind::TextOrObject),
    ("include", Kind::Array),
    ("input", Kind::TextOrArray),
    ("instructions", Kind::Text),
    ("max_output_tokens", Kind::Integer),
    ("max_tool_calls", Kind::Integer),
    ("metadata", Kind::Object),
    ("model", Kind::Text),
    ("moderation", Kind::Object),
    ("parallel_tool_calls", Kind::Boolean),
    ("previous_response_id", Kind::Text),
    ("prompt", Kind::Object),
    ("prompt_cache_key", Kind::Text),
    ("prompt_cache_options", Kind::Object),
    ("prompt_cache_retention", Kind::Text),
    ("reasoning", Kind::Object),
    ("safety_identifier", Kind::Text),
    ("service_tier", Kind::Text),
    ("store", Kind::Boolean),
    ("stream", Kind::Boolean),
    ("stream_options", Kind::Object),
    ("temperature", Kind::Decimal),
    ("text", Kind::Object),
    ("tool_choice", Kind::TextOrObject),
    ("tools", Kind::Array),
    ("top_logprobs", Kind::Integer),
    ("top_p", Kind::Decimal),
    ("truncation", Kind::Text),
    ("user", Kind::Text),
];

/// What a request may ask to include.
const INCLUDES: &[&str] = &[
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
];

/// The provider.
#[derive(Debug)]
pub struct Responses;

impl Provider for Responses {
    fn base(&self) -> &'static str {
        "/v1"
    }

    fn serves(&self, path: &str) -> bool {
        path == "/v1/responses"
    }

    fn request_id(&self, number: u64) -> String {
        OpenAi.request_id(number)
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        OpenAi.headers(id)
    }

    fn authorize(&self, headers: &HeaderMap, key: &str) -> Result<(), Fault> {
        OpenAi.authorize(headers, key)
    }

    fn no_such_path(&self, method: &Method, path: &str) -> Fault {
        OpenAi.no_such_path(method, path)
    }

    fn no_such_method(&self, method: &Method, path: &str) -> Fault {
        OpenAi.no_such_method(method, path)
    }

    fn not_json(&self, error: &serde_json::Error) -> Fault {
        OpenAi.not_json(error)
    }

    fn check(&self, head: &Parts, body: &Value) -> Result<(), Fault> {
        openai::check_content_type(&head.headers)?;
        check_fields(body)?;
        check_model(body)?;
        check_reasoning(&body["reasoning"])?;
        check_text(body)?;
        responses_tools::check(body)?;
        responses_input::check(body)
    }

    fn failure(&self, failure: Failure) -> Fault {
        OpenAi.failure(failure)
    }

    fn error_body(&self, fault: &Fault, id: &str) -> Value {
        OpenAi.error_body(fault, id)
    }

    fn error_event(&self, _: &str) -> Bytes {
        let fault = self.failure(Failure::ServerError);
        let body = json!({
            "type": "error",
            "code": fault.kind,
            "message": fault.message,
            "param": null,
            "sequence_number": 99,
        });
        format!("event: error\ndata: {body}\n\n").into()
    }

    fn answer(&self, body: &Value) -> Answer {
        let fixture = match scene(body) {
            Scene::Text => fixture!("responses", "text"),
            Scene::Tools => fixture!("responses", "tools"),
            Scene::ToolAnswer => fixture!("responses", "tool_answer"),
            Scene::Thinking => fixture!("responses", "thinking"),
            Scene::ThinkingTools => fixture!("responses", "thinking_tools"),
            Scene::ThinkingAnswer => fixture!("responses", "thinking_answer"),
            Scene::Structured => fixture!("responses", "structured"),
        };
        as_asked(body, fixture)
    }
}

fn scene(body: &Value) -> Scene {
    let items = body["input"].as_array().into_iter().flatten();
    let seal = fixture!("responses", "thinking_tools").text("/output/0/encrypted_content");
    let asked = Asked {
        has_results: items
            .clone()
            .any(|item| item["type"] == "function_call_output"),
        offers_tools: offers_tools(body),
        thinks: body["reasoning"]["effort"]
            .as_str()
            .is_some_and(|effort| effort != "none"),
        structured: body["text"]["format"]["type"] == "json_schema",
        remembers: items.clone().any(|item| item["encrypted_content"] == *seal),
    };
    asked.scene()
}

/// The fixture as this request sees it: thoughts are told, and sealed, only to who asks.
fn as_asked(body: &Value, fixture: Fixture) -> Answer {
    let sealed = includes(body, "reasoning.encrypted_content");
    let told = !body["reasoning"]["summary"].is_null();
    if sealed && told {
        return fixture.answer();
    }
    let mut number = 0;
    let mut events = Vec::new();
    for event in fixture.events() {
        let (name, data) = event.split_once("data: ").unwrap_or_default();
        let mut data: Value = serde_json::from_str(data).expect("a fixture is JSON");
        if !told && name.contains("reasoning_summary") {
            continue;
        }
        hide(&mut data, sealed, told);
        data["sequence_number"] = number.into();
        number += 1;
        events.push(format!("{name}data: {data}\n\n").into());
    }
    let mut json = serde_json::from_str(fixture.json).expect("a fixture is JSON");
    hide(&mut json, sealed, told);
    Answer {
        json: json.to_string().into(),
        events,
    }
}

/// Takes out of each reasoning item what the request did not ask for.
fn hide(value: &mut Value, sealed: bool, told: bool) {
    let item = match value {
        Value::Array(values) => return values.iter_mut().for_each(|it| hide(it, sealed, told)),
        Value::Object(object) => object,
        _ => return,
    };
    if item.get("type").is_some_and(|kind| kind == "reasoning") {
        if !sealed {
            item.remove("encrypted_content");
        }
        if !told {
            item.insert("summary".into(), json!([]));
        }
        return;
    }
    item.values_mut().for_each(|it| hide(it, sealed, told));
}

fn includes(body: &Value, what: &str) -> bool {
    let included = body["include"].as_array().into_iter().flatten();
    included.into_iter().any(|it| it == what)
}

fn check_fields(body: &Value) -> Result<(), Fault> {
    let Some(object) = body.as_object() else {
        return Err(invalid_type("", "an object", body));
    };
    if let Some(name) = check::unknown(object, FIELDS) {
        let message = format!("Unknown parameter: '{name}'.");
        return Err(Fault::invalid(message)
            .param(name)
            .code("unknown_parameter"));
    }
    let mut set = object.clone();
    set.retain(|_, value| !value.is_null());
    if let Some((name, kind)) = check::mistyped(&set, FIELDS) {
        return Err(invalid_type(name, openai::wanted(kind), &body[name]));
    }
    for name in ["model", "input"] {
        if !set.contains_key(name) {
            return Err(missing(name));
        }
    }
    for name in ["temperature", "top_p"] {
        if set.contains_key(name) {
            let message =
                format!("Unsupported parameter: '{name}' is not supported with this model.");
            return Err(Fault::invalid(message)
                .param(name)
                .code("unsupported_parameter"));
        }
    }
    if set.contains_key("stream_options") && set.get("stream") != Some(&Value::Bool(true)) {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Fault::invalid(message).param("stream_options"));
    }
    if let Some(least) = body["max_output_tokens"].as_i64().filter(|it| *it < 16) {
        let message = format!(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, \
             but got {least} instead."
        );
        let fault = Fault::invalid(message).param("max_output_tokens");
        return Err(fault.code("integer_below_min_value"));
    }
    check_state(body)
}

/// This double keeps no state.
fn check_state(body: &Value) -> Result<(), Fault> {
    if let Some(id) = body["previous_response_id"].as_str() {
        let message = format!("Previous response with id '{id}' not found.");
        let fault = Fault::invalid(message).param("previous_response_id");
        return Err(fault.code("previous_response_not_found"));
    }
    let included = body["include"].as_array().into_iter().flatten();
    for (index, it) in included.enumerate() {
        if !it.as_str().is_some_and(|name| INCLUDES.contains(&name)) {
            let message = format!("Invalid value: {it}.");
            let fault = Fault::invalid(message).param(format!("include[{index}]"));
            return Err(fault.code("invalid_value"));
        }
    }
    Ok(())
}

fn check_model(body: &Value) -> Result<(), Fault> {
    let model = body["model"].as_str().unwrap_or_default();
    if MODELS.contains(&model) {
        return Ok(());
    }
    let message = format!("The requested model '{model}' does not exist.");
    let fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_request_error", message);
    Err(fault.param("model").code("model_not_found"))
}

fn check_reasoning(reasoning: &Value) -> Result<(), Fault> {
    const WORDS: &[(&str, &[&str])] = &[
        (
            "effort",
            &["none", "minimal", "low", "medium", "high", "xhigh"],
        ),
        ("summary", &["auto", "concise", "detailed"]),
        ("generate_summary", &["auto", "concise", "detailed"]),
        ("mode", &["standard", "pro"]),
        ("context", &["auto", "current_turn", "all_turns"]),
    ];
    let fields = reasoning.as_object().into_iter().flatten();
    for (name, value) in fields {
        let at = format!("reasoning.{name}");
        let Some((_, words)) = WORDS.iter().find(|(known, _)| known == name) else {
            let message = format!("Unknown parameter: '{at}'.");
            return Err(Fault::invalid(message).param(at).code("unknown_parameter"));
        };
        let is_known = value.as_str().is_some_and(|word| words.contains(&word));
        if !is_known && !value.is_null() {
            let supported = words.join("', '");
            let message = format!("Invalid value: {value}. Supported values are: '{supported}'.");
            return Err(Fault::invalid(message).param(at).code("invalid_value"));
        }
    }
    Ok(())
}

fn check_text(body: &Value) -> Result<(), Fault> {
    let text = &body["text"];
    if let Some(key) = check::unknown_key(text, &["format", "verbosity"]) {
        return Err(additional(key, "text"));
    }
    let format = &text["format"];
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        None => Err(missing("text.format.type")),
        Some("text") => Ok(()),
        Some("json_object") => openai_format::check_word(&body["input"], "input"),
        Some("json_schema") => openai_format::check_schema(format, "text.format", "text.format"),
        Some(other) => {
            let message = format!("Invalid value: '{other}'.");
            let fault = Fault::invalid(message).param("text.format.type");
            Err(fault.code("invalid_value"))
        }
    }
}
