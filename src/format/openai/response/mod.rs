//! Whole answers: bodies to the neutral form and back.

mod decode;
mod encode;

pub(super) use decode::{created, decode, failure};
pub(super) use encode::{encode, url_citation};
