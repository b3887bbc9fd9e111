//! A caller's messages.

use crate::{
    ir::{
        Arguments, Citation, Error, Extra, Part, Policy, Request, Role, ToolCall, ToolResult, Turn,
    },
    json::{Raw, Text},
};

use super::{
    super::{call_seal, reasoning, wire},
    bad, content,
    path::Path,
    policy,
};

/// The member that keeps a message's role.
pub(super) const ROLE: &str = "role";

/// Reads the messages: the leading run of instructions, and the conversation behind it.
pub(super) fn decode<'a>(
    messages: Vec<wire::Message<'a>>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    // How the result of a function finds its call, in messages from before calls had ids.
    let mut last_function_call = Text::default();
    let root = Path::root("messages");
    for (index, mut message) in messages.into_iter().enumerate() {
        let path = root.element(index);
        let role =
            wire::text(message.role).ok_or_else(|| bad(path.member("role"), "expected a role"))?;
        let mut extra = std::mem::take(&mut message.extra);
        extra.judge(policy::of_message);
        let turn = match &*role.decode() {
            "system" | "developer" if request.turns.is_empty() => {
                instructions(message, &extra, path, &mut request.system)?;
                continue;
            }
            "system" | "developer" => {
                keep_role(message.role, &mut extra);
                let parts = content::decode(message.content, path)?;
                turn(Role::System, index, parts, extra)
            }
            "user" => {
                let parts = content::decode(message.content, path)?;
                turn(Role::User, index, parts, extra)
            }
            "assistant" => {
                if message.function_call.is_some() {
                    last_function_call = legacy_id(index);
                }
                let parts = assistant(&mut message, index, path, &mut extra)?;
                turn(Role::Assistant, index, parts, extra)
            }
            "tool" => {
                let call_id = wire::text(message.tool_call_id).ok_or_else(|| {
                    bad(
                        path.member("tool_call_id"),
                        "expected the id of a tool call",
                    )
                })?;
                let parts = vec![result(message.content, call_id, path)?];
                turn(Role::Tool, index, parts, extra)
            }
            "function" => {
                extra.take("name");
                let parts = vec![result(message.content, last_function_call.clone(), path)?];
                turn(Role::Tool, index, parts, extra)
            }
            _ => return Err(bad(path.member("role"), "expected a known role")),
        };
        request.turns.push(turn);
    }
    Ok(())
}

fn turn<'a>(role: Role, index: usize, parts: Vec<Part<'a>>, extra: Extra<'a>) -> Turn<'a> {
    Turn {
        extra,
        ..Turn::new(role, index, parts)
    }
}

/// The neutral form has no place for which of the two roles it was; servers of this API may care.
fn keep_role<'a>(role: Option<Raw<'a>>, extra: &mut Extra<'a>) {
    if let Some(role) = role {
        extra.push_with(ROLE.into(), role, Policy::Silent);
    }
}

/// Leading instructions are one list of parts; the role and the members of a message go behind those of its first part.
fn instructions<'a>(
    message: wire::Message<'a>,
    extra: &Extra<'a>,
    path: Path<'_>,
    system: &mut Vec<Part<'a>>,
) -> Result<(), Error> {
    let role = message.role;
    let mut parts = content::decode(message.content, path)?;
    if let Some(Part::Text { extra: members, .. }) = parts.first_mut() {
        keep_role(role, members);
        for member in extra {
            members.push_with(member.key.clone(), member.value, member.policy);
        }
    }
    system.append(&mut parts);
    Ok(())
}

