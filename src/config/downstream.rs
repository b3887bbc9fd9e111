use std::sync::Arc;

use http::{HeaderName, HeaderValue, Uri};
use secrecy::SecretString;

use crate::{
    format::ApiFormat,
    target::{Auth, Target, TokenCount},
};

use super::{
    dialect, environment, losses,
    reader::{Fields, Item, Keys, LATER, Placed, Position, Reader},
    suggest::did_you_mean,
};

pub(super) const KEYS: Keys = Keys {
    known: &[
        "id",
        "name",
        "api_formats",
        "base_url",
        "api_key",
        "output_model_ids",
        "is_enabled",
        "auth",
        "connect_timeout",
        "first_byte_timeout",
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
        "count_tokens",
        "strict",
        "strict_except",
        "translation_warnings",
    ],
    others: &[
        ("format_urls", LATER),
        ("handler", LATER),
        ("prices", LATER),
        ("api_format", "is written as the list \"api_formats\" here"),
    ],
};

fn auths() -> [(&'static str, Auth); 6] {
    let bare = |name| (name, Auth::Header(HeaderName::from_static(name)));
    [
        ("bearer", Auth::Bearer),
        bare("api-key"),
        bare("x-api-key"),
        bare("x-goog-api-key"),
        ("forward_client", Auth::ForwardClient),
        ("none", Auth::None),
    ]
}

/// Reads a downstream. One that has mistakes is still there for what else may be said of it.
pub(super) fn read(reader: &mut Reader<'_>, item: Item) -> Option<Placed<Target>> {
    let mut fields = reader.fields(item)?;
    let id = id(reader, &mut fields);
    // For people; nothing depends on it.
    text(reader, &mut fields, "name");
    let formats = fields.take(reader, "api_formats");
    let formats = formats_of(reader, formats);
    let base_url = match fields.take(reader, "base_url") {
        Some(item) => base_url(reader, item),
        None => missing(reader, &fields, "base_url"),
    };
    let mut target = Target::new(id.value, base_url.unwrap_or_default())
        .with_formats(formats)
        .with_models(models(reader, &mut fields))
        .with_dialect(dialect::read(reader, &mut fields))
        .with_losses(losses::read(reader, &mut fields));
    for (model, caps) in dialect::model_caps(reader, &mut fields) {
        target = target.with_model_caps(&model, caps);
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
    if let Some(key) = fields.take(reader, "api_key") {
        target = match api_key(reader, key) {
            Some(key) => target.with_key(key),
            None => target,
        };
    }
    if let Some(auth) = fields.take(reader, "auth") {
        let auth = reader.choice(auth, &auths()).unwrap_or(Auth::None);
        target = target.with_auth(auth);
    }
    let mut timeout = |name| {
        let item = fields.take(reader, name)?;
        reader.duration(item)
    };
    if let Some(limit) = timeout("connect_timeout") {
        target = target.with_connect_timeout(limit);
    }
    if let Some(limit) = timeout("first_byte_timeout") {
        target = target.with_first_byte_timeout(limit);
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
    let mut formats = Vec::new();
    for Placed { value, position } in reader.texts(item) {
        match value.parse() {
            Ok(format) => formats.push(format),
            Err(_) => unknown_format(reader, &value, &position),
        }
    }
    formats
}

fn unknown_format(reader: &mut Reader<'_>, id: &str, position: &Position) {
    let known = || ApiFormat::BUILT_IN.iter().map(|format| format.id());
    let listed = || format!("known are {}", known().collect::<Vec<_>>().join(", "));
    let suggestion = did_you_mean(id, known()).unwrap_or_else(listed);
    reader.wrong_and(position, format!("unknown format {id:?}"), suggestion);
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

/// The address. What is wrong with it is said without it, for people put keys there.
fn base_url(reader: &mut Reader<'_>, item: Item) -> Option<Uri> {
    let Placed { value, position } = reader.text(item)?;
    // A `Uri` drops the fragment in silence.
    let fault = if value.contains('#') {
        "invalid URL: it must not have a fragment".to_owned()
    } else {
        match value.parse().map(|uri| (Target::check_base_url(&uri), uri)) {
            Ok((Ok(()), uri)) => return Some(uri),
            Ok((Err(error), _)) => error.to_string(),
            Err(_) => "invalid URL: it must look like https://host/path".to_owned(),
        }
    };
    reader.wrong(&position, fault);
    None
}

/// The key. What is wrong with it is said without it.
fn api_key(reader: &mut Reader<'_>, item: Item) -> Option<SecretString> {
    let Placed { value, position } = reader.text(item)?;
    match environment::expand(&value, reader.lookup) {
        Ok(key) if key.is_empty() => None,
        Ok(key) if HeaderValue::from_str(&key).is_ok() => Some(key.into()),
        Ok(_) => {
            let message = "the key has characters that no header can carry, such as a line break";
            reader.wrong(&position, message);
            None
        }
        Err(message) => {
            reader.wrong(&position, message);
            None
        }
    }
}
