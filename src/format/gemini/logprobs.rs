//! How likely tokens were: `logprobsResult`, the tokens in one list and the likeliest ones in another.

use crate::{
    ir::{Logprob, Logprobs},
    json::{Array, Object, Raw},
};

use super::wire::response as wire;

/// Reads log-probabilities; what can't be read is left out.
pub(super) fn decode(raw: Raw<'_>) -> Logprobs<'_> {
    let wire: wire::Logprobs<'_> = raw.parse().unwrap_or_default();
    let mut top = wire.top.unwrap_or_default().into_iter();
    let chosen = wire.chosen.unwrap_or_default().into_iter();
    let tokens = chosen.filter_map(|wire| {
        let top = top.next().and_then(|top| top.candidates);
        let mut token = token(wire)?;
        token.top = top.into_iter().flatten().filter_map(self::token).collect();
        Some(token)
    });
    Logprobs {
        tokens: tokens.collect(),
        native: Some(raw),
    }
}

fn token(wire: wire::Logprob<'_>) -> Option<Logprob<'_>> {
    // Of certain tokens, the zero is left out.
    let probability = wire.log_probability.or(Raw::new("0").ok())?;
    Some(Logprob::new(wire.token?, probability.number()?))
}

/// Writes the members of log-probabilities.
pub(super) fn encode(tokens: &[Logprob<'_>], o: &mut Object<'_>) {
    o.array("chosenCandidates", |a| write(tokens, a));
    if tokens.iter().any(|token| !token.top.is_empty()) {
        o.array("topCandidates", |a| {
            for token in tokens {
                a.object(|o| o.array("candidates", |a| write(&token.top, a)));
            }
        });
    }
}

fn write(tokens: &[Logprob<'_>], a: &mut Array<'_>) {
    for token in tokens {
        a.object(|o| {
            o.field("token", &token.token);
            o.field("logProbability", token.logprob);
        });
    }
}
