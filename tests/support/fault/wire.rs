//! The connections: over TCP, or within the process, where time can be paused.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// What an upstream can serve.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Makes the drop that follows a reset of the connection.
    fn reset(&mut self);
}

impl Stream for TcpStream {
    fn reset(&mut self) {
        // It fails if the peer was faster.
        let _ = self.set_zero_linger();
    }
}

impl<S: Stream> Stream for TlsStream<S> {
    fn reset(&mut self) {
        self.get_mut().0.reset();
    }
}

impl Stream for DuplexStream {
    /// The flag that both ends share says it all.
    fn reset(&mut self) {}
}

/// One end of a connection.
#[derive(Debug)]
pub struct Wire<S: Stream = DuplexStream> {
    stream: S,
    resets: Reset,
    was_reset: Reset,
}

/// Whether the end of a connection is a reset.
#[derive(Clone, Debug, Default)]
pub(super) struct Reset(Arc<AtomicBool>);

impl Reset {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl<S: Stream> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            resets: Reset::default(),
            was_reset: Reset::default(),
        }
    }

    /// Once set, the drop of this end is a reset.
    pub(super) fn resets(&self) -> Reset {
        self.resets.clone()
    }

    /// Leaves by a reset.
    pub fn reset(self) {
        self.resets.set();
    }
}

impl Wire {
    /// Both ends of a connection within the process, which holds so many bytes in each direction.
    pub(super) fn pair(capacity: usize) -> (Self, Self) {
        let (left, right) = duplex(capacity);
        let (mut left, mut right) = (Self::new(left), Self::new(right));
        left.was_reset = right.resets();
        right.was_reset = left.resets();
        (left, right)
    }
}

impl<S: Stream> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.resets.is_set() {
            self.stream.reset();
        }
    }
}

impl<S: Stream> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let ended = buffer.filled().len() == before;
        if ended && self.was_reset.is_set() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
