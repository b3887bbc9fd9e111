//! A caller's request, read.

mod blobs;
mod calls;
mod openapi;
mod parts;
mod results;
mod settings;
mod thoughts;
mod tools;

use crate::{
    format::{
        common::path::Path,
        gemini::{
            ID, policy,
            wire::{content::Content, request as wire},
        },
    },
    ir::{Error, Exchange, Extra, FieldNames, Part, Policy, Request, Role, Turn},
    json::{self, Kind, Raw, Text},
};

use calls::Calls;

/// How the API spells the fields of a request.
const NAMES: FieldNames = FieldNames {
    system: "systemInstruction",
    turns: "contents",
    parts: "parts",
    tools: "tools",
    tool_choice: "toolConfig.functionCallingConfig",
    parallel_tool_calls: "",
    max_tokens: "generationConfig.maxOutputTokens",
    temperature: "generationConfig.temperature",
    top_p: "generationConfig.topP",
    top_k: "generationConfig.topK",
    frequency_penalty: "generationConfig.frequencyPenalty",
    presence_penalty: "generationConfig.presencePenalty",
    seed: "generationConfig.seed",
    stop: "generationConfig.stopSequences",
    choices: "generationConfig.candidateCount",
    logprobs: "generationConfig.responseLogprobs",
    top_logprobs: "generationConfig.logprobs",
    output: "generationConfig.responseMimeType",
    verbosity: "",
    effort: "generationConfig.thinkingConfig.thinkingLevel",
    thinking: "generationConfig.thinkingConfig",
    user: "",
    metadata: "labels",
    service_tier: "serviceTier",
    store: "store",
    cache: "",
};

/// Reads a request. Its path names the model and tells whether the answer shall be a stream.
pub(in crate::format::gemini) fn decode<'a>(
    body: &'a [u8],
    exchange: &mut Exchange,
) -> Result<Request<'a>, Error> {
    let mut body: wire::Request<'_> = json::read_bytes(body).map_err(|error| {
        Error::bad_request(format!("The body is no generateContent request: {error}"))
    })?;
    if let Some(whole) = body.generate_content_request.take() {
        body = Path::root("generateContentRequest").read(whole)?;
    }
    exchange.include_usage = true;
    request(body)
}

fn request(mut body: wire::Request<'_>) -> Result<Request<'_>, Error> {
    let mut request = Request {
        format: ID,
        names: NAMES,
        extra: std::mem::take(&mut body.extra),
        model: body.model.take().unwrap_or_default(),
        turns: turns(body.contents)?,
        metadata: body.labels,
        store: body.store,
        ..Request::default()
    };
    policy::judge(&mut request.extra, policy::request);
    keep(&body, &mut request.extra);
    if let Some(raw) = body.system_instruction {
        request.system = system(raw, &mut request)?;
    }
    settings::read(body.generation_config, &mut request)?;
    tools::read(body.tools, &mut request)?;
    tools::read_choice(body.tool_config, &mut request)?;
    request.service_tier = body.service_tier.and_then(service_tier);
    Ok(request)
}

/// What is said beside the conversation goes to servers of this API as it is spelled; for others it is in the neutral
/// form.
fn keep<'a>(body: &wire::Request<'a>, extra: &mut Extra<'a>) {
    let kept = [
        ("generationConfig", body.generation_config),
        ("toolConfig", body.tool_config),
        ("tools", body.tools),
        ("systemInstruction", body.system_instruction),
    ];
    for (key, value) in kept {
        if let Some(value) = value {
            extra.push_with(key.into(), value, Policy::Silent);
        }
    }
}

/// A tier by the word for it that all formats share.
fn service_tier(tier: Text<'_>) -> Option<Text<'_>> {
    let word = tier.decode();
    let lower = word.to_ascii_lowercase();
    match &*lower {
        "" | "unspecified" => None,
        _ if lower == *word => Some(tier),
        _ => Some(lower.into()),
    }
}

/// The elements of a list, or the one thing that some callers give instead.
fn elements<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Vec<Raw<'a>>, Error> {
    match raw.kind() {
        Kind::Object => Ok(vec![raw]),
        _ => path.elements(raw),
    }
}

fn turns(contents: Option<Raw<'_>>) -> Result<Vec<Turn<'_>>, Error> {
    let path = Path::root("contents");
    let contents = elements(path.required(contents)?, &path)?;
    if contents.is_empty() {
        return Err(path.wrong(&"at least one content is required"));
    }
    let mut calls = Calls::default();
    let contents = contents.into_iter().enumerate();
    let mut turns = contents
        .map(|(index, raw)| turn(raw, index, &path.element(index), &mut calls))
        .collect::<Result<Vec<_>, _>>()?;
    thoughts::join(&mut turns);
    Ok(turns)
}

/// Reads a content. Older libraries have a role for results; a content without a role is the user's.
fn turn<'a>(
    raw: Raw<'a>,
    index: usize,
    path: &Path<'_>,
    calls: &mut Calls<'a>,
) -> Result<Turn<'a>, Error> {
    let content: Content<'_> = path.read(raw)?;
    let role = content.role.unwrap_or_default();
    let role = match &*role.decode() {
        "" | "user" | "function" => Role::User,
        "model" => Role::Assistant,
        _ => return Err(path.member("role").wrong(&"expected `user` or `model`")),
    };
    calls.turn(role, index);
    let mut turn = Turn::new(role, index, Vec::new());
    turn.extra = content.extra;
    policy::judge(&mut turn.extra, policy::member);
    let path = path.member("parts");
    let parts = content.parts.map(|parts| elements(parts, &path));
    for (index, raw) in parts.transpose()?.into_iter().flatten().enumerate() {
        parts::read(raw, &path.element(index), role, calls, &mut turn.parts)?;
    }
    Ok(turn)
}

/// Reads the instructions, whose role says nothing: a content, or a bare string.
fn system<'a>(raw: Raw<'a>, request: &mut Request<'a>) -> Result<Vec<Part<'a>>, Error> {
    if let Some(text) = raw.text() {
        return Ok(vec![Part::text(text)]);
    }
    let path = Path::root("systemInstruction");
    let mut content: Content<'_> = path.read(raw)?;
    policy::judge(&mut content.extra, policy::member);
    nest("systemInstruction", &content.extra, &mut request.extra);
    let place = path.member("parts");
    let raws = content.parts.map(|parts| elements(parts, &place));
    let mut parts = Vec::new();
    for (index, raw) in raws.transpose()?.into_iter().flatten().enumerate() {
        let path = place.element(index);
        let mut read = Vec::new();
        parts::read(raw, &path, Role::System, &mut Calls::default(), &mut read)?;
        parts.extend(read.into_iter().filter_map(|part| instruction(part, raw)));
    }
    Ok(parts)
}

/// What an instruction says to others: text. They have no other kind, and thoughts are none.
fn instruction<'a>(part: Part<'a>, whole: Raw<'a>) -> Option<Part<'a>> {
    match part {
        Part::Text { .. } | Part::Native { .. } => Some(part),
        Part::Reasoning(_) => None,
        _ => Some(Part::Native {
            kind: "systemInstruction".into(),
            value: whole,
            policy: Policy::Reject,
        }),
    }
}

/// Keeps the members of an object within the request, by their paths.
fn nest<'a>(prefix: &str, members: &Extra<'a>, extra: &mut Extra<'a>) {
    for member in members {
        let key = format!("{prefix}.{}", member.key);
        extra.push_with(key.into(), member.value, member.policy);
    }
}
