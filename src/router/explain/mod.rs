//! Says what becomes of a request, and why.

mod experiment;
mod hints;
mod left_out;
mod next;
mod obstacle;
mod passage;
mod patience;
mod reasons;
mod shadow;

use http::{Request, StatusCode};
use serde::Serialize;

use crate::{
    experiment::{AssignedBy, Assignment},
    format::ApiFormat,
    ir,
    translate::Outlook,
};

use super::{
    Facts, Rule, Table,
    matter::{self, Matter, Nobody},
};

use obstacle::Obstacle;
pub use passage::{Passage, Stage};
pub use patience::{Limits, Tries};

/// What becomes of a request, and why: for people, and for scripts that compare configurations.
///
/// It holds no secret: neither keys, nor the query of a base URL, nor settings of plugins.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The status that the caller gets if the downstream answers 200: that, or the one of the gateway's own error.
    pub status: u16,
    /// The downstream that is asked, by id; `None` if none is.
    pub downstream: Option<String>,
    /// The model name that is sent there; `None` if the request names none.
    pub model: Option<String>,
    /// Where it is sent, without the query of the downstream's base URL: people put keys there. For the host's own
    /// handler it is the path.
    pub url: Option<String>,
    /// The format that the caller speaks; `None` if the request is not for a model.
    pub client_format: Option<ApiFormat>,
    /// The format that the downstream is spoken to.
    pub provider_format: Option<ApiFormat>,
    /// The rules that match, by id, most specific first.
    pub rules: Vec<String>,
    /// What the request passes on its way there, in order.
    pub request: Vec<Stage>,
    /// What the response passes on its way back, in order.
    pub response: Vec<Stage>,
    /// Translators that rules name and whose conversion somebody else supplies already.
    pub deduplicated: Vec<String>,
    /// How long each part of the exchange may take; `None` if no downstream is asked.
    pub timeouts: Option<Limits>,
    /// How often it is tried there; `None` if no downstream is asked.
    pub retry: Option<Tries>,
    /// Where the request goes if that fails, best first, as far as it can be asked there.
    pub fallbacks: Vec<Passage>,
    /// The experiment that says so; `None` if none does.
    pub experiment: Option<String>,
    /// The arm of it that the request gets.
    pub arm: Option<String>,
    /// How it came to that arm, as [`AssignedBy`](crate::experiment::AssignedBy) has it.
    pub assignment: Option<AssignedBy>,
    /// What each arm gets of the requests like this one, from 0 to 1; control is the first.
    pub arms: Vec<(String, f64)>,
    /// The downstream that gets copies of requests like this one, by id; `None` if none does.
    pub shadow: Option<String>,
    /// The reasons, in sentences.
    pub why: Vec<String>,
}

impl Table {
    /// What [`decide`](Self::decide) decides, what the layers below make of it, and why. The request has no query.
    pub fn explain(&self, facts: &Facts<'_>) -> Explanation {
        Explanation::of(self, facts, None)
    }

    /// The same from the request itself, whose body must be whole: of any request, also one that is not for a model.
    pub fn explain_request(&self, request: &Request<impl AsRef<[u8]>>) -> Explanation {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        let concern = match Matter::of(self, method, uri, headers) {
            Some(Matter::Route(concern)) => concern,
            Some(Matter::List(listing)) => {
                let why = "The gateway answers questions about its models itself.";
                let answer = listing.answer(self, headers);
                return Explanation::answered(None, answer.status(), vec![why.to_owned()]);
            }
            Some(Matter::Upgrade(format)) => {
                return Explanation::refused(format, &matter::no_web_sockets(), Vec::new());
            }
            Some(Matter::Malformed(format)) => {
                return Explanation::refused(format, &matter::malformed(), Vec::new());
            }
            None => {
                let status = Nobody::of(uri, headers).answer().status();
                let why = format!(
                    "{method} {path} is not a request for a model: what the gateway is in front of gets it, and alone it answers {status}.",
                    path = uri.path(),
                    status = status.as_u16(),
                );
                return Explanation::answered(None, status, vec![why]);
            }
        };
        let facts = Facts::read(&concern, headers, request.body().as_ref());
        let facts = facts.and_then(|mut facts| {
            facts.ask_for_arm(self, request.extensions())?;
            Ok(facts)
        });
        match facts {
            Ok(facts) => Explanation::of(self, &facts, uri.query()),
            Err(error) => Explanation::refused(concern.format, &error, Vec::new()),
        }
    }
}

