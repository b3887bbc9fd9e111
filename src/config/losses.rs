use crate::ir::LossPolicy;

use super::reader::{Fields, Reader};

/// Reads what is done about losses, which downstreams and rules say with the same keys.
pub(super) fn read(reader: &mut Reader<'_>, fields: &mut Fields) -> LossPolicy {
    let mut flag = |name| {
        let item = fields.take(reader, name);
        item.map(|item| reader.flag(Some(item), false))
    };
    LossPolicy {
        strict: flag("strict"),
        warnings: flag("translation_warnings"),
    }
}
