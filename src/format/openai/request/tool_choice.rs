//! Whether and which tool must be called: reading and writing.

use std::{borrow::Cow, collections::HashSet};

use crate::{
    ir::{Error, Request, ToolChoice, ToolKind},
    json::{Object, Raw, Text},
};

use super::{
    super::{id, wire},
    bad,
    encode::Writer,
    unreadable,
};

/// Reads `tool_choice`, or the older `function_call`.
pub(super) fn decode<'a>(
    raw: Option<Raw<'a>>,
    path: &str,
) -> Result<Option<ToolChoice<'a>>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    if let Some(word) = raw.text() {
        return Ok(Some(match &*word.decode() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            // `any` is Mistral's word.
            "required" | "any" => ToolChoice::Required,
            _ => return Err(bad(path, "expected auto, none, required or a tool")),
        }));
    }
    let wire: wire::ToolChoice<'a> = raw.parse().map_err(|error| unreadable(path, &error))?;
    if let Some(allowed) = wire.allowed_tools {
        return Ok(Some(ToolChoice::Allowed {
            required: allowed.mode.is_some_and(|mode| mode == "required"),
            names: allowed
                .tools
                .into_iter()
                .flatten()
                .filter_map(name)
                .collect(),
        }));
    }
    Ok(Some(
        name(wire).map_or(ToolChoice::Native(raw), ToolChoice::Named),
    ))
}

fn name(wire: wire::ToolChoice<'_>) -> Option<Text<'_>> {
    let named = wire.function.or(wire.custom);
    named.and_then(|named| named.name).or(wire.name)
}

impl Writer<'_> {
    /// Writes `tool_choice` for a request that has tools.
    pub(super) fn tool_choice(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        match &request.tool_choice {
            None => {}
            Some(ToolChoice::Auto) => o.field("tool_choice", "auto"),
            Some(ToolChoice::None) => o.field("tool_choice", "none"),
            Some(ToolChoice::Required) => o.field("tool_choice", "required"),
            Some(ToolChoice::Named(name)) => {
                o.object("tool_choice", |o| named(&freeform(request), name, o));
            }
            Some(ToolChoice::Allowed { required, names }) => o.object("tool_choice", |o| {
                o.field("type", "allowed_tools");
                o.object("allowed_tools", |o| {
                    o.field("mode", if *required { "required" } else { "auto" });
                    o.array("tools", |a| {
                        let freeform = freeform(request);
                        for name in names {
                            a.object(|o| named(&freeform, name, o));
                        }
                    });
                });
            }),
            Some(ToolChoice::Native(raw)) if self.own => o.field("tool_choice", raw),
            Some(ToolChoice::Native(_)) => {
                return Err(Error::unsupported(self.names.tool_choice));
            }
        }
        Ok(())
    }
}

/// The names of the tools that take text.
fn freeform<'r>(request: &'r Request<'_>) -> HashSet<Cow<'r, str>> {
    let names = request.tools.iter().filter_map(|tool| match &tool.kind {
        ToolKind::Freeform { name, .. } => Some(name.decode()),
        _ => None,
    });
    names.collect()
}

fn named(freeform: &HashSet<Cow<'_, str>>, name: &Text<'_>, o: &mut Object<'_>) {
    let name = name.decode();
    let kind = if freeform.contains(&name) {
        "custom"
    } else {
        "function"
    };
    o.field("type", kind);
    o.object(kind, |o| o.field("name", id::tool_name(name)));
}
