//! The API's objects, as far as they are read. Source: the types of openai-python 3.54.0, 2026-11.
//!
//! Everything optional is [`Raw`]: many servers speak this format in their own way, and a member of an unexpected type
//! must break nothing that doesn't depend on it.

use crate::{
    format::{common::schema::ObjectSchema, object::object},
    json::{Early, Raw, Text},
};

object! {
    /// A request: `completion_create_params.py`.
    pub(super) struct Request<'a> {
        model: Raw<'a>,
        messages: Vec<Message<'a>>,
        tools: Early<'a, Vec<Early<'a, Tool<'a>>>>,
        tool_choice: Raw<'a>,
        functions: Raw<'a>,
        function_call: Raw<'a>,
        parallel_tool_calls: Raw<'a>,
        max_completion_tokens: Raw<'a>,
        max_tokens: Raw<'a>,
        temperature: Raw<'a>,
        top_p: Raw<'a>,
        frequency_penalty: Raw<'a>,
        presence_penalty: Raw<'a>,
        seed: Raw<'a>,
        stop: Raw<'a>,
        n: Raw<'a>,
        logprobs: Raw<'a>,
        top_logprobs: Raw<'a>,
        response_format: Raw<'a>,
        verbosity: Raw<'a>,
        reasoning_effort: Raw<'a>,
        safety_identifier: Raw<'a>,
        user: Raw<'a>,
        metadata: Raw<'a>,
        service_tier: Raw<'a>,
        store: Raw<'a>,
        stream: Raw<'a>,
        stream_options: Raw<'a>,
        web_search_options: Raw<'a>,
    }
}

object! {
    /// `web_search_options`: how the model searches the web.
    pub(super) struct WebSearchOptions<'a> {
        search_context_size: Raw<'a>,
        user_location: UserLocation<'a>,
    }
}

object! {
    /// Where the user is.
    pub(super) struct UserLocation<'a> {
        kind = "type": Raw<'a>,
        approximate: Raw<'a>,
    }
}

object! {
    /// A message of a request or of an answer, or a piece of one in a stream: `chat_completion_message_param.py`,
    /// `chat_completion_message.py`, `ChoiceDelta`. `reasoning_content`, `reasoning` and `thinking_blocks` are
    /// extensions that several servers and clients share.
    pub(super) struct Message<'a> {
        role: Raw<'a>,
        content: Content<'a>,
        refusal: Raw<'a>,
        reasoning_content: Raw<'a>,
        reasoning: Raw<'a>,
        thinking_blocks: Raw<'a>,
        tool_calls: Vec<ToolCall<'a>>,
        function_call: Function<'a>,
        tool_call_id: Raw<'a>,
        annotations: Raw<'a>,
    }
}

/// The content of a message: a string, or parts.
pub(super) type Content<'a> = Early<'a, Vec<Early<'a, Part<'a>>>>;

object! {
    /// A part of a message: `chat_completion_content_part_param.py`.
    pub(super) struct Part<'a> {
        kind = "type": Text<'a>,
        text: Raw<'a>,
        refusal: Raw<'a>,
        image_url: Raw<'a>,
        file: Raw<'a>,
        input_audio: Raw<'a>,
        /// Mistral's thoughts: a list of text parts.
        thinking: Raw<'a>,
        prompt_cache_breakpoint: Raw<'a>,
    }
}

object! {
    /// Where an image is.
    pub(super) struct ImageUrl<'a> {
        url: Raw<'a>,
        detail: Text<'a>,
    }
}

object! {
    /// A recording.
    pub(super) struct InputAudio<'a> {
        data: Text<'a>,
        format: Text<'a>,
    }
}

object! {
    /// A file.
    pub(super) struct File<'a> {
        data = "file_data": Raw<'a>,
        id = "file_id": Text<'a>,
        name = "filename": Text<'a>,
    }
}

object! {
    /// When a cache boundary ends.
    pub(super) struct CacheBreakpoint<'a> {
        ttl: Text<'a>,
    }
}

object! {
    /// A tool call, whole or a piece of one: `chat_completion_message_tool_call.py`, `ChoiceDeltaToolCall`.
    pub(super) struct ToolCall<'a> {
        index: Raw<'a>,
        id: Raw<'a>,
        kind = "type": Raw<'a>,
        function: Function<'a>,
        custom: Custom<'a>,
    }
}

object! {
    /// What Google's servers add to a tool call.
    pub(super) struct ExtraContent<'a> {
        google: Google<'a>,
    }
}

object! {
    /// Google's part of it.
    pub(super) struct Google<'a> {
        thought_signature: Text<'a>,
    }
}

object! {
    /// A function's call.
    pub(super) struct Function<'a> {
        name: Raw<'a>,
        arguments: Raw<'a>,
    }
}

object! {
    /// A custom tool's call.
    pub(super) struct Custom<'a> {
        name: Raw<'a>,
        input: Raw<'a>,
    }
}

