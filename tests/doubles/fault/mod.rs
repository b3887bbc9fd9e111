//! The fault double: each fault as a client sees it, and what is remembered.

mod bodies;
mod http1;
mod http2;
mod places;
mod records;

use std::io;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::fault::{Script, Upstream};

const REQUEST: &str = "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}";

/// A client that knows nothing of HTTP.
struct Raw(TcpStream);

impl Raw {
    async fn connect(upstream: &Upstream) -> Self {
        Self(TcpStream::connect(upstream.address()).await.unwrap())
    }

    /// A connection with a request on it.
    async fn ask(upstream: &Upstream) -> Self {
        let mut raw = Self::connect(upstream).await;
        raw.say(REQUEST).await;
        raw
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads up to what ends like this.
    async fn hear(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(end.as_bytes()) {
            heard.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(heard).unwrap()
    }

    /// Reads up to the end of the connection, and how that was.
    async fn rest(&mut self) -> (String, io::Result<()>) {
        let mut heard = Vec::new();
        let end = self.0.read_to_end(&mut heard).await;
        (String::from_utf8_lossy(&heard).into_owned(), end.map(drop))
    }
}

/// All that an upstream says, and the end, if it closes the connection.
async fn said(script: Script) -> (String, io::Result<()>) {
    let upstream = crate::support::fault::Fault::h1().script(script);
    let upstream = upstream.start().await;
    Raw::ask(&upstream).await.rest().await
}
