//! Addresses where nobody answers.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// An address of this machine where nobody answers, in one of three ways. Nobody else gets it while
/// this lives.
#[derive(Debug)]
pub struct Nobody {
    address: SocketAddr,
    _socket: Result<TcpListener, TcpSocket>,
}

impl Nobody {
    /// The base URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn refusing() -> Self {
        let (socket, address) = bound();
        Self {
            address,
            _socket: Err(socket),
        }
    }

    pub(super) fn silent() -> Self {
        Self::listening(1024)
    }

    pub(super) async fn unreachable() -> Self {
        let nobody = Self::listening(0);
        // The queue has one place, which is kept for this connection even when it is closed. Later
        // ones try until their time is up.
        let first = TcpStream::connect(nobody.address).await;
        first.expect("the queue has a place");
        nobody
    }

    fn listening(queue: u32) -> Self {
        let (socket, address) = bound();
        Self {
            address,
            _socket: Ok(socket.listen(queue).expect("a bound socket listens")),
        }
    }
}

fn bound() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("there is a free descriptor");
    let bound = socket.bind(([127, 0, 0, 1], 0).into());
    bound.expect("loopback has a free port");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, address)
}
