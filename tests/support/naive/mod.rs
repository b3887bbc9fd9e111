//! A second router, to compare the real one with: written from the rules of routing alone, in plain loops over the
//! configuration as it is written, and sharing no code with the crate.

mod fallback;
mod matching;
mod refusal;
mod resolve;
mod shape;

pub(crate) use refusal::{Refusal, refusals};
pub(crate) use resolve::Origin;
pub(crate) use shape::translator_id;

/// The id of a format, as configurations write it.
pub(crate) type Format = &'static str;

pub(crate) const FORMATS: [Format; 4] = ["openai", "openai_responses", "anthropic", "gemini"];

#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) downstreams: Vec<Downstream>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) aliases: Vec<Alias>,
}

#[derive(Debug, Clone)]
pub(crate) struct Downstream {
    pub(crate) id: String,
    pub(crate) enabled: bool,
    pub(crate) formats: Vec<Format>,
    pub(crate) models: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) enabled: bool,
    pub(crate) path: String,
    /// `None` if it says nothing of models.
    pub(crate) models: Option<Vec<String>>,
    pub(crate) formats: Vec<Format>,
    pub(crate) downstream_formats: Vec<Format>,
    pub(crate) downstreams: Option<Vec<String>>,
    pub(crate) output_model: Option<Output>,
    /// `None` if it says nothing of any.
    pub(crate) fallbacks: Option<Vec<Fallback>>,
    pub(crate) pipeline: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fallback {
    pub(crate) downstream: String,
    pub(crate) output_model: Option<Output>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    Passthrough,
    Named(String),
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Translator { from: Format, to: Format },
    Plugin(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Alias {
    /// The name, or the regular expression, without `re:`.
    pub(crate) name: String,
    pub(crate) is_regex: bool,
    pub(crate) announced: Vec<String>,
    pub(crate) options: Vec<AliasOption>,
    /// Which of the options was activated, if one was.
    pub(crate) activated: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct AliasOption {
    pub(crate) id: String,
    pub(crate) downstream: String,
    pub(crate) model: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) format: Format,
    pub(crate) model: String,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) downstream: String,
    pub(crate) model: String,
    pub(crate) rules: Vec<String>,
    pub(crate) provider: Format,
    /// Such as `openai>anthropic auto`.
    pub(crate) request: Vec<String>,
    pub(crate) response: Vec<String>,
    /// Translators such as `openai2anthropic`.
    pub(crate) deduplicated: Vec<String>,
    pub(crate) inert: Vec<String>,
    /// In the order in which a request passes them.
    pub(crate) plugins: Vec<String>,
    /// What is tried if that fails.
    pub(crate) alternatives: Vec<Alternative>,
}

/// Another downstream for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alternative {
    pub(crate) downstream: String,
    pub(crate) model: String,
    pub(crate) provider: Format,
    pub(crate) plugins: Vec<String>,
}

/// Where a request goes, and how it came to that; `None` if its model leads nowhere.
pub(crate) fn decide(config: &Config, request: &Request) -> Option<(Answer, Origin)> {
    let route = resolve::resolve(config, request)?;
    let mut answer = shape::shape(config, request, &route);
    answer.alternatives = fallback::alternatives(config, request, &route, &answer);
    Some((answer, route.origin))
}

impl Step {
    /// Whether it is the translator of this id.
    pub(crate) fn is(&self, translator: &str) -> bool {
        match self {
            Self::Translator { from, to } => translator_id(from, to) == translator,
            Self::Plugin(_) => false,
        }
    }
}

impl Downstream {
    fn takes_any_model(&self) -> bool {
        self.models.is_empty() || self.lists("*")
    }

    fn lists(&self, model: &str) -> bool {
        self.models.iter().any(|listed| listed == model)
    }

    /// The format in which it gets what a caller of `client` sends.
    fn format_for(&self, client: Format) -> Format {
        if self.formats.is_empty() || self.formats.contains(&client) {
            return client;
        }
        let preferred = match client {
            "openai" => ["openai_responses", "gemini", "anthropic"],
            "anthropic" => ["openai_responses", "gemini", "openai"],
            "openai_responses" => ["openai", "anthropic", "gemini"],
            _ => ["openai", "anthropic", "openai_responses"],
        };
        for format in preferred {
            if self.formats.contains(&format) {
                return format;
            }
        }
        unreachable!("the four formats are all there are")
    }
}

impl Rule {
    /// Whether its filters let a request through that goes to this downstream.
    fn passes(&self, client: Format, downstream: &Downstream) -> bool {
        let downstreams = match &self.downstreams {
            Some(ids) => ids.contains(&downstream.id),
            None => true,
        };
        downstreams && self.passes_formats(client, downstream)
    }

    fn passes_formats(&self, client: Format, downstream: &Downstream) -> bool {
        let provider = downstream.format_for(client);
        let formats = self.formats.is_empty() || self.formats.contains(&client);
        let downstream_formats =
            self.downstream_formats.is_empty() || self.downstream_formats.contains(&provider);
        formats && downstream_formats
    }

    /// Whether it says that requests go there if their own downstream fails.
    fn falls_back_to(&self, downstream: &Downstream) -> bool {
        let mut fallbacks = self.fallbacks.iter().flatten();
        fallbacks.any(|fallback| fallback.downstream == downstream.id)
    }
}
