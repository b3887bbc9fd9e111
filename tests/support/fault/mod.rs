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
mod records;
mod request;
mod script;
mod wire;

use std::{net::SocketAddr, ops::Deref, sync::Arc};

use tokio::{
    net::{TcpListener, TcpSocket},
    task::{JoinHandle, JoinSet},
};

pub use super::doubles::Format;
pub use gate::Gate;
pub use records::{Left, Records, Seen};
pub use script::{Cut, Script};
pub use wire::{Stream, Wire};

/// An upstream that is not there yet.
#[must_use]
pub struct Fault {
    plan: Plan,
    buffers: Option<u32>,
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
        Self {
            plan: Plan::List(Vec::new()),
            buffers: None,
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

    /// Listens on a free port of 127.0.0.1.
    pub async fn start(self) -> Upstream {
        let listener = self.listen();
        let address = listener.local_addr().expect("a bound socket has one");
        let (plan, records) = (Arc::new(self.plan), Records::default());
        let server = tokio::spawn(accept(listener, plan, records.clone()));
        Upstream {
            url: format!("http://{address}"),
            address,
            records,
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
}

async fn accept(listener: TcpListener, plan: Arc<Plan>, records: Records) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Else the kernel holds an event back until the one before is acknowledged.
        let _ = stream.set_nodelay(true);
        let (plan, records) = (Arc::clone(&plan), records.clone());
        connections.spawn(async move { http1::serve(Wire::new(stream), &plan, &records).await });
        while connections.try_join_next().is_some() {}
    }
}

/// A listening upstream, which answers for its records. Dropping it cuts all connections.
pub struct Upstream {
    url: String,
    address: SocketAddr,
    records: Records,
    server: JoinHandle<()>,
}

impl Upstream {
    /// The base URL, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Deref for Upstream {
    type Target = Records;

    fn deref(&self) -> &Records {
        &self.records
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}
