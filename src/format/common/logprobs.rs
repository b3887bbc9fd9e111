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
        write_token(token, true, a);
    }
}

fn write_token(token: &Logprob<'_>, with_top: bool, a: &mut Array<'_>) {
    a.object(|o| {
        o.field("token", &token.token);
        o.field("logprob", token.logprob);
        match token.bytes {
            Some(bytes) => o.field("bytes", bytes),
            None => o.field("bytes", ()),
        }
        if with_top {
            o.array("top_logprobs", |a| {
                token.top.iter().for_each(|top| write_token(top, false, a));
            });
        }
    });
}
