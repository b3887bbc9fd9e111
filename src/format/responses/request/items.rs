//! A caller's items: the conversation.

use std::borrow::Cow;

use crate::{
    format::{
        common::path::Path,
        responses::wire::{self, items::Item},
    },
    ir::{
        Arguments, Error, Exchange, Extra, Part, Policy, Request, Role, ToolCall, ToolResult, Turn,
    },
    json::{Raw, Text},
};

use super::{content, pairing, policy, thoughts, tools};

/// The member that keeps a message's role.
pub(super) const ROLE: &str = "role";
/// The member that keeps what an item or a part is.
pub(super) const TYPE: &str = "type";

/// Reads `instructions`.
pub(super) fn instructions<'a>(
    raw: Option<Raw<'a>>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    if let Some(raw) = raw {
        let text: Text<'a> = Path::root("instructions").read(raw)?;
        request.system.push(Part::text(text));
    }
    Ok(())
}

/// Reads `input`: a string, or a list of items.
pub(super) fn decode<'a>(
    raw: Raw<'a>,
    exchange: &Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    if let Some(text) = raw.text() {
        let parts = vec![Part::text(text)];
        request.turns.push(Turn::new(Role::User, 0, parts));
        return Ok(());
    }
    let list = Path::root("input");
    for (index, raw) in list.elements(raw)?.into_iter().enumerate() {
        item(raw, index, &list.element(index), exchange, request)?;
    }
    pairing::identify(&mut request.turns);
    Ok(())
}

fn item<'a>(
    raw: Raw<'a>,
    index: usize,
    path: &Path<'_>,
    exchange: &Exchange,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let mut wire: Item<'a> = path.read(raw)?;
    wire.extra.judge(policy::of_item);
    let kind = kind(&wire, path)?;
    match &*kind.decode() {
        "message" => return message(&wire, index, path, request),
        "reasoning" => {
            let thought = thoughts::decode(wire);
            say(request, index, |turn| turn.parts.push(thought));
        }
        "function_call" => {
            let call = call(wire, false, path, exchange)?;
            say(request, index, |turn| turn.parts.push(Part::ToolCall(call)));
        }
        "custom_tool_call" => {
            let call = call(wire, true, path, exchange)?;
            say(request, index, |turn| turn.parts.push(Part::ToolCall(call)));
        }
        "function_call_output" | "custom_tool_call_output" => {
            let turn = output(wire, index, path, exchange)?;
            request.turns.push(turn);
        }
        word => native(word, kind.clone(), raw, wire.kind, index, request),
    }
    Ok(())
}

/// What an item is. Messages and references need not say it.
fn kind<'a>(wire: &Item<'a>, path: &Path<'_>) -> Result<Text<'a>, Error> {
    match (wire.kind, wire.role, wire.id) {
        (Some(kind), _, _) => path.member(TYPE).read(kind),
        (None, Some(_), _) => Ok("message".into()),
        (None, None, Some(_)) => Ok("item_reference".into()),
        (None, None, None) => path.member(TYPE).required(None),
    }
}

/// Adds to the turn of the model: its thoughts, texts and calls in a row are one.
fn say<'a>(request: &mut Request<'a>, index: usize, add: impl FnOnce(&mut Turn<'a>)) {
    if let Some(turn) = request.turns.last_mut()
        && turn.role == Role::Assistant
    {
        add(turn);
        return;
    }
    let mut turn = Turn::new(Role::Assistant, index, Vec::new());
    add(&mut turn);
    request.turns.push(turn);
}

fn message<'a>(
    wire: &Item<'a>,
    index: usize,
    path: &Path<'_>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let place = path.member(ROLE);
    let role = place.required(wire.role)?;
    let mut parts = content::decode(wire.content, &path.member("content"))?;
    let mut extra = Extra::default();
    for (key, value) in [(ROLE, wire.role), (TYPE, wire.kind), ("id", wire.id)] {
        keep(&mut extra, key, value);
    }
    copy(&wire.extra, &mut extra, Cow::clone);
    if let Some(name) = wire.name {
        extra.push("name".into(), name);
    }
    let role = match &*place.read::<Text<'a>>(role)?.decode() {
        "user" => Role::User,
        "system" | "developer" => Role::System,
        "assistant" => Role::Assistant,
        _ => return Err(place.wrong(&"expected `user`, `assistant`, `system` or `developer`")),
    };
    match role {
        Role::System if request.turns.is_empty() && are_texts(&parts) => {
            // The members of a message, its role first, go behind those of its first part.
            if let Some(Part::Text { extra: members, .. }) = parts.first_mut() {
                copy(&extra, members, Cow::clone);
            }
            request.system.append(&mut parts);
        }
        Role::Assistant if parts.is_empty() => {}
        Role::Assistant => {
            // Several messages may be one turn, so that each member goes by the part that its message begins with.
            say(request, index, |turn| {
                let first = turn.parts.len();
                copy(&extra, &mut turn.extra, |key| {
                    format!("content[{first}].{key}").into()
                });
                turn.parts.append(&mut parts);
            });
        }
        role => {
            let mut turn = Turn::new(role, index, parts);
            turn.extra = extra;
            request.turns.push(turn);
        }
    }
    Ok(())
}

