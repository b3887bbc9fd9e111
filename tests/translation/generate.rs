//! Made-up requests and answers, of what both APIs can say.

use proptest::{collection::vec, option, prelude::*, sample::select};
use tower_llm_gateway::{
    format::ApiFormat,
    ir::{
        Arguments, Choice, Effort, Exchange, Image, Part, Reasoning, Request, Response, Role, Seal,
        Source, Stop, StopReason, Tool, ToolCall, ToolChoice, ToolKind, ToolResult, Turn, Usage,
    },
    json::Raw,
};

use crate::support::{ANTHROPIC, GEMINI, NEW, OPENAI, RESPONSES, codec, directions};

/// What tools are called with: objects whose spelling must not change.
const ARGUMENTS: [&str; 6] = [
    "{}",
    r#"{"z":1180591620717411303424,"a":1.0}"#,
    r#"{"b":{"y":[1e3,-0.0,null],"x":"\u00e9\u2028\n"},"a":true}"#,
    r#"{"text":"a \"quoted\" \\ thing","é":"😀"}"#,
    r#"{"":[],"dup":{"dup":{"dup":{}}}}"#,
    r#"{"n":0.10000000000000000555}"#,
];

const SCHEMA: &str = r#"{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["b","a"],"additionalProperties":false}"#;

const TOOLS: &str = r##"{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[
    {"type":"function","function":{"name":"first","description":"Does é \"it\".","parameters":{"type":"object","properties":{"z":{"type":"number","maximum":1e3},"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{}}}}},
    {"type":"function","function":{"name":"second-tool_2","parameters":{"type":"object","properties":{}}}}]}"##;

const NAMES: [&str; 2] = ["first", "second-tool_2"];

fn tools() -> Vec<Tool<'static>> {
    let request = codec(OPENAI).decode_request(TOOLS.as_bytes(), &mut Exchange::default());
    request.unwrap().tools
}

/// Text that is not blank, and begins and ends with no white space.
pub fn text() -> impl Strategy<Value = String> {
    "[a-z\"\\\\é😀\u{2028}{][a-z\"\\\\é😀\n\t\u{2028} ]{0,12}[a-z}!]"
}

fn said() -> impl Strategy<Value = Part<'static>> {
    text().prop_map(Part::text)
}

fn shown() -> impl Strategy<Value = Part<'static>> {
    let base64 = Source::Base64 {
        data: "iVBORw0KGgo=".into(),
    };
    let url = Source::Url("https://example.com/a?b=\"c\"".into());
    select(vec![(base64, Some("image/png")), (url, None)]).prop_map(|(source, media_type)| {
        let mut image = Image::new(source);
        image.media_type = media_type.map(Into::into);
        Part::Image(image)
    })
}

fn call() -> impl Strategy<Value = ToolCall<'static>> {
    (select(&NAMES[..]), select(&ARGUMENTS[..]), any::<bool>()).prop_map(
        |(name, arguments, as_text)| {
            let mut call = ToolCall::default();
            call.name = name.into();
            call.arguments = if as_text {
                Arguments::Text(arguments.into())
            } else {
                Arguments::Json(Raw::new(arguments).unwrap())
            };
            call
        },
    )
}

