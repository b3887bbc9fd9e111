//! A body in the test's own hands.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_test::{assert_ready, task};
use tower_llm_gateway::{Body, BoxError};

/// The end of a body that the test holds: what is sent here comes out there.
pub struct Gate {
    frames: UnboundedSender<Result<Frame<Bytes>, BoxError>>,
    alive: Weak<()>,
}

impl Gate {
    pub fn new() -> (Self, Body) {
        let (frames, received) = unbounded_channel();
        let held = Arc::new(());
        let alive = Arc::downgrade(&held);
        let frames_of = stream::unfold((received, held), |(mut received, held)| async move {
            let frame = received.recv().await?;
            Some((frame, (received, held)))
        });
        (
            Self { frames, alive },
            Body::new(StreamBody::new(frames_of)),
        )
    }

    pub fn send(&self, data: impl Into<Bytes>) {
        self.frame(Ok(Frame::data(data.into())));
    }

    pub fn breaks(&self) {
        self.fails(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    }

    pub fn fails(&self, error: impl Into<BoxError>) {
        self.frame(Err(error.into()));
    }

    fn frame(&self, frame: Result<Frame<Bytes>, BoxError>) {
        assert!(self.frames.send(frame).is_ok(), "the body is gone");
    }

    /// Whether somebody still holds the body.
    pub fn is_held(&self) -> bool {
        self.alive.strong_count() > 0
    }
}

/// The next piece of a body, as text. It is there already, or never comes.
#[track_caller]
pub fn next(body: &mut Body) -> Option<String> {
    let mut frame = task::spawn(body.frame());
    let data = assert_ready!(frame.poll())?.unwrap().into_data().ok()?;
    Some(String::from_utf8(data.to_vec()).unwrap())
}
