//! What a request says beside its conversation and tools.

use crate::{
    format::{
        common::path::Path,
        responses::wire::{self, request as objects},
    },
    ir::{Display, Effort, Error, Exchange, Extra, OutputFormat, Policy, Request},
    json::{Kind, Raw, Text},
};

use super::policy;

/// Asks for the seals on thoughts.
pub(super) const SEALS: &str = "reasoning.encrypted_content";
/// Asks for log-probabilities.
pub(super) const LOGPROBS: &str = "message.output_text.logprobs";

/// Reads the parameters of a request.
pub(super) fn decode<'a>(
    wire: &objects::Request<'a>,
    exchange: &mut Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    request.stream = read(wire.stream, "stream")?.unwrap_or(false);
    request.max_tokens = limit(wire.max_output_tokens)?;
    request.sampling.temperature = read(wire.temperature, "temperature")?;
    request.sampling.top_p = read(wire.top_p, "top_p")?;
    request.top_logprobs = count(wire.top_logprobs, "top_logprobs")?;
    request.parallel_tool_calls = read(wire.parallel_tool_calls, "parallel_tool_calls")?;
    request.user = match read(wire.safety_identifier, "safety_identifier")? {
        None => read(wire.user, "user")?,
        user => user,
    };
    request.metadata = wire.metadata;
    request.service_tier = read(wire.service_tier, "service_tier")?;
    request.store = read(wire.store, "store")?;
    include(wire.include, exchange, request)?;
    text(wire.text, request)?;
    reasoning(wire.reasoning, request)?;
    let kept = [
        ("stream", wire.stream.filter(|_| !request.stream)),
        ("max_output_tokens", wire.max_output_tokens),
        ("safety_identifier", wire.safety_identifier),
        ("user", wire.user),
        ("text", wire.text),
        ("reasoning", wire.reasoning),
        ("tool_choice", wire.tool_choice),
    ];
    for (key, value) in kept {
        keep(&mut request.extra, key, value);
    }
    Ok(())
}

fn read<'a, T: serde::Deserialize<'a>>(
    raw: Option<Raw<'a>>,
    member: &'static str,
) -> Result<Option<T>, Error> {
    raw.map(|raw| Path::root(member).read(raw)).transpose()
}

/// Keeps a member as it was spelled for servers of this API; for others it is in the neutral form.
fn keep<'a>(extra: &mut Extra<'a>, key: &'static str, value: Option<Raw<'a>>) {
    if let Some(value) = value {
        extra.push_with(key.into(), value, Policy::Silent);
    }
}

fn count(raw: Option<Raw<'_>>, member: &'static str) -> Result<Option<u64>, Error> {
    let wrong = || Path::root(member).wrong(&"expected a whole number, not negative");
    raw.map(|raw| wire::count(Some(raw)).ok_or_else(wrong))
        .transpose()
}

/// The token limit; zero and less mean none.
fn limit(raw: Option<Raw<'_>>) -> Result<Option<u64>, Error> {
    let negative = |raw: &Raw<'_>| {
        raw.number()
            .is_some_and(|number| number.as_f64() < 0.0 && number.as_f64().fract() == 0.0)
    };
    let limit = count(raw.filter(|raw| !negative(raw)), "max_output_tokens")?;
    Ok(limit.filter(|limit| *limit > 0))
}

/// What the answer shall have beside itself. Most of it is of the provider's tools.
fn include<'a>(
    raw: Option<Raw<'a>>,
    exchange: &mut Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let asked_by_count = request.top_logprobs.is_some_and(|count| count > 0);
    request.logprobs = asked_by_count.then_some(true);
    if asked_by_count {
        request.names.logprobs = request.names.top_logprobs;
    }
    let Some(raw) = raw else { return Ok(()) };
    let words: Vec<Text<'a>> = Path::root("include").read(raw)?;
    let mut policy = Policy::Silent;
    for word in words {
        match &*word.decode() {
            SEALS => exchange.include_seals = true,
            LOGPROBS => request.logprobs = Some(true),
            _ => policy = Policy::Drop,
        }
    }
    request.extra.push_with("include".into(), raw, policy);
    Ok(())
}

fn text<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("text");
    let config: objects::TextConfig<'a> = path.read(raw)?;
    request.verbosity = config.verbosity;
    nest("text", &config.extra, policy::unless_empty, request);
    let Some(raw) = config.format else {
        return Ok(());
    };
    let path = path.member("format");
    let format: objects::Format<'a> = path.read(raw)?;
    let schema = path.member("schema").object(format.schema)?;
    let kind = format.kind.unwrap_or_else(|| "text".into());
    request.output = match &*kind.decode() {
        "text" => Some(OutputFormat::Text),
        "json_object" => Some(OutputFormat::JsonObject),
        "json_schema" => Some(OutputFormat::JsonSchema {
            name: format.name,
            description: format.description,
            schema: schema.map(Into::into),
            strict: format.strict,
        }),
        _ => {
            request.extra.push("text.format".into(), raw);
            None
        }
    };
    Ok(())
}

/// A word of tomorrow is only for servers of this API.
fn reasoning<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("reasoning");
    let reasoning: objects::Reasoning<'a> = path.read(raw)?;
    if let Some(raw) = reasoning.effort {
        let word: Text<'a> = path.member("effort").read(raw)?;
        request.effort = Effort::from_word(&word.decode());
        if request.effort.is_none() {
            request.extra.push("reasoning.effort".into(), raw);
        }
    }
    let summary = reasoning
        .extra
        .iter()
        .find(|member| matches!(&*member.key, "summary" | "generate_summary"));
    request.display = summary.map(|member| match member.value.kind() {
        Kind::Null => Display::Omitted,
        _ => Display::Summarized,
    });
    nest("reasoning", &reasoning.extra, policy::of_reasoning, request);
    Ok(())
}

/// Reports the members of a member under their path. Servers of this API get all of it as it was spelled.
fn nest<'a>(
    prefix: &str,
    extra: &Extra<'a>,
    policy: fn(&str, Raw<'_>) -> Policy,
    request: &mut Request<'a>,
) {
    for member in extra {
        let key = format!("{prefix}.{}", member.key);
        let policy = policy(&member.key, member.value);
        request.extra.push_with(key.into(), member.value, policy);
    }
}
