//! Streams: written again they must fold to the same answer, however their bytes are cut.

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;
use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::{Event, Exchange},
    sse::{Item, Parser},
};

use crate::{
    allowed::{self, Allowed},
    compare::{complaints, differences},
    files::{File, codec, recorded},
    fold, fold_gemini,
};

/// Streams up to this many bytes go through the codec once for every place to cut them. What the codec sees of longer
/// ones is compared instead, which is all that it can depend on.
const CUT_WHOLE: usize = 2_000;

/// A stream in one format, written in another.
pub(crate) fn translate<'a>(
    from: ApiFormat,
    to: ApiFormat,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut exchange = Exchange::new(1_700_000_000, 1);
    exchange.stream = true;
    exchange.include_usage = true;
    exchange.provider = from.id();
    let mut encoder = codec(to).stream_encoder(Arc::new(exchange));
    let mut decoder = codec(from).stream_decoder();
    let mut out = BytesMut::new();
    let mut sink = |event: Event<'_>| encoder.event(&event, &mut out);
    let mut parser = Parser::new(1 << 24);
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().unwrap() {
            decoder.item(item, &mut sink);
        }
    }
    if let Some(item) = parser.finish() {
        decoder.item(item, &mut sink);
    }
    decoder.finish(StreamEnd::Clean, &mut sink);
    out.to_vec()
}

/// The recorded streams of a format. One that is a JSON array becomes events, which is what the gateway makes of it.
fn streams(format: ApiFormat) -> Vec<File> {
    let mut files = recorded(format, "stream");
    for file in &mut files {
        if let Ok(chunks) = serde_json::from_slice::<Vec<Value>>(&file.bytes) {
            let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
            file.bytes = events.collect::<String>().into_bytes();
        }
    }
    files
}

fn check(format: ApiFormat, fold: fn(&[u8]) -> Value, allowed: &[Allowed]) {
    let files = streams(format);
    let found = files.iter().flat_map(|File { name, bytes }| {
        let written = translate(format, format, [&**bytes]);
        differences(name, &fold(bytes), &fold(&written))
    });
    let found: Vec<String> = found.collect();
    if !files.is_empty() {
        let complaints = complaints(&found, allowed);
        assert!(
            complaints.is_empty(),
            "{format}:\n{}",
            complaints.join("\n")
        );
    }
}

/// What the parser makes of a stream, event by event.
fn items<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut parser = Parser::new(1 << 24);
    let mut items = Vec::new();
    let mut keep = |item: Item<'_>| match item {
        Item::Event { name, data } => {
            items.push((name.unwrap_or_default().to_vec(), data.to_vec()));
        }
        _ => items.push((b":".to_vec(), Vec::new())),
    };
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().unwrap() {
            keep(item);
        }
    }
    if let Some(item) = parser.finish() {
        keep(item);
    }
    items
}

/// The stream event by event, so that cutting each everywhere cuts the whole everywhere without the square of its
/// length.
pub(crate) fn pieces(stream: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let blank =
            |end: &usize| rest[..*end].ends_with(b"\n\n") || rest[..*end].ends_with(b"\r\n\r\n");
        let end = (1..rest.len()).find(blank).unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces
}

fn check_cuts(format: ApiFormat) {
    for File { name, bytes } in streams(format) {
        let whole = translate(format, format, [&*bytes]);
        assert_eq!(
            translate(format, format, bytes.chunks(1)),
            whole,
            "{name}, byte by byte"
        );
        if bytes.len() <= CUT_WHOLE {
            for cut in 0..=bytes.len() {
                let (head, tail) = bytes.split_at(cut);
                assert_eq!(
                    translate(format, format, [head, tail]),
                    whole,
                    "{name}, cut at {cut}"
                );
            }
        }
        for event in pieces(&bytes) {
            let whole = items([event]);
            for cut in 0..=event.len() {
                let (head, tail) = event.split_at(cut);
                assert_eq!(
                    items([head, tail]),
                    whole,
                    "{name}, cut at {cut} of an event"
                );
            }
        }
    }
}

