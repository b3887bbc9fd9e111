//! The codec as a whole: each rule of translation, and the identity law.

mod endpoints;
mod requests;
