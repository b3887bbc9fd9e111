use std::sync::Arc;

use http::Uri;
use serde::Serialize;

use crate::{
    context::Selected,
    format::ApiFormat,
    router::{Facts, Leg, Legs, Rule, shape::Shape, table::Inner},
    target::InvalidUrl,
    translate::Outlook,
};

use super::patience::{Limits, Tries};

/// How a request is sent to a target.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Passage {
    /// The downstream that is asked, by id.
    pub downstream: String,
    /// The model name that is sent there; `None` if the request names none.
    pub model: Option<String>,
    /// Where it is sent, as [`Explanation::url`](super::Explanation::url) has it. `None` if nothing is sent: the number of
    /// tokens is estimated, or the downstream's address can't be used.
    pub url: Option<String>,
    /// The format that the downstream is spoken to.
    pub provider_format: ApiFormat,
    /// The rules that hold there, by id, most specific first.
    pub rules: Vec<String>,
    /// What the request passes on its way there, in order.
    pub request: Vec<Stage>,
    /// What the response passes on its way back, in order.
    pub response: Vec<Stage>,
    /// Translators that rules name and whose conversion somebody else supplies already.
    pub deduplicated: Vec<String>,
    /// How long each part of the exchange may take.
    pub timeouts: Limits,
    /// How often it is tried there.
    pub retry: Tries,
}

/// Something that a request or response passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Stage {
    /// A conversion.
    Translation(Leg),
    /// A plugin, by its name.
    Plugin(String),
}

impl Passage {
    /// Of a request that is shaped so, and has this query.
    pub(super) fn of(inner: &Inner, facts: &Facts<'_>, shape: &Shape, query: Option<&str>) -> Self {
        let selected = &shape.selected;
        let model = selected.model().map_or(&*facts.model, |model| model);
        let ids = shape.rules(inner).map(Rule::id);
        let mut passage = Self {
            downstream: selected.target().id().to_string(),
            model: (!model.is_empty()).then(|| model.to_owned()),
            url: None,
            provider_format: selected.provider(),
            rules: ids.map(ToString::to_string).collect(),
            request: Vec::new(),
            response: Vec::new(),
            deduplicated: Vec::new(),
            timeouts: Limits::of(selected),
            retry: Tries::of(selected),
        };
        if !matches!(Outlook::of(selected, facts.path, query), Outlook::Estimate) {
            passage.url = url(facts, selected, query).ok();
            passage.pass(inner, shape);
        }
        passage
    }

    /// Fills in what the exchange passes. Plugins stand between the translation and the downstream.
    fn pass(&mut self, inner: &Inner, shape: &Shape) {
        let Legs {
            request,
            response,
            deduplicated,
            ..
        } = shape.legs(inner);
        let (callers, providers) = shape.plugin_ids(inner);
        let plugin = |id: &Arc<str>| Stage::Plugin(id.to_string());
        let before = callers.iter().copied().map(plugin);
        let behind = providers.iter().copied().map(plugin);
        self.response = (behind.clone().rev())
            .chain(response.into_iter().map(Stage::Translation))
            .chain(before.clone().rev())
            .collect();
        self.request = before
            .chain(request.into_iter().map(Stage::Translation))
            .chain(behind)
            .collect();
        let ids = deduplicated.iter();
        self.deduplicated = ids.map(ToString::to_string).collect();
    }
}

/// Where a request is sent, to be shown.
pub(super) fn url(
    facts: &Facts<'_>,
    selected: &Selected,
    query: Option<&str>,
) -> Result<String, InvalidUrl> {
    let model = selected.model().map_or(&*facts.model, |model| model);
    // What is translated is asked for as the provider's format has it.
    let query = query.filter(|_| selected.client() == selected.provider());
    let url = selected.clone().with_model(model).url(facts.path, query)?;
    Ok(shown(&url, selected))
}

/// A URL without the part of its query that comes from the downstream's base URL.
fn shown(url: &Uri, selected: &Selected) -> String {
    let text = url.to_string();
    let base = selected.target().base_url(selected.provider());
    let (Some(secret), Some((before, query))) = (base.and_then(Uri::query), text.split_once('?'))
    else {
        return text;
    };
    match query
        .strip_prefix(secret)
        .map(|rest| rest.trim_start_matches('&'))
    {
        Some(rest) if !rest.is_empty() => format!("{before}?{rest}"),
        _ => before.to_owned(),
    }
}