/// What a Responses client has in the end, without what only repeats its request.
fn responses(stream: &[u8]) -> Value {
    let mut last = fold::events(stream).pop().unwrap_or_default();
    let mut answer = last["response"].take();
    let said = [
        "id",
        "model",
        "status",
        "error",
        "incomplete_details",
        "output",
        "usage",
    ];
    if let Some(members) = answer.as_object_mut() {
        members.retain(|key, _| said.contains(&key.as_str()));
    }
    answer
}

#[test]
fn openai_streams_are_written_again_without_loss() {
    check(ApiFormat::OPENAI, fold::openai, allowed::OPENAI_STREAMS);
}

#[test]
fn responses_streams_are_written_again_without_loss() {
    check(
        ApiFormat::OPENAI_RESPONSES,
        responses,
        allowed::RESPONSES_STREAMS,
    );
}

#[test]
fn anthropic_streams_are_written_again_without_loss() {
    check(
        ApiFormat::ANTHROPIC,
        fold::anthropic,
        allowed::ANTHROPIC_STREAMS,
    );
}

#[test]
fn gemini_streams_are_written_again_without_loss() {
    check(
        ApiFormat::GEMINI,
        fold_gemini::gemini,
        allowed::GEMINI_STREAMS,
    );
}

#[test]
fn where_a_gemini_stream_is_cut_does_not_matter() {
    check_cuts(ApiFormat::GEMINI);
}

#[test]
fn where_a_responses_stream_is_cut_does_not_matter() {
    check_cuts(ApiFormat::OPENAI_RESPONSES);
}

#[test]
fn trap_104_where_a_stream_is_cut_does_not_matter_to_other_formats() {
    let formats = ApiFormat::BUILT_IN;
    for from in formats {
        for File { name, bytes } in streams(*from) {
            for to in formats.iter().filter(|to| *to != from) {
                let whole = translate(*from, *to, [&*bytes]);
                for size in [1, 7] {
                    let cut = translate(*from, *to, bytes.chunks(size));
                    assert!(cut == whole, "{name} to {to}, in pieces of {size}");
                }
            }
        }
    }
}

/// The same stream with a space behind the data of each second event, so that none is like the one before.
fn apart(stream: &[u8]) -> Vec<u8> {
    let lines = stream.split_inclusive(|byte| *byte == b'\n');
    let mut number = 0;
    let spaced = lines.map(|line| {
        let end = line.trim_ascii_end().len();
        let is_data = line.starts_with(b"data:") && line[..end].ends_with(b"}");
        number += usize::from(is_data);
        let space: &[u8] = if is_data && number % 2 == 0 {
            b" "
        } else {
            b""
        };
        [&line[..end], space, &line[end..]].concat()
    });
    spaced.collect::<Vec<_>>().concat()
}

/// The same stream with other bytes here and there.
fn spoiled(stream: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut spoiled = stream.to_vec();
    for _ in 0..4 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = usize::try_from(state >> 33).unwrap();
        let byte = b"\"\\{}[]:, 0a\xc3"[random % 12];
        spoiled[random % stream.len()] = byte;
    }
    spoiled
}

#[test]
fn what_is_like_the_event_before_says_what_a_parser_finds_in_it() {
    for from in ApiFormat::BUILT_IN {
        for File { name, bytes } in streams(*from) {
            for seed in 0..10 {
                let stream = if seed == 0 {
                    bytes.clone()
                } else {
                    spoiled(&bytes, seed)
                };
                let spaced = translate(*from, *from, [&*apart(&stream)]);
                let pieces = stream.chunks(usize::try_from(seed * 97 + 1).unwrap());
                let is_same =
                    without_errors(&translate(*from, *from, pieces)) == without_errors(&spaced);
                assert!(is_same, "{name}, seed {seed}");
            }
        }
    }
}

/// What was written, up to the last event if that is an error: what is wrong may depend on a space.
fn without_errors(written: &[u8]) -> &[u8] {
    let error = memchr::memmem::rfind(written, b"can't be read");
    let event = error.and_then(|end| memchr::memmem::rfind(&written[..end], b"\n\n"));
    event.map_or(written, |end| &written[..end])
}

#[test]
fn where_an_openai_stream_is_cut_does_not_matter() {
    check_cuts(ApiFormat::OPENAI);
}

#[test]
fn where_an_anthropic_stream_is_cut_does_not_matter() {
    check_cuts(ApiFormat::ANTHROPIC);
}
