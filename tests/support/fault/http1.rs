//! HTTP/1 by hand, so that anything can be said.

use std::{convert::Infallible, future, io, mem, pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split},
    time::sleep,
};

use super::{
    Plan,
    records::{Left, Records, Seen},
    request::{Head, Rest},
    script::{Cut, Reading, Script, Step},
    wire::{Stream, Wire},
};

/// Most bytes of one read.
const BLOCK: usize = 64 * 1024;

/// Serves requests until one of the two leaves.
pub(super) async fn serve<S: Stream>(wire: Wire<S>, plan: &Plan, records: &Records) {
    let resets = wire.resets();
    let (reader, writer) = split(wire);
    let mut connection = Connection {
        number: records.connect(),
        reader: Reader {
            stream: reader,
            buffer: BytesMut::new(),
        },
        writer: Writer {
            stream: writer,
            records: records.clone(),
            request: None,
            head: Bytes::new(),
            chunked: false,
        },
    };
    let Err(end) = connection.exchanges(plan, records).await;
    match (end, connection.writer.request) {
        (End::Left(left), Some(request)) => records.leave(request, left),
        (End::Left(_), None) | (End::Cut(Cut::Fin), _) => {}
        (End::Cut(Cut::Rst | Cut::H2Reset(_)), _) => resets.set(),
    }
}

/// Why a connection is over.
enum End {
    Left(Left),
    Cut(Cut),
}

impl From<Left> for End {
    fn from(left: Left) -> Self {
        Self::Left(left)
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Left(Left::Rst)
    }
}

struct Connection<S: Stream> {
    number: usize,
    reader: Reader<S>,
    writer: Writer<S>,
}

impl<S: Stream> Connection<S> {
    async fn exchanges(&mut self, plan: &Plan, records: &Records) -> Result<Infallible, End> {
        let mut idle = Vec::new();
        loop {
            let head = tokio::select! {
                biased;
                head = self.reader.head() => head?,
                end = self.writer.idle(idle) => return Err(end),
            };
            idle = self.exchange(head, plan, records).await?;
        }
    }

    /// Answers a request; what is to happen on the idle connection then.
    async fn exchange(
        &mut self,
        head: Head,
        plan: &Plan,
        records: &Records,
    ) -> Result<Vec<Step>, End> {
        let mut rest = head.body();
        let request = records.add(Seen::new(self.number, head.line, head.headers));
        self.writer.request = Some(request);
        let mut body = Body {
            rest: &mut rest,
            records,
            request,
        };
        if plan.needs_body() || *body.rest == Rest::Nothing {
            self.reader.body(&mut body, &Reading::First).await?;
        }
        let script = plan.script(request, records);
        let reading = script.reading.clone();
        let waits = matches!(reading, Reading::First | Reading::Slowly(..));
        self.writer.start(&script);
        let (steps, idle) = script.divided();
        let answer = async {
            if waits {
                records.body(request).await;
            }
            self.writer.play(steps).await
        };
        tokio::select! {
            biased;
            left = self.reader.watch(&mut body, &reading) => return Err(left.into()),
            played = answer => played?,
        }
        self.reader.body(&mut body, &reading).await?;
        Ok(idle)
    }
}

/// The body of a request.
struct Body<'a> {
    rest: &'a mut Rest,
    records: &'a Records,
    request: usize,
}

struct Reader<S: Stream> {
    stream: ReadHalf<Wire<S>>,
    buffer: BytesMut,
}

impl<S: Stream> Reader<S> {
    async fn head(&mut self) -> Result<Head, Left> {
        loop {
            if let Some(head) = Head::take(&mut self.buffer) {
                return Ok(head);
            }
            self.fill(BLOCK).await?;
        }
    }

    /// Reads the body to its end.
    async fn body(&mut self, body: &mut Body<'_>, reading: &Reading) -> Result<(), Left> {
        let (block, pause) = match reading {
            Reading::Slowly(bytes, interval) => (*bytes, *interval),
            Reading::First | Reading::Beside | Reading::From(_) => (BLOCK, Duration::ZERO),
        };
        if let Reading::From(gate) = reading {
            gate.pass().await;
        }
        loop {
            let part = body.rest.take(&mut self.buffer);
            body.records.update(body.request, |seen| {
                seen.body.extend_from_slice(&part);
                seen.body_complete = *body.rest == Rest::Nothing;
            });
            if *body.rest == Rest::Nothing {
                return Ok(());
            }
            if !pause.is_zero() {
                sleep(pause).await;
            }
            self.fill(block).await?;
        }
    }

    /// Reads the body, then for as long as the peer is there.
    async fn watch(&mut self, body: &mut Body<'_>, reading: &Reading) -> Left {
        if let Err(left) = self.body(body, reading).await {
            return left;
        }
        loop {
            if let Err(left) = self.fill(BLOCK).await {
                return left;
            }
        }
    }

    async fn fill(&mut self, most: usize) -> Result<(), Left> {
        self.buffer.reserve(most);
        let mut stream = (&mut self.stream).take(most as u64);
        match stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(Left::Fin),
            Ok(_) => Ok(()),
            Err(_) => Err(Left::Rst),
        }
    }
}

struct Writer<S: Stream> {
    stream: WriteHalf<Wire<S>>,
    records: Records,
    /// The request that is answered, or was the last.
    request: Option<usize>,
    /// What of the head is not sent yet.
    head: Bytes,
    chunked: bool,
}

impl<S: Stream> Writer<S> {
    fn start(&mut self, script: &Script) {
        self.chunked = !script.is_framed() && script.has_body();
        self.head = head(script, self.chunked).into();
    }

    /// Takes the steps of an answer.
    async fn play(&mut self, steps: Vec<Step>) -> Result<(), End> {
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
    async fn idle(&mut self, steps: Vec<Step>) -> End {
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
        if !self.chunked {
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
