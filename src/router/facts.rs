use std::borrow::Cow;

use http::HeaderMap;

use crate::{
    format::{ApiFormat, Call, Operation, Peek},
    ir,
    json::Raw,
};

/// What a decision depends on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// The path, as [`Concern::path`](super::Concern::path) has it.
    pub path: &'a str,
    /// The format that the caller speaks.
    pub format: ApiFormat,
    /// What is asked for; [`Operation::Generate`] if not said.
    pub operation: Operation,
    /// The model that the caller names.
    pub model: Cow<'a, str>,
    /// Whether a stream is asked for; not if not said.
    pub stream: bool,
    /// The caller's headers.
    pub headers: &'a HeaderMap,
}

impl<'a> Facts<'a> {
    /// Of a request to `path` by a caller of `format`.
    pub fn new(
        path: &'a str,
        format: ApiFormat,
        model: impl Into<Cow<'a, str>>,
        headers: &'a HeaderMap,
    ) -> Self {
        Self {
            path,
            format,
            operation: Operation::Generate,
            model: model.into(),
            stream: false,
            headers,
        }
    }

    /// Reads them from a request that [is the table's](super::Table::concerns), as the router does.
    ///
    /// # Errors
    ///
    /// If the path names no model, and the body is no JSON object or says `model` or `stream` in a way that can't be
    /// understood.
    pub fn read(
        format: ApiFormat,
        path: &'a str,
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Result<Self, ir::Error> {
        let call = format.api().detect(path);
        let call = call.unwrap_or(Call::new(Operation::Generate));
        let (model, stream) = match call.model {
            // The body is of no interest then: it may be anything.
            Some(model) => (model, call.stream.unwrap_or_default()),
            None => model_and_stream(body)?,
        };
        let mut facts = Self::new(path, format, model, headers);
        facts.operation = call.operation;
        facts.stream = stream;
        Ok(facts)
    }
}

fn model_and_stream(body: &[u8]) -> Result<(Cow<'_, str>, bool), ir::Error> {
    let peek = Peek::read(body).map_err(|error| {
        let message = format!("The request's body is not a JSON object: {error}.");
        ir::Error::bad_request(message).with_code("invalid_json")
    })?;
    let wrong = |name, is| ir::Error::bad_request(format!("{name} must be {is}.")).with_param(name);
    let Some(model) = peek.model else {
        return Err(wrong("model", "given"));
    };
    let model = model.text().filter(|model| !model.is_empty());
    let model = model.ok_or_else(|| wrong("model", "a string that is not empty"))?;
    let stream = peek.stream.map_or(Some(false), Raw::bool);
    Ok((
        model.into_chars(),
        stream.ok_or_else(|| wrong("stream", "true or false"))?,
    ))
}
