//! Tools and the choice among them.

use std::{borrow::Cow, collections::HashSet};

use bytes::BytesMut;

use crate::{
    format::{
        Dialect,
        anthropic::{caps::ModelCaps, names},
        common::{freeform, web_search},
        object::object,
    },
    ir::{Error, Exchange, Request, Tool, ToolChoice, ToolKind},
    json::{self, Array, Kind, Object, Raw, Text},
};

use super::{
    media,
    messages::Writer,
    reasoning::Plan,
    schema, server_tools,
    turns::{Block, Content},
};

/// The tools that are sent, and what the choice among them is.
pub(super) struct Tools<'r, 'a> {
    /// Each with its position in the caller's list.
    declared: Vec<(usize, &'r Tool<'a>)>,
    /// Names of tools that only the conversation knows; the API wants to know them too.
    stubs: Vec<Cow<'r, str>>,
}

impl<'r, 'a> Tools<'r, 'a> {
    pub(super) fn select(
        request: &'r Request<'a>,
        blocks: &[Block<'r, 'a>],
        dialect: &Dialect,
        exchange: &mut Exchange,
    ) -> Result<Self, Error> {
        let mut declared: Vec<_> = request.tools.iter().enumerate().collect();
        if let Some(ToolChoice::Allowed { names, .. }) = &request.tool_choice {
            let names: HashSet<_> = names.iter().map(Text::decode).collect();
            let is_allowed =
                |tool: &Tool<'_>| name_of(tool).is_some_and(|name| names.contains(&name.decode()));
            if request.tools.iter().any(is_allowed) {
                declared.retain(|(_, tool)| is_allowed(tool));
            } else {
                exchange
                    .losses
                    .dropped(request.names.tool_choice, "no tool has one of the names")?;
            }
        }
        if !media::is_own(request.format) {
            declared = server_tools::runnable(declared, request, dialect, &mut exchange.losses)?;
        }
        let stubs = if declared.is_empty() && !media::is_own(request.format) {
            called(blocks)
        } else {
            Vec::new()
        };
        for name in declared.iter().filter_map(|(_, tool)| name_of(tool)) {
            note_name(name.decode(), exchange);
        }
        for name in &stubs {
            note_name(name.clone(), exchange);
        }
        Ok(Self { declared, stubs })
    }

