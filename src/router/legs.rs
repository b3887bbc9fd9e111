use std::sync::Arc;

use crate::{format::ApiFormat, plugin::Translator};

/// One conversion of an exchange, on the way there or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leg {
    /// The format before it.
    pub from: ApiFormat,
    /// The format after it.
    pub to: ApiFormat,
    /// Who asked for it.
    pub by: Supplier,
}

/// Who asked for a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Supplier {
    /// Nobody: it was missing.
    Auto,
    /// A rule's pipeline.
    Rule,
}

/// The conversions of an exchange, and what became of the translators that the rules name.
///
/// A translator `a2b` stands for the pair. It takes the step of the request that starts in `a`, and then owns the
/// way back too. If the request is never in `a`, it takes the step of the response that does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Legs {
    /// From the caller to the provider, in order. Empty if both speak the same format.
    pub request: Vec<Leg>,
    /// From the provider to the caller, in order.
    pub response: Vec<Leg>,
    /// Translators whose conversion somebody else supplies already.
    pub deduplicated: Vec<Arc<str>>,
    /// Translators that nothing here needs.
    pub inert: Vec<Arc<str>>,
}

/// The format that a request ends in, if these translators alone decide it.
pub(super) fn destination(
    client: ApiFormat,
    translators: impl IntoIterator<Item = Translator>,
) -> ApiFormat {
    translators.into_iter().fold(client, |at, translator| {
        let onward = translator.from == at && translator.to != client;
        if onward { translator.to } else { at }
    })
}

impl Legs {
    /// Between a caller and a provider, by the translators of all rules that match, most specific first.
    pub(super) fn between<'a>(
        client: ApiFormat,
        provider: ApiFormat,
        translators: impl Iterator<Item = (&'a Arc<str>, Translator)>,
    ) -> Self {
        let mut legs = Self::default();
        let (mut at, mut left) = (client, Vec::new());
        for (id, translator) in translators {
            if at != provider && translator.from == at && translator.to != client {
                legs.request.push(Leg::by_rule(translator));
                at = translator.to;
            } else {
                left.push((id, translator));
            }
        }
        let inverses = legs.request.iter().rev().map(Leg::inverse);
        let inverses: Vec<_> = inverses.collect();
        if at != provider {
            legs.request.push(Leg::auto(at, provider));
            legs.response = response_steps(provider, at, &mut left);
        }
        legs.response.extend(inverses);
        for (id, translator) in left {
            let taken = legs.request.iter().any(|leg| leg.is_pair(translator));
            if taken {
                legs.deduplicated.push(Arc::clone(id));
            } else {
                legs.inert.push(Arc::clone(id));
            }
        }
        legs
    }
}

/// The steps of the response that translators left over by the request supply, if they lead all the way; those are
/// taken out of `left`. A response passes them in reverse order.
fn response_steps(
    provider: ApiFormat,
    client: ApiFormat,
    left: &mut Vec<(&Arc<str>, Translator)>,
) -> Vec<Leg> {
    let (mut at, mut steps, mut taken) = (provider, Vec::new(), Vec::new());
    for (place, (_, translator)) in left.iter().enumerate().rev() {
        if at != client && translator.from == at && translator.to != provider {
            steps.push(Leg::by_rule(*translator));
            taken.push(place);
            at = translator.to;
        }
    }
    if at != client {
        return vec![Leg::auto(provider, client)];
    }
    for place in taken {
        left.remove(place);
    }
    steps
}

impl Leg {
    fn auto(from: ApiFormat, to: ApiFormat) -> Self {
        let by = Supplier::Auto;
        Self { from, to, by }
    }

    fn by_rule(Translator { from, to }: Translator) -> Self {
        let by = Supplier::Rule;
        Self { from, to, by }
    }

    fn inverse(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            by: self.by,
        }
    }

    fn is_pair(&self, Translator { from, to }: Translator) -> bool {
        (self.from, self.to) == (from, to) || (self.from, self.to) == (to, from)
    }
}
