//! HTTP/2, as a client of the h2 crate sees it.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, client::SendRequest};
use http::{Request, Response};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::Instant,
};

use crate::support::fault::{Cut, Fault, Gate, Left, Script, Upstream};

struct Client {
    requests: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    async fn connect(upstream: &Upstream) -> Self {
        let stream = TcpStream::connect(upstream.address()).await;
        Self::over(stream.unwrap()).await
    }

    async fn over<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        Self {
            requests,
            connection: tokio::spawn(connection),
        }
    }

    /// Sends a head, and waits for the answer's.
    async fn ask(&mut self) -> Result<Response<RecvStream>, h2::Error> {
        self.send(true).await.unwrap().0.await
    }

    async fn send(
        &mut self,
        whole: bool,
    ) -> Result<(h2::client::ResponseFuture, SendStream<Bytes>), h2::Error> {
        let request = Request::post("http://a/v1/messages?key=k");
        let request = request.header("x-api-key", "k").body(()).unwrap();
        futures_util::future::poll_fn(|cx| self.requests.poll_ready(cx)).await?;
        self.requests.send_request(request, whole)
    }
}

async fn text(mut body: RecvStream) -> Result<String, h2::Error> {
    let mut text = Vec::new();
    while let Some(bytes) = body.data().await {
        let bytes = bytes?;
        body.flow_control().release_capacity(bytes.len()).unwrap();
        text.extend_from_slice(&bytes);
    }
    Ok(String::from_utf8(text).unwrap())
}

async fn start(script: Script) -> (Upstream, Client) {
    let upstream = Fault::h2().script(script).start().await;
    let client = Client::connect(&upstream).await;
    (upstream, client)
}

#[tokio::test]
async fn an_answer_is_as_the_script_says() {
    let script = Script::new().status(503).header("Retry-After", "2");
    let (upstream, mut client) = start(script.chunk("sor").chunk("ry")).await;
    let answer = client.ask().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "2");
    assert_eq!(text(answer.into_body()).await.unwrap(), "sorry");
    let seen = upstream.finished(0).await;
    assert_eq!(seen.line, "POST /v1/messages?key=k HTTP/2.0");
    assert_eq!(seen.headers[0], (":authority".into(), "a".into()));
    assert_eq!(seen.credentials().len(), 2);
    assert!(seen.body_complete);
    assert_eq!(seen.written, 5);
}

#[tokio::test]
async fn trailers_end_the_answer() {
    let script = Script::new().chunk("a").trailers(&[("x-sum", "1")]);
    let (_upstream, mut client) = start(script).await;
    let mut body = client.ask().await.unwrap().into_body();
    body.data().await.unwrap().unwrap();
    let trailers = body.trailers().await.unwrap().unwrap();
    assert_eq!(trailers["x-sum"], "1");
}

#[tokio::test]
async fn a_reset_has_its_code_and_comes_after_what_was_said() {
    let code = Reason::ENHANCE_YOUR_CALM;
    let cut = Cut::H2Reset(code.into());
    let (_upstream, mut client) = start(Script::new().cut(cut)).await;
    assert_eq!(client.ask().await.unwrap_err().reason(), Some(code));

    let (_upstream, mut client) = start(Script::new().chunk("a").cut(cut)).await;
    for _ in 0..2 {
        let mut body = client.ask().await.unwrap().into_body();
        assert_eq!(body.data().await.unwrap().unwrap(), "a");
        let error = body.data().await.unwrap().unwrap_err();
        assert_eq!((error.reason(), error.is_remote()), (Some(code), true));
    }
}

#[tokio::test]
async fn a_connection_may_be_cut_below_all_streams() {
    let cuts = [
        (Cut::Fin, ErrorKind::BrokenPipe),
        (Cut::Rst, ErrorKind::ConnectionReset),
    ];
    for (cut, kind) in cuts {
        let gate = Gate::new();
        let upstream = Fault::h2()
            .script(Script::new().chunk("a").stall())
            .then(Script::new().chunk("b").wait(&gate).cut(cut))
            .start()
            .await;
        let mut client = Client::connect(&upstream).await;
        let bodies = [client.ask().await.unwrap(), client.ask().await.unwrap()];
        gate.open();
        for body in bodies {
            let mut body = body.into_body();
            body.data().await.unwrap().unwrap();
            let error = body.data().await.unwrap().unwrap_err();
            assert_eq!(
                error.get_io().map(io::Error::kind),
                Some(kind),
                "{cut:?} {error:?}"
            );
        }
        upstream.finished(1).await;
        let left: Vec<_> = upstream.seen().iter().map(|seen| seen.left).collect();
        assert_eq!(left, [Left::StillThere; 2]);
    }
}

