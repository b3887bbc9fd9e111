use std::sync::Arc;

use serde::{Serialize, Serializer};

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

/// As a list of three texts, such as `["openai","anthropic","auto"]`.
impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.from, self.to, self.by).serialize(serializer)
    }
}

/// Who asked for a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
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

/// Follows a request from the caller's format to the provider's, through none of them twice.
pub(super) struct Course {
    passed: Vec<ApiFormat>,
    at: ApiFormat,
    provider: ApiFormat,
}

impl Course {
    pub(super) fn new(client: ApiFormat, provider: ApiFormat) -> Self {
        Self {
            passed: vec![client],
            at: client,
            provider,
        }
    }

    /// Whether this translator takes the next step, which then is made.
    pub(super) fn takes(&mut self, Translator { from, to }: Translator) -> bool {
        let arrived = self.at == self.provider;
        let takes = !arrived && from == self.at && !self.passed.contains(&to);
        if takes {
            self.at = to;
            self.passed.push(to);
        }
        takes
    }
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
        let (mut course, mut left) = (Course::new(client, provider), Vec::new());
        for (id, translator) in translators {
            if course.takes(translator) {
                legs.request.push(Leg::by_rule(translator));
            } else {
                left.push((id, translator));
            }
        }
        let inverses = legs.request.iter().rev().map(Leg::inverse);
        let inverses: Vec<_> = inverses.collect();
        let at = course.at;
        if at != provider {
            legs.request.push(Leg::auto(at, provider));
            legs.response = response_steps(provider, at, &mut left);
        }
        legs.response.extend(inverses);
        for (id, translator) in left {
            let mut supplied = legs.request.iter().chain(&legs.response);
            if supplied.any(|leg| leg.is_pair(translator)) {
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
    let backwards: Vec<_> = left.iter().map(|(_, pair)| *pair).enumerate().collect();
    let mut chain = Vec::new();
    if !leads(&backwards, &[provider], client, &mut chain) {
        return vec![Leg::auto(provider, client)];
    }
    let steps = chain
        .iter()
        .map(|(_, translator)| Leg::by_rule(*translator));
    let steps = steps.collect();
    // The last comes first, so the places of the others stay what they are.
    for (place, _) in chain {
        left.remove(place);
    }
    steps
}

/// Whether some of these translators, taken from the last to the first, lead from the last of the formats passed to
/// `client`. Those go into `chain`. No format is passed twice, so it is no deeper than there are formats.
fn leads(
    left: &[(usize, Translator)],
    passed: &[ApiFormat],
    client: ApiFormat,
    chain: &mut Vec<(usize, Translator)>,
) -> bool {
    if passed.last() == Some(&client) {
        return true;
    }
    for (at, (place, translator)) in left.iter().enumerate().rev() {
        let onward = passed.last() == Some(&translator.from) && !passed.contains(&translator.to);
        if !onward {
            continue;
        }
        chain.push((*place, *translator));
        let earlier = left.get(..at).unwrap_or_default();
        if leads(earlier, &[passed, &[translator.to]].concat(), client, chain) {
            return true;
        }
        chain.pop();
    }
    false
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
