//! Tools and the choice among them: reading.

use crate::{
    format::{
        common::path::Path,
        responses::wire::request::{self as wire, ToolChoice as WireChoice},
    },
    ir::{Error, Exchange, Extra, Request, Tool, ToolChoice, ToolKind, WebSearch},
    json::{Raw, Text},
};

use super::{items::keep, policy};

/// The member that keeps the namespace a tool was in, with all that is in there.
pub(super) const NAMESPACE: &str = "namespace";

/// Reads `tools`. Those in a namespace are tools like others, under the names of both.
pub(super) fn decode<'a>(
    raw: Option<Raw<'a>>,
    exchange: &mut Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let list = Path::root("tools");
    for (index, raw) in list.elements(raw)?.into_iter().enumerate() {
        let path = list.element(index);
        let wire: wire::Tool<'a> = path.read(raw)?;
        let kind = path.member("type").required(wire.kind.clone())?;
        if kind == "namespace" {
            // What it is for is told to the model, and others have no namespaces.
            if let Some(description) = wire.description.filter(|raw| !raw.is_empty()) {
                let path = path.member("description").to_string();
                request.extra.push(path.into(), description);
            }
            namespace(wire, raw, &path, exchange, &mut request.tools)?;
        } else {
            request.tools.push(tool(wire, &kind, raw, &path)?);
        }
    }
    Ok(())
}

fn tool<'a>(
    wire: wire::Tool<'a>,
    kind: &Text<'a>,
    raw: Raw<'a>,
    path: &Path<'_>,
) -> Result<Tool<'a>, Error> {
    match &*kind.decode() {
        "function" | "custom" => declared(wire, kind, path),
        word => Ok(Tool::new(ToolKind::Server {
            web_search: word.starts_with("web_search").then(|| web_search(raw)),
            kind: kind.clone(),
            value: raw,
        })),
    }
}

/// A tool of the caller's own.
fn declared<'a>(wire: wire::Tool<'a>, kind: &Text<'a>, path: &Path<'_>) -> Result<Tool<'a>, Error> {
    let place = path.member("name");
    let name = place.required(wire.name.filter(|name| !name.is_empty()))?;
    let description = wire
        .description
        .map(|raw| path.member("description").read(raw))
        .transpose()?;
    let kind = if *kind == "custom" {
        ToolKind::Freeform {
            name,
            description,
            format: wire.format,
        }
    } else {
        ToolKind::Function {
            name,
            description,
            parameters: wire.parameters.map(Into::into),
            strict: wire.strict,
        }
    };
    let mut extra = wire.extra;
    extra.judge(policy::of_tool);
    Ok(Tool {
        extra,
        ..Tool::new(kind)
    })
}

/// Reads the tools of a namespace. All of it is kept with each, for servers of this API.
fn namespace<'a>(
    wire: wire::Tool<'a>,
    raw: Raw<'a>,
    path: &Path<'_>,
    exchange: &mut Exchange,
    tools: &mut Vec<Tool<'a>>,
) -> Result<(), Error> {
    let space = path.member("name").required(wire.name)?;
    let list = path.member("tools");
    let elements = list.elements(list.required(wire.tools)?)?;
    for (index, element) in elements.into_iter().enumerate() {
        let path = list.element(index);
        let wire: wire::Tool<'a> = path.read(element)?;
        let kind = wire.kind.clone().unwrap_or_else(|| "function".into());
        let mut tool = declared(wire, &kind, &path)?;
        if let ToolKind::Function { name, .. } | ToolKind::Freeform { name, .. } = &mut tool.kind {
            let flat = flat(&space, name);
            let both = (space.decode().into_owned(), name.decode().into_owned());
            exchange.namespaces.insert(flat.clone(), both);
            *name = flat.into();
        }
        keep(&mut tool.extra, NAMESPACE, Some(raw));
        tools.push(tool);
    }
    Ok(())
}

fn flat(space: &Text<'_>, name: &Text<'_>) -> String {
    format!("{}__{}", space.decode(), name.decode())
}

/// The name that stands for a namespace and a name within it. A single tool that was searched for has a namespace of
/// its own name, and none where it is declared.
pub(super) fn flat_name<'a>(
    space: Option<&Text<'a>>,
    name: Text<'a>,
    exchange: &Exchange,
) -> Text<'a> {
    let Some(space) = space else { return name };
    let flat = flat(space, &name);
    if *space == name && !exchange.namespaces.contains_key(&flat) {
        return name;
    }
    flat.into()
}

fn web_search(raw: Raw<'_>) -> WebSearch<'_> {
    let wire: wire::WebSearch<'_> = raw.parse().unwrap_or_default();
    let filters = wire.filters.unwrap_or_default();
    WebSearch {
        allowed_domains: filters.allowed_domains.unwrap_or_default(),
        blocked_domains: filters.blocked_domains.unwrap_or_default(),
        location: wire.user_location,
        ..WebSearch::default()
    }
}

/// Reads `tool_choice`.
pub(super) fn decode_choice<'a>(
    raw: Option<Raw<'a>>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("tool_choice");
    if let Some(word) = raw.text() {
        request.tool_choice = Some(match &*word.decode() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            _ => return Err(path.wrong(&"expected `auto`, `none`, `required` or a tool")),
        });
        return Ok(());
    }
    let choice: WireChoice<'a> = path.read(raw)?;
    let kind = choice.kind.unwrap_or_default();
    let tools = choice.tools.into_iter().flatten();
    let names: Vec<Text<'a>> = tools.filter_map(|tool| tool.name).collect();
    request.tool_choice = Some(match (&*kind.decode(), choice.name) {
        ("function" | "custom", Some(name)) => ToolChoice::Named(name),
        ("allowed_tools", _) if !names.is_empty() => ToolChoice::Allowed {
            required: choice.mode.is_some_and(|mode| mode == "required"),
            names,
        },
        _ => ToolChoice::Native(raw),
    });
    Ok(())
}

/// The namespace that a tool was declared in, if it was, with all that is in there.
pub(super) fn namespace_of<'a>(extra: &Extra<'a>) -> Option<Raw<'a>> {
    extra
        .iter()
        .find(|member| member.key == NAMESPACE)
        .map(|member| member.value)
}
