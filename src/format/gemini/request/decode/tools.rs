//! `tools` and `toolConfig`, read.

use crate::{
    format::{
        common::{path::Path, schema::is_strict},
        gemini::{policy, wire::request as wire},
    },
    ir::{Error, Extra, Member, Policy, Request, Schema, Tool, ToolChoice, ToolKind, WebSearch},
    json::{Kind, Raw, Text},
};

use super::{elements, nest, openapi};

/// Reads the tools: functions may be in several elements, beside tools that the provider runs.
pub(super) fn read<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("tools");
    let list = elements(raw, &path)?;
    let is_only = list.len() == 1;
    for (index, raw) in list.into_iter().enumerate() {
        let path = path.element(index);
        let tool: wire::Tool<'_> = path.read(raw)?;
        let before = request.tools.len();
        for member in &tool.extra {
            hosted(member, &path, request);
        }
        if is_only && request.tools.len() == before {
            request.names.tools = "tools[0].functionDeclarations";
        }
        let path = path.member("functionDeclarations");
        let functions = tool.function_declarations.into_iter().flatten();
        for (index, raw) in functions.enumerate() {
            request.tools.push(function(raw, &path.element(index))?);
        }
    }
    Ok(())
}

/// A tool that the provider runs is an object by its name; anything else is a member of tomorrow.
fn hosted<'a>(member: &Member<'a>, path: &Path<'_>, request: &mut Request<'a>) {
    match member.value.kind() {
        Kind::Null => {}
        Kind::Object => request.tools.push(Tool::new(ToolKind::Server {
            kind: member.key.clone().into(),
            value: member.value,
            web_search: web_search(&member.key, member.value),
        })),
        _ => {
            let key = format!("{path}.{}", member.key);
            request.extra.push(key.into(), member.value);
        }
    }
}

fn web_search<'a>(key: &str, value: Raw<'a>) -> Option<WebSearch<'a>> {
    match key {
        "googleSearch" | "google_search" => {
            let wire: wire::GoogleSearch<'_> = value.parse().unwrap_or_default();
            Some(WebSearch {
                blocked_domains: wire.exclude_domains.unwrap_or_default(),
                ..WebSearch::default()
            })
        }
        "googleSearchRetrieval" | "google_search_retrieval" => Some(WebSearch::default()),
        _ => None,
    }
}

fn function<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Tool<'a>, Error> {
    let wire: wire::Declaration<'_> = path.read(raw)?;
    let name = wire.name.filter(|name| !name.is_empty());
    let subset = wire.parameters.map(openapi::schema);
    let mut extra = wire.extra;
    policy::judge(&mut extra, policy::declaration);
    Ok(Tool {
        kind: ToolKind::Function {
            name: path.member("name").required(name)?,
            description: wire.description.filter(|text| !text.is_empty()),
            parameters: wire.parameters_json_schema.map(Schema::from).or(subset),
            strict: None,
        },
        cache: None,
        extra,
    })
}

/// Reads whether and which function must be called.
pub(super) fn read_choice<'a>(
    raw: Option<Raw<'a>>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("toolConfig");
    let mut config: wire::ToolConfig<'_> = path.read(raw)?;
    policy::judge(&mut config.extra, policy::member);
    nest("toolConfig", &config.extra, &mut request.extra);
    let Some(mut config) = config.function_calling_config else {
        return Ok(());
    };
    policy::judge(&mut config.extra, policy::member);
    nest(request.names.tool_choice, &config.extra, &mut request.extra);
    let names = config.allowed_function_names.unwrap_or_default();
    let mode = config
        .mode
        .unwrap_or_default()
        .decode()
        .to_ascii_uppercase();
    request.tool_choice = match &*mode {
        "" | "MODE_UNSPECIFIED" => None,
        "AUTO" => Some(ToolChoice::Auto),
        "NONE" => Some(ToolChoice::None),
        "ANY" => Some(required(names)),
        "VALIDATED" => Some(validated(names, &mut request.tools, &mut request.extra)),
        _ => Some(ToolChoice::Native(raw)),
    };
    Ok(())
}

fn required(mut names: Vec<Text<'_>>) -> ToolChoice<'_> {
    match (names.pop(), names.is_empty()) {
        (None, _) => ToolChoice::Required,
        (Some(only), true) => ToolChoice::Named(only),
        (Some(last), false) => {
            names.push(last);
            ToolChoice::Allowed {
                required: true,
                names,
            }
        }
    }
}

/// Calls that must obey their schemas: others promise that for each function, and only if its schema allows.
fn validated<'a>(
    names: Vec<Text<'a>>,
    tools: &mut [Tool<'a>],
    extra: &mut Extra<'a>,
) -> ToolChoice<'a> {
    for tool in tools {
        if let ToolKind::Function {
            parameters: Some(schema),
            strict,
            ..
        } = &mut tool.kind
            && is_strict(schema.raw())
        {
            *strict = Some(true);
        }
    }
    let key = "toolConfig.functionCallingConfig.mode";
    extra.push_with(key.into(), Raw::EMPTY_OBJECT, Policy::Drop);
    if names.is_empty() {
        ToolChoice::Auto
    } else {
        ToolChoice::Allowed {
            required: false,
            names,
        }
    }
}
