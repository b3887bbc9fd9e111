use std::collections::HashMap;

/// How a format spells the fields of a request, for messages about them. Empty where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    missing_docs,
    reason = "each is named as the field of `Request` that it spells"
)]
#[non_exhaustive]
pub struct FieldNames {
    pub system: &'static str,
    pub turns: &'static str,
    /// The parts within a turn.
    pub parts: &'static str,
    pub tools: &'static str,
    pub tool_choice: &'static str,
    pub parallel_tool_calls: &'static str,
    pub max_tokens: &'static str,
    pub temperature: &'static str,
    pub top_p: &'static str,
    pub top_k: &'static str,
    pub frequency_penalty: &'static str,
    pub presence_penalty: &'static str,
    pub seed: &'static str,
    pub stop: &'static str,
    pub choices: &'static str,
    pub logprobs: &'static str,
    pub top_logprobs: &'static str,
    pub output: &'static str,
    pub verbosity: &'static str,
    pub effort: &'static str,
    pub thinking: &'static str,
    pub user: &'static str,
    pub metadata: &'static str,
    pub service_tier: &'static str,
    pub store: &'static str,
    pub cache: &'static str,
}

/// Tool names that had to be rewritten for the provider, and how to find back. Names that were legal are not in it.
#[derive(Debug, Clone, Default)]
pub struct NameMap {
    originals: HashMap<String, String>,
}

impl NameMap {
    /// Notes that the provider knows `original` as `sent`.
    pub fn insert(&mut self, sent: String, original: String) {
        self.originals.insert(sent, original);
    }

    /// The caller's name for what the provider calls `sent`; `None` if it was not rewritten.
    pub fn original(&self, sent: &str) -> Option<&str> {
        self.originals.get(sent).map(String::as_str)
    }

    /// Whether no name was rewritten.
    pub fn is_empty(&self) -> bool {
        self.originals.is_empty()
    }
}
