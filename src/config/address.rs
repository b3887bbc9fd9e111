//! Where a downstream is and how it takes its key; or that it is the host's own handler.

use std::{iter, sync::Arc};

use http::{HeaderName, Uri};
use secrecy::SecretString;

use crate::{
    format::ApiFormat,
    target::{Auth, Target},
};

use super::{
    downstream::{format_of, formats_of, missing},
    key,
    reader::{Fields, Item, Placed, Reader},
};

/// Reads a target of this id with its formats, addresses and key.
pub(super) fn read(reader: &mut Reader<'_>, fields: &mut Fields, id: Arc<str>) -> Target {
    match fields.take(reader, "handler") {
        Some(item) => handler(reader, fields, item, id),
        None => provider(reader, fields, id),
    }
}

fn handler(reader: &mut Reader<'_>, fields: &mut Fields, item: Item, id: Arc<str>) -> Target {
    let position = item.position.clone();
    reader.choice(item, &[("inner", ())]);
    let mistakes = reader.errors.len();
    let formats = formats(reader, fields);
    if formats.is_empty() && reader.errors.len() == mistakes {
        let message = "the host's own handler needs \"api_formats\", to know what it speaks";
        reader.wrong(&position, message);
    }
    for name in [
        "base_url",
        "base_urls",
        "format_urls",
        "api_key",
        "api_keys",
        "auth",
    ] {
        if let Some(item) = fields.take(reader, name) {
            let message = format!("{name:?} is of a provider, but this is the host's own handler");
            reader.wrong(&item.position, message);
        }
    }
    Target::handler(id).with_formats(formats)
}

fn provider(reader: &mut Reader<'_>, fields: &mut Fields, id: Arc<str>) -> Target {
    let formats = formats(reader, fields);
    let urls = base_urls(reader, fields);
    let mut target = Target::new(id, urls.first().cloned().unwrap_or_default());
    for (format, url) in format_urls(reader, fields, &formats, urls.len() < 2) {
        target = target.with_format_url(format, url);
    }
    let mut keys = api_keys(reader, fields)
        .into_iter()
        .map(Some)
        .collect::<Vec<_>>();
    if keys.is_empty() {
        keys.push(None);
    }
    if let Some(Some(key)) = keys.first() {
        target = target.with_key(key.clone());
    }
    // Every address with every key; the first pair is there.
    let others = urls.into_iter().skip(1).map(Some);
    let addresses = iter::once(None).chain(others);
    let pairs = addresses.flat_map(|address| keys.iter().map(move |key| (address.clone(), key)));
    for (address, key) in pairs.skip(1) {
        target = target.with_endpoint(address, key.clone());
    }
    if let Some(auth) = fields.take(reader, "auth") {
        let auth = reader.choice(auth, &auths()).unwrap_or(Auth::None);
        target = target.with_auth(auth);
    }
    target.with_formats(formats)
}

/// One address, or the list of several that are alike.
fn base_urls(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<Uri> {
    let items = one_or_several(reader, fields, "base_url", "base_urls");
    if items.is_empty() {
        missing::<()>(reader, fields, "base_url");
    }
    items
        .into_iter()
        .filter_map(|item| base_url(reader, item))
        .collect()
}

/// One key, or the list of several that are alike.
fn api_keys(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<SecretString> {
    let items = one_or_several(reader, fields, "api_key", "api_keys");
    items
        .into_iter()
        .filter_map(|item| key::of_provider(reader, item))
        .collect()
}

/// The entries of a key that has one, or of its plural; both at once is a mistake.
fn one_or_several(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    one: &str,
    several: &str,
) -> Vec<Item> {
    let single = fields.take(reader, one);
    let Some(list) = fields.take(reader, several) else {
        return single.into_iter().collect();
    };
    if single.is_some() {
        let message = format!("{one:?} says one already; leave one of them out");
        reader.wrong(&list.position, message);
    }
    reader.list(Some(list))
}

/// The formats it speaks: a list, or the one that files of old say.
fn formats(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<ApiFormat> {
    let several = fields.take(reader, "api_formats");
    let Some(one) = fields.take(reader, "api_format") else {
        return formats_of(reader, several);
    };
    if several.is_some() {
        let message = "\"api_formats\" says it already; leave one of them out";
        reader.wrong(&one.position, message);
        return formats_of(reader, several);
    }
    let one = reader.text(one).filter(|one| !one.value.is_empty());
    let one = one.and_then(|one| format_of(reader, &one));
    one.into_iter().collect()
}

/// Addresses of single formats.
fn format_urls(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    formats: &[ApiFormat],
    is_at_one: bool,
) -> Vec<(ApiFormat, Uri)> {
    let item = fields.take(reader, "format_urls");
    if let Some(item) = item.as_ref().filter(|_| !is_at_one) {
        let message = "\"format_urls\" needs a single \"base_url\" beside it";
        reader.wrong(&item.position, message);
    }
    let Some(urls) = item.and_then(|item| reader.fields(item)) else {
        return Vec::new();
    };
    let urls = urls.into_items(reader).into_iter();
    urls.filter_map(|(name, url)| {
        let url = base_url(reader, url);
        let format = format_of(reader, &name)?;
        if !formats.is_empty() && !formats.contains(&format) {
            let message = format!("{format} is not among its \"api_formats\"");
            reader.wrong(&name.position, message);
        }
        Some((format, url?))
    })
    .collect()
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