#[tokio::test]
async fn goaway_refuses_new_requests_and_ends_old_ones() {
    let gate = Gate::new();
    let script = Script::new().chunk("a").goaway().wait(&gate).chunk("b");
    let (_upstream, mut client) = start(script).await;
    let answer = client.ask().await.unwrap();
    gate.reached(1).await;
    // The client knows when it does not take another request.
    let refused = loop {
        match client.send(true).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert!(
        refused.is_go_away() || refused.reason().is_some(),
        "{refused:?}"
    );
    gate.open();
    assert_eq!(text(answer.into_body()).await.unwrap(), "ab");
}

#[tokio::test]
async fn the_code_of_a_peers_reset_is_remembered() {
    let gate = Gate::new();
    for script in [
        Script::new().wait(&gate),
        Script::new().chunk("a").wait(&gate),
        Script::new().never_read(),
        Script::new().delay(Duration::MAX),
    ] {
        let (upstream, mut client) = start(script).await;
        let (answer, mut stream) = client.send(false).await.unwrap();
        upstream.requests(1).await;
        stream.send_reset(Reason::CANCEL);
        assert_eq!(upstream.left(0).await, Left::H2Reset(Reason::CANCEL.into()));
        assert!(answer.await.is_err());
        // The connection is there for others.
        let _answer = client.send(true).await.unwrap();
        upstream.requests(2).await;
    }
}

#[tokio::test]
async fn a_dropped_body_is_a_cancel() {
    let (upstream, mut client) = start(Script::new().chunk("a").stall()).await;
    drop(client.ask().await.unwrap());
    assert_eq!(upstream.left(0).await, Left::H2Reset(Reason::CANCEL.into()));
}

#[tokio::test]
async fn a_peer_that_ends_the_connection_leaves_all_streams() {
    for left in [Left::Fin, Left::Rst] {
        let upstream = Fault::h2().script(Script::new().chunk("a").stall());
        let upstream = upstream.start().await;
        let stream = TcpStream::connect(upstream.address()).await.unwrap();
        if left == Left::Rst {
            stream.set_zero_linger().unwrap();
        }
        let mut client = Client::over(stream).await;
        let _answers = [client.ask().await.unwrap(), client.ask().await.unwrap()];
        client.connection.abort();
        assert_eq!(upstream.left(0).await, left);
        assert_eq!(upstream.left(1).await, left);
    }
}

#[tokio::test]
async fn who_does_not_read_blocks_the_upstream() {
    let size = 1024 * 1024;
    let (upstream, mut client) = start(Script::new().body(vec![b'a'; size])).await;
    let answer = client.ask().await.unwrap();
    let seen = upstream.blocked(0).await;
    assert!(0 < seen.written && seen.written < size, "{}", seen.written);
    assert_eq!(text(answer.into_body()).await.unwrap().len(), size);
    assert!(!upstream.finished(0).await.blocked);
}

#[tokio::test]
async fn an_upstream_that_does_not_read_blocks_the_client() {
    let gate = Gate::new();
    let (upstream, mut client) = start(Script::new().read_from(&gate)).await;
    let (answer, mut stream) = client.send(false).await.unwrap();
    let size = 200_000;
    stream.send_data(vec![b'a'; size].into(), true).unwrap();
    answer.await.unwrap();
    assert_eq!(upstream.finished(0).await.body.len(), 0);
    gate.open();
    assert_eq!(upstream.body(0).await.len(), size);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gives_room_by_the_interval() {
    let script = Script::new().slow_read(1000, Duration::from_secs(1));
    let upstream = Fault::h2().script(script).start().await;
    let mut client = Client::over(upstream.connect()).await;
    let (answer, mut stream) = client.send(false).await.unwrap();
    let start = Instant::now();
    stream.send_data(vec![b'a'; 100_000].into(), true).unwrap();
    answer.await.unwrap();
    assert_eq!(upstream.get(0).body.len(), 100_000);
    assert!(start.elapsed().as_secs() >= 100);
}