fn are_texts(parts: &[Part<'_>]) -> bool {
    parts.iter().all(|part| matches!(part, Part::Text { .. }))
}

fn copy<'a>(from: &Extra<'a>, to: &mut Extra<'a>, name: impl Fn(&Cow<'a, str>) -> Cow<'a, str>) {
    for member in from {
        to.push_with(name(&member.key), member.value, member.policy);
    }
}

/// Keeps a member for servers of this API; for others it is in the neutral form, or means nothing.
pub(super) fn keep<'a>(extra: &mut Extra<'a>, key: &'static str, value: Option<Raw<'a>>) {
    if let Some(value) = value {
        extra.push_with(key.into(), value, Policy::Silent);
    }
}

fn call<'a>(
    mut wire: Item<'a>,
    freeform: bool,
    path: &Path<'_>,
    exchange: &Exchange,
) -> Result<ToolCall<'a>, Error> {
    let mut call = ToolCall {
        id: path.member("call_id").required(wire.call_id.take())?,
        name: called(&wire, path, exchange)?,
        freeform,
        ..ToolCall::default()
    };
    let said = if freeform { wire.input } else { wire.arguments };
    call.arguments = match said.map(|raw| (raw, raw.text())) {
        None => Arguments::Text(Text::default()),
        Some((_, Some(text))) => Arguments::Text(text),
        Some((raw, None)) => Arguments::Json(raw),
    };
    call.extra = std::mem::take(&mut wire.extra);
    keep_own_name(&wire, &mut call.extra);
    keep(&mut call.extra, "id", wire.id);
    Ok(call)
}

/// The tool's name, with its namespace before it if it has one.
fn called<'a>(wire: &Item<'a>, path: &Path<'_>, exchange: &Exchange) -> Result<Text<'a>, Error> {
    let place = path.member("name");
    let name: Text<'a> = place.read(place.required(wire.name)?)?;
    let namespace = wire::some_text(wire.namespace);
    Ok(tools::flat_name(namespace.as_ref(), name, exchange))
}

/// A tool in a namespace is named in two members here.
fn keep_own_name<'a>(wire: &Item<'a>, extra: &mut Extra<'a>) {
    if wire.namespace.is_some() {
        keep(extra, "name", wire.name);
        keep(extra, "namespace", wire.namespace);
    }
}

/// A call's output is a turn of its own. Its members are the turn's; the text of a failure is kept as it was spelled.
fn output<'a>(
    mut wire: Item<'a>,
    index: usize,
    path: &Path<'_>,
    exchange: &Exchange,
) -> Result<Turn<'a>, Error> {
    let place = path.member("output");
    let (content, is_error) = content::output(place.required(wire.output)?, &place)?;
    let name = wire
        .name
        .map(|_| called(&wire, path, exchange))
        .transpose()?;
    let mut extra = std::mem::take(&mut wire.extra);
    let members = [
        (TYPE, wire.kind),
        ("call_id", wire.call_id.as_ref().and_then(Text::raw)),
        ("output", wire.output),
        ("id", wire.id),
        ("name", wire.name),
        ("namespace", wire.namespace),
    ];
    for (key, value) in members {
        keep(&mut extra, key, value);
    }
    let result = ToolResult {
        call_id: wire.call_id.unwrap_or_default(),
        name,
        content,
        is_error,
        ..ToolResult::default()
    };
    let mut turn = Turn::new(Role::Tool, index, vec![Part::ToolResult(result)]);
    turn.extra = extra;
    Ok(turn)
}

/// An item that only this API has: something that the provider's tools did, or that was done for them.
fn native<'a>(
    word: &str,
    kind: Text<'a>,
    value: Raw<'a>,
    type_member: Option<Raw<'a>>,
    index: usize,
    request: &mut Request<'a>,
) {
    let policy = policy::of_native(word);
    let part = |policy| Part::Native {
        kind,
        value,
        policy,
    };
    if policy == Policy::Reject {
        // Named as the item that it is, and not as a part of one.
        let mut turn = Turn::new(Role::User, index, vec![part(Policy::Silent)]);
        let value = type_member.unwrap_or(value);
        turn.extra.push_with(TYPE.into(), value, Policy::Reject);
        request.turns.push(turn);
        return;
    }
    let is_callers = (word.ends_with("_output") || word.ends_with("_response"))
        && !matches!(word, "tool_search_output" | "program_output");
    if is_callers {
        let turn = Turn::new(Role::User, index, vec![part(policy)]);
        request.turns.push(turn);
    } else {
        say(request, index, |turn| turn.parts.push(part(policy)));
    }
}
