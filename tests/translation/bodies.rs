//! One small exchange in all formats: how callers ask, what providers answer, and what either means.

use bytes::BytesMut;
use serde_json::{Value, json};
use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::{Arguments, Fold, Part, Response},
    sse::Parser,
};

/// Every ordered pair of two formats: caller, provider.
pub fn directions() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let all = ApiFormat::BUILT_IN.iter().copied();
    let pairs = all.flat_map(|client| {
        ApiFormat::BUILT_IN
            .iter()
            .map(move |other| (client, *other))
    });
    pairs.filter(|(client, provider)| client != provider)
}

/// What a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Plain,
    Tools,
}

/// Where callers ask for an answer of `model`, as path and query.
pub fn path(client: ApiFormat, model: &str, stream: bool) -> String {
    let path = client.api().path(
        tower_llm_gateway::format::Operation::Generate,
        model,
        stream,
    );
    path.into_owned()
}

/// A question as a caller puts it.
pub fn question(client: ApiFormat, model: &str, text: &str, ask: Ask, stream: bool) -> Value {
    let schema = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let tools = [("get_weather", "city"), ("get_time", "timezone")];
    let mut body = match client.id() {
        "openai" => json!({
            "model": model,
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": text}],
            "max_completion_tokens": 512,
        }),
        "openai_responses" => json!({
            "model": model, "instructions": "Be kind.", "input": text, "max_output_tokens": 512, "store": false,
        }),
        "anthropic" => json!({
            "model": model, "system": "Be kind.", "max_tokens": 512,
            "messages": [{"role": "user", "content": text}],
        }),
        _ => json!({
            "systemInstruction": {"parts": [{"text": "Be kind."}]},
            "contents": [{"role": "user", "parts": [{"text": text}]}],
            "generationConfig": {"maxOutputTokens": 512},
        }),
    };
    if stream && client != ApiFormat::GEMINI {
        body["stream"] = json!(true);
    }
    if stream && client == ApiFormat::OPENAI {
        body["stream_options"] = json!({"include_usage": true});
    }
    if ask == Ask::Tools {
        let tool = |(name, field)| match client.id() {
            "openai" => {
                json!({"type": "function", "function": {"name": name, "parameters": schema(field)}})
            }
            "openai_responses" => {
                json!({"type": "function", "name": name, "parameters": schema(field), "strict": false})
            }
            "anthropic" => json!({"name": name, "input_schema": schema(field)}),
            _ => json!({"name": name, "parametersJsonSchema": schema(field)}),
        };
        let tools: Vec<Value> = tools.into_iter().map(tool).collect();
        body["tools"] = match client.id() {
            "gemini" => json!([{"functionDeclarations": tools}]),
            _ => json!(tools),
        };
    }
    body
}

/// A provider's answer: whole, and as a stream.
pub fn answer(provider: ApiFormat, ask: Ask) -> (&'static str, &'static str) {
    macro_rules! both {
        ($folder:literal) => {
            match ask {
                Ask::Plain => (
                    include_str!(concat!("../fixtures/", $folder, "/text.json")),
                    include_str!(concat!("../fixtures/", $folder, "/text.sse")),
                ),
                Ask::Tools => (
                    include_str!(concat!("../fixtures/", $folder, "/tools.json")),
                    include_str!(concat!("../fixtures/", $folder, "/tools.sse")),
                ),
            }
        };
    }
    match provider.id() {
        "openai" => both!("openai"),
        "openai_responses" => both!("responses"),
        "anthropic" => both!("anthropic"),
        _ => both!("gemini"),
    }
}

/// The data of a stream's events.
pub fn data(stream: &str) -> impl Iterator<Item = &str> {
    stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
}

/// The same stream as a JSON array.
pub fn array(stream: &str) -> String {
    let elements: Vec<&str> = data(stream).filter(|data| *data != "[DONE]").collect();
    format!("[{}\n]\n", elements.join("\n,\r\n"))
}

/// What a whole answer says.
pub fn said(format: ApiFormat, body: &str) -> Vec<String> {
    let response = format.codec().unwrap().decode_response(body.as_bytes());
    of(&response
        .unwrap_or_else(|error| panic!("{format} can't read its own answer: {error}\n{body}")))
}

/// What a stream says, or how it fails.
pub fn streamed(format: ApiFormat, body: &str) -> Result<Vec<String>, String> {
    let mut fold = Fold::new(format.id());
    let mut decoder = format.codec().unwrap().stream_decoder();
    let mut parser = Parser::new(1 << 20);
    parser.push(body.as_bytes());
    while let Some(item) = parser.next().unwrap() {
        decoder.item(item, &mut fold);
    }
    assert!(parser.is_between_events(), "half an event is left: {body}");
    decoder.finish(StreamEnd::Clean, &mut fold);
    match fold.error() {
        Some(error) => Err(error.message.clone()),
        None => Ok(of(&fold.response())),
    }
}

/// Text, calls, reason, and tokens: all that no format loses.
fn of(response: &Response<'_>) -> Vec<String> {
    let choice = response.choices.first().expect("there is an answer");
    let mut lines = Vec::new();
    for part in &choice.parts {
        match part {
            Part::Text { text, .. } => lines.push(format!("says {}", text.decode())),
            Part::ToolCall(call) => {
                let arguments: Value = match &call.arguments {
                    Arguments::Text(text) => serde_json::from_str(&text.decode()).unwrap(),
                    Arguments::Json(json) => serde_json::from_str(json.get()).unwrap(),
                    _ => unreachable!("there is no other way"),
                };
                lines.push(format!("calls {} {arguments}", call.name.decode()));
            }
            _ => {}
        }
    }
    let reason = choice.stop.as_ref().map(|stop| stop.reason);
    lines.push(format!("stops {reason:?}"));
    let usage = response.usage.unwrap_or_default();
    lines.push(format!("tokens {:?} {:?}", usage.prompt(), usage.output));
    lines
}

/// An error as a provider says it in a body.
pub fn error_body(provider: ApiFormat, error: &tower_llm_gateway::ir::Error) -> (u16, String) {
    let mut out = BytesMut::new();
    let status = provider.api().encode_error(error, &mut out);
    (status.as_u16(), String::from_utf8(out.to_vec()).unwrap())
}

/// Whether the body is an error of this format, and its message.
#[track_caller]
pub fn error_message(client: ApiFormat, body: &Value) -> String {
    let error = &body["error"];
    let (is_anthropic, is_gemini) = (body["type"] == "error", error["status"].is_string());
    let is_openai = error.get("param").is_some() && error.get("code").is_some();
    let shapes = match client.id() {
        "anthropic" => [is_anthropic, !is_gemini, !is_openai],
        "gemini" => [is_gemini, error["code"].is_u64(), !is_anthropic],
        _ => [is_openai, !is_anthropic, !is_gemini],
    };
    assert_eq!(shapes, [true; 3], "no error of {client}: {body}");
    error["message"].as_str().unwrap().to_owned()
}
