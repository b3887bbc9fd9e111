use std::cell::Cell;

use bytes::BytesMut;

use crate::json::ToJson;

/// An event that is written again and again with another value in one place.
#[derive(Debug)]
pub(crate) struct Mold {
    event: Vec<u8>,
    /// Where the value belongs.
    gap: usize,
}

/// Stands for the value while the event is written for the first time.
#[derive(Debug)]
pub(crate) struct Gap(Cell<usize>);

impl Mold {
    /// Of what `write` writes.
    pub(crate) fn of(write: impl FnOnce(&Gap, &mut BytesMut)) -> Self {
        let (gap, mut out) = (Gap(Cell::new(0)), BytesMut::new());
        write(&gap, &mut out);
        Self {
            event: out.to_vec(),
            gap: gap.0.get(),
        }
    }

    /// Writes the event with this value.
    pub(crate) fn fill(&self, value: impl ToJson, out: &mut BytesMut) {
        let (before, behind) = self.event.split_at_checked(self.gap).unwrap_or_default();
        out.extend_from_slice(before);
        value.write(out);
        out.extend_from_slice(behind);
    }
}

impl ToJson for Gap {
    fn write(&self, out: &mut BytesMut) {
        self.0.set(out.len());
    }
}
