//! The objects of the API, as far as their members mean something to other formats. Each member goes by its name in
//! camel case and by the one in snake case: callers mix them, the official SDK among them.
//!
//! Source, unless a type says otherwise: types of google-genai 3.4.0 and the API reference, 2026-11.

pub(super) mod content;
pub(super) mod request;
pub(super) mod response;
