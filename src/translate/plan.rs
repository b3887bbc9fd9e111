use std::sync::Arc;

use http::request::Parts;

use crate::{
    context::Selected,
    format::{ApiFormat, Codec, Dialect, Operation},
    ir::{Error, ErrorKind},
};

use super::layer::{Limits, TranslateLayer};

/// What to do with one exchange.
#[derive(Debug)]
pub(super) enum Lane {
    /// Nothing.
    Pass,
    /// Give the model another name.
    Rename {
        client: ApiFormat,
        model: Arc<str>,
        limits: Limits,
    },
    /// Translate there and back.
    Translate(Plan),
    /// Refuse: this can't be done.
    Refuse(ApiFormat, Error),
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
        if let Some((client, provider)) = layer.pair {
            return match client.api().detect(parts.uri.path()) {
                Some(call) if client != provider => {
                    let selected = (client, provider, call.operation, None, Dialect::default());
                    Self::between(layer, selected)
                }
                _ => Self::Pass,
            };
        }
        let Some(selected) = Selected::of(&parts.extensions) else {
            return Self::Pass;
        };
        let (client, provider) = (selected.client(), selected.provider());
        if client != provider {
            let dialect = selected.target().dialect().clone();
            let model = selected.model().cloned();
            return Self::between(
                layer,
                (client, provider, selected.operation(), model, dialect),
            );
        }
        let in_path = client
            .api()
            .detect(parts.uri.path())
            .is_some_and(|call| call.model.is_some());
        match selected.model() {
            Some(model) if !in_path => Self::Rename {
                client,
                model: Arc::clone(model),
                limits: layer.limits,
            },
            _ => Self::Pass,
        }
    }

    fn between(
        layer: &TranslateLayer,
        (client, provider, operation, model, dialect): (
            ApiFormat,
            ApiFormat,
            Operation,
            Option<Arc<str>>,
            Dialect,
        ),
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
            model,
            dialect,
            limits: layer.limits,
            strict: layer.strict,
        })
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
