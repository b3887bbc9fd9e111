//! Answers, byte for byte.

use std::{future, io, mem, pin::Pin};

use bytes::Bytes;
use http::StatusCode;
use tokio::{
    io::{AsyncWrite as _, AsyncWriteExt as _, WriteHalf},
    time::sleep,
};

use super::super::{
    records::{Left, Records, Seen},
    script::{End, Script, Step},
    wire::{Stream, Wire},
};

pub(super) struct Writer<S: Stream> {
    stream: WriteHalf<Wire<S>>,
    records: Records,
    /// The request that is answered, or was the last.
    pub(super) request: Option<usize>,
    /// What of the head is not sent yet.
    head: Bytes,
    chunked: bool,
}

impl<S: Stream> Writer<S> {
    pub(super) fn new(stream: WriteHalf<Wire<S>>, records: Records) -> Self {
        Self {
            stream,
            records,
            request: None,
            head: Bytes::new(),
            chunked: false,
        }
    }

    pub(super) fn start(&mut self, script: &Script) {
        self.chunked = !script.is_framed() && script.has_body();
        self.head = head(script, self.chunked).into();
    }

    /// Takes the steps of an answer.
    pub(super) async fn play(&mut self, steps: Vec<Step>) -> Result<(), End> {
        for step in steps {
            let played = self.step(step).await;
            if matches!(played, Err(End::Cut(_))) {
                self.update(|seen| seen.finished = true);
            }
            played?;
        }
        self.update(|seen| seen.finished = true);
        Ok(())
    }

    /// Takes the steps on an idle connection; only a cut ends it.
    pub(super) async fn idle(&mut self, steps: Vec<Step>) -> End {
        for step in steps {
            if let Err(end) = self.step(step).await {
                return end;
            }
        }
        future::pending().await
    }

    async fn step(&mut self, step: Step) -> Result<(), End> {
        match step {
            Step::Delay(time) => sleep(time).await,
            Step::Wait(gate) => gate.pass().await,
            Step::Stall => future::pending().await,
            Step::HalfHead => {
                let half = self.head.split_to(self.head.len() / 2);
                self.write(&half).await?;
            }
            Step::Head => self.send(&[]).await?,
            Step::Data(bytes) => self.data(&bytes).await?,
            Step::Repeat(bytes, times, interval) => {
                for time in 0..times {
                    if time > 0 && !interval.is_zero() {
                        sleep(interval).await;
                    }
                    self.data(&bytes).await?;
                }
            }
            Step::Raw(bytes) => self.write(&bytes).await?,
            Step::Garbage(bytes) => {
                (self.head, self.chunked) = (Bytes::new(), false);
                self.write(&bytes).await?;
            }
            Step::Finish(trailers) => {
                let end = if mem::take(&mut self.chunked) {
                    format!("0\r\n{}\r\n", lines(&trailers))
                } else {
                    String::new()
                };
                self.send(end.as_bytes()).await?;
            }
            Step::GoAway => {}
            Step::Cut(cut) => return Err(End::Cut(cut)),
        }
        Ok(())
    }

    async fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        // An empty chunk is the last one.
        if !self.chunked || bytes.is_empty() {
            return self.send(bytes).await;
        }
        let size = format!("{:x}\r\n", bytes.len());
        let chunk = [size.as_bytes(), bytes, b"\r\n"].concat();
        self.send(&chunk).await
    }

    /// Writes these bytes, behind the head.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let head = mem::take(&mut self.head);
        self.write(&[&head, bytes].concat()).await
    }

    async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = future::poll_fn(|cx| {
                let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
                if written.is_pending() {
                    self.update(|seen| seen.blocked = true);
                }
                written
            });
            let written = written.await?;
            self.update(|seen| {
                seen.blocked = false;
                seen.written += written;
            });
            bytes = &bytes[written..];
        }
        self.stream.flush().await
    }

    fn update(&self, change: impl FnOnce(&mut Seen)) {
        if let Some(request) = self.request {
            self.records.update(request, change);
        }
    }
}

fn head(script: &Script, chunked: bool) -> String {
    let status = StatusCode::from_u16(script.status).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    let reason = reason.unwrap_or_default();
    let framing = if chunked {
        "transfer-encoding: chunked\r\n"
    } else if script.is_framed() || matches!(script.status, 204 | 304) {
        ""
    } else {
        "content-length: 0\r\n"
    };
    let headers = lines(&script.headers);
    format!(
        "HTTP/1.1 {} {reason}\r\n{headers}{framing}\r\n",
        script.status
    )
}

fn lines(headers: &[(String, String)]) -> String {
    let lines = headers.iter();
    let lines = lines.map(|(name, value)| format!("{name}: {value}\r\n"));
    lines.collect()
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Left(Left::Rst)
    }
}
