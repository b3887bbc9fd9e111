//! Heads that wait, over both protocols.

use bytes::Bytes;
use http::{Request, Response};
use hyper_util::client::legacy::Client;
use tokio::task::yield_now;
use tower::{Layer, ServiceExt};
use tower_llm_gateway::{
    Body, Error,
    context::{End, Progress, Selected},
    downstream::DownstreamService,
    target::Target,
    translate::TranslateLayer,
};

use crate::{
    bodies::{Ask, error_message, path, question},
    caller::{Reply, post},
    support::{
        doubles::Format,
        fault::{Connector, Cut, Fault, Gate, Left, Script, Upstream},
    },
};

/// Who speaks HTTP/1 and who HTTP/2, in every format.
fn faults() -> impl Iterator<Item = (Format, fn() -> Fault)> {
    let protocols = [Fault::h1 as fn() -> Fault, Fault::h2];
    let formats = Format::ALL.into_iter();
    formats.flat_map(move |format| protocols.map(|fault| (format, fault)))
}

/// An attempt at this upstream by a caller of its own format.
async fn attempt(
    upstream: &Upstream,
    format: Format,
    progress: &Progress,
) -> Result<Response<Body>, Error> {
    let client: Client<Connector, Body> = upstream.client();
    let service = TranslateLayer::selected().layer(DownstreamService::with_client(client));
    service.oneshot(request(upstream, format, progress)).await
}

fn request(upstream: &Upstream, format: Format, progress: &Progress) -> Request<Body> {
    let api = format.api();
    let body = question(api, "m", "Hi", Ask::Plain, true).to_string();
    let mut request = post(&path(api, "m", true), body);
    let target = Target::new("t", upstream.url().parse().unwrap());
    let selected = Selected::new(target.into(), api).with_stream(true);
    request.extensions_mut().insert(selected);
    request.extensions_mut().insert(progress.clone());
    request
}

#[tokio::test]
async fn situation_27_a_stream_is_whole_behind_a_head_that_has_waited() {
    for (format, fault) in faults() {
        let upstream = fault().script(Script::stream_of(format)).start().await;
        let progress = Progress::new();
        let reply = Reply::of(attempt(&upstream, format, &progress).await.unwrap()).await;
        assert_eq!((reply.status.as_u16(), reply.broken), (200, false));
        assert_eq!(reply.bytes(), format.events().concat());
        assert_eq!(progress.end(), End::Complete, "{format:?}");
    }
}

#[tokio::test]
async fn situation_27_a_stream_that_is_reset_before_its_content_is_an_error() {
    for (format, fault) in faults() {
        for cut in [Cut::Fin, Cut::Rst, Cut::H2Reset(2)] {
            let script = Script::stream().chunk(": keep-alive\n\n").cut(cut);
            let upstream = fault().script(script).start().await;
            let progress = Progress::new();
            let reply = Reply::of(attempt(&upstream, format, &progress).await.unwrap()).await;
            assert_eq!(reply.status, 502, "{format:?} {}", reply.text());
            error_message(format.api(), &reply.json());
            assert_eq!(progress.end(), End::Failed);
        }
    }
}

#[tokio::test]
async fn situation_44_an_error_behind_keep_alives_is_one_over_both_protocols() {
    for (format, fault) in faults() {
        let keep_alives = vec![Bytes::from(": keep-alive\n\n"); 30];
        let script = Script::stream().chunks(keep_alives);
        let script = script.chunk(format.error_event());
        let upstream = fault().script(script).start().await;
        let progress = Progress::new();
        let reply = Reply::of(attempt(&upstream, format, &progress).await.unwrap()).await;
        assert!(
            reply.status.is_server_error(),
            "{format:?} {}",
            reply.status
        );
        assert!(!error_message(format.api(), &reply.json()).is_empty());
        assert_eq!(progress.events(), 1);
    }
}

#[tokio::test]
async fn situation_31_a_caller_that_leaves_while_the_head_waits_takes_the_stream_along() {
    for (format, fault) in faults() {
        let (sent, never) = (Gate::new(), Gate::new());
        let script = Script::stream()
            .chunk(": keep-alive\n\n")
            .wait(&sent)
            .wait(&never);
        let upstream = fault().script(script).start().await;
        let progress = Progress::new();
        {
            let mut answer = std::pin::pin!(attempt(&upstream, format, &progress));
            tokio::select! {
                _ = &mut answer => panic!("it says nothing"),
                () = awaits(&progress) => {}
            }
        }
        let left = upstream.left(0).await;
        // CANCEL, or the connection is closed.
        assert!(
            matches!(left, Left::Fin | Left::Rst | Left::H2Reset(8)),
            "{left:?}"
        );
    }
}

/// Until the head is there, and waits.
async fn awaits(progress: &Progress) {
    while !progress.awaits_content() {
        yield_now().await;
    }
}
