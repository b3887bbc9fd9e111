//! JSON that is moved rather than understood.
//!
//! Strings, numbers and whole subtrees stay slices of the source, still in their JSON spelling, and are decoded only
//! when somebody looks. So escapes, key order and number text (`2^70`, `1.0`) survive a translation by construction.

mod abridged;
mod early;
mod fast;
mod literal;
mod number;
mod plain;
mod raw;
mod read;
mod scan;
mod text;
mod write;

pub(crate) use abridged::Abridged;
pub(crate) use early::Early;
pub(crate) use literal::leading_text;
pub use number::Number;
pub use raw::{Kind, Raw};
pub(crate) use read::text_of;
pub use read::{ReadError, read, read_bytes};
pub(crate) use scan::{Walk, members};
pub use text::Text;
pub use write::{Array, Object, ToJson, array, compact, object};
