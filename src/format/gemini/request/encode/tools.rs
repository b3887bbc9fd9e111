//! Tools and the choice among them.

use std::{borrow::Cow, collections::HashSet};

use crate::{
    format::{
        GeminiSchema,
        common::{freeform, schema::is_object, web_search},
        gemini::names,
    },
    ir::{Error, Request, Schema, Tool, ToolChoice, ToolKind, WebSearch},
    json::{Array, Object, Text},
};

use super::{Writer, schema};

/// A tool with its position in the caller's list.
type Placed<'r, 'a> = (usize, &'r Tool<'a>);

impl Writer<'_> {
    /// Writes the tools: all functions in one element, as the API wants them.
    pub(super) fn tools(&mut self, request: &Request<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let tools = self.selected(request)?;
        let mut searches = 0_usize;
        let mut functions = Vec::with_capacity(tools.len());
        for (index, tool) in tools {
            match &tool.kind {
                ToolKind::Server { web_search, .. } => {
                    searches += usize::from(self.hosted(index, web_search.as_ref())?);
                }
                _ => functions.push((index, tool)),
            }
        }
        if functions.is_empty() && searches == 0 {
            return Ok(());
        }
        o.array("tools", |a| {
            if !functions.is_empty() {
                a.object(|o| {
                    o.array("functionDeclarations", |a| {
                        let mut functions = functions.iter();
                        functions.try_for_each(|(index, tool)| self.tool(*index, tool, a))
                    })
                })?;
            }
            if searches > 0 {
                a.object(|o| o.object("googleSearch", |_| ()));
            }
            Ok(())
        })
    }

    /// The tools that are declared: all, unless the model may call only some, as it likes.
    fn selected<'r, 'a>(&mut self, request: &'r Request<'a>) -> Result<Vec<Placed<'r, 'a>>, Error> {
        let mut tools: Vec<_> = request.tools.iter().enumerate().collect();
        if let Some(ToolChoice::Allowed {
            required: false,
            names,
        }) = &request.tool_choice
        {
            let names: HashSet<Cow<'_, str>> = names.iter().map(Text::decode).collect();
            let is_allowed =
                |tool: &Tool<'_>| name_of(tool).is_some_and(|name| names.contains(&name.decode()));
            if request.tools.iter().any(is_allowed) {
                tools.retain(|(_, tool)| is_allowed(tool));
            } else if !tools.is_empty() {
                let losses = &mut self.exchange.losses;
                losses.dropped(self.names.tool_choice, "no tool has one of the names")?;
            }
        }
        Ok(tools)
    }

    /// What becomes of a tool that the caller's provider would run; tells whether it is this one's own search.
    fn hosted(&mut self, index: usize, search: Option<&WebSearch<'_>>) -> Result<bool, Error> {
        let path = format!("{}[{index}]", self.names.tools);
        let losses = &mut self.exchange.losses;
        let Some(search) = web_search::foreign(search, &path, self.dialect, losses)? else {
            return Ok(false);
        };
        let place = web_search::place(search, &path);
        for (member, is_set) in [
            ("allowed_domains", !search.allowed_domains.is_empty()),
            ("blocked_domains", !search.blocked_domains.is_empty()),
            ("user_location", search.location.is_some()),
            ("max_uses", search.max_uses.is_some()),
        ] {
            if is_set {
                losses.dropped(
                    format!("{place}.{member}"),
                    "the target's search has no such limit",
                )?;
            }
        }
        Ok(true)
    }

    fn tool(&mut self, index: usize, tool: &Tool<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        let path = format!("{}[{index}]", self.names.tools);
        self.exchange.losses.extra(&path, &tool.extra)?;
        a.object(|o| match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                strict,
            } => {
                o.field("name", self.declared(name));
                o.optional("description", description.as_ref());
                if *strict == Some(true) {
                    let path = format!("{path}.strict");
                    let losses = &mut self.exchange.losses;
                    losses.dropped(path, "the target has no such field")?;
                }
                self.parameters(parameters.as_ref(), &path, o)
            }
            ToolKind::Freeform {
                name,
                description,
                format,
            } => {
                let sent = self.declared(name);
                o.field("name", &sent);
                freeform::write_description(description.as_ref(), *format, o);
                let schema = freeform::schema().map(Schema::from);
                self.parameters(schema.as_ref(), &path, o)?;
                self.exchange.freeform_tools.insert(sent);
                let reason = "a tool that takes free text is sent as a function";
                self.exchange.losses.emulated(path, reason)
            }
            ToolKind::Server { .. } => Ok(()),
        })
    }

    fn parameters(
        &mut self,
        schema: Option<&Schema<'_>>,
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if schema.is_some_and(|schema| !is_object(schema)) {
            return Err(Error::unsupported(format!("{path}.parameters")));
        }
        let dialect = self.dialect.gemini_schema;
        let key = match dialect {
            GeminiSchema::JsonSchema => "parametersJsonSchema",
            GeminiSchema::OpenApiSubset => "parameters",
        };
        if schema::write_arguments(schema, dialect, o.key(key)) {
            let path = format!("{path}.parameters");
            self.exchange.losses.emulated(path, schema::LOSSY)?;
        }
        Ok(())
    }

    /// The name that the provider gets for a tool, noted if it is another one.
    fn declared(&mut self, name: &Text<'_>) -> String {
        let original = name.decode();
        let sent = names::tool_name(original.clone()).into_owned();
        if sent != original {
            let names = &mut self.exchange.tool_names;
            names.insert(sent.clone(), original.into_owned());
        }
        sent
    }

    /// Writes whether and which tool must be called, if there are any.
    pub(super) fn tool_config(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if request.tools.is_empty() {
            return Ok(());
        }
        if request.parallel_tool_calls == Some(false) {
            let losses = &mut self.exchange.losses;
            let reason = "the target may always call several tools at once";
            losses.dropped(self.names.parallel_tool_calls, reason)?;
        }
        let (mode, names) = match &request.tool_choice {
            None => return Ok(()),
            Some(
                ToolChoice::Auto
                | ToolChoice::Allowed {
                    required: false, ..
                },
            ) => ("AUTO", &[][..]),
            Some(ToolChoice::None) => ("NONE", &[][..]),
            Some(ToolChoice::Required) => ("ANY", &[][..]),
            Some(ToolChoice::Named(name)) => ("ANY", std::slice::from_ref(name)),
            Some(ToolChoice::Allowed {
                required: true,
                names,
            }) => ("ANY", names.as_slice()),
            Some(ToolChoice::Native(_)) => return Err(Error::unsupported(self.names.tool_choice)),
        };
        o.object("toolConfig", |o| {
            o.object("functionCallingConfig", |o| {
                o.field("mode", mode);
                if !names.is_empty() {
                    o.array("allowedFunctionNames", |a| {
                        for name in names {
                            a.value(names::tool_name(name.decode()));
                        }
                    });
                }
            });
        });
        Ok(())
    }
}

fn name_of<'r, 'a>(tool: &'r Tool<'a>) -> Option<&'r Text<'a>> {
    match &tool.kind {
        ToolKind::Function { name, .. } | ToolKind::Freeform { name, .. } => Some(name),
        ToolKind::Server { .. } => None,
    }
}
