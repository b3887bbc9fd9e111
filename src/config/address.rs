//! Where a downstream is and how it takes its key; or that it is the host's own handler.

use std::sync::Arc;

use http::{HeaderName, Uri};

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
    for name in ["base_url", "format_urls", "api_key", "auth"] {
        if let Some(item) = fields.take(reader, name) {
            let message = format!("{name:?} is of a provider, but this is the host's own handler");
            reader.wrong(&item.position, message);
        }
    }
    Target::handler(id).with_formats(formats)
}

fn provider(reader: &mut Reader<'_>, fields: &mut Fields, id: Arc<str>) -> Target {
    let formats = formats(reader, fields);
    let url = match fields.take(reader, "base_url") {
        Some(item) => base_url(reader, item),
        None => missing(reader, fields, "base_url"),
    };
    let mut target = Target::new(id, url.unwrap_or_default());
    for (format, url) in format_urls(reader, fields, &formats) {
        target = target.with_format_url(format, url);
    }
    let key = fields.take(reader, "api_key");
    if let Some(key) = key.and_then(|key| key::of_provider(reader, key)) {
        target = target.with_key(key);
    }
    if let Some(auth) = fields.take(reader, "auth") {
        let auth = reader.choice(auth, &auths()).unwrap_or(Auth::None);
        target = target.with_auth(auth);
    }
    target.with_formats(formats)
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
) -> Vec<(ApiFormat, Uri)> {
    let item = fields.take(reader, "format_urls");
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