fn assistant<'a>(
    message: &mut wire::Message<'a>,
    index: usize,
    path: Path<'_>,
    extra: &mut Extra<'a>,
) -> Result<Vec<Part<'a>>, Error> {
    let mut parts = Vec::new();
    reasoning::decode(message, &mut parts);
    parts.append(&mut content::decode(message.content.take(), path)?);
    if let Some(refusal) = message.refusal {
        let refusal = refusal
            .text()
            .ok_or_else(|| bad(path.member("refusal"), "expected a string"))?;
        parts.extend(
            Some(refusal)
                .filter(|text| !text.is_empty())
                .map(Part::Refusal),
        );
    }
    if let Some(annotations) = message.annotations {
        let policy = policy::of_message("annotations", annotations);
        extra.push_with("annotations".into(), annotations, policy);
    }
    let list = path.member("tool_calls");
    for (position, call) in message.tool_calls.take().into_iter().flatten().enumerate() {
        let call = tool_call(call, list.element(position))?;
        parts.extend(call_seal::thought(&call.extra));
        parts.push(Part::ToolCall(call));
    }
    if let Some(call) = message.function_call.take() {
        let call = function(&call, legacy_id(index), path.member("function_call"))?;
        parts.push(Part::ToolCall(call));
    }
    Ok(parts)
}

fn legacy_id(index: usize) -> Text<'static> {
    format!("call_message_{index}").into()
}

fn tool_call<'a>(mut wire: wire::ToolCall<'a>, path: Path<'_>) -> Result<ToolCall<'a>, Error> {
    let id =
        wire::text(wire.id).ok_or_else(|| bad(path.member("id"), "expected the id of the call"))?;
    let mut call = match (wire.function, wire.custom) {
        (Some(call), _) => function(&call, id, path.member("function"))?,
        (None, Some(custom)) => custom_call(&custom, id, path.member("custom"))?,
        (None, None) => {
            return Err(bad(path.member("function"), "expected what is called"));
        }
    };
    wire.extra.judge(policy::of_tool_call);
    call.extra = wire.extra;
    Ok(call)
}

fn function<'a>(
    wire: &wire::Function<'a>,
    id: Text<'a>,
    path: Path<'_>,
) -> Result<ToolCall<'a>, Error> {
    Ok(ToolCall {
        id,
        name: called(wire.name, path)?,
        arguments: arguments(wire.arguments),
        ..ToolCall::default()
    })
}

fn custom_call<'a>(
    wire: &wire::Custom<'a>,
    id: Text<'a>,
    path: Path<'_>,
) -> Result<ToolCall<'a>, Error> {
    Ok(ToolCall {
        id,
        name: called(wire.name, path)?,
        arguments: Arguments::Text(wire::text(wire.input).unwrap_or_default()),
        freeform: true,
        ..ToolCall::default()
    })
}

fn called<'a>(name: Option<Raw<'a>>, path: Path<'_>) -> Result<Text<'a>, Error> {
    wire::text(name).ok_or_else(|| bad(path.member("name"), "expected the name of a tool"))
}

/// What a tool is called with: a string, but some send the JSON itself.
pub(in crate::format::openai) fn arguments(raw: Option<Raw<'_>>) -> Arguments<'_> {
    match raw.map(|raw| (raw, raw.text())) {
        None => Arguments::Text(Text::default()),
        Some((_, Some(text))) => Arguments::Text(text),
        Some((raw, None)) => Arguments::Json(raw),
    }
}

fn result<'a>(
    content: Option<wire::Content<'a>>,
    call_id: Text<'a>,
    path: Path<'_>,
) -> Result<Part<'a>, Error> {
    let mut content = content::decode(content, path)?;
    content.retain(|part| !matches!(part, Part::Text { text, extra, .. } if text.is_empty() && extra.is_empty()));
    Ok(Part::ToolResult(ToolResult {
        call_id,
        content,
        ..ToolResult::default()
    }))
}

/// A source that an answer cites.
pub(in crate::format::openai) fn citation(raw: Raw<'_>) -> Citation<'_> {
    let mut citation = Citation {
        native: Some(raw),
        ..Citation::default()
    };
    let annotation = raw.parse::<wire::Annotation<'_>>().unwrap_or_default();
    if let Some(source) = annotation.url_citation {
        citation.url = source.url;
        citation.title = source.title;
        citation.span = wire::count(source.start_index).zip(wire::count(source.end_index));
    }
    citation
}
