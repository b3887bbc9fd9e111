use crate::json::{Number, Raw, Text};

use super::{Cache, Extra, FieldNames, Part, Schema};

/// A request for one answer.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Id of the format it was read from; native members mean something only there.
    pub format: &'static str,
    /// How that format spells the fields, for messages about them.
    pub names: FieldNames,
    /// The model that is asked.
    pub model: Text<'a>,
    /// Whether the answer shall come as a stream of events.
    pub stream: bool,
    /// Instructions before the conversation: texts, in order.
    pub system: Vec<Part<'a>>,
    /// The conversation.
    pub turns: Vec<Turn<'a>>,
    /// Tools the model may call.
    pub tools: Vec<Tool<'a>>,
    /// Whether and which tool it must call.
    pub tool_choice: Option<ToolChoice<'a>>,
    /// Whether it may call several tools at once.
    pub parallel_tool_calls: Option<bool>,
    /// Most tokens to generate.
    pub max_tokens: Option<u64>,
    /// How to choose among likely tokens.
    pub sampling: Sampling<'a>,
    /// Strings that end the answer.
    pub stop: Vec<Text<'a>>,
    /// How many answers, one if absent.
    pub choices: Option<u64>,
    /// Whether log-probabilities are asked for.
    pub logprobs: Option<bool>,
    /// How many alternatives per token to report.
    pub top_logprobs: Option<u64>,
    /// What the answer must look like.
    pub output: Option<OutputFormat<'a>>,
    /// How long the answer should be: `low`, `medium` or `high`.
    pub verbosity: Option<Text<'a>>,
    /// How hard to think.
    pub effort: Option<Effort>,
    /// How to think.
    pub thinking: Option<Thinking>,
    /// Whether the thoughts are shown.
    pub display: Option<Display>,
    /// The end user on whose behalf this is asked.
    pub user: Option<Text<'a>>,
    /// Labels of the caller: an object of strings.
    pub metadata: Option<Raw<'a>>,
    /// Price and speed class, in the spelling of the source format.
    pub service_tier: Option<Text<'a>>,
    /// Whether the provider shall keep the answer.
    pub store: Option<bool>,
    /// A prompt cache boundary behind everything.
    pub cache: Option<Cache<'a>>,
    /// Members that several formats spell alike, and of which nothing more needs to be known. Those formats write them
    /// back; all others obey their policies.
    pub shared: Extra<'a>,
    /// Native members.
    pub extra: Extra<'a>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The operator, in mid-conversation.
    System,
    /// The user. May carry tool results, where the format has them there.
    User,
    /// The model.
    Assistant,
    /// A tool, where that is a speaker of its own.
    Tool,
}

/// One turn of the conversation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Turn<'a> {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub parts: Vec<Part<'a>>,
    /// Which element of the source's list of messages this was, for messages about it.
    pub index: usize,
    /// Native members.
    pub extra: Extra<'a>,
}

impl<'a> Turn<'a> {
    /// A turn without native members.
    pub fn new(role: Role, index: usize, parts: Vec<Part<'a>>) -> Self {
        Self {
            role,
            parts,
            index,
            extra: Extra::default(),
        }
    }
}

/// How to choose among likely tokens. Nothing is sent that the caller did not set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sampling<'a> {
    /// Temperature; formats differ in its range.
    pub temperature: Option<Number<'a>>,
    /// Nucleus.
    pub top_p: Option<Number<'a>>,
    /// Only the k likeliest.
    pub top_k: Option<Number<'a>>,
    /// Against repetition, by count.
    pub frequency_penalty: Option<Number<'a>>,
    /// Against repetition, at all.
    pub presence_penalty: Option<Number<'a>>,
    /// For reproducible answers.
    pub seed: Option<Number<'a>>,
}

/// A tool the model may call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tool<'a> {
    /// What it is.
    pub kind: ToolKind<'a>,
    /// A prompt cache boundary behind it.
    pub cache: Option<Cache<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

impl<'a> Tool<'a> {
    /// A tool without native members.
    pub fn new(kind: ToolKind<'a>) -> Self {
        Self {
            kind,
            cache: None,
            extra: Extra::default(),
        }
    }
}

/// What a [`Tool`] is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ToolKind<'a> {
    /// A function with JSON arguments.
    Function {
        /// Its name.
        name: Text<'a>,
        /// When to call it.
        description: Option<Text<'a>>,
        /// JSON Schema of its arguments.
        parameters: Option<Schema<'a>>,
        /// Whether the arguments must obey the schema.
        strict: Option<bool>,
    },
    /// A tool that takes free text.
    Freeform {
        /// Its name.
        name: Text<'a>,
        /// When to call it.
        description: Option<Text<'a>>,
        /// A grammar of the text.
        format: Option<Raw<'a>>,
    },
    /// A tool that the provider runs. Only its own format can say it.
    Server {
        /// Its type there, such as `web_search_20260318`.
        kind: Text<'a>,
        /// All of it.
        value: Raw<'a>,
        /// What it searches, if it is a web search: other formats have that too.
        web_search: Option<WebSearch<'a>>,
    },
}

/// A web search that the provider runs.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct WebSearch<'a> {
    /// The only sites to search, if any.
    pub allowed_domains: Vec<Text<'a>>,
    /// Sites to leave out.
    pub blocked_domains: Vec<Text<'a>>,
    /// Where the user roughly is: an object with `city`, `country`, `region` and `timezone`.
    pub location: Option<Raw<'a>>,
    /// How often it may be used.
    pub max_uses: Option<u64>,
    /// Where the caller asked for it, if that was not in the list of tools.
    pub place: Option<&'static str>,
}

/// Whether and which tool the model must call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolChoice<'a> {
    /// As it likes.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(Text<'a>),
    /// Only these.
    Allowed {
        /// Whether it must call one of them.
        required: bool,
        /// Their names.
        names: Vec<Text<'a>>,
    },
    /// A choice only its own format can say.
    Native(Raw<'a>),
}

/// What the answer must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputFormat<'a> {
    /// Text.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that obeys a schema.
    JsonSchema {
        /// The schema's name.
        name: Option<Text<'a>>,
        /// What it is for.
        description: Option<Text<'a>>,
        /// The schema.
        schema: Option<Schema<'a>>,
        /// Whether the answer must obey it to the letter.
        strict: Option<bool>,
    },
}

/// How hard the model thinks, from not at all to as hard as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Effort {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// The usual.
    Medium,
    /// Hard.
    High,
    /// Very hard.
    XHigh,
    /// As hard as it can.
    Max,
}

impl Effort {
    /// All of them, from least to most.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::XHigh,
        Self::Max,
    ];

    /// The word for it, which all formats share.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The effort of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.as_str() == word)
    }
}

/// How the model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Thinking {
    /// As much as it finds useful.
    Adaptive,
    /// Up to so many tokens.
    Budget(u64),
    /// Not at all.
    Disabled,
    /// Only between tool calls.
    BetweenTools,
}

/// Whether the thoughts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Display {
    /// In short.
    Summarized,
    /// Not at all.
    Omitted,
}
