//! Tools: reading and writing.

use std::borrow::Cow;

use crate::{
    format::common::{schema, web_search as shared},
    ir::{Error, Extra, Schema, Tool, ToolKind},
    json::{Array, Early, Object, Raw, Text},
};

use super::{
    super::{id, wire},
    bad,
    encode::Writer,
    path::Path,
    policy, unreadable, web_search,
};

/// Reads `tools`.
pub(super) fn decode<'a>(
    tools: Option<Early<'a, Vec<Early<'a, wire::Tool<'a>>>>>,
) -> Result<Vec<Tool<'a>>, Error> {
    let list = Path::root("tools");
    let tools = tools.map(Early::read).transpose();
    let tools = tools.map_err(|error| unreadable(list, &error))?;
    tools
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, wire)| tool(wire, list.element(index)))
        .collect()
}

/// Reads `functions`, the older spelling.
pub(super) fn decode_functions(raw: Option<Raw<'_>>) -> Result<Vec<Tool<'_>>, Error> {
    let list = Path::root("functions");
    elements(raw, list)?
        .into_iter()
        .enumerate()
        .map(|(index, raw)| {
            let path = list.element(index);
            let declaration = raw.parse().map_err(|error| unreadable(path, &error))?;
            function(declaration, path)
        })
        .collect()
}

fn elements<'a>(raw: Option<Raw<'a>>, path: Path<'_>) -> Result<Vec<Raw<'a>>, Error> {
    let elements = raw.map(Raw::parse).transpose();
    Ok(elements
        .map_err(|error| unreadable(path, &error))?
        .unwrap_or_default())
}

fn tool<'a>(wire: Early<'a, wire::Tool<'a>>, path: Path<'_>) -> Result<Tool<'a>, Error> {
    let raw = wire.raw();
    let wire = wire.read().map_err(|error| unreadable(path, &error))?;
    let kind = wire.kind.unwrap_or_else(|| Text::from("function"));
    match (&*kind.decode(), wire.function, wire.custom) {
        ("function", Some(declaration), _) => function(declaration, path.member("function")),
        ("custom", _, Some(declaration)) => custom(declaration, path.member("custom")),
        (kind @ ("function" | "custom"), _, _) => {
            Err(bad(path.member(kind), "expected what the tool is"))
        }
        _ => Ok(Tool {
            kind: ToolKind::Server {
                kind: kind.clone(),
                value: raw,
                web_search: None,
            },
            cache: None,
            extra: Extra::default(),
        }),
    }
}

fn function<'a>(mut wire: wire::Declaration<'a>, path: Path<'_>) -> Result<Tool<'a>, Error> {
    wire.extra.judge(policy::unless_null);
    Ok(Tool {
        kind: ToolKind::Function {
            name: named(wire.name, path)?,
            description: wire.description,
            parameters: wire.parameters.map(schema::early),
            strict: wire.strict,
        },
        cache: None,
        extra: wire.extra,
    })
}

fn custom<'a>(mut wire: wire::Declaration<'a>, path: Path<'_>) -> Result<Tool<'a>, Error> {
    wire.extra.judge(policy::unless_null);
    Ok(Tool {
        kind: ToolKind::Freeform {
            name: named(wire.name, path)?,
            description: wire.description,
            format: wire.format,
        },
        cache: None,
        extra: wire.extra,
    })
}

fn named<'a>(name: Option<Text<'a>>, path: Path<'_>) -> Result<Text<'a>, Error> {
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| bad(path.member("name"), "expected a name"))
}

impl Writer<'_> {
    /// The tools that belong into the list, with their positions in the caller's. Writes the one that does not: a search
    /// of the web.
    pub(super) fn listed<'r, 'a>(
        &mut self,
        tools: &'r [Tool<'a>],
        o: &mut Object<'_>,
    ) -> Result<Vec<(usize, &'r Tool<'a>)>, Error> {
        let mut listed = Vec::with_capacity(tools.len());
        let mut searches = false;
        for (index, tool) in tools.iter().enumerate() {
            match &tool.kind {
                ToolKind::Server { kind, value, .. }
                    if self.own && *kind == web_search::OPTIONS =>
                {
                    o.field(web_search::OPTIONS, value);
                }
                ToolKind::Server {
                    web_search: search, ..
                } if !self.own => {
                    let path = format!("{}[{index}]", self.names.tools);
                    let losses = &mut self.exchange.losses;
                    let search = shared::foreign(search.as_ref(), &path, self.dialect, losses)?;
                    if let Some(search) = search.filter(|_| !searches) {
                        searches = true;
                        self.web_search(tool, search, &path, o)?;
                    }
                }
                _ => listed.push((index, tool)),
            }
        }
        Ok(listed)
    }

    /// Writes one tool, `index` in the caller's list.
    pub(super) fn tool(
        &mut self,
        index: usize,
        tool: &Tool<'_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let path = format!("{}[{index}]", self.names.tools);
        if let ToolKind::Server { value, .. } = &tool.kind {
            a.value(value);
            return Ok(());
        }
        self.foreign(&path, &tool.extra)?;
        a.object(|o| match &tool.kind {
            ToolKind::Freeform {
                name,
                description,
                format,
            } => {
                o.field("type", "custom");
                o.object("custom", |o| {
                    o.field("name", self.declared(name));
                    o.optional("description", description.as_ref());
                    if let Some(format) = format {
                        grammar(*format, o);
                    }
                    self.native(&tool.extra, o);
                });
                Ok(())
            }
            _ => self.function(tool, &path, o),
        })
    }

    fn function(&mut self, tool: &Tool<'_>, path: &str, o: &mut Object<'_>) -> Result<(), Error> {
        let ToolKind::Function {
            name,
            description,
            parameters,
            strict,
        } = &tool.kind
        else {
            return Ok(());
        };
        let parameters = parameters.as_ref();
        if !self.own && parameters.is_some_and(|schema| !schema::is_object(schema)) {
            return Err(bad(
                path,
                "the schema of a tool's arguments must be that of an object",
            ));
        }
        o.field("type", "function");
        o.object("function", |o| {
            o.field("name", self.declared(name));
            o.optional("description", description.as_ref());
            if self.own {
                o.optional("parameters", parameters.map(Schema::raw));
            } else {
                schema::write_object(parameters, o.key("parameters"));
            }
            o.optional("strict", *strict);
            self.native(&tool.extra, o);
        });
        Ok(())
    }

    /// The name that the provider gets for a tool, noted if it is another one.
    fn declared<'n>(&mut self, name: &'n Text<'_>) -> Cow<'n, str> {
        let original = name.decode();
        let sent = id::tool_name(original.clone());
        if sent != original {
            let names = &mut self.exchange.tool_names;
            names.insert(sent.to_string(), original.to_string());
        }
        sent
    }
}

/// A grammar stands in an object of its own here; elsewhere its members may stand beside its type.
fn grammar(format: Raw<'_>, o: &mut Object<'_>) {
    let wire: wire::Grammar<'_> = format.parse().unwrap_or_default();
    match (wire.nested, wire.syntax, wire.definition) {
        (None, Some(syntax), Some(definition)) => o.object("format", |o| {
            o.field("type", "grammar");
            o.object("grammar", |o| {
                o.field("syntax", syntax);
                o.field("definition", definition);
            });
        }),
        _ => o.field("format", format),
    }
}
