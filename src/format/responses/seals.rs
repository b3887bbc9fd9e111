//! Whose an `encrypted_content` is.

use crate::{ir::Seal, json::Text};

use super::ID;

/// Tells whose a seal on the item `id` is, and whether it is all there is of a thought. A foreign one is in a carrier:
/// callers give it back so, and gateways in the place of a provider send it so.
pub(super) fn read<'a>(id: Option<Text<'a>>, data: Text<'a>) -> (Seal<'a>, bool) {
    let carried = Seal::carried(&data.decode());
    carried.unwrap_or_else(|| (Seal::new(ID, data).with_id(id.unwrap_or_default()), false))
}
