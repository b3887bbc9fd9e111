use std::sync::Arc;

use http::{HeaderMap, Method, request::Parts};

use crate::{
    context::Selected,
    format::{ApiFormat, Codec, Dialect, Operation},
    ir::{Error, ErrorKind},
};

use super::layer::{Limits, TranslateLayer};

/// What to do with one exchange.
#[derive(Debug)]
pub(super) enum Lane {
    /// Nothing, but see that a stream ends as it should and that an error is one the caller can read.
    Pass(Option<Watch>),
    /// Give the model another name.
    Rename(Rename),
    /// Translate there and back.
    Translate(Plan),
    /// Refuse: this can't be done.
    Refuse(ApiFormat, Error),
}

/// How to watch an answer that passes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub(super) format: ApiFormat,
    pub(super) codec: &'static dyn Codec,
    pub(super) event_limit: usize,
}

/// One change of a model's name.
#[derive(Debug)]
pub(super) struct Rename {
    pub(super) client: ApiFormat,
    pub(super) model: Arc<str>,
    pub(super) body_limit: usize,
    pub(super) watch: Option<Watch>,
}

/// One translation.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) client: ApiFormat,
    pub(super) provider: ApiFormat,
    pub(super) decoder: &'static dyn Codec,
    pub(super) encoder: &'static dyn Codec,
    pub(super) model: Option<Arc<str>>,
    pub(super) dialect: Dialect,
    pub(super) limits: Limits,
    pub(super) strict: bool,
}

impl Lane {
    pub(super) fn of(layer: &TranslateLayer, parts: &Parts) -> Self {
        let path = parts.uri.path();
        if let Some((client, provider)) = layer.pair {
            return match client.api().detect(path) {
                Some(call) if client != provider && parts.method == Method::POST => {
                    Self::between(layer, client, provider, call.operation)
                }
                _ => Self::Pass(None),
            };
        }
        let Some(selected) = Selected::of(&parts.extensions) else {
            return Self::Pass(None);
        };
        let (client, provider) = (selected.client(), selected.provider());
        if client != provider {
            return match Self::between(layer, client, provider, selected.operation()) {
                Self::Translate(plan) => Self::Translate(plan.selected(selected)),
                refused => refused,
            };
        }
        let watch = (selected.operation() == Operation::Generate)
            .then(|| client.codec())
            .flatten()
            .map(|codec| Watch {
                format: client,
                codec,
                event_limit: layer.limits.event,
            });
        let named_in_path = || {
            client
                .api()
                .detect(path)
                .is_some_and(|call| call.model.is_some())
        };
        match selected.model() {
            Some(model) if !named_in_path() => Self::Rename(Rename {
                client,
                model: Arc::clone(model),
                body_limit: layer.limits.body,
                watch,
            }),
            _ => Self::Pass(watch),
        }
    }

    /// This lane, unless it must look into a body that is compressed.
    pub(super) fn unless_encoded(self, headers: &HeaderMap) -> Self {
        let client = match &self {
            Self::Pass(_) | Self::Refuse(..) => return self,
            Self::Rename(rename) => rename.client,
            Self::Translate(plan) => plan.client,
        };
        Error::of_encoding(headers).map_or(self, |error| Self::Refuse(client, error))
    }

    fn between(
        layer: &TranslateLayer,
        client: ApiFormat,
        provider: ApiFormat,
        operation: Operation,
    ) -> Self {
        if operation != Operation::Generate {
            return Self::Refuse(client, cannot_be_asked());
        }
        let (Some(decoder), Some(encoder)) = (client.codec(), provider.codec()) else {
            return Self::Refuse(client, not_supported(client, provider));
        };
        Self::Translate(Plan {
            client,
            provider,
            decoder,
            encoder,
            model: None,
            dialect: Dialect::default(),
            limits: layer.limits,
            strict: layer.strict,
        })
    }
}

impl Plan {
    /// For the model and the dialect that the router chose.
    fn selected(self, selected: &Selected) -> Self {
        Self {
            model: selected.model().cloned(),
            dialect: selected.target().dialect().clone(),
            ..self
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
