use std::{borrow::Cow, fmt, sync::Arc};

use http::{Extensions, HeaderMap};

use crate::{
    experiment::{ArmOverride, Assignment, Draws, Subject},
    format::{ApiFormat, Boundary, Content, Operation, Peek},
    ir,
    json::Raw,
};

use super::{Concern, Table, concern::MODEL};

/// What a decision depends on.
#[derive(Clone)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// The path, as [`Concern::path`](super::Concern::path) has it.
    pub path: &'a str,
    /// The format that the caller speaks.
    pub format: ApiFormat,
    /// What is asked for; [`Operation::Generate`] if not said.
    pub operation: Operation,
    /// The model that the caller names; empty if it names none.
    pub model: Cow<'a, str>,
    /// Where it does.
    pub model_from: ModelSource,
    /// Whether a stream is asked for; not if not said.
    pub stream: bool,
    /// The caller's headers.
    pub headers: &'a HeaderMap,
    /// The body, in which experiments may look for whose request it is; empty if not said.
    pub body: &'a [u8],
    /// Whose request it is, as the host says; nobody's if not said.
    pub subject: Option<&'a Subject>,
    /// Chance: what has no key gets its arm by this. 0 if not said, so that without it all of those get the same. The router
    /// takes another number for each request.
    pub random: u64,
    /// The arm that somebody has chosen, who may; none if not said. [`Table::arm_override`](super::Table::arm_override)
    /// tells.
    pub arm: Option<ArmOverride>,
    /// What the request is not to be drawn again after; nothing if not said. It counts in the same experiment, for
    /// the same unit, if its arm is there still. The router remembers it for requests within a tool loop.
    pub kept: Option<Assignment>,
    /// The model's name as it stands in the body, if that was read and is JSON.
    pub(super) name: Option<Raw<'a>>,
    /// The model's name, if it is kept already.
    pub(super) asked: Option<Arc<str>>,
}

