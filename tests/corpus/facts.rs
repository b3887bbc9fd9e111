//! What a body says in the neutral form, one fact a line, so that what one format says can be compared with what
//! another makes of it.

use std::fmt::Debug;

use tower_llm_gateway::{
    ir::{
        Choice, Citation, Error, OutputFormat, Part, Reasoning, Request, Response, Role, Schema,
        Seal, Tool, ToolCall, ToolKind, ToolResult,
    },
    json::{Number, Raw, Text},
};

use crate::meaning::{arguments, place, result_text};

/// The facts of one body.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) lines: Vec<String>,
    /// The ids of the calls so far: a result belongs to the call of that number.
    calls: Vec<String>,
}

/// What a request says.
pub(crate) fn of_request(request: &Request<'_>) -> Vec<String> {
    let mut facts = Facts::default();
    facts.parameters(request);
    for tool in &request.tools {
        facts.tool(tool);
    }
    let system: Vec<_> = request.system.iter().filter_map(text_of).collect();
    facts.told("system", &system.join("\n\n"));
    for turn in &request.turns {
        let speaker = match turn.role {
            Role::System => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
            _ => unreachable!("nobody else speaks"),
        };
        for part in &turn.parts {
            facts.part(speaker, part);
        }
    }
    facts.lines
}

/// What an answer says.
pub(crate) fn of_response(response: &Response<'_>) -> Vec<String> {
    let mut facts = Facts::default();
    for (index, choice) in response.choices.iter().enumerate() {
        facts.choice(&format!("answer {index}"), choice);
    }
    let usage = response.usage.unwrap_or_default();
    facts.known("prompt tokens", usage.prompt());
    facts.known("cache reads", usage.cache_read);
    facts.known("cache writes", usage.cache_write);
    facts.known("output tokens", usage.output);
    facts.known("reasoning tokens", usage.reasoning);
    facts.lines
}

/// What an error says.
pub(crate) fn of_error(error: &Error) -> Vec<String> {
    let mut facts = Facts::default();
    facts.told("kind", &format!("{:?}", error.kind));
    facts.told("message", &error.message);
    facts.told("code", error.code.as_deref().unwrap_or_default());
    facts.told("param", error.param.as_deref().unwrap_or_default());
    facts.lines
}

fn text_of(part: &Part<'_>) -> Option<String> {
    match part {
        Part::Text { text, .. } => Some(text.decode().into_owned()),
        _ => None,
    }
}

fn thought_of(part: &Part<'_>) -> Option<String> {
    match part {
        Part::Reasoning(thought) => Some(thought.text.decode().into_owned()),
        _ => None,
    }
}

