//! Where the bytes of an image or document are, as several APIs say it: in a string that is an address, a `data:` URI or
//! bare base64.

use std::borrow::Cow;

use bytes::BytesMut;

use crate::{
    ir::Source,
    json::{Raw, Text, ToJson},
};

use super::data_uri::{self, DataUri};

/// What an address points to, and its media type if it is in the address itself.
pub(crate) fn address(url: Raw<'_>) -> (Source<'_>, Option<Text<'_>>) {
    let characters = characters(url);
    let data = match &characters {
        Cow::Borrowed(uri) => DataUri::parse(uri).map(|uri| (text(uri.data), text(uri.media_type))),
        Cow::Owned(uri) => DataUri::parse(uri).map(|uri| {
            let owned = |part: Cow<'_, str>| Text::from(part.into_owned());
            (owned(uri.data), owned(uri.media_type))
        }),
    };
    match data {
        Some((data, media_type)) => {
            let media_type = Some(media_type).filter(|media_type| !media_type.is_empty());
            (Source::Base64 { data }, media_type)
        }
        None => (Source::Url(url.text().unwrap_or_default()), None),
    }
}

fn text(part: Cow<'_, str>) -> Text<'_> {
    part.into()
}

/// The characters of a string, which are not copied unless there are escapes.
fn characters(raw: Raw<'_>) -> Cow<'_, str> {
    let inner = raw
        .get()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if memchr::memchr(b'\\', inner.as_bytes()).is_none() => inner.into(),
        _ => raw.text().unwrap_or_default().decode().into_owned().into(),
    }
}

/// What is in a file. Text is read, because other formats take only PDF in base64.
pub(crate) fn file_data(raw: Raw<'_>) -> (Source<'_>, Option<Text<'_>>) {
    match address(raw) {
        (Source::Base64 { data }, Some(media_type)) => {
            let is_text = media_type.decode().starts_with("text/");
            let text = is_text
                .then(|| data_uri::decode_text(&data.decode()))
                .flatten();
            let source = match text {
                Some(text) => Source::Text(text.into()),
                None => Source::Base64 { data },
            };
            (source, Some(media_type))
        }
        // Without `data:` in front it is bare base64, unless it is an address.
        (Source::Url(url), _) if !url.decode().contains("://") => {
            let data = Text::from(data_uri::normal(&url.decode()).into_owned());
            (Source::Base64 { data }, None)
        }
        other => other,
    }
}

/// Writes a `data:` URI, in the alphabet that the strictest readers want. The data is not copied in between if it is plain base64, as it should be.
pub(crate) fn write_data_uri(
    media_type: Option<&Text<'_>>,
    default: &str,
    data: &Text<'_>,
    out: &mut BytesMut,
) {
    let media_type = media_type.map_or(default.into(), Text::decode);
    let data = data.decode();
    let data = data_uri::normal(&data);
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if media_type.bytes().chain(data.bytes()).all(plain) {
        for piece in ["\"data:", &media_type, ";base64,", &data, "\""] {
            out.extend_from_slice(piece.as_bytes());
        }
    } else {
        format!("data:{media_type};base64,{data}").write(out);
    }
}
