//! A request for a provider, written. What grows with the conversation comes last, so that the bytes of one turn begin
//! with those of the turn before.

use bytes::BytesMut;

use crate::{
    format::{
        Dialect,
        anthropic::{ID, caps::ModelCaps},
        common::names::hash,
    },
    ir::{Error, Exchange, Losses, OutputFormat, Request},
    json::{self, Object, Raw, ToJson},
};

use super::{
    losses, media, messages::Writer, normalise, reasoning, reasoning::Plan, sampling, schema,
    tools::Tools,
};

/// Longest id of an end user.
const USER_LIMIT: usize = 256;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format::anthropic) enum Purpose {
    /// An answer.
    Answer,
    /// How many tokens the request has. How to answer may not be said, and does not count.
    Count,
}

pub(in crate::format::anthropic) fn encode(
    request: &Request<'_>,
    purpose: Purpose,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    exchange.provider = ID;
    let own = media::is_own(request.format);
    let caps = ModelCaps::of(&request.model.decode()).corrected(&dialect.caps);
    if !own {
        losses::unsayable(request, &mut exchange.losses)?;
    }
    let blocks = normalise::blocks(request, caps, &mut exchange.losses)?;
    let max_tokens = max_tokens(request, caps, dialect, &mut exchange.losses)?;
    let plan = reasoning::plan(
        request,
        caps,
        max_tokens.unwrap_or(dialect.default_max_tokens),
        &blocks,
        &mut exchange.losses,
    )?;
    let tools = Tools::select(request, &blocks, dialect, exchange)?;
    let mut writer = Writer::new(request, &blocks, &mut exchange.losses)?;
    json::object(out, |o| {
        o.field("model", &request.model);
        if purpose == Purpose::Answer {
            o.optional("max_tokens", max_tokens);
            if request.stream {
                o.field("stream", true);
            }
            sampling::write(request, caps, dialect, plan, writer.losses, o)?;
            stop(request, writer.losses, o)?;
            metadata(request, writer.losses, o)?;
            service_tier(request, writer.losses, o)?;
        }
        plan.write_thinking(o);
        output_config(request, caps, plan, writer.losses, o)?;
        if let Some(cache) = &request.cache {
            writer.mark(cache, o)?;
        }
        if own {
            let top = request
                .extra
                .iter()
                .filter(|member| !member.key.contains('.'));
            top.for_each(|member| o.field(&member.key, member.value));
        }
        tools.write(request, caps, &mut exchange.freeform_tools, &mut writer, o)?;
        tools.write_choice(request, caps, plan, &mut writer, o)?;
        writer.system(&request.system, o)?;
        writer.messages(&blocks, o)
    })
}

/// The API demands a limit. Callers of the API itself know theirs.
fn max_tokens(
    request: &Request<'_>,
    caps: ModelCaps,
    dialect: &Dialect,
    losses: &mut Losses,
) -> Result<Option<u64>, Error> {
    if media::is_own(request.format) {
        return Ok(request.max_tokens);
    }
    let limit = caps.max_output;
    match (request.max_tokens, limit) {
        (Some(asked), Some(limit)) if asked > limit => {
            losses.emulated(
                request.names.max_tokens,
                format!("the model can generate {limit} tokens at most"),
            )?;
            Ok(Some(limit))
        }
        (asked, limit) => Ok(asked.or(limit).or(Some(dialect.default_max_tokens))),
    }
}

fn stop(request: &Request<'_>, losses: &mut Losses, o: &mut Object<'_>) -> Result<(), Error> {
    let own = media::is_own(request.format);
    for (index, text) in request.stop.iter().enumerate() {
        if text.is_blank() && !own {
            let path = format!("{}[{index}]", request.names.stop);
            losses.dropped(path, "the target takes no blank stop strings")?;
        }
    }
    let mut kept = request
        .stop
        .iter()
        .filter(|text| own || !text.is_blank())
        .peekable();
    if kept.peek().is_some() {
        o.array("stop_sequences", |a| kept.for_each(|text| a.value(text)));
    }
    Ok(())
}

