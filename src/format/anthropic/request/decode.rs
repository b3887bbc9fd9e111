//! A caller's request, read.

use crate::{
    format::{
        anthropic::{ID, NAMES, blocks, policy, wire},
        common::{path::Path, schema},
    },
    ir::{
        Display, Effort, Error, Exchange, Extra, Policy, Request, Role, Thinking, Tool, ToolChoice,
        ToolKind, Turn, WebSearch,
    },
    json::{self, Early, Raw, Text},
};

pub(in crate::format::anthropic) fn decode<'a>(
    body: &'a [u8],
    exchange: &mut Exchange,
) -> Result<Request<'a>, Error> {
    let body: wire::Request<'a> = json::read_bytes(body)
        .map_err(|error| Error::bad_request(format!("The body is no Messages request: {error}")))?;
    let mut request = Request {
        format: ID,
        names: NAMES,
        extra: body.extra,
        stream: body.stream.unwrap_or(false),
        model: Path::root("model").required(body.model)?,
        turns: turns(body.messages)?,
        user: None,
        service_tier: body.service_tier,
        cache: blocks::cache(body.cache_control),
        stop: body.stop_sequences.unwrap_or_default(),
        ..Request::default()
    };
    policy::judge(&mut request.extra, policy::request);
    request.system = body.system.map(system).transpose()?.unwrap_or_default();
    request.sampling.temperature = body.temperature;
    request.sampling.top_p = body.top_p;
    request.sampling.top_k = body.top_k;
    max_tokens(body.max_tokens, &mut request)?;
    metadata(body.metadata, &mut request);
    thinking(body.thinking, &mut request)?;
    output(body.output_config, body.output_format, &mut request)?;
    let tools = body.tools.unwrap_or_default().into_iter().enumerate();
    let path = Path::root("tools");
    request.tools = tools
        .map(|(index, early)| tool(early, &path.element(index)))
        .collect::<Result<_, _>>()?;
    tool_choice(body.tool_choice, &mut request)?;
    exchange.stream = request.stream;
    exchange.include_usage = true;
    Ok(request)
}

fn turns<'a>(
    messages: Option<Early<'a, Vec<Early<'a, wire::Message<'a>>>>>,
) -> Result<Vec<Turn<'a>>, Error> {
    let path = Path::root("messages");
    let messages = path.elements_of(path.required(messages)?)?;
    if messages.is_empty() {
        return Err(path.wrong(&"at least one message is required"));
    }
    let messages = messages.into_iter().enumerate();
    messages
        .map(|(index, message)| turn(message, index, &path.element(index)))
        .collect()
}

fn turn<'a>(
    message: Early<'a, wire::Message<'a>>,
    index: usize,
    path: &Path<'_>,
) -> Result<Turn<'a>, Error> {
    let message = path.read_early(message)?;
    let place = path.member("role");
    let role = match &*place.required(message.role)?.decode() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(place.wrong(&"expected `user`, `assistant` or `system`")),
    };
    let place = path.member("content");
    let mut parts = blocks::parts(place.required(message.content)?, &place)?;
    if role == Role::User {
        parts.iter_mut().for_each(keep_question);
    }
    let mut turn = Turn::new(role, index, parts);
    turn.extra = message.extra;
    policy::judge(&mut turn.extra, |_, _| Policy::Drop);
    Ok(turn)
}

/// What the user says in blocks of tomorrow is a part of the question: others must not answer without it.
fn keep_question(part: &mut crate::ir::Part<'_>) {
    if let crate::ir::Part::Native { kind, policy, .. } = part
        && !policy::is_of_server_tools(&kind.decode())
    {
        *policy = Policy::Reject;
    }
}

/// Reads the instructions. A block that only bills the request varies with each one, so that other providers' caches
/// would never hit; it is nobody else's business.
fn system(blocks: wire::Blocks<'_>) -> Result<Vec<crate::ir::Part<'_>>, Error> {
    const BILLING: &str = "x-anthropic-billing-header";
    let path = Path::root("system");
    let is_billing = |raw: Raw<'_>| {
        let block = raw.parse::<wire::TextBlock<'_>>();
        block.is_ok_and(|block| block.text.is_some_and(|text| text.starts_with(BILLING)))
    };
    if blocks.raw().text().is_some() {
        return blocks::parts(blocks, &path);
    }
    let blocks = path.elements_of(blocks)?.into_iter().enumerate();
    blocks
        .map(|(index, block)| {
            let raw = block.raw();
            match blocks::part(block, &path.element(index))? {
                crate::ir::Part::Text { text, .. }
                    if text.starts_with(BILLING) && is_billing(raw) =>
                {
                    Ok(blocks::native(raw, Policy::Silent))
                }
                part => Ok(part),
            }
        })
        .collect()
}

/// Reads the token limit. Zero only warms the cache up, which nobody else can do.
fn max_tokens<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let count = raw.number().and_then(json::Number::as_u64);
    match count {
        Some(0) => request
            .extra
            .push_with("max_tokens".into(), raw, Policy::Reject),
        Some(count) => request.max_tokens = Some(count),
        None => return Err(Path::root("max_tokens").wrong(&"expected a whole number")),
    }
    Ok(())
}