fn called(calls: Vec<ToolCall<'static>>, from: usize) -> Vec<Part<'static>> {
    let numbered = calls.into_iter().enumerate().map(|(index, mut call)| {
        call.id = format!("call_{}", from + index).into();
        Part::ToolCall(call)
    });
    numbered.collect()
}

/// What is said before some calls, the calls, and their results: each with whether the tool failed.
type ToolLoop = (Option<String>, Vec<ToolCall<'static>>, Vec<(String, bool)>);

/// What happens between two things that a user says.
#[derive(Debug, Clone)]
pub struct Round {
    user: Vec<Part<'static>>,
    system: Option<Part<'static>>,
    loops: Vec<ToolLoop>,
    last: String,
}

pub fn round() -> impl Strategy<Value = Round> {
    let user = vec(prop_oneof![3 => said(), 1 => shown()], 1..3);
    let results = vec((text(), any::<bool>()), 2);
    let loops = vec((option::of(text()), vec(call(), 1..3), results), 0..3);
    (user, option::weighted(0.2, said()), loops, text()).prop_map(|(user, system, loops, last)| {
        Round {
            user,
            system,
            loops,
            last,
        }
    })
}

/// A conversation of these rounds: all its turns, and after which of them the model was asked.
pub fn conversation(rounds: &[Round]) -> (Vec<Turn<'static>>, Vec<usize>) {
    let (mut turns, mut asked, mut calls) = (Vec::new(), Vec::new(), 0);
    for round in rounds {
        turns.push((Role::User, round.user.clone()));
        turns.extend(round.system.clone().map(|part| (Role::System, vec![part])));
        asked.push(turns.len());
        for (said, called_with, results) in &round.loops {
            let mut parts: Vec<Part<'static>> = said.clone().map(Part::text).into_iter().collect();
            parts.extend(called(called_with.clone(), calls));
            turns.push((Role::Assistant, parts));
            for (index, (text, is_error)) in results.iter().take(called_with.len()).enumerate() {
                let mut result = ToolResult::default();
                result.call_id = format!("call_{}", calls + index).into();
                result.content = vec![Part::text(text.clone())];
                result.is_error = *is_error;
                turns.push((Role::Tool, vec![Part::ToolResult(result)]));
            }
            calls += called_with.len();
            asked.push(turns.len());
        }
        turns.push((Role::Assistant, vec![Part::text(round.last.clone())]));
    }
    let numbered = turns.into_iter().enumerate();
    let turns = numbered
        .map(|(index, (role, parts))| Turn::new(role, index, parts))
        .collect();
    (turns, asked)
}

/// A request of nobody's format.
pub fn request() -> impl Strategy<Value = Request<'static>> {
    let choice = select(vec![
        (None, None),
        (Some(ToolChoice::Auto), Some(false)),
        (Some(ToolChoice::None), None),
        (Some(ToolChoice::Required), None),
        (Some(ToolChoice::Named("first".into())), Some(false)),
    ]);
    let effort = option::of(select(
        &[
            Effort::None,
            Effort::Low,
            Effort::Medium,
            Effort::High,
            Effort::XHigh,
            Effort::Max,
        ][..],
    ));
    let system = vec(said(), 0..3);
    let rest = (
        vec(text(), 0..3),
        option::of("[a-z]{3}-[0-9]"),
        any::<bool>(),
        any::<bool>(),
    );
    (vec(round(), 1..4), system, choice, effort, rest).prop_map(
        |(rounds, system, choice, effort, rest)| {
            let mut request = Request::default();
            let (turns, asked) = conversation(&rounds);
            request.turns = turns;
            request.turns.truncate(*asked.last().unwrap());
            request.model = NEW.into();
            request.max_tokens = Some(5000);
            request.system = system;
            request.tools = tools();
            (request.tool_choice, request.parallel_tool_calls) = choice;
            request.effort = effort;
            let (stop, user, stream, shaped) = rest;
            request.stop = stop.into_iter().map(Into::into).collect();
            request.user = user.map(Into::into);
            request.stream = stream;
            if shaped {
                request.output = Some(tower_llm_gateway::ir::OutputFormat::JsonSchema {
                    name: Some("structured_output".into()),
                    description: None,
                    schema: Some(Raw::new(SCHEMA).unwrap().into()),
                    strict: Some(true),
                });
            }
            request
        },
    )
}

/// The request, as far as both formats can say it.
pub fn within(pair: [ApiFormat; 2], request: &Request<'static>) -> Request<'static> {
    let mut request = request.clone();
    if pair.contains(&RESPONSES) {
        request.stop.clear();
        // All instructions are one text.
        request.system.truncate(1);
    }
    if pair.contains(&GEMINI) {
        request.user = None;
        request.parallel_tool_calls = None;
        request.turns.retain(|turn| turn.role != Role::System);
        for turn in &mut request.turns {
            turn.parts.retain(|part| !is_at_an_address(part));
            if turn.parts.is_empty() {
                turn.parts.push(Part::text("x"));
            }
        }
        for tool in &mut request.tools {
            if let ToolKind::Function { parameters, .. } = &mut tool.kind {
                // One of them takes no references.
                *parameters = Raw::new(SCHEMA).ok().map(Into::into);
            }
        }
        let levels = [Effort::Low, Effort::Medium, Effort::High];
        request.effort = request.effort.filter(|effort| levels.contains(effort));
    }
    request
}

fn is_at_an_address(part: &Part<'_>) -> bool {
    matches!(part, Part::Image(image) if matches!(image.source, Source::Url(_)))
}

/// An answer of a provider, the provider's format, and another: of what both can say.
pub fn crossing_answer() -> impl Strategy<Value = (ApiFormat, ApiFormat, Response<'static>)> {
    let pairs: Vec<_> = directions().collect();
    select(pairs).prop_flat_map(|(own, other)| {
        response(own.id()).prop_map(move |mut response| {
            if own == GEMINI || other == GEMINI {
                response.usage.as_mut().unwrap().cache_write = None;
                // In a stream, texts that follow each other are one.
                let mut texts = 0;
                response.choices[0].parts.retain(|part| {
                    texts += usize::from(matches!(part, Part::Text { .. }));
                    texts < 2 || !matches!(part, Part::Text { .. })
                });
            }
            (own, other, response)
        })
    })
}

/// An answer's id, as the provider of a format has it.
fn answer_id(format: &str) -> &'static str {
    match format {
        "openai" => "chatcmpl-1",
        "openai_responses" => "resp_1",
        "anthropic" => "msg_1",
        _ => "g1",
    }
}

/// An answer of a provider of the format `minter`.
pub fn response(minter: &'static str) -> impl Strategy<Value = Response<'static>> {
    let thought = (text(), any::<bool>()).prop_map(move |(text, redacted)| {
        let mut thought = Reasoning::default();
        thought.seal = Some(Seal::new(minter, "s+/=".into()).with_id("rs_1".into()));
        // Only one API has these.
        thought.redacted = redacted && minter == ANTHROPIC.id();
        if !thought.redacted {
            thought.text = text.into();
        }
        Part::Reasoning(thought)
    });
    let thoughts = if minter == OPENAI.id() { 0..1 } else { 0..3 };
    let counts = (
        0..9_u64,
        option::of(0..9_u64),
        option::of(0..9_u64),
        0..9_u64,
    );
    let stop = select(&[StopReason::End, StopReason::MaxTokens][..]);
    (
        vec(thought, thoughts),
        vec(said(), 0..3),
        vec(call(), 0..3),
        stop,
        counts,
    )
        .prop_map(move |(mut parts, texts, calls, stop, counts)| {
            let stop = match stop {
                StopReason::End if !calls.is_empty() => StopReason::ToolUse,
                stop => stop,
            };
            parts.extend(texts);
            parts.extend(called(calls, 0));
            let mut choice = Choice::default();
            choice.parts = parts;
            choice.stop = Some(Stop::new(stop));
            let mut usage = Usage::default();
            usage.input = Some(counts.0);
            (usage.cache_read, usage.cache_write) = (counts.1, counts.2);
            usage.output = Some(counts.3);
            let mut response = Response::default();
            response.id = answer_id(minter).into();
            response.model = "m".into();
            response.choices = vec![choice];
            response.usage = Some(usage);
            response
        })
}