object! {
    /// A thought with its seal.
    pub(super) struct ThinkingBlock<'a> {
        kind = "type": Text<'a>,
        thinking: Text<'a>,
        signature: Text<'a>,
        data: Text<'a>,
        /// Its number, in streams.
        index: Raw<'a>,
    }
}

object! {
    /// A tool: `chat_completion_tool_union_param.py`.
    pub(super) struct Tool<'a> {
        kind = "type": Text<'a>,
        function: Declaration<'a>,
        custom: Declaration<'a>,
    }
}

object! {
    /// What a tool is: a function's schema, or a custom tool's grammar.
    pub(super) struct Declaration<'a> {
        name: Text<'a>,
        description: Text<'a>,
        parameters: Early<'a, ObjectSchema>,
        strict: bool,
        format: Raw<'a>,
    }
}

object! {
    /// A tool choice: `chat_completion_tool_choice_option_param.py`; `name` is that of the older `function_call`.
    pub(super) struct ToolChoice<'a> {
        kind = "type": Text<'a>,
        name: Text<'a>,
        function: Named<'a>,
        custom: Named<'a>,
        allowed_tools: AllowedTools<'a>,
    }
}

object! {
    /// Something with a name.
    pub(super) struct Named<'a> {
        name: Text<'a>,
    }
}

object! {
    /// The tools that may be called.
    pub(super) struct AllowedTools<'a> {
        mode: Text<'a>,
        tools: Vec<ToolChoice<'a>>,
    }
}

object! {
    /// What the answer must look like.
    pub(super) struct ResponseFormat<'a> {
        kind = "type": Text<'a>,
        json_schema: JsonSchema<'a>,
    }
}

object! {
    /// A schema of the answer.
    pub(super) struct JsonSchema<'a> {
        name: Text<'a>,
        description: Text<'a>,
        schema: Raw<'a>,
        strict: bool,
    }
}

object! {
    /// Options of a stream.
    pub(super) struct StreamOptions<'a> {
        include_usage: bool,
    }
}

object! {
    /// An answer or a piece of one: `chat_completion.py`, `chat_completion_chunk.py`.
    pub(super) struct Completion<'a> {
        id: Raw<'a>,
        object: Raw<'a>,
        created: Raw<'a>,
        model: Raw<'a>,
        choices: Vec<Choice<'a>>,
        usage: Raw<'a>,
        service_tier: Raw<'a>,
        error: Raw<'a>,
    }
}

object! {
    /// One of the answers, or a piece of one.
    pub(super) struct Choice<'a> {
        index: Raw<'a>,
        message: Message<'a>,
        delta: Message<'a>,
        finish_reason: Raw<'a>,
        logprobs: Raw<'a>,
    }
}

object! {
    /// Token counts: `completion_usage.py`. `prompt_cache_hit_tokens` is `DeepSeek`'s.
    pub(super) struct Usage<'a> {
        prompt_tokens: Raw<'a>,
        completion_tokens: Raw<'a>,
        total_tokens: Raw<'a>,
        prompt_tokens_details: Raw<'a>,
        completion_tokens_details: Raw<'a>,
        prompt_cache_hit_tokens: Raw<'a>,
    }
}

object! {
    /// Token counts in detail.
    pub(super) struct UsageDetails<'a> {
        cached_tokens: Raw<'a>,
        cache_write_tokens: Raw<'a>,
        reasoning_tokens: Raw<'a>,
    }
}

object! {
    /// A source that a text cites: `Annotation`.
    pub(super) struct Annotation<'a> {
        url_citation: UrlCitation<'a>,
    }
}

object! {
    /// A web page that a text cites.
    pub(super) struct UrlCitation<'a> {
        url: Text<'a>,
        title: Text<'a>,
        start_index: Raw<'a>,
        end_index: Raw<'a>,
    }
}

object! {
    /// Log-probabilities.
    pub(super) struct Logprobs<'a> {
        content: Raw<'a>,
        refusal: Raw<'a>,
    }
}

object! {
    /// An object of which only the members as such matter.
    pub(super) struct Members<'a> {
        kind = "type": Raw<'a>,
    }
}

object! {
    /// A grammar in its flat spelling.
    pub(super) struct Grammar<'a> {
        nested = "grammar": Raw<'a>,
        syntax: Raw<'a>,
        definition: Raw<'a>,
    }
}

/// The string that `raw` is, if it is one.
pub(super) fn text(raw: Option<Raw<'_>>) -> Option<Text<'_>> {
    raw.and_then(Raw::text)
}

/// The string that `raw` is, if it is one and not empty.
pub(super) fn some_text(raw: Option<Raw<'_>>) -> Option<Text<'_>> {
    text(raw).filter(|text| !text.is_empty())
}

/// The whole number that `raw` is, if it is one.
pub(super) fn count(raw: Option<Raw<'_>>) -> Option<u64> {
    raw?.number()?.as_u64()
}