/// Adds members of a member under their path, so that they find their way back.
fn nest<'a>(prefix: &str, extra: &Extra<'a>, request: &mut Request<'a>) {
    for member in extra {
        let policy = if member.value.get() == "null" {
            Policy::Silent
        } else {
            Policy::Drop
        };
        let key = format!("{prefix}.{}", member.key);
        request.extra.push_with(key.into(), member.value, policy);
    }
}

fn metadata<'a>(metadata: Option<wire::Metadata<'a>>, request: &mut Request<'a>) {
    if let Some(metadata) = metadata {
        request.user = metadata.user_id;
        nest("metadata", &metadata.extra, request);
    }
}

fn thinking<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("thinking");
    let thinking: wire::Thinking<'_> = path.read(raw)?;
    let kind = path.member("type").required(thinking.kind)?;
    request.thinking = match &*kind.decode() {
        "adaptive" => Some(Thinking::Adaptive),
        "enabled" => {
            let place = path.member("budget_tokens");
            let budget = place.required(thinking.budget_tokens)?.as_u64();
            Some(Thinking::Budget(
                budget.ok_or_else(|| place.wrong(&"expected a whole number"))?,
            ))
        }
        "disabled" => Some(Thinking::Disabled),
        "between_tools" => Some(Thinking::BetweenTools),
        _ => None,
    };
    request.display = match thinking.display.as_ref().map(Text::decode).as_deref() {
        Some("summarized") => Some(Display::Summarized),
        Some("omitted") => Some(Display::Omitted),
        _ => None,
    };
    if request.thinking.is_none() {
        request.extra.push("thinking".into(), raw);
    }
    Ok(())
}

fn output<'a>(
    config: Option<wire::OutputConfig<'a>>,
    format: Option<Raw<'a>>,
    request: &mut Request<'a>,
) -> Result<(), Error> {
    let config = config.unwrap_or_default();
    if let Some(raw) = config.effort {
        let word = Path::root("output_config")
            .member("effort")
            .read::<Text<'_>>(raw)?;
        request.effort = Effort::from_word(&word.decode());
        if request.effort.is_none() {
            request.extra.push("output_config.effort".into(), raw);
        }
    }
    nest("output_config", &config.extra, request);
    let Some(raw) = config.format.or(format) else {
        return Ok(());
    };
    let path = Path::root("output_config");
    let path = path.member("format");
    let format: wire::OutputFormat<'_> = path.read(raw)?;
    match format.kind {
        Some(kind) if kind != "json_schema" => {
            request
                .extra
                .push_with("output_config.format".into(), raw, Policy::Reject);
        }
        _ => {
            nest("output_config.format", &format.extra, request);
            request.output = Some(crate::ir::OutputFormat::JsonSchema {
                name: None,
                description: None,
                schema: path
                    .member("schema")
                    .object(format.schema)?
                    .map(crate::ir::Schema::from),
                strict: None,
            });
        }
    }
    Ok(())
}

fn tool<'a>(early: Early<'a, wire::Tool<'a>>, path: &Path<'_>) -> Result<Tool<'a>, Error> {
    let raw = early.raw();
    let kind = match early.value() {
        Some(tool) if !tool.extra.iter().any(|member| member.key == "type") => None,
        _ => path.read::<wire::Typed<'_>>(raw)?.kind,
    };
    if let Some(kind) = kind.filter(|kind| *kind != "custom") {
        return server_tool(kind, raw, path);
    }
    let tool = path.read_early(early)?;
    let mut extra = tool.extra;
    policy::judge(&mut extra, policy::tool);
    Ok(Tool {
        kind: ToolKind::Function {
            name: path
                .member("name")
                .required(tool.name.filter(|name| !name.is_empty()))?,
            description: tool.description,
            parameters: tool.input_schema.map(schema::early),
            strict: tool.strict,
        },
        cache: blocks::cache(tool.cache_control),
        extra,
    })
}

/// Reads a tool that the provider runs. The same search of the web has a name for each version.
fn server_tool<'a>(kind: Text<'a>, raw: Raw<'a>, path: &Path<'_>) -> Result<Tool<'a>, Error> {
    let mut extra = Extra::default();
    let web_search = if kind.decode().starts_with("web_search_20") {
        let wire: wire::WebSearch<'_> = path.read(raw)?;
        extra = wire.extra;
        policy::judge(&mut extra, policy::tool);
        Some(WebSearch {
            allowed_domains: wire.allowed_domains.unwrap_or_default(),
            blocked_domains: wire.blocked_domains.unwrap_or_default(),
            max_uses: wire.max_uses,
            location: wire.user_location,
            ..WebSearch::default()
        })
    } else {
        None
    };
    let mut tool = Tool::new(ToolKind::Server {
        kind,
        value: raw,
        web_search,
    });
    tool.extra = extra;
    Ok(tool)
}

fn tool_choice<'a>(raw: Option<Raw<'a>>, request: &mut Request<'a>) -> Result<(), Error> {
    let Some(raw) = raw else { return Ok(()) };
    let path = Path::root("tool_choice");
    let choice: wire::ToolChoice<'_> = path.read(raw)?;
    request.parallel_tool_calls = choice.disable_parallel_tool_use.map(|off| !off);
    let kind = path.member("type").required(choice.kind)?;
    request.tool_choice = Some(match &*kind.decode() {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "any" => ToolChoice::Required,
        "tool" => ToolChoice::Named(path.member("name").required(choice.name)?),
        _ => ToolChoice::Native(raw),
    });
    Ok(())
}
