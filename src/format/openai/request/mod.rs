//! Requests: bodies to the neutral form and back.

mod cache;
mod content;
mod decode;
mod encode;
mod message;
mod normalise;
mod pairing;
mod parameters;
mod path;
mod policy;
mod tool_choice;
mod tools;
mod web_search;
mod write_content;
mod write_message;

use std::fmt;

use crate::{ir, json::ReadError};

pub(super) use content::{Piece, text_of};
pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use message::{arguments, citation};

/// The caller's fault at `path`.
fn bad(path: impl Into<String>, what: impl fmt::Display) -> ir::Error {
    let path = path.into();
    ir::Error::bad_request(format!("{path}: {what}.")).with_param(path)
}

/// The caller's fault at `path`, where something could not be read. Where in the value is left out: it is a slice.
fn unreadable(path: impl Into<String>, error: &ReadError) -> ir::Error {
    let what = error.to_string();
    bad(path, what.split(" at line ").next().unwrap_or_default())
}
