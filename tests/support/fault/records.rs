//! What the upstream has seen, and ways to wait for more of it.

use serde_json::Value;
use tokio::{sync::watch, time::Instant};

/// How a peer left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    StillThere,
    /// It closed the connection.
    Fin,
    /// It reset the connection, or closed it with bytes unread.
    Rst,
    /// HTTP/2: it reset the stream, with this code.
    H2Reset(u32),
}

/// A request, and what became of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// HTTP/1: the head as it came, byte for byte.
    pub head: Vec<u8>,
    /// The request line; HTTP/2's is written like HTTP/1's.
    pub line: String,
    /// Names and values as they came, in order. HTTP/2: `:authority` first.
    pub headers: Vec<(String, String)>,
    /// What has come of the body, without its framing.
    pub body: Vec<u8>,
    /// All of the body has come.
    pub body_complete: bool,
    /// Bytes that the peer or the kernel took from us. HTTP/1: all of them; HTTP/2: those of the body.
    pub written: usize,
    /// A write waits for the peer to read.
    pub blocked: bool,
    /// The script's end has been reached, a cut included.
    pub finished: bool,
    pub left: Left,
    /// When it left, by tokio's clock.
    pub left_at: Option<Instant>,
}

impl Seen {
    pub(super) fn new(connection: usize, line: String, headers: Vec<(String, String)>) -> Self {
        Self {
            connection,
            head: Vec::new(),
            line,
            headers,
            body: Vec::new(),
            body_complete: false,
            written: 0,
            blocked: false,
            finished: false,
            left: Left::StillThere,
            left_at: None,
        }
    }

    pub fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = |found: &&(String, String)| found.0.eq_ignore_ascii_case(name);
        let found = self.headers.iter().filter(same);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the caller asked for a stream, in any of the formats.
    pub fn wants_stream(&self) -> bool {
        self.target().contains(":streamGenerateContent") || self.json()["stream"] == true
    }

    /// Everything that may be a credential, by lower-case name of header or `?parameter`.
    pub fn credentials(&self) -> Vec<(String, String)> {
        const HEADERS: &[&str] = &[
            "authorization",
            "proxy-authorization",
            "x-api-key",
            "api-key",
            "x-goog-api-key",
            "cookie",
        ];
        const PARAMETERS: &[&str] = &["key", "api-key", "api_key", "access_token"];
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let headers = headers.filter(|(name, _)| HEADERS.contains(&name.as_str()));
        let query = self.target().split_once('?').map_or("", |(_, query)| query);
        let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        let parameters = parameters
            .filter(|(name, _)| PARAMETERS.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (format!("?{name}"), value.to_owned()));
        headers.chain(parameters).collect()
    }
}

/// All that was seen. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Records(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    connections: usize,
    requests: Vec<Seen>,
}

impl Records {
    /// Connections accepted.
    pub fn connections(&self) -> usize {
        self.0.borrow().connections
    }

    /// Requests whose head has come.
    pub fn attempts(&self) -> usize {
        self.0.borrow().requests.len()
    }

    /// The requests as they are now, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.0.borrow().requests.clone()
    }

    /// The `number`th request as it is now, from 0. Panics if it has not come.
    pub fn get(&self, number: usize) -> Seen {
        self.0.borrow().requests[number].clone()
    }

    /// Waits until `done` with all requests.
    pub async fn until(&self, mut done: impl FnMut(&[Seen]) -> bool) {
        let mut states = self.0.subscribe();
        let reached = states.wait_for(|state| done(&state.requests)).await;
        reached.expect("these records send");
    }

    /// Waits until this many connections have come.
    pub async fn connected(&self, count: usize) {
        let mut states = self.0.subscribe();
        let reached = states.wait_for(|state| state.connections >= count).await;
        reached.expect("these records send");
    }

    /// Waits until this many requests have come.
    pub async fn requests(&self, count: usize) -> Vec<Seen> {
        self.until(|seen| seen.len() >= count).await;
        self.seen()
    }

    /// Waits for the `number`th request, from 0, and until `done` with it.
    pub async fn request(&self, number: usize, done: impl Fn(&Seen) -> bool) -> Seen {
        self.until(|seen| seen.get(number).is_some_and(&done)).await;
        self.get(number)
    }

    /// Waits for the whole body of the `number`th request, from 0.
    pub async fn body(&self, number: usize) -> Vec<u8> {
        self.request(number, |seen| seen.body_complete).await.body
    }

    /// Waits until the peer of the `number`th request, from 0, has left; how it did.
    ///
    /// Who gives up a request leaves during it. Who was answered may leave later: HTTP/1 says so of
    /// the last request on the connection, HTTP/2 of none. Who was cut off does not leave.
    pub async fn left(&self, number: usize) -> Left {
        let gone = self.request(number, |seen| seen.left != Left::StillThere);
        gone.await.left
    }

    /// Waits until a write for the `number`th request, from 0, waits for the peer to read.
    pub async fn blocked(&self, number: usize) -> Seen {
        self.request(number, |seen| seen.blocked).await
    }

    /// Waits until the script of the `number`th request, from 0, is at its end.
    pub async fn finished(&self, number: usize) -> Seen {
        self.request(number, |seen| seen.finished).await
    }

    /// Counts a connection; its number.
    pub(super) fn connect(&self) -> usize {
        let mut number = 0;
        self.0.send_modify(|state| {
            number = state.connections;
            state.connections += 1;
        });
        number
    }

    /// Adds a request; its number.
    pub(super) fn add(&self, seen: Seen) -> usize {
        let mut number = 0;
        self.0.send_modify(|state| {
            number = state.requests.len();
            state.requests.push(seen);
        });
        number
    }

    pub(super) fn update(&self, number: usize, change: impl FnOnce(&mut Seen)) {
        self.0
            .send_modify(|state| change(&mut state.requests[number]));
    }

    /// The first leave counts.
    pub(super) fn leave(&self, number: usize, left: Left) {
        self.update(number, |seen| {
            if seen.left == Left::StillThere {
                seen.left = left;
                seen.left_at = Some(Instant::now());
            }
        });
    }
}
