//! One upstream that does what a script says, however wrong, and remembers what was done to it.
//!
//! ```ignore
//! let gate = Gate::new();
//! let upstream = Fault::h1()
//!     .script(Script::error(Format::OpenAi, 503).header("retry-after", "2"))
//!     .then(Script::stream().chunks(Format::OpenAi.events()).wait(&gate).cut(Cut::Rst))
//!     .start()
//!     .await;
//! // point a client at upstream.url(), send a request that is answered 503, send another, then
//! gate.reached(1).await; // all events are written
//! gate.open(); // … and the connection is reset; or drop the client's body, and see
//! assert_eq!(upstream.left(1).await, Left::Fin);
//! assert_eq!(upstream.seen()[1].credentials(), [("authorization".into(), "Bearer k".into())]);
//! ```
//!
//! There is one script per request, in the order in which heads come; the last one repeats. Nothing
//! here needs a sleep: a [`Gate`] holds a script, the [`Records`] wait for what is to come.

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
            Self::Each(choose) => choose(request, &records.seen()[request]),
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

    /// Does for each request what is chosen by its number, from 0, and all of it but how to read.
    pub fn each(mut self, choose: impl Fn(usize, &Seen) -> Script + Send + Sync + 'static) -> Self {
        self.plan = Plan::Each(Box::new(choose));
        self
    }

    /// Lets the kernel hold only about so many bytes in each direction, so that who does not read is
    /// soon felt. Default: megabytes.
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
    pub async fn start(self) -> Upstream {
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
