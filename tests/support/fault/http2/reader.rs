//! The bodies of requests.

use std::io;

use h2::RecvStream;
use tokio::time::sleep;

use super::super::{
    records::{Left, Seen},
    script::Reading,
    upstream::Server,
};

/// Reads the body to its end.
pub(super) async fn read(
    body: &mut RecvStream,
    reading: &Reading,
    server: &Server,
    request: usize,
) -> Result<(), Left> {
    if let Reading::From(gate) = reading
        && !body.is_end_stream()
    {
        gate.pass().await;
    }
    while let Some(bytes) = body.data().await {
        let bytes = bytes.map_err(|error| left(&error))?;
        let update = |seen: &mut Seen| seen.body.extend_from_slice(&bytes);
        server.records.update(request, update);
        let mut held = bytes.len();
        while held > 0 {
            let mut released = held;
            if let Reading::Slowly(bytes, interval) = reading {
                sleep(*interval).await;
                released = held.min(*bytes);
            }
            // It fails if the peer has left, which the next read says.
            let _ = body.flow_control().release_capacity(released);
            held -= released;
        }
    }
    server
        .records
        .update(request, |seen| seen.body_complete = true);
    Ok(())
}

/// Who ends a stream by this error, how.
pub(super) fn left(error: &h2::Error) -> Left {
    let is_reset = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset;
    match error.reason() {
        Some(reason) => Left::H2Reset(reason.into()),
        None if error.get_io().is_some_and(is_reset) => Left::Rst,
        None => Left::Fin,
    }
}
