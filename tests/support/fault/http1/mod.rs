//! HTTP/1 by hand, so that anything can be said.

mod reader;
mod request;
mod writer;

use std::convert::Infallible;

use tokio::io::split;

use super::{
    Plan,
    records::{Records, Seen},
    script::{Cut, End, Step},
    wire::{Stream, Wire},
};
use reader::Reader;
use request::Head;
use writer::Writer;

/// Serves requests until one of the two leaves.
pub(super) async fn serve<S: Stream>(wire: Wire<S>, plan: &Plan, records: &Records) {
    let resets = wire.resets();
    let (reader, writer) = split(wire);
    let mut connection = Connection {
        number: records.connect(),
        reader: Reader::new(reader, records.clone()),
        writer: Writer::new(writer, records.clone()),
    };
    let Err(end) = connection.exchanges(plan, records).await;
    match (end, connection.writer.request) {
        (End::Left(left), Some(request)) => records.leave(request, left),
        (End::Left(_), None) | (End::Cut(Cut::Fin), _) => {}
        (End::Cut(Cut::Rst | Cut::H2Reset(_)), _) => resets.set(),
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
                head = self.reader.next() => head?,
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
        let body = head.body();
        let mut seen = Seen::new(self.number, head.line, head.headers);
        seen.head = head.bytes.into();
        let request = records.add(seen);
        self.reader.start(request, body);
        self.writer.request = Some(request);
        if plan.needs_body() {
            self.reader.body().await?;
        }
        let script = plan.script(request, records);
        self.reader.reading = script.reading.clone();
        let waits = script.waits_for_body();
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
            left = self.reader.watch() => return Err(left.into()),
            played = answer => played?,
        }
        Ok(idle)
    }
}
