/// What a model can do, as far as the host knows better than its name tells; `None` goes by the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ModelCaps {
    /// Decides itself how much to think, guided by an effort.
    pub adaptive_thinking: Option<bool>,
    /// Thinks up to a budget of tokens.
    pub budget_thinking: Option<bool>,
    /// Can't be kept from thinking.
    pub always_thinks: Option<bool>,
    /// Takes `temperature` and its kin.
    pub sampling: Option<bool>,
    /// Goes on with a last turn of its own.
    pub prefill: Option<bool>,
    /// Can be made to call a tool.
    pub forced_tool_use: Option<bool>,
    /// Takes system turns in mid-conversation.
    pub mid_conversation_system: Option<bool>,
    /// Knows the effort `xhigh`.
    pub effort_xhigh: Option<bool>,
    /// Knows the effort `max`.
    pub effort_max: Option<bool>,
    /// Gives answers that obey a schema.
    pub structured_outputs: Option<bool>,
    /// Most tokens it can generate.
    pub max_output_tokens: Option<u64>,
    /// Takes and gives ids of function calls (Gemini).
    pub function_call_ids: Option<bool>,
    /// Seals its thoughts or function calls, and wants the seals back (OpenAI's Responses API, Gemini).
    pub thought_signatures: Option<bool>,
    /// Takes images within a function's response (Gemini).
    pub multimodal_tool_results: Option<bool>,
}

impl ModelCaps {
    /// What this says, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            adaptive_thinking: self.adaptive_thinking.or(other.adaptive_thinking),
            budget_thinking: self.budget_thinking.or(other.budget_thinking),
            always_thinks: self.always_thinks.or(other.always_thinks),
            sampling: self.sampling.or(other.sampling),
            prefill: self.prefill.or(other.prefill),
            forced_tool_use: self.forced_tool_use.or(other.forced_tool_use),
            mid_conversation_system: self
                .mid_conversation_system
                .or(other.mid_conversation_system),
            effort_xhigh: self.effort_xhigh.or(other.effort_xhigh),
            effort_max: self.effort_max.or(other.effort_max),
            structured_outputs: self.structured_outputs.or(other.structured_outputs),
            max_output_tokens: self.max_output_tokens.or(other.max_output_tokens),
            function_call_ids: self.function_call_ids.or(other.function_call_ids),
            thought_signatures: self.thought_signatures.or(other.thought_signatures),
            multimodal_tool_results: self
                .multimodal_tool_results
                .or(other.multimodal_tool_results),
        }
    }
}
