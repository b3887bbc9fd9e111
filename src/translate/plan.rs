use std::{borrow::Cow, sync::Arc};

use http::{Extensions, HeaderMap, Method, Request, request::Parts};

use crate::{
    context::{Progress, Selected},
    format::{ApiFormat, Codec, Content, Counter, Dialect, Operation},
    ir::{Error, ErrorKind, LossPolicy},
    target::{Target, TokenCount},
};

use super::layer::{Limits, TranslateLayer};

/// What to do with one exchange.
#[derive(Debug)]
pub(super) enum Lane {
    /// Nothing.
    Pass,
    /// Change the little that can't stay between two who speak the same format, and see that the answer is one that the
    /// caller can read.
    Same(Same),
    /// Translate there and back.
    Translate(Box<Plan>),
    /// Answer how many tokens a prompt has by its length.
    Estimate(Estimate),
    /// Refuse: this can't be done.
    Refuse(ApiFormat, Error),
}

/// How to watch an answer that passes.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    pub(super) format: ApiFormat,
    pub(super) codec: &'static dyn Codec,
    pub(super) event_limit: usize,
    pub(super) body_limit: usize,
    /// Whether the caller asked for a stream.
    pub(super) stream: bool,
    /// Whether somebody has read what the caller asked for, so that no stream means none.
    pub(super) is_read: bool,
    /// Whether it is to be a JSON array.
    pub(super) json_array: bool,
    /// Who wants to know how far the answer has come.
    pub(super) progress: Option<Progress>,
}

/// One answer of our own to a request to count tokens.
#[derive(Debug)]
pub(super) struct Estimate {
    pub(super) client: ApiFormat,
    pub(super) codec: &'static dyn Codec,
    pub(super) counter: &'static dyn Counter,
    pub(super) body_limit: usize,
}

/// One exchange between two who speak the same format.
#[derive(Debug)]
pub(super) struct Same {
    pub(super) format: ApiFormat,
    /// The name that the provider knows the model by, if it is to stand in the body.
    pub(super) model: Option<Arc<str>>,
    /// The name that it has in the path, if the body may have it again.
    pub(super) in_path: Option<String>,
    pub(super) operation: Operation,
    /// The model, as far as it is known without the body.
    pub(super) known: Option<Arc<str>>,
    /// Finds what another provider's model thought.
    pub(super) codec: Option<&'static dyn Codec>,
    pub(super) target: Arc<Target>,
    pub(super) body_limit: usize,
    pub(super) losses: LossPolicy,
    pub(super) watch: Option<Watch>,
}

/// One translation.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) client: ApiFormat,
    pub(super) provider: ApiFormat,
    pub(super) decoder: &'static dyn Codec,
    pub(super) encoder: &'static dyn Codec,
    pub(super) task: Task,
    pub(super) model: Option<Arc<str>>,
    pub(super) target: Option<Arc<Target>>,
    pub(super) limits: Limits,
    pub(super) losses: LossPolicy,
    /// Who wants to know how far the answer has come.
    pub(super) progress: Option<Progress>,
}

/// What is translated.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    /// A request for an answer.
    Generate,
    /// A request to count tokens.
    Count {
        /// Asks the provider.
        ask: &'static dyn Counter,
        /// Tells the caller.
        tell: &'static dyn Counter,
    },
}

impl Task {
    /// What is translated, and who reads and writes it; an error if there is no such translation.
    pub(super) fn between(
        client: ApiFormat,
        provider: ApiFormat,
        operation: Operation,
    ) -> Result<(&'static dyn Codec, &'static dyn Codec, Self), Error> {
        if matches!(operation, Operation::Other(_) | Operation::Unknown) {
            return Err(cannot_be_asked());
        }
        let (Some(decoder), Some(encoder)) = (client.codec(), provider.codec()) else {
            return Err(not_supported(client, provider));
        };
        let task = match (operation, encoder.counter(), decoder.counter()) {
            (Operation::Generate, ..) => Self::Generate,
            (_, Some(ask), Some(tell)) => Self::Count { ask, tell },
            _ => return Err(cannot_be_asked()),
        };
        Ok((decoder, encoder, task))
    }

    pub(super) fn operation(self) -> Operation {
        match self {
            Self::Generate => Operation::Generate,
            Self::Count { .. } => Operation::CountTokens,
        }
    }
}

impl Lane {
    pub(super) fn of(layer: &TranslateLayer, parts: &Parts) -> Self {
        let path = parts.uri.path();
        if let Some((client, provider)) = layer.pair {
            return match client.api().detect(path) {
                Some(call)
                    if client != provider
                        && parts.method == Method::POST
                        && call.operation != Operation::Unknown =>
                {
                    Self::between(layer, parts, (client, provider), call.operation)
                }
                _ => Self::Pass,
            };
        }
        let Some(selected) = Selected::of(&parts.extensions) else {
            return Self::Pass;
        };
        let (client, provider) = (selected.client(), selected.provider());
        if let Some(estimate) = Estimate::of(layer, selected) {
            return Self::Estimate(estimate);
        }
        if client != provider {
            return match Self::between(layer, parts, (client, provider), selected.operation()) {
                Self::Translate(plan) => Self::Translate(Box::new(plan.selected(selected))),
                refused => refused,
            };
        }
        Self::same(layer, selected, parts)
    }

