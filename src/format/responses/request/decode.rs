//! A caller's request, read.

use crate::{
    format::{
        common::{parameters::SHARED, path::Path},
        responses::{ID, wire::request as wire},
    },
    ir::{Error, Exchange, FieldNames, Request},
    json::{self, Raw},
};

use super::{items, parameters, policy, tools};

const NAMES: FieldNames = FieldNames {
    system: "instructions",
    turns: "input",
    parts: "content",
    tools: "tools",
    tool_choice: "tool_choice",
    parallel_tool_calls: "parallel_tool_calls",
    max_tokens: "max_output_tokens",
    temperature: "temperature",
    top_p: "top_p",
    top_k: "",
    frequency_penalty: "",
    presence_penalty: "",
    seed: "",
    stop: "",
    choices: "",
    logprobs: "include",
    top_logprobs: "top_logprobs",
    output: "text.format",
    verbosity: "text.verbosity",
    effort: "reasoning.effort",
    thinking: "reasoning",
    user: "user",
    metadata: "metadata",
    service_tier: "service_tier",
    store: "store",
    cache: "prompt_cache_options",
};

/// Members that stand for a conversation, or a part of one, that the provider knows already.
const STATE: [&str; 3] = ["previous_response_id", "conversation", "prompt"];

/// Members without a place of their own that the answer repeats.
const REPEATED: [&str; 7] = [
    "truncation",
    "previous_response_id",
    "background",
    "max_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "moderation",
];

/// Reads a caller's request.
pub(in crate::format::responses) fn decode<'a>(
    body: &'a [u8],
    exchange: &mut Exchange,
) -> Result<Request<'a>, Error> {
    let mut wire: wire::Request<'a> = json::read_bytes(body).map_err(|error| {
        Error::bad_request(format!("The body is no Responses request: {error}."))
    })?;
    echo(&wire, exchange);
    wire.extra.judge(policy::of_request);
    let mut request = Request {
        format: ID,
        names: NAMES,
        model: Path::root("model").required(wire.model.take())?,
        shared: wire.extra.split_off(&SHARED),
        extra: std::mem::take(&mut wire.extra),
        ..Request::default()
    };
    tools::decode(wire.tools, exchange, &mut request)?;
    tools::decode_choice(wire.tool_choice, &mut request)?;
    parameters::decode(&wire, exchange, &mut request)?;
    items::instructions(wire.instructions, &mut request)?;
    input(wire.input, exchange, &mut request)?;
    exchange.stream = request.stream;
    // Every stream ends with the counts here.
    exchange.include_usage = true;
    Ok(request)
}

fn input<'a>(
    raw: Option<Raw<'a>>,
    exchange: &Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let has_state = request
        .extra
        .iter()
        .any(|member| STATE.contains(&&*member.key) && member.value.get() != "null");
    if let Some(raw) = raw {
        items::decode(raw, exchange, request)?;
    }
    if request.turns.is_empty() && request.system.is_empty() && !has_state {
        return Err(Path::root("input").wrong(&"expected a string or a list of items"));
    }
    Ok(())
}

/// Notes what the answer repeats of the request.
fn echo(wire: &wire::Request<'_>, exchange: &mut Exchange) {
    let named = [
        ("instructions", wire.instructions),
        ("temperature", wire.temperature),
        ("top_p", wire.top_p),
        ("top_logprobs", wire.top_logprobs),
        ("tool_choice", wire.tool_choice),
        ("tools", wire.tools),
        ("parallel_tool_calls", wire.parallel_tool_calls),
        ("text", wire.text),
        ("reasoning", wire.reasoning),
        ("max_output_tokens", wire.max_output_tokens),
        ("metadata", wire.metadata),
        ("safety_identifier", wire.safety_identifier),
        ("user", wire.user),
        ("service_tier", wire.service_tier),
        ("store", wire.store),
    ];
    for (key, value) in named {
        if let Some(value) = value {
            exchange.echo.push((key, value.get().to_owned()));
        }
    }
    for member in &wire.extra {
        let key = REPEATED.into_iter().find(|key| *key == member.key);
        let value = member.value.get();
        if let Some(key) = key.filter(|_| value != "null") {
            exchange.echo.push((key, value.to_owned()));
        }
    }
}
