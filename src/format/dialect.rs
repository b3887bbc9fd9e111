/// How one provider's idea of its format differs from the format's own.
///
/// "OpenAI-compatible" covers many servers; the defaults are the format owners' servers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dialect {
    /// How an OpenAI-compatible server wants the token limit spelled.
    pub max_tokens_field: MaxTokensField,
    /// Who speaks the instructions on an OpenAI-compatible server.
    pub system_role: SystemRole,
    /// How an OpenAI-compatible server wants the end user named.
    pub user_field: UserField,
    /// Whether the server reports token counts at the end of a stream when asked. Default true.
    pub supports_stream_usage: bool,
    /// Whether the model takes sampling parameters; `None` goes by the model's name.
    pub sampling: Option<bool>,
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
            sampling: None,
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