    fn same(layer: &TranslateLayer, selected: &Selected, parts: &Parts) -> Self {
        let format = selected.client();
        let watch = Watch::of(&parts.extensions, parts.uri.query(), layer.limits);
        let codec = watch.as_ref().map(|watch| watch.codec);
        let call = format.api().detect(parts.uri.path());
        let in_path = call.and_then(|call| call.model);
        let content = Content::of(selected.operation(), &parts.headers);
        let repeated = in_path
            .as_deref()
            .filter(|_| format.api().repeats_model(selected.operation()));
        let is_in_body = match repeated {
            Some(name) => selected.model().is_some_and(|model| **model != *name),
            None => in_path.is_none() && content != Content::Opaque,
        };
        let model = selected.model().filter(|_| is_in_body).cloned();
        let known = selected.model().cloned();
        if codec.is_none() && model.is_none() {
            return Self::Pass;
        }
        Self::Same(Same {
            format,
            model,
            in_path: repeated.map(str::to_owned),
            operation: selected.operation(),
            known: known.or_else(|| in_path.map(Into::into)),
            codec,
            target: Arc::clone(selected.target()),
            body_limit: layer.limits.body,
            losses: selected.losses().or(layer.losses),
            watch,
        })
    }

    /// This lane, unless it must look into a body that is compressed.
    pub(super) fn unless_encoded(self, headers: &HeaderMap) -> Self {
        let client = match &self {
            Self::Pass | Self::Refuse(..) => return self,
            Self::Same(same) => same.format,
            Self::Translate(plan) => plan.client,
            Self::Estimate(estimate) => estimate.client,
        };
        Error::of_encoding(headers).map_or(self, |error| Self::Refuse(client, error))
    }

    fn between(
        layer: &TranslateLayer,
        parts: &Parts,
        (client, provider): (ApiFormat, ApiFormat),
        operation: Operation,
    ) -> Self {
        let (decoder, encoder, task) = match Task::between(client, provider, operation) {
            Ok(translation) => translation,
            Err(error) => return Self::Refuse(client, error),
        };
        Self::Translate(Box::new(Plan {
            client,
            provider,
            decoder,
            encoder,
            task,
            model: None,
            target: None,
            limits: layer.limits,
            losses: layer.losses,
            progress: Progress::of(&parts.extensions).cloned(),
        }))
    }
}

impl Watch {
    /// For the answer to a request that is selected so, when it comes in the caller's format.
    fn of(extensions: &Extensions, query: Option<&str>, limits: Limits) -> Option<Self> {
        let selected = Selected::of(extensions)?;
        let format = selected.client();
        let generates = selected.operation() == Operation::Generate;
        let codec = format.codec().filter(|_| generates)?;
        Some(Self {
            format,
            codec,
            event_limit: limits.event,
            body_limit: limits.body,
            stream: selected.stream(),
            is_read: selected.is_read(),
            json_array: selected.stream() && format.api().is_json_array(query),
            progress: Progress::of(extensions).cloned(),
        })
    }

    /// For an answer that has been translated already.
    pub(crate) fn of_request<B>(request: &Request<B>) -> Option<Self> {
        Self::of(request.extensions(), request.uri().query(), Limits::DEFAULT)
    }
}

impl Same {
    /// The model, or nothing where it is not known without the body.
    pub(super) fn known(&self) -> &str {
        self.known.as_deref().unwrap_or_default()
    }

    /// How the provider departs from its format's owner, for this model.
    pub(super) fn dialect(&self) -> Cow<'_, Dialect> {
        self.target.dialect_for(self.format, self.known())
    }
}

impl Estimate {
    pub(super) fn of(layer: &TranslateLayer, selected: &Selected) -> Option<Self> {
        let wanted = selected.operation() == Operation::CountTokens
            && selected.target().token_count() == TokenCount::Estimate;
        let codec = selected.client().codec().filter(|_| wanted)?;
        Some(Self {
            client: selected.client(),
            codec,
            counter: codec.counter()?,
            body_limit: layer.limits.body,
        })
    }
}

impl Plan {
    /// For the model and the target that the router chose.
    fn selected(self, selected: &Selected) -> Self {
        Self {
            model: selected.model().cloned(),
            target: Some(Arc::clone(selected.target())),
            losses: selected.losses().or(self.losses),
            ..self
        }
    }

    /// How the provider departs from its format's owner, for this model.
    pub(super) fn dialect(&self, model: &str) -> Cow<'_, Dialect> {
        match &self.target {
            Some(target) => target.dialect_for(self.provider, model),
            None => Cow::Owned(Dialect::default()),
        }
    }
}

fn cannot_be_asked() -> Error {
    let message = "The provider of this model has no such endpoint.";
    Error::new(ErrorKind::NotImplemented, message).with_code("endpoint_not_supported")
}

/// Not a server error: client libraries would send the same again.
fn not_supported(client: ApiFormat, provider: ApiFormat) -> Error {
    let message = format!(
        "The provider of this model speaks {provider}, and there is no translation from {client}."
    );
    Error::bad_request(message).with_code("format_not_supported")
}
