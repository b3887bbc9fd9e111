use bytes::{BufMut, BytesMut};

/// Writes one event; `data` writes its data, which must have no line break.
///
/// Lines end in `\n` and fields have one space behind the colon, because some clients insist on both.
pub fn event(out: &mut BytesMut, name: Option<&str>, data: impl FnOnce(&mut BytesMut)) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.put_u8(b'\n');
    }
    out.extend_from_slice(b"data: ");
    data(out);
    out.extend_from_slice(b"\n\n");
}

/// Writes a comment, which clients skip: a sign of life.
pub fn comment(out: &mut BytesMut, text: &str) {
    out.extend_from_slice(b": ");
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\n\n");
}
