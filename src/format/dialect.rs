use super::ModelCaps;

/// How one provider's idea of its format differs from the format's own.
///
/// "OpenAI-compatible" covers many servers; the defaults are the format owners' servers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub struct Dialect {
    /// How an OpenAI-compatible server wants the token limit spelled.
    pub max_tokens_field: MaxTokensField,
    /// Who speaks the instructions on an OpenAI-compatible server.
    pub system_role: SystemRole,
    /// How an OpenAI-compatible server wants the end user named.
    pub user_field: UserField,
    /// Whether the server reports token counts at the end of a stream when asked. Default true.
    pub supports_stream_usage: bool,
    /// Whether an OpenAI-compatible server takes prompt cache boundaries (`prompt_cache_breakpoint`). Default false.
    pub supports_prompt_cache_breakpoint: bool,
    /// Whether an OpenAI-compatible server takes `reasoning_effort`. Default true.
    pub supports_reasoning_effort: bool,
    /// Whether an OpenAI-compatible server takes messages that say what the model thought (`reasoning_content`,
    /// `thinking_blocks`), which OpenAI's own API refuses. Default true, but for a [`Target`](crate::target::Target)
    /// at OpenAI's or Azure's hosts.
    pub knows_thoughts: bool,
    /// Which thoughts an OpenAI-compatible server wants back.
    pub reasoning_content_echo: ReasoningEcho,
    /// Version of the Anthropic API for translated requests. Those that pass keep the caller's.
    pub anthropic_version: AnthropicVersion,
    /// How a Gemini server takes schemas.
    pub gemini_schema: GeminiSchema,
    /// What becomes of tools that the provider would run.
    pub server_tools: ServerTools,
    /// What the model can do, where that is not as its name says.
    pub caps: ModelCaps,
    /// Most tokens to generate where the format demands a limit, the caller gives none and the model's own limit is
    /// not known. Default 32,000.
    pub default_max_tokens: u64,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            max_tokens_field: MaxTokensField::default(),
            system_role: SystemRole::default(),
            user_field: UserField::default(),
            supports_stream_usage: true,
            supports_prompt_cache_breakpoint: false,
            supports_reasoning_effort: true,
            knows_thoughts: true,
            reasoning_content_echo: ReasoningEcho::default(),
            anthropic_version: AnthropicVersion::default(),
            gemini_schema: GeminiSchema::default(),
            server_tools: ServerTools::default(),
            caps: ModelCaps::default(),
            default_max_tokens: 32_000,
        }
    }
}

/// How an OpenAI-compatible server wants the token limit spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MaxTokensField {
    /// `max_completion_tokens`, as OpenAI.
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`, as older servers.
    MaxTokens,
}

/// Who speaks the instructions on an OpenAI-compatible server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SystemRole {
    /// `system`, which every server knows.
    #[default]
    System,
    /// `developer`.
    Developer,
}

/// How an OpenAI-compatible server wants the end user named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UserField {
    /// `safety_identifier`, as OpenAI.
    #[default]
    SafetyIdentifier,
    /// `user`, as older servers.
    User,
    /// Not at all.
    None,
}

/// Which of the model's thoughts an OpenAI-compatible server wants back, as `reasoning_content`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ReasoningEcho {
    /// None: OpenAI knows no such field.
    #[default]
    Never,
    /// Those of turns that called tools, as `DeepSeek`'s.
    ToolTurns,
    /// All.
    Always,
}

/// Version of the Anthropic API. Source: its migration guide for 2026-10-21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnthropicVersion {
    /// `2023-06-01`, the only one that takes sampling parameters.
    #[default]
    V2023_06_01,
    /// `2026-10-21`.
    V2026_10_21,
}

impl AnthropicVersion {
    /// As the `anthropic-version` header spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2023_06_01 => "2023-06-01",
            Self::V2026_10_21 => "2026-10-21",
        }
    }
}

/// How a Gemini server takes schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum GeminiSchema {
    /// JSON Schema, as `parametersJsonSchema` and `responseJsonSchema`.
    #[default]
    JsonSchema,
    /// A subset of `OpenAPI`'s schemas, as `parameters` and `responseSchema`.
    OpenApiSubset,
}

/// What becomes of tools that the caller's provider would run, where another provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ServerTools {
    /// The request is refused: without the tool the answer would be another one.
    #[default]
    Reject,
    /// Web search becomes the provider's own; the rest is refused.
    Map,
    /// They are left out, and the loss is reported.
    Drop,
}
