//! What a request or an answer says, as lines to compare: only what both APIs can say.

use tower_llm_gateway::{
    ir::{
        Arguments, Document, Image, Part, Request, Response, Role, Source, StopReason, Thinking,
        ToolCall, ToolKind, ToolResult,
    },
    json::{Raw, compact},
};

/// What a request says. Thoughts and cache marks are left out, because an OpenAI request carries none.
pub fn of_request(request: &Request<'_>) -> Vec<String> {
    let mut lines = parameters(request);
    lines.extend(
        request
            .system
            .iter()
            .filter_map(|part| Some(format!("system: {}", said(part)?))),
    );
    for turn in &request.turns {
        let speaker = match turn.role {
            Role::Tool => Role::User,
            role => role,
        };
        let parts = turn
            .parts
            .iter()
            .filter(|part| !matches!(part, Part::Reasoning(_)));
        lines.extend(parts.filter_map(|part| Some(format!("{speaker:?}: {}", said(part)?))));
    }
    lines
}

/// What a request says beside its turns.
fn parameters(request: &Request<'_>) -> Vec<String> {
    let mut lines = vec![
        format!(
            "model {} stream {} limit {:?}",
            request.model.decode(),
            request.stream,
            request.max_tokens
        ),
        format!(
            "stop {:?}",
            request
                .stop
                .iter()
                .map(|text| text.decode().into_owned())
                .collect::<Vec<_>>()
        ),
        format!(
            "temperature {:?}",
            request
                .sampling
                .temperature
                .map(|number| number.get().to_owned())
        ),
        format!(
            "user {:?} choice {:?} parallel {:?}",
            request.user, request.tool_choice, request.parallel_tool_calls
        ),
        format!("effort {:?}", effort(request)),
    ];
    if let Some(tower_llm_gateway::ir::OutputFormat::JsonSchema { schema, .. }) = &request.output {
        lines.push(format!(
            "schema {}",
            schema.as_ref().map_or("none", |schema| schema.raw().get())
        ));
    }
    for tool in &request.tools {
        if let ToolKind::Function {
            name,
            description,
            parameters,
            ..
        } = &tool.kind
        {
            let parameters = parameters.as_ref().map(|schema| schema.raw().get());
            lines.push(format!(
                "tool {:?} {description:?} {parameters:?}",
                name.decode()
            ));
        }
    }
    lines
}

fn effort(request: &Request<'_>) -> Option<&'static str> {
    match (request.thinking, request.effort) {
        (Some(Thinking::Disabled | Thinking::BetweenTools), _) => Some("none"),
        (Some(Thinking::Budget(4096..)), None) => Some("high"),
        (Some(Thinking::Budget(2048..)), None) => Some("medium"),
        (Some(Thinking::Budget(_)), None) => Some("low"),
        (_, effort) => effort.map(tower_llm_gateway::ir::Effort::as_str),
    }
}

/// What a part says; nothing for what only its own format can say.
fn said(part: &Part<'_>) -> Option<String> {
    Some(match part {
        Part::Text { text, .. } if text.decode().trim().is_empty() => return None,
        Part::Text { text, .. } | Part::Refusal(text) => format!("says {}", text.decode()),
        Part::Image(Image {
            source, media_type, ..
        }) => format!("shows {media_type:?} {}", place(source)),
        Part::Document(Document {
            source: Source::Text(text),
            title,
            ..
        }) => {
            let title = title.as_ref().filter(|title| !title.is_empty());
            let title = title.map(|title| format!("{}\n\n", title.decode()));
            format!("says {}{}", title.unwrap_or_default(), text.decode())
        }
        Part::Document(Document { source, .. }) => format!("shows {}", place(source)),
        Part::Reasoning(thought) => {
            let seal = thought.seal.as_ref();
            let signature = seal.map(|seal| seal.data.decode());
            format!(
                "thinks {:?} {signature:?} {} {:?}",
                thought.text.decode(),
                thought.redacted,
                seal.map(|seal| seal.minter)
            )
        }
        Part::ToolCall(call) => format!(
            "calls {} {} {}",
            call.id.decode(),
            call.name.decode(),
            arguments(call)
        ),
        Part::ToolResult(result) => {
            format!("got {} {}", result.call_id.decode(), result_text(result))
        }
        _ => return None,
    })
}

/// Where a source is.
pub fn place(source: &Source<'_>) -> String {
    match source {
        Source::Base64 { data } => data.decode().into_owned(),
        Source::Url(url) => url.decode().into_owned(),
        other => format!("{other:?}"),
    }
}

/// The arguments, byte for byte but for white space.
pub fn arguments(call: &ToolCall<'_>) -> String {
    match &call.arguments {
        Arguments::Json(raw) => compact(*raw).into_owned(),
        Arguments::Text(text) => {
            let text = text.decode();
            if text.trim().is_empty() {
                return "{}".to_owned();
            }
            Raw::new(&text).map_or(text.clone().into_owned(), |raw| compact(raw).into_owned())
        }
        _ => unreachable!("there is no other way to say arguments"),
    }
}

/// The text of a result, as it is to APIs that have no word for failed tools.
pub fn result_text(result: &ToolResult<'_>) -> String {
    let texts = result.content.iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text.decode().into_owned()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    if result.is_error && !text.starts_with("Error: ") {
        return format!("Error: {text}");
    }
    text
}

/// What an answer says. An OpenAI message holds its thoughts, its text and its calls, in this order.
pub fn of_response(response: &Response<'_>) -> Vec<String> {
    let choice = &response.choices[0];
    let of = |wanted: fn(&Part<'_>) -> bool| {
        choice
            .parts
            .iter()
            .filter(move |part| wanted(part))
            .filter_map(said)
    };
    let text: String = choice
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.decode()),
            _ => None,
        })
        .collect();
    let mut lines: Vec<String> = of(|part| matches!(part, Part::Reasoning(_))).collect();
    lines.push(text);
    lines.extend(of(|part| {
        matches!(part, Part::Refusal(_) | Part::ToolCall(_))
    }));
    let reason = choice.stop.as_ref().map(|stop| match stop.reason {
        StopReason::ContextWindow | StopReason::Pause | StopReason::Compaction => {
            StopReason::MaxTokens
        }
        StopReason::StopSequence | StopReason::MalformedToolCall => StopReason::End,
        reason => reason,
    });
    lines.push(format!("{reason:?}"));
    let usage = response.usage.unwrap_or_default();
    lines.push(format!(
        "{:?}",
        [
            usage.prompt(),
            usage.cache_read,
            usage.cache_write,
            usage.output,
            usage.reasoning
        ]
    ));
    lines
}