impl Explanation {
    fn of(table: &Table, facts: &Facts<'_>, query: Option<&str>) -> Self {
        let decision = match table.decide(facts) {
            Ok(decision) => decision,
            Err(error) => return Self::refused(facts.format, &error, hints::all(table, facts)),
        };
        let selected = decision.selected();
        let outlook = Outlook::of(selected, facts.path, query);
        let chain = decision.chain(facts);
        let mut why = reasons::all(facts, &decision, matches!(outlook, Outlook::Pass), &chain);
        let ids = decision.rules().map(Rule::id);
        let rules: Vec<_> = ids.map(ToString::to_string).collect();
        let mut next = chain.iter().filter_map(|link| link.outcome.as_ref().ok());
        let mut shape = decision.shape();
        while let Some(obstacle) = Obstacle::of(facts, &shape.selected, query) {
            let Some(other) = next.next().filter(|_| obstacle.goes_on) else {
                let refused = Self::refused(facts.format, &obstacle.error, why);
                return Self { rules, ..refused };
            };
            let id = shape.selected.target().id();
            why.push(format!(
                "'{id}' is not asked, but what is next: {}",
                obstacle.error
            ));
            shape = other;
        }
        let passage = |shape| Passage::of(table.inner(), facts, shape, query);
        let asked = passage(shape);
        let mut explanation = Self {
            downstream: Some(asked.downstream),
            model: asked.model,
            url: asked.url,
            provider_format: Some(asked.provider_format),
            rules: asked.rules,
            request: asked.request,
            response: asked.response,
            deduplicated: asked.deduplicated,
            ..Self::answered(Some(facts.format), StatusCode::OK, why)
        };
        if let Some(assignment) = decision.assignment() {
            explanation.assign(assignment);
        }
        if matches!(
            Outlook::of(&shape.selected, facts.path, query),
            Outlook::Estimate
        ) {
            let why =
                "The gateway estimates the number of tokens, and does not ask the downstream.";
            explanation.why.push(why.to_owned());
            return explanation;
        }
        if let Some(copied) = decision.copied() {
            explanation.why.push(shadow::sentence(copied));
            explanation.shadow = Some(copied.selected().target().id().to_string());
        }
        explanation.fallbacks = next.map(passage).collect();
        explanation.timeouts = Some(asked.timeouts);
        explanation.retry = Some(asked.retry);
        explanation
    }

    fn assign(&mut self, assignment: &Assignment) {
        let arms = assignment.arms.iter();
        self.experiment = Some(assignment.experiment.to_string());
        self.arm = Some(assignment.arm.to_string());
        self.assignment = Some(assignment.by);
        self.arms = arms.map(|arm| (arm.arm.to_string(), arm.share)).collect();
    }

    /// Answered without a downstream.
    fn answered(client_format: Option<ApiFormat>, status: StatusCode, why: Vec<String>) -> Self {
        Self {
            status: status.as_u16(),
            downstream: None,
            model: None,
            url: None,
            client_format,
            provider_format: None,
            rules: Vec::new(),
            request: Vec::new(),
            response: Vec::new(),
            deduplicated: Vec::new(),
            timeouts: None,
            retry: None,
            fallbacks: Vec::new(),
            experiment: None,
            arm: None,
            assignment: None,
            arms: Vec::new(),
            shadow: None,
            why,
        }
    }

    /// What the caller is told comes first.
    fn refused(format: ApiFormat, error: &ir::Error, mut why: Vec<String>) -> Self {
        let (status, _) = format.error_body(error);
        let code = error.code.as_deref();
        let code = code.map_or(String::new(), |code| format!(" ({code})"));
        why.insert(
            0,
            format!(
                "The caller gets {status}{code}: {error}",
                status = status.as_u16()
            ),
        );
        Self::answered(Some(format), status, why)
    }
}
