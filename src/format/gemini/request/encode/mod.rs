//! A request for a provider, written. What grows with the conversation comes last, so that the bytes of one turn begin
//! with those of the turn before.

mod contents;
mod media;
mod normalise;
mod own;
mod reasoning;
mod schema;
mod settings;
mod tools;

use bytes::BytesMut;

use crate::{
    format::{
        Dialect,
        gemini::{ID, caps::Caps},
    },
    ir::{Error, Exchange, FieldNames, Part, Request},
    json::{self, Object},
};

/// Writes a request. Its path names the model and tells whether the answer shall be a stream.
pub(in crate::format::gemini) fn encode(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    json::object(out, |o| {
        Writer::new(request, dialect, exchange).request(request, o)
    })
}

/// Writes a request to count the tokens of what [`encode`] would write. Only a wrapped one may have more than contents.
pub(in crate::format::gemini) fn encode_count(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    json::object(out, |o| {
        o.object("generateContentRequest", |o| {
            let model = request.model.decode();
            let has_kind = model.contains('/');
            if has_kind {
                o.field("model", model);
            } else {
                o.field("model", format!("models/{model}"));
            }
            Writer::new(request, dialect, exchange).prompt(request, o)
        })
    })
}

/// What writing one request needs to know.
#[derive(Debug)]
struct Writer<'w> {
    /// Whether the caller speaks this format too.
    own: bool,
    caps: Caps,
    names: FieldNames,
    dialect: &'w Dialect,
    exchange: &'w mut Exchange,
}

impl<'w> Writer<'w> {
    fn new(request: &Request<'_>, dialect: &'w Dialect, exchange: &'w mut Exchange) -> Self {
        exchange.provider = ID;
        Self {
            own: request.format == ID,
            caps: Caps::of(&request.model.decode(), &dialect.caps),
            names: request.names,
            dialect,
            exchange,
        }
    }

    fn request(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        if self.own {
            own::settings(request, o);
        } else {
            self.exchange.losses.extra("", &request.shared)?;
            self.exchange.losses.extra("", &request.extra)?;
            self.settings(request, o)?;
        }
        self.prompt(request, o)
    }

    /// Writes what the model reads.
    fn prompt(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        if self.own {
            own::prompt(request, self.caps, self.exchange, o)
        } else {
            self.tools(request, o)?;
            self.system(&request.system, o)?;
            self.contents(request, o)
        }
    }

    fn system(&mut self, system: &[Part<'_>], o: &mut Object<'_>) -> Result<(), Error> {
        let mut texts = Vec::new();
        for (index, part) in system.iter().enumerate() {
            let path = || format!("{}[{index}]", self.names.system);
            match part {
                Part::Text { text, extra, .. } => {
                    if !extra.is_empty() {
                        self.exchange.losses.extra(&path(), extra)?;
                    }
                    if !text.is_empty() {
                        texts.push(text);
                    }
                }
                Part::Native { policy, .. } => self.unsayable(path(), *policy)?,
                _ => return Err(Error::unsupported(path())),
            }
        }
        if !texts.is_empty() {
            o.object("systemInstruction", |o| {
                o.array("parts", |a| {
                    for text in texts {
                        a.object(|o| o.field("text", text));
                    }
                });
            });
        }
        Ok(())
    }
}
