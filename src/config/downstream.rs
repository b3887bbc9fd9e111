use std::sync::Arc;

use crate::{
    format::ApiFormat,
    target::{Target, TokenCount},
};

use super::{
    address, dialect, losses, policy, prices,
    reader::{Fields, Item, Keys, Placed, Reader},
    suggest::did_you_mean,
};

pub(super) const KEYS: Keys = Keys {
    known: &[
        "id",
        "name",
        "api_formats",
        "api_format",
        "handler",
        "base_url",
        "base_urls",
        "format_urls",
        "api_key",
        "api_keys",
        "output_model_ids",
        "is_enabled",
        "auth",
        "timeouts",
        "retry",
        "ejection",
        "max_in_flight",
        "max_tokens_field",
        "system_role",
        "user_field",
        "knows_thoughts",
        "supports_stream_usage",
        "supports_prompt_cache_breakpoint",
        "reasoning_field",
        "reasoning_content_echo",
        "anthropic_version",
        "gemini_schema",
        "server_tools",
        "default_max_tokens",
        "caps",
        "model_caps",
        "prices",
        "count_tokens",
        "strict",
        "strict_except",
        "translation_warnings",
    ],
    others: &[("fallback", "is said by a rule")],
    unread: &[],
};

/// Reads a downstream. One that has mistakes is still there for what else may be said of it.
pub(super) fn read(reader: &mut Reader<'_>, item: Item) -> Option<Placed<Target>> {
    let mut fields = reader.fields(item)?;
    let id = id(reader, &mut fields);
    // For people; nothing depends on it.
    text(reader, &mut fields, "name");
    let mut target = address::read(reader, &mut fields, id.value)
        .with_models(models(reader, &mut fields))
        .with_dialect(dialect::read(reader, &mut fields))
        .with_losses(losses::read(reader, &mut fields));
    for (model, caps) in dialect::model_caps(reader, &mut fields) {
        target = target.with_model_caps(&model, caps);
    }
    for (model, prices) in prices::read(reader, &mut fields) {
        target = target.with_prices(&model, prices);
    }
    let tolerated = fields.take(reader, "strict_except");
    let tolerated = reader.texts(tolerated).into_iter();
    let tolerated: Vec<Box<str>> = tolerated.map(|field| field.value.into()).collect();
    target = target.with_tolerated(tolerated);
    if let Some(who) = fields.take(reader, "count_tokens") {
        let known = [
            ("provider", TokenCount::Provider),
            ("estimate", TokenCount::Estimate),
        ];
        let who = reader.choice(who, &known).unwrap_or_default();
        target = target.with_token_count(who);
    }
    target = target
        .with_timeouts(policy::timeouts(reader, &mut fields))
        .with_retry(policy::retry(reader, &mut fields))
        .with_ejection(policy::ejection(reader, &mut fields));
    if let Some(requests) = policy::count(reader, &mut fields, "max_in_flight") {
        target = target.with_max_in_flight(usize::try_from(requests).unwrap_or(usize::MAX));
    }
    let enabled = fields.take(reader, "is_enabled");
    let enabled = reader.flag(enabled, true);
    fields.finish(reader, &KEYS);
    Some(Placed {
        value: target.with_enabled(enabled),
        position: id.position,
    })
}

/// The id; the path stands in for one that is missing, so that two of those are not the same.
pub(super) fn id(reader: &mut Reader<'_>, fields: &mut Fields) -> Placed<Arc<str>> {
    let given = match fields.take(reader, "id") {
        Some(item) => reader.text(item),
        None => missing(reader, fields, "id"),
    };
    let given = given.filter(|id| {
        if id.value.is_empty() {
            reader.wrong(&id.position, "an id can't be empty");
        }
        !id.value.is_empty()
    });
    match given {
        Some(Placed { value, position }) => Placed {
            value: value.into(),
            position,
        },
        None => Placed {
            value: fields.position.path.as_str().into(),
            position: fields.position.clone(),
        },
    }
}

pub(super) fn text(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    name: &str,
) -> Option<Placed<String>> {
    let item = fields.take(reader, name)?;
    reader.text(item)
}

pub(super) fn missing<T>(reader: &mut Reader<'_>, fields: &Fields, name: &str) -> Option<T> {
    reader.wrong(&fields.position, format!("{name:?} is missing"));
    None
}

pub(super) fn formats_of(reader: &mut Reader<'_>, item: Option<Item>) -> Vec<ApiFormat> {
    let names = reader.texts(item).into_iter();
    names.filter_map(|name| format_of(reader, &name)).collect()
}

pub(super) fn format_of(reader: &mut Reader<'_>, name: &Placed<String>) -> Option<ApiFormat> {
    let format = name.value.parse().ok();
    if format.is_none() {
        let known = ApiFormat::BUILT_IN.iter().map(|format| format.id());
        let message = format!("unknown format {:?}", name.value);
        let suggestion = did_you_mean(&name.value, known);
        reader.wrong_and(&name.position, message, suggestion);
    }
    format
}

fn models(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<Arc<str>> {
    let item = fields.take(reader, "output_model_ids");
    let mut models: Vec<Arc<str>> = Vec::new();
    for Placed { value, position } in reader.texts(item) {
        if value.is_empty() {
            reader.wrong(&position, "a model id can't be empty");
        } else if value.len() > 1 && value.contains('*') {
            let message = "a model id is a whole name, or \"*\" for any";
            reader.wrong(&position, message);
        } else {
            models.push(value.into());
        }
    }
    models
}
