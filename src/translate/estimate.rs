//! How many tokens a prompt has, by its length.

use bytes::BytesMut;
use http::{HeaderName, HeaderValue, Response, header};

use crate::{
    Body,
    ir::{Arguments, Document, Error, Exchange, Part, Request, Source, Tool, ToolKind},
    json::Text,
};

use super::{plan::Estimate, request::JSON};

/// A token of English text has about so many characters.
const CHARACTERS: usize = 4;

const ESTIMATED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-token-count"),
    HeaderValue::from_static("estimated"),
);

impl Estimate {
    /// The answer to a request to count tokens.
    pub(super) fn answer(&self, body: &[u8]) -> Result<Response<Body>, Error> {
        let mut exchange = Exchange::default();
        let request = self.codec.decode_request(body, &mut exchange)?;
        let mut out = BytesMut::with_capacity(64);
        self.counter.encode_answer(tokens(&request), &mut out);
        let mut response = Response::new(Body::full(out));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        let (name, value) = ESTIMATED;
        headers.insert(name, value);
        Ok(response)
    }
}

/// Counts instructions, tools and turns: all text, and no media.
fn tokens(request: &Request<'_>) -> u64 {
    let turns = request.turns.iter().flat_map(|turn| &turn.parts);
    let parts = request.system.iter().chain(turns).map(part);
    let tools = request.tools.iter().map(tool);
    let characters: usize = parts.chain(tools).sum();
    characters
        .div_ceil(CHARACTERS)
        .try_into()
        .unwrap_or(u64::MAX)
}

fn part(part: &Part<'_>) -> usize {
    match part {
        Part::ToolResult(result) => result.content.iter().map(leaf).sum(),
        part => leaf(part),
    }
}

/// A part that holds no others; what a tool answers with holds none either.
fn leaf(part: &Part<'_>) -> usize {
    match part {
        Part::Text { text, .. }
        | Part::Refusal(text)
        | Part::Document(Document {
            source: Source::Text(text),
            ..
        }) => length(text),
        Part::Reasoning(reasoning) => length(&reasoning.text),
        Part::ToolCall(call) => {
            length(&call.name)
                + match &call.arguments {
                    Arguments::Text(text) => length(text),
                    Arguments::Json(json) => characters(json.get()),
                }
        }
        Part::Native { value, .. } => characters(value.get()),
        Part::Image(_) | Part::Document(_) | Part::Audio(_) | Part::ToolResult(_) => 0,
    }
}

fn tool(tool: &Tool<'_>) -> usize {
    let optional = |text: &Option<Text<'_>>| text.as_ref().map_or(0, length);
    match &tool.kind {
        ToolKind::Function {
            name,
            description,
            parameters,
            ..
        } => {
            length(name)
                + optional(description)
                + raw(parameters.as_ref().map(|schema| schema.raw().get()))
        }
        ToolKind::Freeform {
            name,
            description,
            format,
        } => length(name) + optional(description) + raw(format.as_ref().map(|format| format.get())),
        ToolKind::Server { value, .. } => characters(value.get()),
    }
}

fn raw(json: Option<&str>) -> usize {
    json.map_or(0, characters)
}

fn length(text: &Text<'_>) -> usize {
    characters(&text.decode())
}

fn characters(text: &str) -> usize {
    text.chars().count()
}
