//! One upstream that does what scripts say, however wrong, and remembers what was done to it.
//!
//! ```ignore
//! let gate = Gate::new();
//! let upstream = Fault::h1()
//!     .script(Script::error(Format::OpenAi, 503).header("retry-after", "2"))
//!     .then(Script::stream_start(Format::OpenAi).wait(&gate).cut(Cut::Rst))
//!     .start()
//!     .await;
//! // Point a client at `upstream.url()`; send a request, which is answered 503; send another.
//! gate.reached(1).await; // The first events are written.
//! gate.open(); // The connection is reset. Or, without this, drop the client's body:
//! upstream.left(1).await; // It closes the connection: `Left::Fin`, or `Left::Rst` if it has unread bytes.
//! assert_eq!(upstream.attempts(), 2);
//! assert_eq!(upstream.get(1).header("authorization"), Some("Bearer k"));
//! ```
//!
//! One script answers one request, in the order in which heads come, on whatever connection; the last
//! one repeats. [`Fault::each`] chooses by the request instead.
//!
//! Nothing here needs a sleep: a [`Gate`] holds a script until a test opens it, and [`Records`] wait
//! for what is to come. Nor does it give up: what never comes is waited for without end.
//!
//! With a paused clock, ask over [`Upstream::client`] or [`Upstream::connect`]: sockets look idle
//! while bytes are under way, and then the clock runs ahead.

// Not every test binary uses every name.
#![allow(unused_imports)]

mod bodies;
mod gate;
mod http1;
mod http2;
mod nobody;
mod records;
mod script;
mod upstream;
mod wire;

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket};
use tokio_rustls::TlsAcceptor;

use upstream::Server;

pub use super::doubles::Format;
pub use bodies::gzip;
pub use gate::Gate;
pub use nobody::Nobody;
pub use records::{Left, Records, Seen};
pub use script::{Cut, Script};
pub use upstream::{Connector, Upstream};
pub use wire::{Stream, Wire};

/// An upstream that is not there yet.
#[must_use]
pub struct Fault {
    plan: Plan,
    is_h2: bool,
    buffers: Option<u32>,
    tls: Option<TlsAcceptor>,
}

/// Which script a request gets.
enum Plan {
    List(Vec<Script>),
    Each(Box<Choose>),
}

type Choose = dyn Fn(usize, &Seen) -> Script + Send + Sync;

impl Plan {
    /// Whether the choice is made when the request's body is there.
    fn needs_body(&self) -> bool {
        matches!(self, Self::Each(_))
    }

    fn script(&self, request: usize, records: &Records) -> Script {
        match self {
            Self::List(scripts) => {
                let script = scripts.get(request).or(scripts.last());
                script.cloned().unwrap_or_default()
            }
            Self::Each(choose) => choose(request, &records.get(request)),
        }
    }
}

impl Fault {
    /// Speaks HTTP/1.
    pub fn h1() -> Self {
        Self::new(false)
    }

    /// Speaks HTTP/2, without being asked for it.
    pub fn h2() -> Self {
        Self::new(true)
    }

    fn new(is_h2: bool) -> Self {
        Self {
            plan: Plan::List(Vec::new()),
            is_h2,
            buffers: None,
            tls: None,
        }
    }

    /// Does this for the first request.
    pub fn script(self, script: Script) -> Self {
        self.then(script)
    }

    /// Does this for the next request, and for those after it.
    pub fn then(mut self, script: Script) -> Self {
        match &mut self.plan {
            Plan::List(scripts) => scripts.push(script),
            Plan::Each(_) => self.plan = Plan::List(vec![script]),
        }
        self
    }

    /// Does for each request what is chosen by its number, from 0, and by all of it. Its body is
    /// there by then, so how the script would read it does not matter.
    pub fn each(mut self, choose: impl Fn(usize, &Seen) -> Script + Send + Sync + 'static) -> Self {
        self.plan = Plan::Each(Box::new(choose));
        self
    }

    /// Lets our side of a connection hold only about so many bytes in each direction, so that who
    /// does not read is soon felt. Large bodies become slow. Default: what the kernel allows, which
    /// is megabytes; 64 KiB within the process.
    pub fn with_buffers(mut self, bytes: u32) -> Self {
        self.buffers = Some(bytes);
        self
    }

    /// Speaks TLS first, and HTTP within it. Default: none.
    pub fn with_tls(mut self, acceptor: TlsAcceptor) -> Self {
        self.tls = Some(acceptor);
        self
    }

    /// Listens on a free port of 127.0.0.1.
    #[expect(clippy::unused_async, reason = "the doubles start alike")]
    pub async fn start(self) -> Upstream {
        super::log::observe();
        let listener = self.listen();
        let address = listener.local_addr().expect("a bound socket has one");
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let server = Arc::new(Server {
            plan: self.plan,
            records: Records::default(),
            is_h2: self.is_h2,
            capacity: self.buffers,
            tls: self.tls,
            connections: Mutex::default(),
        });
        Upstream {
            url: format!("{scheme}://{address}"),
            address,
            listening: tokio::spawn(Arc::clone(&server).accept(listener)),
            server,
        }
    }

    fn listen(&self) -> TcpListener {
        let socket = TcpSocket::new_v4().expect("there is a free descriptor");
        if let Some(bytes) = self.buffers {
            let sized = socket.set_send_buffer_size(bytes);
            sized.expect("any size is taken");
            let sized = socket.set_recv_buffer_size(bytes);
            sized.expect("any size is taken");
        }
        let bound = socket.bind(([127, 0, 0, 1], 0).into());
        bound.expect("loopback has a free port");
        socket.listen(1024).expect("a bound socket listens")
    }

    /// An address that refuses connections.
    pub fn refused() -> Nobody {
        Nobody::refusing()
    }

    /// An address that takes connections, and then is silent: neither HTTP nor a TLS handshake.
    pub fn black_hole() -> Nobody {
        Nobody::silent()
    }

    /// An address to which connections do not come up.
    pub async fn unreachable() -> Nobody {
        Nobody::unreachable().await
    }
}