    pub(super) fn write(
        &self,
        request: &Request<'_>,
        caps: ModelCaps,
        freeform: &mut HashSet<String>,
        writer: &mut Writer<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if self.declared.is_empty() && self.stubs.is_empty() {
            return Ok(());
        }
        o.array("tools", |a| {
            for (index, tool) in &self.declared {
                let path = || format!("{}[{index}]", request.names.tools);
                if is_strict(tool) && !writer.own && !caps.structured_outputs {
                    let reason = "the model can't be held to a schema";
                    let path = format!("{}.strict", path());
                    writer.losses.dropped(path, reason)?;
                }
                write_tool(tool, &path, caps, freeform, writer, a)?;
            }
            for name in &self.stubs {
                a.object(|o| {
                    o.field("name", names::tool_name(name.clone()));
                    o.field(
                        "input_schema",
                        Raw::new(r#"{"type":"object","properties":{}}"#)
                            .unwrap_or(Raw::EMPTY_OBJECT),
                    );
                });
            }
            Ok(())
        })
    }

    pub(super) fn write_choice(
        &self,
        request: &Request<'_>,
        caps: ModelCaps,
        plan: Plan,
        writer: &mut Writer<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let own = media::is_own(request.format);
        if self.declared.is_empty() {
            if !self.stubs.is_empty() {
                o.object("tool_choice", |o| o.field("type", "none"));
            }
            if !own || request.tools.is_empty() && request.tool_choice.is_none() {
                return Ok(());
            }
        }
        let serial = request.parallel_tool_calls == Some(false);
        let (mut word, mut name) = match &request.tool_choice {
            Some(ToolChoice::Native(raw)) if own => {
                o.field("tool_choice", *raw);
                return Ok(());
            }
            Some(ToolChoice::Native(_)) => {
                return Err(Error::unsupported(request.names.tool_choice));
            }
            None if !serial => return Ok(()),
            None
            | Some(
                ToolChoice::Auto
                | ToolChoice::Allowed {
                    required: false, ..
                },
            ) => ("auto", None),
            Some(ToolChoice::None) => ("none", None),
            Some(ToolChoice::Required | ToolChoice::Allowed { required: true, .. }) => {
                ("any", None)
            }
            Some(ToolChoice::Named(name)) => ("tool", Some(name)),
        };
        let is_forced = matches!(word, "any" | "tool");
        if is_forced && !own && (!caps.forced_tools || plan.has_budget()) {
            writer.losses.emulated(
                request.names.tool_choice,
                "the model can't be made to call a tool; it may",
            )?;
            (word, name) = ("auto", None);
        }
        o.object("tool_choice", |o| {
            o.field("type", word);
            o.optional("name", name.map(|name| names::tool_name(name.decode())));
            if word != "none" && (serial || own && request.parallel_tool_calls.is_some()) {
                o.field("disable_parallel_tool_use", serial);
            }
        });
        Ok(())
    }
}

/// The names of the tools that the conversation calls, each once, in the order of their first calls.
fn called<'r>(blocks: &[Block<'r, '_>]) -> Vec<Cow<'r, str>> {
    let names = blocks.iter().filter_map(|block| match &block.content {
        Content::Call(call, _) => Some(call.name.decode()),
        _ => None,
    });
    let mut known = HashSet::new();
    names.filter(|name| known.insert(name.clone())).collect()
}

fn name_of<'r, 'a>(tool: &'r Tool<'a>) -> Option<&'r Text<'a>> {
    match &tool.kind {
        ToolKind::Function { name, .. } | ToolKind::Freeform { name, .. } => Some(name),
        ToolKind::Server { .. } => None,
    }
}

/// Remembers a name that had to be rewritten.
fn note_name(name: Cow<'_, str>, exchange: &mut Exchange) {
    let sent = names::tool_name(name.clone());
    if sent != name {
        exchange
            .tool_names
            .insert(sent.into_owned(), name.into_owned());
    }
}

fn is_strict(tool: &Tool<'_>) -> bool {
    matches!(
        tool.kind,
        ToolKind::Function {
            strict: Some(true),
            ..
        }
    )
}

fn write_tool(
    tool: &Tool<'_>,
    path: &dyn Fn() -> String,
    caps: ModelCaps,
    freeform: &mut HashSet<String>,
    writer: &mut Writer<'_>,
    a: &mut Array<'_>,
) -> Result<(), Error> {
    match &tool.kind {
        ToolKind::Server { value, .. } if writer.own => {
            a.value(*value);
            return Ok(());
        }
        ToolKind::Server {
            web_search: Some(search),
            ..
        } => {
            let path = path();
            let path = web_search::place(search, &path);
            writer.losses.extra(path, &tool.extra)?;
            a.object(|o| server_tools::write_web_search(search, o));
            return Ok(());
        }
        _ if !writer.own && !tool.extra.is_empty() => {
            writer.losses.extra(&path(), &tool.extra)?;
        }
        _ => {}
    }
    a.object(|o| {
        match &tool.kind {
            ToolKind::Function { .. } => write_function(tool, path, caps, writer.own, o)?,
            ToolKind::Freeform {
                name,
                description,
                format,
            } => {
                let sent = names::tool_name(name.decode());
                o.field("name", &sent);
                freeform::write_description(description.as_ref(), *format, o);
                o.optional("input_schema", freeform::schema());
                freeform.insert(sent.into_owned());
                writer
                    .losses
                    .emulated(path(), "a tool that takes free text is sent as a function")?;
            }
            ToolKind::Server { .. } => {}
        }
        if writer.own {
            tool.extra.write(o);
        }
        writer.cache(tool.cache.as_ref(), o)
    })
}

fn write_function(
    tool: &Tool<'_>,
    path: &dyn Fn() -> String,
    caps: ModelCaps,
    own: bool,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    let ToolKind::Function {
        name,
        description,
        parameters,
        strict,
    } = &tool.kind
    else {
        return Ok(());
    };
    o.field("name", names::tool_name(name.decode()));
    o.optional("description", description.as_ref());
    let is_strict = *strict == Some(true) && (own || caps.structured_outputs);
    let (restricts, out) = (is_strict && !own, o.key("input_schema"));
    match parameters {
        Some(schema) if schema.says_object() && !restricts => {
            json::ToJson::write(&schema.raw(), out);
        }
        Some(schema) => write_schema(schema.raw(), restricts, path, out)?,
        None => write_schema(Raw::EMPTY_OBJECT, restricts, path, out)?,
    }
    if is_strict || own {
        o.optional("strict", *strict);
    }
    Ok(())
}

object! {
    /// The root of a schema.
    struct Root<'a> {
        kind = "type": Raw<'a>,
    }
}

/// Writes the schema of a function's arguments, whose root must say that it is an object.
fn write_schema(
    schema: Raw<'_>,
    strict: bool,
    path: &dyn Fn() -> String,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let refused = || Error::unsupported(format!("{}.parameters", path()));
    if schema.kind() != Kind::Object {
        return Err(refused());
    }
    let root: Root<'_> = schema.parse().map_err(|_| refused())?;
    match root.kind {
        Some(kind) if kind.text().is_some_and(|kind| kind == "object") => {
            if strict {
                schema::write(schema, out);
            } else {
                json::ToJson::write(&schema, out);
            }
        }
        Some(kind) if !kind.get().contains("\"object\"") => return Err(refused()),
        _ => json::object(out, |o| {
            o.field("type", "object");
            if root.extra.is_empty() {
                o.object("properties", |_| ());
            }
            root.extra.write(o);
        }),
    }
    Ok(())
}
