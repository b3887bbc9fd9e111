//! Whole answers: read from providers, written for callers.

mod decode;
mod encode;
mod piece;
pub(super) mod write;

pub(super) use decode::{arguments, blocked, created, decode};
pub(super) use encode::encode;
pub(super) use piece::{Piece, parts, piece};