/// Where a caller names a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelSource {
    /// In the path.
    Path,
    /// In the header `x-llm-model`.
    Header,
    /// In the body, which is JSON.
    Body,
    /// In the body, which is a form.
    Form,
    /// It names none.
    Nowhere,
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
            model_from: ModelSource::Body,
            stream: false,
            headers,
            body: &[],
            subject: None,
            random: 0,
            arm: None,
            kept: None,
            name: None,
            asked: None,
        }
    }

    /// Reads them from a request that [is the table's](super::Table::concerns), as the router does: the model from the
    /// path, or else from the header `x-llm-model`, or else from the body, be it JSON or a form.
    ///
    /// # Errors
    ///
    /// If the body is to be read and is not what the endpoint takes, or says `model` or `stream` in a way that can't be
    /// understood.
    pub fn read(
        concern: &'a Concern<'a>,
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Result<Self, ir::Error> {
        let mut facts = Self::of_head(concern, headers)?;
        if facts.needs_body(concern)
            && let Some(error) = ir::Error::of_encoding(headers)
        {
            return Err(error);
        }
        facts.look_into(concern, body)?;
        Ok(facts)
    }

    /// Reads what is to be read of a body that is not compressed.
    pub(super) fn look_into(
        &mut self,
        concern: &Concern<'_>,
        body: &'a [u8],
    ) -> Result<(), ir::Error> {
        self.body = body;
        if self.needs_body(concern) {
            self.read_body(body)?;
        }
        Ok(())
    }

    /// Keeps the model's name, which all that comes of the decision then shares.
    pub(super) fn keep_name(&mut self, table: &Table) {
        if !self.model.is_empty() {
            self.asked = Some(table.inner().name(&self.model));
        }
    }

    /// What the head says alone.
    pub(super) fn of_head(
        concern: &'a Concern<'a>,
        headers: &'a HeaderMap,
    ) -> Result<Self, ir::Error> {
        let call = &concern.call;
        let (model, model_from) = match (&call.model, headers.get(MODEL)) {
            (Some(model), _) => (&**model, ModelSource::Path),
            (None, Some(value)) => {
                let value = value.to_str().ok().filter(|value| !value.is_empty());
                let model = value.ok_or_else(|| wrong("x-llm-model", "the name of a model"))?;
                (model, ModelSource::Header)
            }
            (None, None) => ("", ModelSource::Nowhere),
        };
        let mut facts = Self::new(&concern.path, concern.format, model, headers);
        facts.operation = call.operation;
        facts.stream = call.stream.unwrap_or_default();
        facts.model_from = model_from;
        Ok(facts)
    }

    /// Whether the body says something that the head doesn't and that a decision depends on.
    pub(super) fn needs_body(&self, concern: &Concern<'_>) -> bool {
        let is_told = self.model_from != ModelSource::Nowhere;
        match self.operation {
            Operation::Generate => !is_told || concern.call.stream.is_none(),
            Operation::CountTokens => !is_told,
            // A form is a file, most likely, and a rule says already where it goes.
            Operation::Unknown => {
                !is_told && Content::of(self.operation, self.headers) == Content::Json
            }
            operation => !is_told && Content::of(operation, self.headers) != Content::Opaque,
        }
    }

    /// What experiments look at.
    pub(super) fn draws(&self) -> Draws<'_> {
        Draws {
            format: self.format,
            headers: self.headers,
            body: self.body,
            subject: self.subject,
            random: self.random,
        }
    }

    /// Notes what host and caller say of whose request it is, and of the arm that it is to get.
    pub(super) fn ask_for_arm(
        &mut self,
        table: &Table,
        extensions: &'a Extensions,
    ) -> Result<(), ir::Error> {
        self.subject = extensions.get();
        self.arm = table.arm_override(self.headers, extensions)?;
        Ok(())
    }

    /// Whether the body is to be read only for the sake of an experiment. What is no JSON says nothing to any.
    pub(super) fn is_drawn_from_body(&self, table: &Table) -> bool {
        Content::of(self.operation, self.headers) == Content::Json
            && table.inner().draws_from_body(self)
    }

    fn read_body(&mut self, body: &'a [u8]) -> Result<(), ir::Error> {
        let named = match Content::of(self.operation, self.headers) {
            Content::Json => self.read_json(body)?.map(|name| (name, ModelSource::Body)),
            Content::Form(boundary) => {
                in_form(&boundary, body)?.map(|name| (name, ModelSource::Form))
            }
            Content::Opaque => None,
        };
        if let (ModelSource::Nowhere, Some((model, source))) = (self.model_from, named) {
            self.model = model;
            self.model_from = source;
        }
        Ok(())
    }

    fn read_json(&mut self, body: &'a [u8]) -> Result<Option<Cow<'a, str>>, ir::Error> {
        let is_unknown = self.operation == Operation::Unknown;
        let peek = match Peek::read(body) {
            Ok(peek) => peek,
            // Whatever it is, its provider will know.
            Err(_) if is_unknown => return Ok(None),
            Err(error) => {
                let message = format!("The request's body is not a JSON object: {error}.");
                return Err(ir::Error::bad_request(message).with_code("invalid_json"));
            }
        };
        let stream = peek.stream.map_or(Some(false), Raw::bool);
        let stream = stream.or(is_unknown.then_some(false));
        self.stream = stream.ok_or_else(|| wrong("stream", "true or false"))?;
        let Some(model) = peek.model else {
            let is_optional = matches!(self.operation, Operation::Other(_) | Operation::Unknown);
            let may_miss = is_optional || self.model_from != ModelSource::Nowhere;
            return may_miss
                .then_some(None)
                .ok_or_else(|| wrong("model", "given"));
        };
        self.name = Some(model);
        let model = model.text().filter(|model| !model.is_empty());
        match model {
            Some(model) => Ok(Some(model.into_chars())),
            None if is_unknown => Ok(None),
            None => Err(wrong("model", "a string that is not empty")),
        }
    }

    /// Whether the provider looks for the model in the body, and the caller has named it elsewhere, so that it must be
    /// written there. A form, and what is not known to need it, stays as it is.
    pub(super) fn names_model_elsewhere(&self) -> bool {
        let operation = self.operation;
        match self.model_from {
            ModelSource::Header => {
                matches!(operation, Operation::Generate | Operation::CountTokens)
            }
            ModelSource::Path => {
                operation != Operation::Unknown
                    && Content::of(operation, self.headers) == Content::Json
                    && self.plain_path().is_some()
            }
            _ => false,
        }
    }

    /// The endpoint's own path, if that names no model and this one does.
    pub(super) fn plain_path(&self) -> Option<Cow<'static, str>> {
        let api = self.format.api();
        let names_model = |path: &str| api.detect(path).is_some_and(|call| call.model.is_some());
        if self.model_from != ModelSource::Path || self.operation == Operation::Unknown {
            return None;
        }
        let path = api.path(self.operation, "m", false);
        (!names_model(&path)).then_some(path)
    }
}

/// Shows no values of headers, for a caller's key is one, and nothing of the body.
impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("path", &self.path)
            .field("format", &self.format)
            .field("operation", &self.operation)
            .field("model", &self.model)
            .field("model_from", &self.model_from)
            .field("stream", &self.stream)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("arm", &self.arm)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

fn in_form<'a>(boundary: &Boundary, body: &'a [u8]) -> Result<Option<Cow<'a, str>>, ir::Error> {
    let malformed = |why: &dyn fmt::Display| {
        let message = format!("The request's form can't be read: {why}.");
        ir::Error::bad_request(message).with_code("invalid_form")
    };
    let found = boundary
        .field(body, "model")
        .map_err(|error| malformed(&error))?;
    let Some(value) = found.and_then(|range| body.get(range)) else {
        return Ok(None);
    };
    match str::from_utf8(value) {
        Ok(model) if !model.is_empty() => Ok(Some(model.into())),
        _ => Err(wrong("model", "a text that is not empty")),
    }
}

fn wrong(name: &'static str, is: &str) -> ir::Error {
    ir::Error::bad_request(format!("{name} must be {is}.")).with_param(name)
}
