//! A request, and the steps of the answer to it.

use std::{
    future::{self, Future},
    mem,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{RecvStream, SendStream, server::SendResponse};
use http::{Request, Response};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    super::{
        records::{Left, Seen},
        script::{Cut, End, Reading, Step},
        upstream::Server,
    },
    Order, fields,
    reader::{left, read},
};

/// One request, and the answer to it.
pub(super) struct Exchange {
    server: Arc<Server>,
    request: usize,
    orders: mpsc::UnboundedSender<Order>,
    out: Out,
    reading: Reading,
}

enum Out {
    Head(SendResponse<Bytes>, Response<()>),
    Body(SendStream<Bytes>),
    Ended,
}

impl Exchange {
    pub(super) fn new(
        server: Arc<Server>,
        respond: SendResponse<Bytes>,
        orders: mpsc::UnboundedSender<Order>,
    ) -> Self {
        Self {
            server,
            request: 0,
            orders,
            out: Out::Head(respond, Response::new(())),
            reading: Reading::First,
        }
    }

    pub(super) async fn run(mut self, connection: usize, request: Request<RecvStream>) {
        let (parts, mut body) = request.into_parts();
        let seen = Seen::new(connection, fields::line(&parts), fields::headers(&parts));
        self.request = self.server.records.add(seen);
        let left = match self.exchange(&mut body).await {
            Ok(idle) => self.rest(idle, &mut body).await,
            Err(End::Left(left)) => Err(left),
            Err(End::Cut(_)) => Ok(()),
        };
        if let Err(left) = left {
            self.server.records.leave(self.request, left);
        }
    }

    /// Reads what is left of the body, and takes the steps that come after the answer.
    async fn rest(&mut self, steps: Vec<Step>, body: &mut RecvStream) -> Result<(), Left> {
        let (orders, server) = (self.orders.clone(), Arc::clone(&self.server));
        let reading = self.reading.clone();
        let read = read(body, &reading, &server, self.request);
        let idle = async {
            tokio::select! {
                _ = self.play(steps) => {}
                () = orders.closed() => {}
            }
        };
        tokio::join!(read, idle).0
    }

    /// Answers; what is to happen after it.
    async fn exchange(&mut self, body: &mut RecvStream) -> Result<Vec<Step>, End> {
        let server = Arc::clone(&self.server);
        let request = self.request;
        if server.plan.needs_body() {
            read(body, &Reading::First, &server, request).await?;
        }
        let script = server.plan.script(request, &server.records);
        let reading = script.reading.clone();
        self.reading = reading.clone();
        if let Out::Head(_, head) = &mut self.out {
            *head = fields::head(&script);
        }
        let waits = script.waits_for_body();
        let (steps, idle) = script.divided();
        let answer = async {
            if waits {
                server.records.body(request).await;
            }
            self.play(steps).await
        };
        let watch = async {
            match read(body, &reading, &server, request).await {
                Ok(()) => future::pending().await,
                Err(left) => left,
            }
        };
        tokio::select! {
            biased;
            left = watch => return Err(left.into()),
            played = answer => played?,
        }
        server.records.update(request, |seen| seen.finished = true);
        Ok(idle)
    }

