//! What becomes of connections on which a plugin fails.

use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http2, server::conn as server};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::watch,
};

use super::*;

/// What a caller reads on the wire of an HTTP/1 connection.
async fn on_the_wire(
    (client, own, side): (ApiFormat, ApiFormat, Side),
    plugin: Option<PluginLayer>,
    stream: bool,
) -> String {
    let app = app(own);
    let service = service_fn(move |request: Request<Incoming>| {
        let request = request.map(Body::new);
        app.clone().oneshot(match plugin.clone() {
            Some(plugin) => with(side, plugin, request),
            None => request,
        })
    });
    let (mut here, there) = duplex(1 << 20);
    let server = server::http1::Builder::new();
    let serving = server.serve_connection(TokioIo::new(there), TowerToHyperService::new(service));
    let (parts, body) = asks(client, stream).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        parts.uri,
        body.len()
    );
    here.write_all(head.as_bytes()).await.unwrap();
    here.write_all(&body).await.unwrap();
    // It may end in an error; what counts is what was written.
    let _ = serving.await;
    let mut seen = Vec::new();
    here.read_to_end(&mut seen).await.unwrap();
    String::from_utf8_lossy(&seen).into_owned()
}

/// Whether a client must take what it read for a whole message.
fn is_whole(seen: &str) -> bool {
    let Some((head, body)) = seen.split_once("\r\n\r\n") else {
        return false;
    };
    assert!(head.starts_with("HTTP/1.1 200"), "{seen}");
    let head = head.to_ascii_lowercase();
    match head.split_once("content-length: ") {
        Some((_, length)) => {
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            body.len() == length
        }
        None => head.contains("transfer-encoding: chunked") && body.ends_with("\r\n0\r\n\r\n"),
    }
}

#[tokio::test]
async fn situation_60_what_breaks_off_is_no_whole_message_on_the_wire() {
    for lane @ (client, own, side) in lanes() {
        for (stream, events) in [(false, 0), (true, 4)] {
            let seen = on_the_wire(lane, None, stream).await;
            assert!(is_whole(&seen), "{lane:?} {seen}");
            // It is an error of its own there.
            if side == Provider && client != own {
                continue;
            }
            for way in WAYS {
                let plugin = faulty(Phase::Frame(Cut::Within(events)), way);
                let seen = on_the_wire(lane, Some(plugin), stream).await;
                assert!(!is_whole(&seen), "{lane:?} {seen}");
                assert!(!seen.contains("canary"));
            }
        }
    }
}

/// One HTTP/2 connection to a provider's streams, of which each waits behind its first words. Those that ask with the
/// header `x-fails` meet the plugin.
async fn connection(
    own: ApiFormat,
    side: Side,
    plugin: PluginLayer,
    gate: watch::Receiver<bool>,
) -> http2::SendRequest<Full<Bytes>> {
    let (_, events) = bodies::answer(own, Ask::Plain);
    let provider = service_fn(move |_: Request<Body>| {
        let gate = gate.clone();
        let events = stream::iter(events.split_inclusive("\n\n").enumerate());
        let frames = events.then(move |(number, event)| {
            let mut gate = gate.clone();
            async move {
                if number > 3 {
                    gate.wait_for(|open| *open).await.unwrap();
                }
                Ok::<_, Infallible>(Frame::data(Bytes::from(event)))
            }
        });
        let body = Body::new(StreamBody::new(frames));
        ready(Ok::<_, Infallible>(response("text/event-stream", body)))
    });
    let app = gateway(own).layer().layer(provider);
    let service = service_fn(move |request: Request<Incoming>| {
        let request = request.map(Body::new);
        let fails = request.headers().contains_key("x-fails");
        app.clone().oneshot(if fails {
            with(side, plugin.clone(), request)
        } else {
            request
        })
    });
    let (here, there) = duplex(1 << 20);
    let server = server::http2::Builder::new(TokioExecutor::new());
    tokio::spawn(server.serve_connection(TokioIo::new(there), TowerToHyperService::new(service)));
    let here: TokioIo<DuplexStream> = TokioIo::new(here);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), here).await.unwrap();
    tokio::spawn(connection);
    sender
}

const STREAMS: usize = 50;

/// Fifty streams on one connection, all of which have begun when the plugin of one fails. The texts of all.
async fn fifty(client: ApiFormat, own: ApiFormat, side: Side, phase: Phase) -> Vec<Reply> {
    let (open, gate) = watch::channel(false);
    let plugin = faulty(phase, Way::Panics);
    let mut sender = connection(own, side, plugin, gate).await;
    let mut answers = Vec::new();
    for number in 0..STREAMS {
        let (mut parts, body) = asks(client, true).into_parts();
        if number == STREAMS / 2 {
            parts.headers.insert("x-fails", "yes".parse().unwrap());
        }
        parts.uri = format!("http://h{}", parts.uri).parse().unwrap();
        let body = Full::new(body.collect().await.unwrap().to_bytes());
        sender.ready().await.unwrap();
        answers.push(
            sender
                .send_request(Request::from_parts(parts, body))
                .await
                .unwrap(),
        );
    }
    open.send(true).unwrap();
    let replies = answers.into_iter().map(Reply::of);
    futures_util::future::join_all(replies).await
}

#[tokio::test]
async fn situation_60_a_panic_fails_one_stream_of_fifty_on_a_connection() {
    let (client, own) = (ApiFormat::OPENAI, ApiFormat::ANTHROPIC);
    let in_body = Phase::Frame(Cut::Behind(5));
    for phase in [Phase::Call, Phase::Poll, in_body] {
        for side in [Caller, Provider] {
            let mut replies = fifty(client, own, side, phase).await;
            let failed = replies.remove(STREAMS / 2);
            let is_error = failed.status == 500 || streamed(client, &failed.text()).is_err();
            assert!(is_error || failed.broken, "{phase:?} {side:?}");
            let (_, events) = bodies::answer(own, Ask::Plain);
            for reply in replies {
                assert_eq!(streamed(client, &reply.text()), streamed(own, events));
            }
        }
    }
}
