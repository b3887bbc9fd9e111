//! Content blocks, read.

use std::borrow::Cow;

use memchr::memmem;

use crate::{
    format::common::path::Path,
    ir::{
        Arguments, Cache, Citation, Document, Error, Extra, Image, Part, Policy, Reasoning, Seal,
        Source, ToolCall, ToolResult,
    },
    json::{Kind, Raw, Text},
};

use super::{ID, policy, wire};

/// Reads a `content` or `system`: a string, or a list of blocks.
pub(super) fn parts<'a>(blocks: wire::Blocks<'a>, path: &Path<'_>) -> Result<Vec<Part<'a>>, Error> {
    list(blocks, path, part)
}

/// Reads one block.
pub(super) fn part<'a>(block: wire::Block<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let raw = block.raw();
    let kind = kind(&block, path)?;
    match &*kind.decode() {
        "text" => text(block, path),
        "thinking" | "redacted_thinking" => thinking(raw, path),
        "tool_use" => tool_use(raw, path),
        "tool_result" => tool_result(raw, path),
        word => flat(word, &kind, raw, path),
    }
}

/// Reads a block of a tool's result. No turn is within a result, so nothing here reads blocks within blocks, however
/// deep a body nests them.
fn result_part<'a>(block: wire::Block<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let kind = kind(&block, path)?;
    match &*kind.decode() {
        "text" => text(block, path),
        word @ ("tool_use" | "tool_result") => {
            let why = format_args!("a `{word}` can't be within a `tool_result`");
            Err(path.member("type").wrong(&why))
        }
        word => flat(word, &kind, block.raw(), path),
    }
}

/// Reads a block that may be anywhere, and has no blocks of other kinds within.
fn flat<'a>(word: &str, kind: &Text<'a>, raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    match word {
        "image" => image(raw, path),
        "document" => document(raw, path),
        "search_result" => search_result(raw, path),
        "tool_reference" => tool_reference(raw, path),
        word => Ok(Part::Native {
            policy: policy::block(word),
            kind: kind.clone(),
            value: raw,
        }),
    }
}

fn kind<'a>(block: &wire::Block<'a>, path: &Path<'_>) -> Result<Text<'a>, Error> {
    let raw = block.raw();
    let kind = match block.value() {
        Some(text) if has_one_type(raw) => text.kind.clone(),
        _ => path.read::<wire::Typed<'_>>(raw)?.kind,
    };
    path.member("type").required(kind)
}

/// Whether a block that has been read has no second `type`, which then could only be `null`.
fn has_one_type(block: Raw<'_>) -> bool {
    let block = block.get().as_bytes();
    block.starts_with(b"{\"type\":\"") || memmem::find(block, b"null").is_none()
}

fn list<'a>(
    blocks: wire::Blocks<'a>,
    path: &Path<'_>,
    read: fn(wire::Block<'a>, &Path<'_>) -> Result<Part<'a>, Error>,
) -> Result<Vec<Part<'a>>, Error> {
    if let Some(text) = blocks.raw().text() {
        return Ok(vec![Part::text(text)]);
    }
    let blocks = path.elements_of(blocks)?.into_iter().enumerate();
    blocks
        .map(|(index, block)| read(block, &path.element(index)))
        .collect()
}

/// A block that can't be read but must not break anything.
pub(super) fn native<'a>(raw: Raw<'a>, policy: Policy) -> Part<'a> {
    let typed = raw.parse::<wire::Typed<'a>>();
    Part::Native {
        kind: typed.ok().and_then(|typed| typed.kind).unwrap_or_default(),
        value: raw,
        policy,
    }
}

/// Reads a cache mark.
pub(super) fn cache(mark: Option<wire::CacheControl<'_>>) -> Option<Cache<'_>> {
    mark.map(|mark| Cache { ttl: mark.ttl })
}

fn text<'a>(block: wire::Block<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block = path.read_early(block)?;
    let mut extra = block.extra;
    policy::judge(&mut extra, |_, _| Policy::Drop);
    let citations = match block.citations {
        Some(list) if list.kind() == Kind::Array => path.member("citations").elements(list)?,
        Some(setting) => {
            extra.push("citations".into(), setting);
            Vec::new()
        }
        None => Vec::new(),
    };
    Ok(Part::Text {
        text: path.member("text").required(block.text)?,
        citations: citations.into_iter().map(citation).collect(),
        cache: cache(block.cache_control),
        extra,
    })
}

/// Reads a citation. One that came from elsewhere has an empty seal, and can't be said again here.
pub(super) fn citation(raw: Raw<'_>) -> Citation<'_> {
    let mut citation = Citation::default();
    let wire = raw.parse::<wire::Citation<'_>>().unwrap_or_default();
    let is_foreign = wire.encrypted_index.as_ref().is_some_and(Text::is_empty);
    citation.native = (!is_foreign).then_some(raw);
    citation.url = wire.url;
    citation.title = wire.title.or(wire.document_title);
    citation.cited_text = wire.cited_text;
    citation
}

fn image<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::MediaBlock<'_> = path.read(raw)?;
    let place = path.member("source");
    let mut extra = media_extra(&block);
    let (source, media_type) = source(place.required(block.source)?, &place, &mut extra)?;
    let mut image = Image::new(source);
    image.media_type = media_type;
    image.cache = cache(block.cache_control);
    image.extra = extra;
    Ok(Part::Image(image))
}

fn document<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::MediaBlock<'_> = path.read(raw)?;
    let place = path.member("source");
    let mut extra = media_extra(&block);
    let (source, media_type) = source(place.required(block.source)?, &place, &mut extra)?;
    let mut document = Document::new(source);
    document.media_type = media_type;
    document.title = block.title;
    document.cache = cache(block.cache_control);
    document.extra = extra;
    Ok(Part::Document(document))
}

