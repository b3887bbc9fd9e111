//! What an answer that passes comes to, however many pieces it comes in: of several, long strings are not kept.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    context::{End, Progress, Selected, Tally},
    format::ApiFormat,
    target::Target,
    translate::TranslateLayer,
};

use crate::files::recorded;

/// A string that is longer than this is cut.
const LONG: usize = 1 << 10;

async fn told(format: ApiFormat, pieces: &[&[u8]]) -> (Tally, End) {
    let pieces: Vec<_> = pieces
        .iter()
        .map(|piece| Bytes::copy_from_slice(piece))
        .collect();
    let provider = service_fn(move |_: Request<Body>| {
        let frames = pieces
            .clone()
            .into_iter()
            .map(|piece| Ok::<_, BoxError>(Frame::data(piece)));
        let body = Body::new(StreamBody::new(stream::iter(frames)));
        let response = Response::builder().header("content-type", "application/json");
        async { Ok::<_, Infallible>(response.body(body).unwrap()) }
    });
    let progress = Progress::new();
    progress.seek_tally();
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(progress.clone());
    let target = Target::new("d", "https://d.example".parse().unwrap()).with_formats(vec![format]);
    let selected = Selected::new(Arc::new(target), format);
    request.extensions_mut().insert(selected);
    let service = ServiceBuilder::new()
        .layer(TranslateLayer::selected())
        .service(provider);
    let response = service.oneshot(request).await.unwrap();
    // An error in place of an answer is told here too.
    drop(response.into_body().collect().await);
    (progress.tally(), progress.end())
}

fn longest_string(body: &[u8]) -> usize {
    body.split(|byte| *byte == b'"')
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0)
}

#[tokio::test]
async fn an_answer_in_pieces_comes_to_what_it_comes_to_in_one() {
    let (mut files, mut long) = (0, 0);
    for format in ApiFormat::BUILT_IN {
        for file in recorded(*format, "json") {
            let (begin, end) = file.bytes.split_at(file.bytes.len() / 2);
            let whole = told(*format, &[&file.bytes]).await;
            assert_eq!(told(*format, &[begin, end]).await, whole, "{}", file.name);
            files += 1;
            long += usize::from(longest_string(&file.bytes) > LONG);
        }
    }
    assert!(
        files == 0 || long > 0,
        "none of {files} answers has a long string"
    );
}
