//! Whose a `thoughtSignature` is.

use crate::{
    format::common::data_uri::decode_text,
    ir::{Seal, SealPlace},
    json::Text,
};

use super::ID;

/// Tells whose a seal is, and whether it is all there is of a thought. A foreign one is in a carrier, and that in base64,
/// because the member is one of bytes. Callers give it back so, and gateways in the place of a provider send it so.
pub(super) fn read(data: Text<'_>) -> (Seal<'_>, bool) {
    let carried = decode_text(&data.decode()).and_then(|carrier| Seal::carried(&carrier));
    carried.unwrap_or_else(|| (Seal::new(ID, data), false))
}

/// A seal that stands on something else than a thought. A foreign one brings its own place.
pub(super) fn read_on(data: Text<'_>, place: SealPlace) -> Seal<'_> {
    let (seal, _) = read(data);
    if seal.is_of(ID) { seal.on(place) } else { seal }
}
