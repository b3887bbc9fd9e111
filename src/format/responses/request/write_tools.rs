//! Tools and the choice among them, for a provider.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    format::{
        common::{names, schema, web_search},
        responses::wire::request::{Grammar, NestedGrammar},
    },
    ir::{Error, Request, Schema, Tool, ToolChoice, ToolKind, WebSearch},
    json::{Array, Object, Raw, Text},
};

use super::{encode::Writer, tools, write_parameters::NAME};

const WEB_SEARCH: &str = "web_search";

/// The name by which the provider knows a tool.
pub(super) fn sent_name<'r>(name: &'r Text<'_>) -> Cow<'r, str> {
    names::tool_name(name.decode(), NAME, names::is_word_byte)
}

/// Whether a tool takes free text, by the names of the caller's own tools.
type Declared<'r> = HashMap<Cow<'r, str>, bool>;

impl Writer<'_> {
    /// Writes the tools, the choice among them, and whether several may be called at once: all or nothing.
    pub(super) fn tools(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let sent = self.sent_tools(request)?;
        if sent.is_empty() {
            if self.own {
                o.optional("parallel_tool_calls", request.parallel_tool_calls);
            }
            return Ok(());
        }
        let mut last = None;
        o.array("tools", |a| {
            for (index, tool) in &sent {
                // A namespace is written once, for all its tools.
                let namespace = tools::namespace_of(&tool.extra).filter(|_| self.own);
                if let Some(namespace) = namespace {
                    let is_next = last != Some(namespace.get().as_ptr());
                    last = Some(namespace.get().as_ptr());
                    if is_next {
                        a.value(namespace);
                    }
                    continue;
                }
                self.tool(*index, tool, a)?;
            }
            Ok::<_, Error>(())
        })?;
        o.optional("parallel_tool_calls", request.parallel_tool_calls);
        if self.own {
            return Ok(());
        }
        self.tool_choice(request, &sent, o)
    }

    /// The tools to be sent, each with its number in the caller's list. What the caller's provider would run is
    /// refused, or left out if the dialect says so.
    fn sent_tools<'r, 'a>(
        &mut self,
        request: &'r Request<'a>,
    ) -> Result<Vec<(usize, &'r Tool<'a>)>, Error> {
        let mut sent = Vec::with_capacity(request.tools.len());
        for (index, tool) in request.tools.iter().enumerate() {
            if let ToolKind::Server { web_search, .. } = &tool.kind
                && !self.own
            {
                let path = format!("{}[{index}]", self.names.tools);
                let search = web_search.as_ref();
                let losses = &mut self.exchange.losses;
                if web_search::foreign(search, &path, self.dialect, losses)?.is_none() {
                    continue;
                }
            }
            sent.push((index, tool));
        }
        Ok(sent)
    }

    fn tool(&mut self, index: usize, tool: &Tool<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        let path = || format!("{}[{index}]", self.names.tools);
        match &tool.kind {
            ToolKind::Server { value, .. } if self.own => {
                a.value(value);
                return Ok(());
            }
            ToolKind::Server { web_search, .. } => {
                let search = web_search.as_ref();
                return search.map_or(Ok(()), |search| self.web_search(search, index, a));
            }
            ToolKind::Function { parameters, .. } => {
                if !self.own && !parameters.as_ref().is_none_or(schema::is_object) {
                    let path = path();
                    let why = "the schema of a tool's arguments must be that of an object";
                    return Err(Error::bad_request(format!("{path}: {why}.")).with_param(path));
                }
            }
            ToolKind::Freeform { .. } => {}
        }
        let path = path();
        self.foreign(&path, &tool.extra)?;
        a.object(|o| {
            self.declaration(&tool.kind, o);
            if self.own {
                tool.extra.write(o);
            }
        });
        Ok(())
    }

    fn declaration(&mut self, kind: &ToolKind<'_>, o: &mut Object<'_>) {
        match kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                strict,
            } => {
                o.field("type", "function");
                o.field("name", self.declared(name));
                o.optional("description", description.as_ref());
                let parameters = parameters.as_ref();
                if self.own {
                    o.optional("parameters", parameters.map(Schema::raw));
                    o.optional("strict", *strict);
                } else {
                    schema::write_object(parameters, o.key("parameters"));
                    // Left out, it might be as good as true, which not all schemas obey.
                    o.field("strict", strict.unwrap_or(false));
                }
            }
            ToolKind::Freeform {
                name,
                description,
                format,
            } => {
                o.field("type", "custom");
                o.field("name", self.declared(name));
                o.optional("description", description.as_ref());
                if let Some(format) = format {
                    grammar(*format, o);
                }
            }
            ToolKind::Server { .. } => {}
        }
    }

    /// The name that the provider gets for a tool, noted if it is another one.
    fn declared(&mut self, name: &Text<'_>) -> String {
        let sent = sent_name(name).into_owned();
        let original = name.decode();
        if sent != original {
            let names = &mut self.exchange.tool_names;
            names.insert(sent.clone(), original.into_owned());
        }
        sent
    }

    fn web_search(
        &mut self,
        search: &WebSearch<'_>,
        index: usize,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let list = format!("{}[{index}]", self.names.tools);
        let path = |member| format!("{}.{member}", web_search::place(search, &list));
        let losses = &mut self.exchange.losses;
        if !search.blocked_domains.is_empty() {
            losses.dropped(path("blocked_domains"), "the target can't leave out sites")?;
        }
        if search.max_uses.is_some() {
            losses.dropped(path("max_uses"), "the target has no such limit")?;
        }
        a.object(|o| {
            o.field("type", WEB_SEARCH);
            if !search.allowed_domains.is_empty() {
                o.object("filters", |o| {
                    o.array("allowed_domains", |a| {
                        search
                            .allowed_domains
                            .iter()
                            .for_each(|domain| a.value(domain));
                    });
                });
            }
            if let Some(location) = search.location {
                o.object("user_location", |o| {
                    o.field("type", "approximate");
                    web_search::write_location(location, o);
                });
            }
        });
        Ok(())
    }

    fn tool_choice(
        &mut self,
        request: &Request<'_>,
        sent: &[(usize, &Tool<'_>)],
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let declared: Declared<'_> = sent.iter().filter_map(|(_, tool)| entry(tool)).collect();
        match &request.tool_choice {
            None => {}
            Some(ToolChoice::Auto) => o.field("tool_choice", "auto"),
            Some(ToolChoice::None) => o.field("tool_choice", "none"),
            Some(ToolChoice::Required) => o.field("tool_choice", "required"),
            Some(ToolChoice::Named(name)) => {
                let searches = name.starts_with(WEB_SEARCH) && declared.len() < sent.len();
                if let Some(freeform) = declared.get(&name.decode()) {
                    o.object("tool_choice", |o| named(*freeform, name, o));
                } else if searches {
                    o.object("tool_choice", |o| o.field("type", WEB_SEARCH));
                } else {
                    let losses = &mut self.exchange.losses;
                    losses.dropped(self.names.tool_choice, "no tool has this name")?;
                }
            }
            Some(ToolChoice::Allowed { required, names }) => o.object("tool_choice", |o| {
                o.field("type", "allowed_tools");
                o.field("mode", if *required { "required" } else { "auto" });
                o.array("tools", |a| {
                    for name in names {
                        let freeform = declared.get(&name.decode()) == Some(&true);
                        a.object(|o| named(freeform, name, o));
                    }
                });
            }),
            Some(ToolChoice::Native(_)) => {
                return Err(Error::unsupported(self.names.tool_choice));
            }
        }
        Ok(())
    }
}

fn entry<'r>(tool: &'r Tool<'_>) -> Option<(Cow<'r, str>, bool)> {
    match &tool.kind {
        ToolKind::Function { name, .. } => Some((name.decode(), false)),
        ToolKind::Freeform { name, .. } => Some((name.decode(), true)),
        ToolKind::Server { .. } => None,
    }
}

fn named(freeform: bool, name: &Text<'_>, o: &mut Object<'_>) {
    o.field("type", if freeform { "custom" } else { "function" });
    o.field("name", sent_name(name));
}

/// A grammar's members stand beside its type here; elsewhere in an object of their own.
fn grammar(format: Raw<'_>, o: &mut Object<'_>) {
    let wire: Grammar<'_> = format.parse().unwrap_or_default();
    match wire.nested {
        Some(NestedGrammar {
            syntax: Some(syntax),
            definition: Some(definition),
            ..
        }) => o.object("format", |o| {
            o.field("type", "grammar");
            o.field("syntax", syntax);
            o.field("definition", definition);
        }),
        _ => o.field("format", format),
    }
}
