//! The codec as a whole, through its public face.

mod answers;
mod requests;
