//! The gateway behind a real server, spoken to in bytes, before providers that note what reaches them.

mod characters;
mod credentials;
mod framing;
mod hops;
mod smuggling;
mod upgrades;
mod versions;

use std::net::SocketAddr;

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower_llm_gateway::Gateway;

use crate::{
    caller::CHAT,
    support::{
        doubles::Format,
        fault::{Fault, Script, Seen, Upstream},
    },
};

/// A gateway before a provider of each of three formats.
struct World {
    address: SocketAddr,
    openai: Upstream,
    anthropic: Upstream,
    gemini: Upstream,
}

impl World {
    async fn start() -> Self {
        Self::start_with(|script| script).await
    }

    /// Whose providers answer with this changed.
    async fn start_with(change: fn(Script) -> Script) -> Self {
        let provider = |format| {
            let answer = move |_, seen: &Seen| change(Script::reply(format, seen));
            Fault::h1().each(answer)
        };
        let openai = provider(Format::OpenAi).start().await;
        let anthropic = provider(Format::Anthropic).start().await;
        let gemini = provider(Format::Gemini).start().await;
        let config = format!(
            "downstreams:
- {{id: openai, base_url: '{}', api_key: CANARY-ours, api_formats: [openai], output_model_ids: [gpt]}}
- {{id: anthropic, base_url: '{}', api_key: CANARY-ours, api_formats: [anthropic], output_model_ids: [claude]}}
- {{id: gemini, base_url: '{}', api_key: CANARY-ours, api_formats: [gemini]}}
rules:
- {{id: gemini, pattern_model: 'gemini*', match_downstreams: [gemini]}}
- {{id: files, pattern_path: '/v1/files*', match_downstreams: [openai]}}
",
            openai.url(),
            anthropic.url(),
            gemini.url()
        );
        let gateway = Gateway::from_yaml(&config).unwrap();
        Self {
            address: serve(&gateway).await,
            openai,
            anthropic,
            gemini,
        }
    }

    async fn say(&self, said: impl AsRef<[u8]>) -> String {
        say(self.address, said).await
    }

    /// All that has reached a provider.
    fn seen(&self) -> Vec<Seen> {
        let providers = [&self.openai, &self.anthropic, &self.gemini];
        providers
            .iter()
            .flat_map(|provider| provider.seen())
            .collect()
    }

    /// The only request that has reached a provider, which is one that every server reads alike.
    #[track_caller]
    fn one(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        let one = seen.remove(0);
        assert_well_formed(&one);
        one
    }
}

/// What comes back on a connection on which this is said, and then nothing more.
async fn say(address: SocketAddr, said: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Who is refused may be cut off before all is said.
    let _ = stream.write_all(said.as_ref()).await;
    let _ = stream.shutdown().await;
    let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        received.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&received).into_owned()
}

/// A server that answers what was asked before its caller fell silent.
async fn serve(gateway: &Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = TowerToHyperService::new(gateway.service());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let mut server = auto::Builder::new(TokioExecutor::new());
                server.http1().half_close(true);
                let stream = TokioIo::new(stream);
                let _ = server.serve_connection(stream, service).await;
            });
        }
    });
    address
}

/// A request to ask a model, with these lines in its head.
fn asks(model: &str, lines: &str) -> String {
    posts(&question(model), lines)
}

/// A request with this body.
fn posts(body: &str, lines: &str) -> String {
    let length = body.len();
    format!(
        "POST {CHAT} HTTP/1.1\r\nhost: gateway\r\n{lines}content-length: {length}\r\n\r\n{body}"
    )
}

/// The same in one chunk, and with these trailers.
fn asks_in_chunks(model: &str, lines: &str, trailers: &str) -> String {
    let body = question(model);
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n{lines}transfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n{trailers}\r\n"
    )
}

fn question(model: &str) -> String {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"Hi"}}]}}"#)
}

/// The same question, to be answered as a stream.
fn streamed(model: &str) -> String {
    question(model).replacen('{', r#"{"stream":true,"#, 1)
}

/// Headers that speak of one connection, framing apart.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
];

/// One framing, one host, no byte in the head that a server might take for the end of a line.
#[track_caller]
fn assert_well_formed(seen: &Seen) {
    let Seen { line, headers, .. } = seen;
    let mut words = line.split(' ');
    assert_eq!(words.clone().count(), 3, "{line}");
    assert_eq!(words.next_back(), Some("HTTP/1.1"));
    let is_visible = |text: &str| text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    assert!(is_visible(line), "{line:?}");
    for (name, value) in headers {
        let is_token =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(name.bytes().all(is_token), "{name:?}");
        assert!(is_visible(value), "{name}: {value:?}");
    }
    assert_eq!(seen.all("host").len(), 1, "{headers:?}");
    let lengths = seen.all("content-length");
    let framings = lengths.len() + seen.all("transfer-encoding").len();
    assert!(framings <= 1, "{headers:?}");
    if let [length] = lengths[..] {
        assert_eq!(length, seen.body.len().to_string());
    }
    assert!(seen.body_complete, "{seen:?}");
    for name in HOP_BY_HOP {
        assert_eq!(seen.header(name), None, "{name}");
    }
    let credentials = seen.credentials();
    assert_eq!(credentials.len(), 1, "{credentials:?}");
    assert!(credentials[0].1.ends_with("CANARY-ours"), "{credentials:?}");
}
