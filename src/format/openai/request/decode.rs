use crate::{
    format::common::parameters::SHARED,
    ir::{Error, Exchange, FieldNames, Request},
    json::{self, Raw, ReadError, Text},
};

use super::{
    super::{ID, wire},
    bad, message,
    parameters::{self, Field},
    policy, tool_choice, tools, unreadable, web_search,
};

const NAMES: FieldNames = FieldNames {
    system: "messages",
    turns: "messages",
    parts: "content",
    tools: "tools",
    tool_choice: "tool_choice",
    parallel_tool_calls: "parallel_tool_calls",
    max_tokens: "max_completion_tokens",
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    frequency_penalty: "frequency_penalty",
    presence_penalty: "presence_penalty",
    seed: "seed",
    stop: "stop",
    choices: "n",
    logprobs: "logprobs",
    top_logprobs: "top_logprobs",
    output: "response_format",
    verbosity: "verbosity",
    effort: "reasoning_effort",
    thinking: "reasoning_effort",
    user: "user",
    metadata: "metadata",
    service_tier: "service_tier",
    store: "store",
    cache: "prompt_cache_options",
};

/// How callers that know no `tools` spell the fields.
const LEGACY_NAMES: FieldNames = FieldNames {
    tools: "functions",
    tool_choice: "function_call",
    ..NAMES
};

/// Reads a caller's request.
pub(in crate::format::openai) fn decode<'a>(
    body: &'a [u8],
    exchange: &mut Exchange,
) -> Result<Request<'a>, Error> {
    let mut wire: wire::Request<'a> =
        json::read_bytes(body).map_err(|error| locate(body, &error))?;
    wire.extra.judge(policy::of_request);
    let legacy = wire.tools.is_none() && wire.functions.is_some();
    let mut request = Request {
        format: ID,
        names: if legacy { LEGACY_NAMES } else { NAMES },
        model: model(wire.model)?,
        stream: parameters::boolean(wire.stream, "stream")?.unwrap_or(false),
        shared: wire.extra.split_off(&SHARED),
        extra: std::mem::take(&mut wire.extra),
        ..Request::default()
    };
    exchange.stream = request.stream;
    exchange.legacy_functions = legacy;
    exchange.include_usage = stream_options(wire.stream_options, &mut request)?;
    let messages = wire.messages.take().unwrap_or_default();
    if messages.is_empty() {
        return Err(bad("messages", "expected at least one message"));
    }
    message::decode(messages, &mut request)?;
    if legacy {
        request.tools = tools::decode_functions(wire.functions)?;
        request.tool_choice = tool_choice::decode(wire.function_call, "function_call")?;
    } else {
        // Nobody but this API's own servers knows what both together mean.
        if let Some(functions) = wire.functions {
            request.extra.push("functions".into(), functions);
        }
        parameters::keep(&mut request.extra, "function_call", wire.function_call);
        request.tools = tools::decode(wire.tools.take())?;
        request.tool_choice = tool_choice::decode(wire.tool_choice, "tool_choice")?;
    }
    if let Some(options) = wire.web_search_options {
        request.tools.push(web_search::decode(options)?);
    }
    parameters::decode(&wire, &mut request)?;
    Ok(request)
}

fn model(raw: Option<Raw<'_>>) -> Result<Text<'_>, Error> {
    Text::read(raw, "model")?.ok_or_else(|| bad("model", "expected the name of a model"))
}

/// Whether a last chunk with the token counts is wanted. The options are kept for this API's own servers.
fn stream_options<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<bool, Error> {
    let Some(raw) = raw else { return Ok(false) };
    let options: wire::StreamOptions<'a> = raw
        .parse()
        .map_err(|error| unreadable("stream_options", &error))?;
    parameters::keep(&mut request.extra, "stream_options", Some(raw));
    Ok(options.include_usage.unwrap_or(false))
}

/// Says where a body that can't be read is at fault, as exactly as it can be told afterwards.
fn locate(body: &[u8], error: &ReadError) -> Error {
    let general = || Error::bad_request(format!("The body can't be read: {error}."));
    let Ok(members) = json::read_bytes::<wire::Members<'_>>(body) else {
        return general();
    };
    let messages = members.extra.iter().find(|member| member.key == "messages");
    let Some(messages) = messages else {
        return general();
    };
    let elements: Vec<Raw<'_>> = match messages.value.parse() {
        Ok(elements) => elements,
        Err(error) => return unreadable("messages", &error),
    };
    let broken = elements.iter().enumerate().find_map(|(index, element)| {
        let error = element.parse::<wire::Message<'_>>().err()?;
        Some(unreadable(format!("messages[{index}]"), &error))
    });
    broken.unwrap_or_else(general)
}