fn media_extra<'a>(block: &wire::MediaBlock<'a>) -> Extra<'a> {
    let mut extra = block.extra.clone();
    policy::judge(&mut extra, policy::media);
    extra
}

/// Reads where an image or document is. What has text in blocks is text to others, and stays what it is here.
fn source<'a>(
    raw: Raw<'a>,
    path: &Path<'_>,
    extra: &mut Extra<'a>,
) -> Result<(Source<'a>, Option<Text<'a>>), Error> {
    let wire: wire::Source<'_> = path.read(raw)?;
    let kind = path.member("type").required(wire.kind)?;
    let source = match &*kind.decode() {
        "base64" => Source::Base64 {
            data: path.member("data").required(wire.data)?,
        },
        "url" => Source::Url(path.member("url").required(wire.url)?),
        "text" => Source::Text(path.member("data").required(wire.data)?),
        "file" => Source::File(path.member("file_id").required(wire.file_id)?),
        "content" => match wire.content.and_then(joined_text) {
            Some(text) => {
                extra.push_with("source".into(), raw, Policy::Silent);
                Source::Text(text)
            }
            None => Source::Native(raw),
        },
        _ => Source::Native(raw),
    };
    Ok((source, wire.media_type))
}

/// The text of a string or of a list of text blocks; `None` if there is anything else.
fn joined_text(content: Raw<'_>) -> Option<Text<'_>> {
    if let Some(text) = content.text() {
        return Some(text);
    }
    let blocks: Vec<wire::TextBlock<'_>> = content.parse().ok()?;
    let texts: Option<Vec<Text<'_>>> = blocks.into_iter().map(|block| block.text).collect();
    let texts = texts?;
    let texts: Vec<Cow<'_, str>> = texts.iter().map(Text::decode).collect();
    Some(texts.join("\n").into())
}

/// A search result is a text with a title to others. Its own members stay beside it.
fn search_result<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::MediaBlock<'_> = path.read(raw)?;
    let text = block.content.and_then(joined_text);
    let mut document = Document::new(Source::Text(text.unwrap_or_default()));
    document.extra = media_extra(&block);
    let own = [
        (
            "type",
            path.read::<wire::Raws<'_>>(raw)?.kind,
            Policy::Silent,
        ),
        ("source", block.source, Policy::Drop),
        ("content", block.content, Policy::Silent),
    ];
    for (key, value, policy) in own {
        if let Some(value) = value {
            document.extra.push_with(key.into(), value, policy);
        }
    }
    document.media_type = Some("text/plain".into());
    document.title = block.title;
    document.cache = cache(block.cache_control);
    Ok(Part::Document(document))
}

/// A reference to a tool, which is sent in full anyway, is its name to others.
fn tool_reference<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::ToolReference<'_> = path.read(raw)?;
    let raws: wire::Raws<'_> = path.read(raw)?;
    let mut extra = block.extra;
    policy::judge(&mut extra, |_, _| Policy::Drop);
    for (key, value) in [("type", raws.kind), ("tool_name", raws.tool_name)] {
        if let Some(value) = value {
            extra.push_with(key.into(), value, Policy::Silent);
        }
    }
    Ok(Part::Text {
        text: path.member("tool_name").required(block.tool_name)?,
        citations: Vec::new(),
        cache: cache(block.cache_control),
        extra,
    })
}

fn thinking<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::ThinkingBlock<'_> = path.read(raw)?;
    let mut reasoning = Reasoning {
        redacted: block.kind.is_some_and(|kind| kind == "redacted_thinking"),
        text: block.thinking.unwrap_or_default(),
        extra: block.extra,
        ..Reasoning::default()
    };
    let seal = if reasoning.redacted {
        block.data
    } else {
        block.signature
    };
    if let Some(seal) = seal.filter(|seal| !seal.is_empty()) {
        reasoning.seal = Some(unseal(seal));
    }
    policy::judge(&mut reasoning.extra, |_, _| Policy::Drop);
    Ok(Part::Reasoning(reasoning))
}

/// Tells whose a seal is. A foreign one was given to the caller in a carrier, behind a colon, which no seal of this API
/// has.
fn unseal(data: Text<'_>) -> Seal<'_> {
    let carrier = data.decode();
    if let Some((seal, _)) = Seal::carried(&carrier) {
        return seal;
    }
    let minter = if carrier.contains(':') { "" } else { ID };
    Seal::new(minter, data)
}

fn tool_use<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::ToolUse<'_> = path.read(raw)?;
    let mut call = ToolCall {
        id: path.member("id").required(block.id)?,
        name: path.member("name").required(block.name)?,
        arguments: Arguments::Json(block.input.unwrap_or(Raw::EMPTY_OBJECT)),
        freeform: false,
        cache: cache(block.cache_control),
        extra: block.extra,
    };
    policy::judge(&mut call.extra, policy::call);
    Ok(Part::ToolCall(call))
}

fn tool_result<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let block: wire::ToolResult<'_> = path.read(raw)?;
    let content = block
        .content
        .map(|content| list(content, &path.member("content"), result_part));
    let mut result = ToolResult {
        call_id: path.member("tool_use_id").required(block.tool_use_id)?,
        name: None,
        content: content.transpose()?.unwrap_or_default(),
        is_error: block.is_error.unwrap_or(false),
        cache: cache(block.cache_control),
        extra: block.extra,
    };
    policy::judge(&mut result.extra, |_, _| Policy::Drop);
    Ok(Part::ToolResult(result))
}
