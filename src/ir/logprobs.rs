use crate::json::{Number, Raw, Text};

/// How likely the tokens of an answer were.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Logprobs<'a> {
    /// The tokens, in order.
    pub tokens: Vec<Logprob<'a>>,
    /// All of it in its own format.
    pub native: Option<Raw<'a>>,
}

/// How likely one token was.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Logprob<'a> {
    /// The token.
    pub token: Text<'a>,
    /// The natural logarithm of its probability.
    pub logprob: Number<'a>,
    /// Its bytes in UTF-8, as a JSON array of numbers, if the provider tells.
    pub bytes: Option<Raw<'a>>,
    /// The likeliest tokens in its place.
    pub top: Vec<Logprob<'a>>,
}

impl<'a> Logprob<'a> {
    /// A token of which no more is known.
    pub const fn new(token: Text<'a>, logprob: Number<'a>) -> Self {
        Self {
            token,
            logprob,
            bytes: None,
            top: Vec::new(),
        }
    }
}
