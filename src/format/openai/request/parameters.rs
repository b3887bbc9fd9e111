//! What a request says beside its messages and tools.

use crate::{
    ir::{Effort, Error, Extra, OutputFormat, Policy, Request, Schema},
    json::{Kind, Number, Raw, Text},
};

use super::{super::wire, bad, unreadable};

/// A value of one type that a member may have.
pub(super) trait Field<'a>: Sized {
    /// What was expected, for messages.
    const EXPECTED: &'static str;

    /// The value, if `raw` has this type.
    fn of(raw: Raw<'a>) -> Option<Self>;

    /// The value of a member.
    fn read(raw: Option<Raw<'a>>, path: &str) -> Result<Option<Self>, Error> {
        let read = |raw| Self::of(raw).ok_or_else(|| bad(path, Self::EXPECTED));
        raw.map(read).transpose()
    }
}

impl<'a> Field<'a> for Text<'a> {
    const EXPECTED: &'static str = "expected a string";

    fn of(raw: Raw<'a>) -> Option<Self> {
        raw.text()
    }
}

impl<'a> Field<'a> for Number<'a> {
    const EXPECTED: &'static str = "expected a number";

    fn of(raw: Raw<'a>) -> Option<Self> {
        raw.number()
    }
}

impl Field<'_> for bool {
    const EXPECTED: &'static str = "expected true or false";

    fn of(raw: Raw<'_>) -> Option<Self> {
        raw.bool()
    }
}

impl Field<'_> for u64 {
    const EXPECTED: &'static str = "expected a whole number, not negative";

    fn of(raw: Raw<'_>) -> Option<Self> {
        raw.number()?.as_u64()
    }
}

/// The value of a boolean member.
pub(super) fn boolean(raw: Option<Raw<'_>>, path: &str) -> Result<Option<bool>, Error> {
    bool::read(raw, path)
}

/// Keeps a member as it was spelled for servers of this API; for others it is in the neutral form.
pub(super) fn keep<'a>(extra: &mut Extra<'a>, key: &'static str, value: Option<Raw<'a>>) {
    if let Some(value) = value {
        extra.push_with(key.into(), value, Policy::Silent);
    }
}

/// Reads the parameters of a request.
pub(super) fn decode<'a>(wire: &wire::Request<'a>, request: &mut Request<'a>) -> Result<(), Error> {
    request.max_tokens = match limit(wire.max_completion_tokens, "max_completion_tokens")? {
        None => {
            request.names.max_tokens = "max_tokens";
            limit(wire.max_tokens, "max_tokens")?
        }
        limit => limit,
    };
    let sampling = &mut request.sampling;
    sampling.temperature = Number::read(wire.temperature, "temperature")?;
    sampling.top_p = Number::read(wire.top_p, "top_p")?;
    sampling.frequency_penalty = Number::read(wire.frequency_penalty, "frequency_penalty")?;
    sampling.presence_penalty = Number::read(wire.presence_penalty, "presence_penalty")?;
    sampling.seed = Number::read(wire.seed, "seed")?;
    request.stop = stop(wire.stop)?;
    request.choices = u64::read(wire.n, "n")?;
    request.logprobs = bool::read(wire.logprobs, "logprobs")?;
    request.top_logprobs = u64::read(wire.top_logprobs, "top_logprobs")?;
    request.parallel_tool_calls = bool::read(wire.parallel_tool_calls, "parallel_tool_calls")?;
    request.verbosity = Text::read(wire.verbosity, "verbosity")?;
    request.user = match Text::read(wire.safety_identifier, "safety_identifier")? {
        None => Text::read(wire.user, "user")?,
        user => user,
    };
    request.metadata = wire.metadata;
    request.service_tier = Text::read(wire.service_tier, "service_tier")?;
    request.store = bool::read(wire.store, "store")?;
    effort(wire.reasoning_effort, request)?;
    output(wire.response_format, request)?;
    let kept = [
        ("max_completion_tokens", wire.max_completion_tokens),
        ("max_tokens", wire.max_tokens),
        ("stop", wire.stop),
        ("safety_identifier", wire.safety_identifier),
        ("user", wire.user),
    ];
    for (key, value) in kept {
        keep(&mut request.extra, key, value);
    }
    Ok(())
}

/// A token limit; zero and less mean none.
fn limit(raw: Option<Raw<'_>>, path: &str) -> Result<Option<u64>, Error> {
    let Some(number) = Number::read(raw, path)? else {
        return Ok(None);
    };
    let is_below_one = || number.as_f64() <= 0.0 && number.as_f64().fract() == 0.0;
    match number.as_u64() {
        Some(limit) => Ok(Some(limit).filter(|limit| *limit > 0)),
        None if is_below_one() => Ok(None),
        None => Err(bad(path, "expected a whole number below 2^64")),
    }
}

fn stop(raw: Option<Raw<'_>>) -> Result<Vec<Text<'_>>, Error> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    if let Some(text) = raw.text() {
        return Ok(vec![text]);
    }
    raw.parse()
        .map_err(|_| bad("stop", "expected a string or a list of strings"))
}

/// A word of tomorrow is only for servers of this API.
fn effort<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let word = Text::read(raw, "reasoning_effort")?;
    request.effort = word
        .as_ref()
        .and_then(|word| Effort::from_word(&word.decode()));
    if let (Some(raw), None) = (raw, request.effort) {
        request.extra.push("reasoning_effort".into(), raw);
    }
    Ok(())
}

fn output<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let wire: wire::ResponseFormat<'a> = raw
        .parse()
        .map_err(|error| unreadable("response_format", &error))?;
    let kind = wire.kind.unwrap_or_default();
    request.output = match &*kind.decode() {
        "text" => Some(OutputFormat::Text),
        "json_object" => Some(OutputFormat::JsonObject),
        "json_schema" => {
            let schema = wire.json_schema.ok_or_else(|| {
                bad(
                    "response_format.json_schema",
                    "expected an object with a schema",
                )
            })?;
            if schema.schema.is_some_and(|raw| raw.kind() != Kind::Object) {
                let path = "response_format.json_schema.schema";
                return Err(bad(path, "expected an object"));
            }
            Some(OutputFormat::JsonSchema {
                name: schema.name,
                description: schema.description,
                schema: schema.schema.map(Schema::from),
                strict: schema.strict,
            })
        }
        _ => {
            request.extra.push("response_format".into(), raw);
            None
        }
    };
    Ok(())
}