/// The API wants no addresses and telephone numbers of end users.
fn metadata(request: &Request<'_>, losses: &mut Losses, o: &mut Object<'_>) -> Result<(), Error> {
    let own = media::is_own(request.format);
    let user = request.user.as_ref();
    let is_contact = user.is_some_and(|user| is_contact(&user.decode()));
    let user = user.filter(|user| own || !user.is_blank() && !is_contact);
    if is_contact && !own {
        losses.dropped(
            request.names.user,
            "the target takes no mail addresses and telephone numbers",
        )?;
    }
    let mut nested = nested(request, "metadata.").peekable();
    if user.is_none() && nested.peek().is_none() {
        return Ok(());
    }
    o.object("metadata", |o| {
        if let Some(user) = user {
            match user.decode() {
                long if long.chars().count() > USER_LIMIT && !own => {
                    o.field("user_id", hash(&long, 64));
                }
                _ => o.field("user_id", user),
            }
        }
        nested.for_each(|(key, value)| o.field(key, value));
    });
    Ok(())
}

fn is_contact(user: &str) -> bool {
    let is_mail = user
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let digits = user.strip_prefix('+').unwrap_or(user);
    let is_phone = digits.len() >= 7
        && digits.chars().all(|character| {
            character.is_ascii_digit() || matches!(character, ' ' | '(' | ')' | '-')
        });
    is_mail || is_phone
}

/// Members that a caller of this API has within the member `prefix`.
fn nested<'r>(
    request: &'r Request<'_>,
    prefix: &'static str,
) -> impl Iterator<Item = (&'r str, Raw<'r>)> {
    let own = media::is_own(request.format);
    let members = request.extra.iter().filter(move |_| own);
    members.filter_map(move |member| {
        let key = member.key.strip_prefix(prefix)?;
        (!key.contains('.')).then_some((key, member.value))
    })
}

fn service_tier(
    request: &Request<'_>,
    losses: &mut Losses,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    let Some(tier) = &request.service_tier else {
        return Ok(());
    };
    if media::is_own(request.format) {
        o.field("service_tier", tier);
        return Ok(());
    }
    match &*tier.decode() {
        "auto" => o.field("service_tier", "auto"),
        "default" | "standard" | "standard_only" => o.field("service_tier", "standard_only"),
        _ => losses.dropped(request.names.service_tier, "the target has no such tier")?,
    }
    Ok(())
}

fn output_config(
    request: &Request<'_>,
    caps: ModelCaps,
    plan: Plan,
    losses: &mut Losses,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    let own = media::is_own(request.format);
    let schema = match &request.output {
        Some(OutputFormat::JsonSchema { .. }) if !own && !caps.structured_outputs => {
            losses.dropped(request.names.output, "the model can't be held to a schema")?;
            None
        }
        Some(OutputFormat::JsonSchema {
            schema: Some(schema),
            ..
        }) => Some(schema.raw()),
        Some(OutputFormat::JsonSchema { schema: None, .. }) if own => None,
        Some(OutputFormat::JsonSchema { .. } | OutputFormat::JsonObject) => {
            losses.dropped(
                request.names.output,
                "the target knows JSON only by its schema",
            )?;
            None
        }
        _ => None,
    };
    let mut format = nested(request, "output_config.format.").peekable();
    let has_format = request.output.is_some() && (schema.is_some() || format.peek().is_some());
    let mut config = nested(request, "output_config.").peekable();
    if plan.effort.is_none() && !has_format && config.peek().is_none() {
        return Ok(());
    }
    let mut lost = false;
    o.object("output_config", |o| {
        o.optional("effort", plan.effort.map(crate::ir::Effort::as_str));
        if has_format {
            o.object("format", |o| {
                o.field("type", "json_schema");
                if let Some(schema) = schema {
                    lost = write_schema(schema, media::is_own(request.format), o.key("schema"));
                }
                format.for_each(|(key, value)| o.field(key, value));
            });
        }
        config.for_each(|(key, value)| o.field(key, value));
    });
    if lost {
        losses.emulated(
            request.names.output,
            "what the target can't enforce is told in descriptions",
        )?;
    }
    Ok(())
}

fn write_schema(schema: Raw<'_>, own: bool, out: &mut BytesMut) -> bool {
    if own {
        schema.write(out);
        return false;
    }
    schema::write(schema, out)
}
