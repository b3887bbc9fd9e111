//! Streams that pass behind a head that waits: they are what they are without.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_llm_gateway::{
    Body,
    context::{End, Progress, Selected},
    format::{ApiFormat, Operation},
    target::Target,
    translate::TranslateLayer,
};

use crate::files::{File, recorded};

/// So many bytes of a stream are cut everywhere: with most, content is among them.
const BEGINNING: usize = 700;

/// What a caller gets: the status, all bytes, and whether the body broke off.
type Seen = (u16, Vec<u8>, bool);

fn request(format: ApiFormat, is_array: bool) -> Request<Body> {
    let path = format.api().path(Operation::Generate, "m", true);
    let path = path.split('?').next().filter(|_| is_array).unwrap_or(&path);
    let mut request = Request::post(path).body(Body::full("{}")).unwrap();
    let target = Target::new("t", "https://example.com".parse().unwrap());
    let selected = Selected::new(Arc::new(target), format).with_stream(true);
    request.extensions_mut().insert(selected);
    request
}

/// What comes of a stream in these pieces.
fn passed(format: ApiFormat, pieces: &[&[u8]], progress: Option<&Progress>) -> Seen {
    let is_array = pieces.concat().starts_with(b"[");
    let frames: Vec<_> = pieces
        .iter()
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    let content_type = ["text/event-stream", "application/json"][usize::from(is_array)];
    let body = Body::new(StreamBody::new(stream::iter(frames)));
    let answer = Response::builder().header("content-type", content_type);
    let answer = Arc::new(Mutex::new(Some(answer.body(body).unwrap())));
    let provider = service_fn(move |_: Request<Body>| {
        let answer = answer.lock().unwrap().take().expect("asked once");
        ready(Ok::<_, Infallible>(answer))
    });
    let mut request = request(format, is_array);
    if let Some(progress) = progress {
        request.extensions_mut().insert(progress.clone());
    }
    let service = TranslateLayer::selected().layer(provider);
    let answer = service.oneshot(request).now_or_never();
    let answer = answer.expect("all of it is there").unwrap();
    let (status, mut body) = (answer.status().as_u16(), answer.into_body());
    let (mut bytes, mut broken) = (Vec::new(), false);
    while let Some(frame) = body.frame().now_or_never().expect("all of it is there") {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap()),
            Err(_) => broken = true,
        }
    }
    (status, bytes, broken)
}

/// What is held passes as it would have without, or else it is an error.
#[track_caller]
fn check(format: ApiFormat, pieces: &[&[u8]], expected: &Seen) -> u16 {
    let progress = Progress::new();
    let held = passed(format, pieces, Some(&progress));
    assert_eq!(held.0 == 200, progress.has_content());
    assert!(held.0 != 200 || held == *expected);
    assert_ne!(progress.end(), End::Open);
    held.0
}

#[test]
fn what_was_held_is_what_would_have_passed() {
    for format in ApiFormat::BUILT_IN.iter().copied() {
        for File { name, bytes } in recorded(format, "stream") {
            let expected = passed(format, &[&bytes], None);
            for size in [7, 1000, bytes.len()] {
                let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
                let status = check(format, &pieces, &expected);
                assert_eq!(status, 200, "{name} in pieces of {size}");
            }
        }
    }
}

#[test]
fn what_was_held_is_what_would_have_passed_wherever_it_is_cut() {
    for format in ApiFormat::BUILT_IN.iter().copied() {
        for File { bytes, .. } in recorded(format, "stream") {
            let beginning = &bytes[..bytes.len().min(BEGINNING)];
            let expected = passed(format, &[beginning], None);
            for cut in 0..=beginning.len() {
                let (before, behind) = beginning.split_at(cut);
                check(format, &[before, behind], &expected);
            }
        }
    }
}