/// What a part of an answer is, if it says something.
fn kind(part: &Part<'_>) -> Option<&'static str> {
    match part {
        Part::Text { text, .. } if !text.is_blank() => Some("text"),
        Part::Reasoning(thought) if !thought.text.is_blank() => Some("thought"),
        Part::ToolCall(_) => Some("call"),
        Part::Refusal(_) | Part::Image(_) | Part::Audio(_) => Some("other"),
        _ => None,
    }
}

/// The text in base64, if it is that: so does Gemini's format carry foreign seals.
fn base64(data: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in data.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    String::from_utf8(bytes).ok()
}

impl Facts {
    /// Notes what is not empty.
    fn told(&mut self, name: &str, what: &str) {
        if !what.trim().is_empty() {
            self.lines.push(format!("{name}: {what}"));
        }
    }

    fn known(&mut self, name: &str, what: Option<impl Debug>) {
        if let Some(what) = what {
            self.lines.push(format!("{name}: {what:?}"));
        }
    }

    fn text(&mut self, name: &str, text: Option<&Text<'_>>) {
        if let Some(text) = text {
            self.told(name, &text.decode());
        }
    }

    fn number(&mut self, name: &str, number: Option<Number<'_>>) {
        if let Some(number) = number {
            self.told(name, number.get());
        }
    }

    fn raw(&mut self, name: &str, raw: Option<Raw<'_>>) {
        if let Some(raw) = raw {
            // The order of its members says nothing.
            let value: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
            self.told(name, &value.to_string());
        }
    }

    fn parameters(&mut self, request: &Request<'_>) {
        self.text("model", Some(&request.model));
        self.known("stream", request.stream.then_some(true));
        self.known("limit", request.max_tokens);
        let sampling = &request.sampling;
        self.number("temperature", sampling.temperature);
        self.number("top_p", sampling.top_p);
        self.number("top_k", sampling.top_k);
        self.number("frequency penalty", sampling.frequency_penalty);
        self.number("presence penalty", sampling.presence_penalty);
        self.number("seed", sampling.seed);
        for stop in &request.stop {
            self.text("stop", Some(stop));
        }
        self.known("tool choice", request.tool_choice.as_ref());
        self.known("parallel", request.parallel_tool_calls);
        self.known("answers", request.choices);
        self.known("log-probabilities", request.logprobs);
        self.known("alternatives", request.top_logprobs);
        self.output(request.output.as_ref());
        self.text("verbosity", request.verbosity.as_ref());
        self.known("effort", request.effort);
        self.known("thinking", request.thinking);
        self.known("thoughts shown", request.display);
        self.text("end user", request.user.as_ref());
        self.raw("metadata", request.metadata);
        self.text("tier", request.service_tier.as_ref());
        self.known("store", request.store);
    }

    fn output(&mut self, output: Option<&OutputFormat<'_>>) {
        match output {
            Some(OutputFormat::JsonSchema {
                name,
                description,
                schema,
                strict,
            }) => {
                self.text("schema name", name.as_ref());
                self.text("schema description", description.as_ref());
                self.raw("schema", schema.as_ref().map(Schema::raw));
                self.known("schema strict", *strict);
            }
            Some(OutputFormat::JsonObject) => self.told("output", "some JSON object"),
            _ => {}
        }
    }

    fn tool(&mut self, tool: &Tool<'_>) {
        match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                strict,
            } => {
                self.text("tool", Some(name));
                self.text("tool description", description.as_ref());
                self.raw("tool parameters", parameters.as_ref().map(Schema::raw));
                self.known("tool strict", *strict);
            }
            ToolKind::Freeform {
                name,
                description,
                format,
            } => {
                self.text("free tool", Some(name));
                self.text("free tool description", description.as_ref());
                self.raw("free tool grammar", *format);
            }
            ToolKind::Server { kind, .. } => self.text("server tool", Some(kind)),
            _ => unreachable!("there are no other tools"),
        }
    }

    fn choice(&mut self, name: &str, choice: &Choice<'_>) {
        let texts: String = choice.parts.iter().filter_map(text_of).collect();
        self.told(&format!("{name} says"), &texts);
        let thoughts: String = choice.parts.iter().filter_map(thought_of).collect();
        self.told(&format!("{name} thinks"), &thoughts);
        for part in &choice.parts {
            match part {
                Part::Text { citations, .. } => self.citations(name, citations),
                Part::Reasoning(thought) => self.seal(name, thought),
                part => self.part(name, part),
            }
        }
        let mut order: Vec<&str> = choice.parts.iter().filter_map(kind).collect();
        order.dedup();
        self.told(&format!("{name} order"), &order.join(", "));
        if let Some(stop) = &choice.stop {
            self.told(&format!("{name} stop"), &format!("{:?}", stop.reason));
            self.text(&format!("{name} stop string"), stop.sequence.as_ref());
            self.text(&format!("{name} explanation"), stop.explanation.as_ref());
        }
        let logprobs = choice.logprobs.iter().flat_map(|logprobs| &logprobs.tokens);
        for token in logprobs {
            let what = format!("{} {}", token.token.decode(), token.logprob.get());
            self.told(&format!("{name} likely"), &what);
        }
    }

    fn part(&mut self, speaker: &str, part: &Part<'_>) {
        match part {
            Part::Text {
                text, citations, ..
            } => {
                self.told(&format!("{speaker} says"), &text.decode());
                self.citations(speaker, citations);
            }
            Part::Image(image) => {
                let kind = image.media_type.as_ref().map(Text::decode);
                let what = format!("{} {}", kind.unwrap_or_default(), place(&image.source));
                self.told(&format!("{speaker} image"), &what);
            }
            Part::Document(document) => {
                self.told(&format!("{speaker} document"), &place(&document.source));
                let name = format!("{speaker} document title");
                self.text(&name, document.title.as_ref());
            }
            Part::Audio(audio) => self.text(&format!("{speaker} recording"), Some(&audio.data)),
            Part::Refusal(text) => self.text(&format!("{speaker} refuses"), Some(text)),
            Part::Reasoning(thought) => {
                self.text(&format!("{speaker} thinks"), Some(&thought.text));
                self.seal(speaker, thought);
            }
            Part::ToolCall(call) => self.call(speaker, call),
            Part::ToolResult(result) => self.result(result),
            _ => {}
        }
    }

    /// The seal, whoever carries it.
    fn seal(&mut self, speaker: &str, thought: &Reasoning<'_>) {
        let Some(seal) = &thought.seal else {
            return;
        };
        let data = seal.data.decode();
        let unwrapped = base64(&data).and_then(|carrier| Seal::carried(&carrier));
        let (minter, data) = match unwrapped.or_else(|| Seal::carried(&data)) {
            Some((carried, _)) => (carried.minter, carried.data.decode().into_owned()),
            None => (seal.minter, data.into_owned()),
        };
        self.told(&format!("{speaker} seal"), &format!("{minter} {data}"));
    }

    fn citations(&mut self, speaker: &str, citations: &[Citation<'_>]) {
        for citation in citations {
            self.text(&format!("{speaker} cites"), citation.url.as_ref());
            self.text(&format!("{speaker} cites title"), citation.title.as_ref());
            self.text(
                &format!("{speaker} cites text"),
                citation.cited_text.as_ref(),
            );
        }
    }

    fn call(&mut self, speaker: &str, call: &ToolCall<'_>) {
        let id = call.id.decode().into_owned();
        let name = format!("{speaker} call {}", self.calls.len());
        self.told(&format!("{name} id"), &id);
        self.text(&format!("{name} name"), Some(&call.name));
        self.told(&format!("{name} arguments"), &arguments(call));
        self.known(&format!("{name} freeform"), call.freeform.then_some(true));
        self.calls.push(id);
    }

    fn result(&mut self, result: &ToolResult<'_>) {
        let id = result.call_id.decode();
        let call = self.calls.iter().rposition(|call| **call == *id);
        let name = match call {
            Some(call) => format!("result of call {call}"),
            None => "result of no call".to_owned(),
        };
        self.lines.push(format!("{name}: {}", result_text(result)));
        for part in &result.content {
            if !matches!(part, Part::Text { .. }) {
                self.part(&name, part);
            }
        }
    }
}
