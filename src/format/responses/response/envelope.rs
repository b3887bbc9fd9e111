//! What is around the output of an answer. Every member of it is required.

use bytes::BytesMut;

use crate::{
    format::{
        object::object,
        responses::wire::{list, text},
    },
    ir::{Exchange, Extra, Usage},
    json::{self, Array, Kind, Object, Raw, Text, compact},
};

use super::{stop::Ending, usage};

/// Members that repeat the caller's request, each with its value where the request has none.
const BEFORE_MODEL: [(&str, &str); 3] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
];
const BEHIND_OUTPUT: [(&str, &str); 9] = [
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("temperature", "null"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", r#""auto""#),
    ("tools", "[]"),
    ("top_p", "null"),
    ("truncation", r#""disabled""#),
];

/// Members that these objects always have in an answer, though a request may leave them out.
const OF_FUNCTION: [(&str, &str); 2] = [("parameters", "null"), ("strict", "null")];
const OF_REASONING: [(&str, &str); 2] = [("effort", "null"), ("summary", "null")];
const OF_TEXT: [(&str, &str); 1] = [("format", r#"{"type":"text"}"#)];

/// Members that say something of the answer, whatever the request said.
const OF_ANSWER: [&str; 11] = [
    "id",
    "object",
    "created_at",
    "status",
    "error",
    "incomplete_details",
    "model",
    "output",
    "service_tier",
    "usage",
    "stream",
];

object! {
    /// An object of the request that is repeated.
    struct Echoed<'a> {
        kind = "type": Raw<'a>,
    }
}

/// An answer without its output.
#[derive(Debug, Clone, Copy)]
pub(in crate::format::responses) struct Envelope<'e> {
    pub(in crate::format::responses) exchange: &'e Exchange,
    /// Members of this API's own answer.
    pub(in crate::format::responses) native: Option<&'e Extra<'e>>,
    pub(in crate::format::responses) id: &'e str,
    pub(in crate::format::responses) created: u64,
    pub(in crate::format::responses) model: &'e Text<'e>,
    pub(in crate::format::responses) ending: &'e Ending,
    /// Code and message.
    pub(in crate::format::responses) error: Option<(&'e str, &'e str)>,
    pub(in crate::format::responses) service_tier: Option<&'e str>,
    pub(in crate::format::responses) usage: Option<&'e Usage>,
    pub(in crate::format::responses) usage_extra: Option<&'e Extra<'e>>,
}

impl Envelope<'_> {
    /// Writes the members of the answer.
    pub(in crate::format::responses) fn write<E>(
        &self,
        o: &mut Object<'_>,
        output: impl FnOnce(&mut Array<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        o.field("id", self.id);
        o.field("object", "response");
        o.field("created_at", self.created);
        o.field("status", &*self.ending.status);
        match self.error {
            Some((code, message)) => o.object("error", |o| {
                o.field("code", code);
                o.field("message", message);
            }),
            None => o.field("error", ()),
        }
        self.ending.write_details(o);
        for (key, default) in BEFORE_MODEL {
            self.member(key, default, o);
        }
        o.field("model", self.model);
        o.array("output", output)?;
        for (key, default) in BEHIND_OUTPUT {
            self.member(key, default, o);
        }
        o.optional("service_tier", self.service_tier);
        self.others(o);
        self.counts(o);
        Ok(())
    }

    /// Writes a member that must be there: as this API's provider has it, else as the caller had it.
    fn member(&self, key: &str, default: &str, o: &mut Object<'_>) {
        let native = self.native.into_iter().flatten();
        if let Some(member) = native.into_iter().find(|member| member.key == key) {
            return o.field(key, member.value);
        }
        let echo = self.exchange.echo.iter().find(|(echo, _)| *echo == key);
        let echo = echo.and_then(|(_, value)| Raw::new(value).ok());
        let out = o.key(key);
        match echo.filter(|echo| echo.kind() != Kind::Null) {
            Some(tools) if key == "tools" => json::array(out, |a| {
                for raw in list(Some(tools)) {
                    tool(raw, a);
                }
            }),
            Some(text) if key == "text" => fill(text, &OF_TEXT, out),
            Some(reasoning) if key == "reasoning" => fill(reasoning, &OF_REASONING, out),
            Some(echo) => out.extend_from_slice(compact(echo).as_bytes()),
            None => out.extend_from_slice(default.as_bytes()),
        }
    }

    /// Writes members that are not required.
    fn others(&self, o: &mut Object<'_>) {
        let required = |key: &str| {
            let mut all = BEFORE_MODEL.iter().chain(&BEHIND_OUTPUT);
            all.any(|(required, _)| *required == key) || OF_ANSWER.contains(&key)
        };
        if let Some(native) = self.native {
            for member in native.iter().filter(|member| !required(&member.key)) {
                o.field(&member.key, member.value);
            }
            return;
        }
        for (key, value) in &self.exchange.echo {
            let value = Raw::new(value).ok();
            if let Some(value) = value.filter(|_| !required(key)) {
                o.key(key).extend_from_slice(compact(value).as_bytes());
            }
        }
    }

    fn counts(&self, o: &mut Object<'_>) {
        match (self.usage_extra, self.usage) {
            (Some(members), _) => o.object("usage", |o| members.write(o)),
            (None, Some(usage)) => o.object("usage", |o| usage::encode(usage, o)),
            (None, None) => o.field("usage", ()),
        }
    }
}

/// Writes a tool of the request.
fn tool(raw: Raw<'_>, a: &mut Array<'_>) {
    let tool: Echoed<'_> = raw.parse().unwrap_or_default();
    if text(tool.kind).is_some_and(|kind| kind == "function") {
        fill(raw, &OF_FUNCTION, a.element());
    } else {
        a.element().extend_from_slice(compact(raw).as_bytes());
    }
}

/// Writes an object, and of the defaults what it lacks.
fn fill(raw: Raw<'_>, defaults: &[(&str, &str)], out: &mut BytesMut) {
    let Ok(given) = raw.parse::<Echoed<'_>>() else {
        return out.extend_from_slice(compact(raw).as_bytes());
    };
    json::object(out, |o| {
        let mut write = |key: &str, value: &str| o.key(key).extend_from_slice(value.as_bytes());
        if let Some(kind) = given.kind {
            write("type", kind.get());
        }
        for member in &given.extra {
            write(&member.key, &compact(member.value));
        }
        for (key, default) in defaults {
            if !given.extra.iter().any(|member| member.key == *key) {
                write(key, default);
            }
        }
    });
}
