//! One connection, and one exchange on it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{error::Elapsed, timeout},
};
use tower_llm_gateway_benches::{
    behaviour::Behaviour,
    payload::{self, PATH},
    server::BoxError,
};

use crate::{
    check::{Answer, Expected},
    plan::Target,
};

/// No answer here takes longer than this.
const LIMIT: Duration = Duration::from_secs(120);

/// What a client asks of a target, again and again.
pub(crate) struct Question {
    address: SocketAddr,
    path: &'static str,
    body: Bytes,
    expected: Expected,
}

/// How an exchange went.
pub(crate) struct Timing {
    pub(crate) whole: Duration,
    /// Until the answer begins.
    pub(crate) first: Duration,
    /// Of each event, nanoseconds from the double's writing to here.
    pub(crate) delays: Vec<u64>,
}

impl Question {
    pub(crate) fn new(
        target: &Target,
        behaviour: &Behaviour,
        bytes: usize,
    ) -> Result<Self, BoxError> {
        let streamed = behaviour.events.is_some();
        Ok(Self {
            address: target.address.parse()?,
            path: PATH,
            body: payload::request(&target.model, bytes, streamed),
            expected: Expected::new(behaviour, target.translated),
        })
    }

    /// Tells the double how to behave.
    pub(crate) fn behave(mock: &str, behaviour: &Behaviour) -> Result<Self, BoxError> {
        Ok(Self {
            address: mock.parse()?,
            path: "/behaviour",
            body: serde_json::to_vec(behaviour)?.into(),
            expected: Expected::nothing(),
        })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// On a connection of its own, or on that of the last exchange. After an error it is given up.
    pub(crate) async fn ask(
        &self,
        connection: &mut Option<Connection>,
    ) -> Result<Timing, BoxError> {
        let mut open = match connection.take() {
            Some(open) if !open.0.is_closed() => open,
            _ => Connection::open(self.address).await?,
        };
        let timing = timeout(LIMIT, self.exchange(&mut open)).await??;
        *connection = Some(open);
        Ok(timing)
    }

    async fn exchange(&self, connection: &mut Connection) -> Result<Timing, BoxError> {
        let start = Instant::now();
        let mut body = self.send(connection).await?.into_body();
        let mut answer = Answer::new(&self.expected);
        let mut first = None;
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data()
                && answer.push(&data)
            {
                first.get_or_insert_with(|| start.elapsed());
            }
        }
        let whole = start.elapsed();
        Ok(Timing {
            whole,
            first: first.unwrap_or(whole),
            delays: answer.check()?,
        })
    }

    /// Returns once the head of the answer is here.
    pub(crate) async fn send(
        &self,
        connection: &mut Connection,
    ) -> Result<Response<Incoming>, BoxError> {
        connection.0.ready().await?;
        let request = Request::post(self.path)
            .header(HOST, self.address.to_string())
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, "Bearer of-the-client")
            .header(USER_AGENT, "load")
            .body(Full::new(self.body.clone()))?;
        let response = connection.0.send_request(request).await?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status()).into());
        }
        Ok(response)
    }

    /// Opens a stream and reads its first bytes. It goes on as long as what is returned is kept.
    pub(crate) async fn open(&self) -> Result<(Connection, Incoming), BoxError> {
        let mut connection = Connection::open(self.address).await?;
        let opened = timeout(LIMIT, async {
            let mut body = self.send(&mut connection).await?.into_body();
            body.frame().await.ok_or("no first event")??;
            Ok::<_, BoxError>(body)
        });
        let body = opened
            .await
            .map_err(|_: Elapsed| "no first event in time")??;
        Ok((connection, body))
    }
}

pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its errors come up where it is used.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self(sender))
    }
}
