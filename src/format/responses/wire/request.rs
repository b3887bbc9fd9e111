//! Requests: `response_create_params.py`.

use crate::{
    format::object::object,
    json::{Number, Raw, Text},
};

object! {
    /// A request.
    pub(in crate::format::responses) struct Request<'a> {
        model: Text<'a>,
        input: Raw<'a>,
        instructions: Raw<'a>,
        stream: Raw<'a>,
        tools: Raw<'a>,
        tool_choice: Raw<'a>,
        parallel_tool_calls: Raw<'a>,
        max_output_tokens: Raw<'a>,
        temperature: Raw<'a>,
        top_p: Raw<'a>,
        top_logprobs: Raw<'a>,
        text: Raw<'a>,
        reasoning: Raw<'a>,
        include: Raw<'a>,
        store: Raw<'a>,
        metadata: Raw<'a>,
        service_tier: Raw<'a>,
        safety_identifier: Raw<'a>,
        user: Raw<'a>,
    }
}

object! {
    /// What the answer must look like.
    pub(in crate::format::responses) struct TextConfig<'a> {
        format: Raw<'a>,
        verbosity: Text<'a>,
    }
}

object! {
    /// A format of the answer.
    pub(in crate::format::responses) struct Format<'a> {
        kind = "type": Text<'a>,
        name: Text<'a>,
        description: Text<'a>,
        schema: Raw<'a>,
        strict: bool,
    }
}

object! {
    /// How to think. That `summary` is `null` says something, so it stays among the unnamed members.
    pub(in crate::format::responses) struct Reasoning<'a> {
        effort: Raw<'a>,
    }
}

object! {
    /// A tool of any kind: `tool_param.py`.
    pub(in crate::format::responses) struct Tool<'a> {
        kind = "type": Text<'a>,
        name: Text<'a>,
        description: Raw<'a>,
        parameters: Raw<'a>,
        strict: bool,
        format: Raw<'a>,
        tools: Raw<'a>,
    }
}

object! {
    /// A web search: `web_search_tool_param.py`.
    pub(in crate::format::responses) struct WebSearch<'a> {
        filters: WebSearchFilters<'a>,
        user_location: Raw<'a>,
    }
}

object! {
    /// Where to search.
    pub(in crate::format::responses) struct WebSearchFilters<'a> {
        allowed_domains: Vec<Text<'a>>,
        blocked_domains: Vec<Text<'a>>,
    }
}

object! {
    /// A grammar, flat as here, or in an object of its own as elsewhere.
    pub(in crate::format::responses) struct Grammar<'a> {
        nested = "grammar": NestedGrammar<'a>,
    }
}

object! {
    /// A grammar in an object of its own.
    pub(in crate::format::responses) struct NestedGrammar<'a> {
        syntax: Raw<'a>,
        definition: Raw<'a>,
    }
}

object! {
    /// A tool choice that is no word: `tool_choice_*_param.py`.
    pub(in crate::format::responses) struct ToolChoice<'a> {
        kind = "type": Text<'a>,
        name: Text<'a>,
        mode: Text<'a>,
        tools: Vec<ToolChoice<'a>>,
    }
}

object! {
    /// How the prompt cache is used.
    pub(in crate::format::responses) struct CacheOptions<'a> {
        prewarm: bool,
    }
}

object! {
    /// How many tokens a prompt has: `input_token_count_response.py`.
    pub(in crate::format::responses) struct InputTokens<'a> {
        input_tokens: Number<'a>,
    }
}
