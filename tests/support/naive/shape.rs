//! What happens to a request on its way, once it is known where it goes.

use super::{Answer, Config, Format, Request, Step, matching::matching, resolve::Route};

pub(super) fn shape(config: &Config, request: &Request, route: &Route<'_>) -> Answer {
    let mut models = vec![request.model.as_str(), route.model.as_str()];
    models.extend(route.group);
    let mut rules = matching(config, &request.path, &models);
    rules.retain(|rule| rule.passes(request.format, route.downstream));

    let provider = route.downstream.format_for(request.format);
    let pipelines: Vec<&[Step]> = rules.iter().map(|rule| rule.pipeline.as_slice()).collect();
    let legs = Legs::of(&pipelines, request.format, provider);
    Answer {
        downstream: route.downstream.id.clone(),
        model: route.model.clone(),
        rules: rules.iter().map(|rule| rule.id.clone()).collect(),
        provider,
        plugins: plugins(&pipelines, &legs.taken),
        request: legs.request,
        response: legs.response,
        deduplicated: legs.deduplicated,
        inert: legs.inert,
        alternatives: Vec::new(),
    }
}

/// Who translates what, and what became of the translators.
#[derive(Default)]
pub(super) struct Legs {
    request: Vec<String>,
    response: Vec<String>,
    /// The places of the translators that take a step of the request.
    pub(super) taken: Vec<(usize, usize)>,
    pub(super) deduplicated: Vec<String>,
    pub(super) inert: Vec<String>,
}

/// Its place, and the formats it leads from and to.
type Translator = ((usize, usize), Format, Format);

impl Legs {
    pub(super) fn of(pipelines: &[&[Step]], client: Format, provider: Format) -> Self {
        let mut legs = Self::default();
        let mut left = Vec::new();
        let mut passed = vec![client];
        for translator in translators(pipelines) {
            let (place, from, to) = translator;
            let at = passed[passed.len() - 1];
            if from == at && at != provider && !passed.contains(&to) {
                legs.request.push(format!("{from}>{to} rule"));
                // Whoever takes a step there owns the one back.
                legs.response.insert(0, format!("{to}>{from} rule"));
                passed.push(to);
                legs.taken.push(place);
            } else {
                left.push(translator);
            }
        }
        let reached = passed[passed.len() - 1];
        if reached != provider {
            legs.request.push(format!("{reached}>{provider} auto"));
            legs.back(provider, reached, &mut left);
        }
        for (_, from, to) in left {
            let is_pair = |leg: &String| {
                let formats = leg.split(' ').next();
                formats == Some(&*format!("{from}>{to}"))
                    || formats == Some(&*format!("{to}>{from}"))
            };
            let taken = legs.request.iter().chain(&legs.response).any(is_pair);
            let list = if taken {
                &mut legs.deduplicated
            } else {
                &mut legs.inert
            };
            list.push(translator_id(from, to));
        }
        legs
    }

    /// The response as far as nobody owns it yet: by those left over that lead all the way, last first.
    fn back(&mut self, provider: Format, client: Format, left: &mut Vec<Translator>) {
        let backwards: Vec<Translator> = left.iter().rev().copied().collect();
        let mut steps = vec![format!("{provider}>{client} auto")];
        if let Some(chain) = chain(&[provider], client, &backwards) {
            let step = |(_, from, to): &Translator| format!("{from}>{to} rule");
            steps = chain.iter().map(step).collect();
            left.retain(|translator| !chain.contains(translator));
        }
        self.response.splice(0..0, steps);
    }
}

/// The first translators, in this order, that lead from the last of the formats passed to another; none is passed twice.
fn chain(passed: &[Format], goal: Format, left: &[Translator]) -> Option<Vec<Translator>> {
    let at = *passed.last()?;
    if at == goal {
        return Some(Vec::new());
    }
    for (place, translator) in left.iter().enumerate() {
        let (_, from, to) = *translator;
        if from != at || passed.contains(&to) {
            continue;
        }
        if let Some(rest) = chain(&[passed, &[to]].concat(), goal, &left[place + 1..]) {
            return Some([vec![*translator], rest].concat());
        }
    }
    None
}

fn translators(pipelines: &[&[Step]]) -> Vec<Translator> {
    let mut found = Vec::new();
    for (rule, pipeline) in pipelines.iter().enumerate() {
        for (place, step) in pipeline.iter().enumerate() {
            if let Step::Translator { from, to } = *step {
                found.push(((rule, place), from, to));
            }
        }
    }
    found
}

/// The id by which a pipeline names a translator.
pub(crate) fn translator_id(from: Format, to: Format) -> String {
    let short = |format: Format| {
        if format == "openai_responses" {
            "responses"
        } else {
            format
        }
    };
    format!("{}2{}", short(from), short(to))
}

/// The plugins of all rules in the order of a request: first those before a translator of their rule that takes a step
/// of it, then the others.
pub(super) fn plugins(pipelines: &[&[Step]], taken: &[(usize, usize)]) -> Vec<String> {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for (rule, pipeline) in pipelines.iter().enumerate() {
        for (place, step) in pipeline.iter().enumerate() {
            let Step::Plugin(name) = step else { continue };
            let is_before = taken
                .iter()
                .any(|(of, translator)| *of == rule && *translator > place);
            let side = if is_before { &mut before } else { &mut behind };
            side.push(name.clone());
        }
    }
    [before, behind].concat()
}