    async fn play(&mut self, steps: Vec<Step>) -> Result<(), End> {
        for step in steps {
            self.step(step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: Step) -> Result<(), End> {
        match step {
            Step::Delay(time) => self.wait(sleep(time)).await?,
            Step::Wait(gate) => self.wait(gate.pass()).await?,
            Step::Stall => self.wait(future::pending()).await?,
            Step::HalfHead => {}
            Step::Head => self.head()?,
            Step::Data(bytes) => self.data(bytes).await?,
            Step::Repeat(bytes, times, interval) => {
                for time in 0..times {
                    if time > 0 && !interval.is_zero() {
                        self.wait(sleep(interval)).await?;
                    }
                    self.data(bytes.clone()).await?;
                }
            }
            Step::Raw(_) | Step::Garbage(_) => panic!("HTTP/2 has no bytes outside of frames"),
            Step::Finish(trailers) => self.finish(&trailers)?,
            Step::GoAway => drop(self.orders.send(Order::GoAway)),
            Step::Cut(cut) => return self.cut(cut).await,
        }
        Ok(())
    }

    /// Waits, unless the peer leaves.
    async fn wait<T>(&mut self, what: impl Future<Output = T>) -> Result<T, Left> {
        let mut what = pin!(what);
        future::poll_fn(|cx| match self.out.poll_left(cx) {
            Poll::Ready(left) => Poll::Ready(Err(left)),
            Poll::Pending => what.as_mut().poll(cx).map(Ok),
        })
        .await
    }

    fn head(&mut self) -> Result<(), Left> {
        self.out = match mem::replace(&mut self.out, Out::Ended) {
            Out::Head(mut respond, head) => {
                let body = respond.send_response(head, false);
                Out::Body(body.map_err(|error| left(&error))?)
            }
            other => other,
        };
        Ok(())
    }

    async fn data(&mut self, mut bytes: Bytes) -> Result<(), Left> {
        self.head()?;
        while !bytes.is_empty() {
            let room = future::poll_fn(|cx| self.poll_room(cx, bytes.len()));
            let room = room.await?;
            let part = bytes.split_to(room.min(bytes.len()));
            let written = part.len();
            if let Out::Body(stream) = &mut self.out {
                let sent = stream.send_data(part, false);
                sent.map_err(|error| left(&error))?;
            }
            self.server.records.update(self.request, |seen| {
                seen.blocked = false;
                seen.written += written;
            });
        }
        Ok(())
    }

    /// How much the peer and the connection take now, at least a byte.
    fn poll_room(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<Result<usize, Left>> {
        if let Poll::Ready(left) = self.out.poll_left(cx) {
            return Poll::Ready(Err(left));
        }
        let Out::Body(stream) = &mut self.out else {
            return Poll::Ready(Ok(wanted));
        };
        stream.reserve_capacity(wanted);
        loop {
            if stream.capacity() > 0 {
                return Poll::Ready(Ok(stream.capacity()));
            }
            let Poll::Ready(room) = stream.poll_capacity(cx) else {
                let update = |seen: &mut Seen| seen.blocked = true;
                self.server.records.update(self.request, update);
                return Poll::Pending;
            };
            if let Some(Err(error)) = room {
                return Poll::Ready(Err(left(&error)));
            }
        }
    }

    fn finish(&mut self, trailers: &[(String, String)]) -> Result<(), Left> {
        self.head()?;
        let Out::Body(mut stream) = mem::replace(&mut self.out, Out::Ended) else {
            return Ok(());
        };
        let sent = if trailers.is_empty() {
            stream.send_data(Bytes::new(), true)
        } else {
            stream.send_trailers(fields::map(trailers))
        };
        sent.map_err(|error| left(&error))
    }

    async fn cut(&mut self, cut: Cut) -> Result<(), End> {
        // Else a reset takes back what is queued.
        let (done, flushed) = oneshot::channel();
        drop(self.orders.send(Order::Flush(done)));
        let _ = self.wait(flushed).await?;
        self.server
            .records
            .update(self.request, |seen| seen.finished = true);
        match (cut, &mut self.out) {
            (Cut::H2Reset(code), Out::Head(respond, _)) => respond.send_reset(code.into()),
            (Cut::H2Reset(code), Out::Body(stream)) => stream.send_reset(code.into()),
            (Cut::H2Reset(_), Out::Ended) => {}
            (Cut::Fin | Cut::Rst, _) => {
                drop(self.orders.send(Order::Cut(cut)));
                // A stream that is dropped before its connection is reset.
                self.orders.closed().await;
            }
        }
        Err(End::Cut(cut))
    }
}

impl Out {
    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<Left> {
        let reset = match self {
            Self::Head(respond, _) => ready!(respond.poll_reset(cx)),
            Self::Body(stream) => ready!(stream.poll_reset(cx)),
            Self::Ended => return Poll::Pending,
        };
        let code = |reason| Left::H2Reset(u32::from(reason));
        Poll::Ready(reset.map_or_else(|error| left(&error), code))
    }
}
