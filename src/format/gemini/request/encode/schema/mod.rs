//! Schemas, in the dialects that the API takes.

mod inline;
mod refs;
mod subset;

use bytes::BytesMut;
use memchr::memmem;

use crate::{
    format::GeminiSchema,
    ir::Schema,
    json::{self, Raw, ToJson},
};

use crate::format::gemini::wire::request::Members;

/// How many schemas may be within one another: more than there are in any that people write. What is deeper is left
/// out.
const DEPTH: usize = 64;

/// Why a schema is said otherwise.
pub(super) const LOSSY: &str = "the target takes only a part of what the schema says";

/// Writes a schema; tells whether it could not be said in full.
pub(super) fn write(schema: Raw<'_>, dialect: GeminiSchema, out: &mut BytesMut) -> bool {
    match dialect {
        GeminiSchema::OpenApiSubset => subset::write(schema, out),
        GeminiSchema::JsonSchema => json_schema(schema, out),
    }
}

/// Writes the schema of a function's arguments, whose root must say that it is an object.
pub(super) fn write_arguments(
    schema: Option<&Schema<'_>>,
    dialect: GeminiSchema,
    out: &mut BytesMut,
) -> bool {
    if let Some(schema) = schema.filter(|schema| schema.says_object()) {
        return write(schema.raw(), dialect, out);
    }
    let mut whole = BytesMut::new();
    crate::format::common::schema::write_object(schema, &mut whole);
    match json::read_bytes::<Raw<'_>>(&whole) {
        Ok(whole) => write(whole, dialect, out),
        Err(_) => true,
    }
}

/// Most schemas are written as they are.
fn json_schema(schema: Raw<'_>, out: &mut BytesMut) -> bool {
    if memmem::find(schema.get().as_bytes(), b"$ref").is_some() {
        return inline::write(schema, out);
    }
    let has_dialect = memmem::find(schema.get().as_bytes(), b"$schema").is_some();
    let members = has_dialect.then(|| schema.parse::<Members<'_>>());
    match members {
        Some(Ok(members)) => json::object(out, |o| {
            for member in members
                .extra
                .iter()
                .filter(|member| member.key != "$schema")
            {
                o.field(&member.key, member.value);
            }
        }),
        _ => schema.write(out),
    }
    false
}
