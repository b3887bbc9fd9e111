//! How likely tokens were, as two APIs of one owner say it: a list of `{"token", "logprob", "bytes", "top_logprobs"}`.
//! Source: `chat_completion_token_logprob.py` and `response_output_text.py` of openai-python 3.54.0, 2026-11.

use crate::{
    format::object::object,
    ir::Logprob,
    json::{Array, Number, Raw, Text},
};

object! {
    struct Token<'a> {
        token: Text<'a>,
        logprob: Number<'a>,
        bytes: Raw<'a>,
        top_logprobs: Vec<Raw<'a>>,
    }
}

/// The tokens of a list; what can't be read is left out.
pub(crate) fn read(list: Raw<'_>) -> Vec<Logprob<'_>> {
    let tokens: Vec<Raw<'_>> = list.parse().unwrap_or_default();
    tokens
        .into_iter()
        .filter_map(|raw| token(raw, true))
        .collect()
}

fn token(raw: Raw<'_>, with_top: bool) -> Option<Logprob<'_>> {
    let token: Token<'_> = raw.parse().ok()?;
    let mut logprob = Logprob::new(token.token?, token.logprob?);
    logprob.bytes = token.bytes;
    if with_top {
        let top = token.top_logprobs.unwrap_or_default();
        logprob.top = top
            .into_iter()
            .filter_map(|raw| self::token(raw, false))
            .collect();
    }
    Some(logprob)
}

/// Writes tokens into a list.
pub(crate) fn write(tokens: &[Logprob<'_>], a: &mut Array<'_>) {
    for token in tokens {
        write_token(token, Bytes::IfKnown, true, a);
    }
}

/// Writes tokens into a list that has the bytes of each, though the provider did not tell.
pub(crate) fn write_spelled(tokens: &[Logprob<'_>], a: &mut Array<'_>) {
    for token in tokens {
        write_token(token, Bytes::Always, true, a);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    IfKnown,
    Always,
}

fn write_token(token: &Logprob<'_>, bytes: Bytes, with_top: bool, a: &mut Array<'_>) {
    a.object(|o| {
        o.field("token", &token.token);
        o.field("logprob", token.logprob);
        match token.bytes {
            Some(bytes) => o.field("bytes", bytes),
            None if bytes == Bytes::Always => o.array("bytes", |a| {
                let spelled = token.token.decode();
                spelled.bytes().for_each(|byte| a.value(u64::from(byte)));
            }),
            None => o.field("bytes", ()),
        }
        if with_top {
            o.array("top_logprobs", |a| {
                let top = token.top.iter();
                top.for_each(|top| write_token(top, bytes, false, a));
            });
        }
    });
}
