//! The objects of the Messages API, as far as their members mean something to other formats.
//!
//! Source, unless a type says otherwise: types of the official Python SDK 2.12.0 and the API reference, 2026-11.

use serde::Deserialize;

use crate::{
    format::{common::schema::ObjectSchema, object::object},
    json::{Early, Number, Raw, Text},
};

object! {
    /// `POST /v1/messages`. Sampling and `output_format`: API version 2023-06-01.
    pub(super) struct Request<'a> {
        model: Text<'a>,
        max_tokens: Raw<'a>,
        messages: Early<'a, Vec<Early<'a, Message<'a>>>>,
        system: Blocks<'a>,
        stream: bool,
        temperature: Number<'a>,
        top_p: Number<'a>,
        top_k: Number<'a>,
        stop_sequences: Vec<Text<'a>>,
        tools: Vec<Early<'a, Tool<'a>>>,
        tool_choice: Raw<'a>,
        thinking: Raw<'a>,
        output_config: OutputConfig<'a>,
        output_format: Raw<'a>,
        metadata: Metadata<'a>,
        service_tier: Text<'a>,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// An element of `messages`.
    pub(super) struct Message<'a> {
        role: Text<'a>,
        content: Blocks<'a>,
    }
}

object! {
    /// `metadata`.
    pub(super) struct Metadata<'a> {
        user_id: Text<'a>,
    }
}

object! {
    /// `output_config`.
    pub(super) struct OutputConfig<'a> {
        effort: Raw<'a>,
        format: Raw<'a>,
    }
}

object! {
    /// `output_config.format`.
    pub(super) struct OutputFormat<'a> {
        kind = "type": Text<'a>,
        schema: Raw<'a>,
    }
}

object! {
    /// `thinking`.
    pub(super) struct Thinking<'a> {
        kind = "type": Text<'a>,
        budget_tokens: Number<'a>,
        display: Text<'a>,
    }
}

object! {
    /// `tool_choice`.
    pub(super) struct ToolChoice<'a> {
        kind = "type": Text<'a>,
        name: Text<'a>,
        disable_parallel_tool_use: bool,
    }
}

object! {
    /// A tool of the caller.
    pub(super) struct Tool<'a> {
        name: Text<'a>,
        description: Text<'a>,
        input_schema: Early<'a, ObjectSchema>,
        strict: bool,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// `web_search_tool_20250305_param.py` and its later versions.
    pub(super) struct WebSearch<'a> {
        kind = "type": Raw<'a>,
        name: Raw<'a>,
        allowed_domains: Vec<Text<'a>>,
        blocked_domains: Vec<Text<'a>>,
        max_uses: u64,
        user_location: Raw<'a>,
        cache_control: Raw<'a>,
    }
}

object! {
    /// `cache_control`.
    pub(super) struct CacheControl<'a> {
        kind = "type": Text<'a>,
        ttl: Text<'a>,
    }
}

/// Any object, for its `type`. Read of every block before the block itself, and so keeps nothing else.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
}

/// A string, or blocks.
pub(super) type Blocks<'a> = Early<'a, Vec<Block<'a>>>;

/// A block, which nearly always is a text.
pub(super) type Block<'a> = Early<'a, TextBlock<'a>>;

object! {
    /// `text`.
    pub(super) struct TextBlock<'a> {
        kind = "type": Text<'a>,
        text: Text<'a>,
        citations: Raw<'a>,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// `image`, `document` and `search_result`.
    pub(super) struct MediaBlock<'a> {
        kind = "type": Text<'a>,
        source: Raw<'a>,
        title: Text<'a>,
        content: Raw<'a>,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// The `source` of an image or document.
    pub(super) struct Source<'a> {
        kind = "type": Text<'a>,
        media_type: Text<'a>,
        data: Text<'a>,
        url: Text<'a>,
        file_id: Text<'a>,
        content: Raw<'a>,
    }
}

object! {
    /// `thinking` and `redacted_thinking`.
    pub(super) struct ThinkingBlock<'a> {
        kind = "type": Text<'a>,
        thinking: Text<'a>,
        signature: Text<'a>,
        data: Text<'a>,
    }
}

object! {
    /// `tool_use`.
    pub(super) struct ToolUse<'a> {
        kind = "type": Text<'a>,
        id: Text<'a>,
        name: Text<'a>,
        input: Raw<'a>,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// `tool_result`.
    pub(super) struct ToolResult<'a> {
        kind = "type": Text<'a>,
        tool_use_id: Text<'a>,
        content: Blocks<'a>,
        is_error: bool,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// Members that are kept as they are.
    pub(super) struct Raws<'a> {
        kind = "type": Raw<'a>,
        tool_name: Raw<'a>,
    }
}

object! {
    /// `tool_reference`, in a `tool_result`.
    pub(super) struct ToolReference<'a> {
        kind = "type": Text<'a>,
        tool_name: Text<'a>,
        cache_control: CacheControl<'a>,
    }
}

object! {
    /// An element of a text's `citations`.
    pub(super) struct Citation<'a> {
        url: Text<'a>,
        title: Text<'a>,
        document_title: Text<'a>,
        cited_text: Text<'a>,
        encrypted_index: Text<'a>,
    }
}

object! {
    /// An answer.
    pub(super) struct Response<'a> {
        id: Text<'a>,
        kind = "type": Text<'a>,
        role: Text<'a>,
        model: Text<'a>,
        content: Vec<Block<'a>>,
        stop_reason: Text<'a>,
        stop_sequence: Text<'a>,
        stop_details: Raw<'a>,
        usage: Usage<'a>,
    }
}

object! {
    /// `stop_details` of a refusal.
    pub(super) struct StopDetails<'a> {
        explanation: Text<'a>,
    }
}

object! {
    /// `usage`. `iterations`: beta.
    pub(super) struct Usage<'a> {
        input_tokens: Number<'a>,
        cache_creation_input_tokens: Number<'a>,
        cache_read_input_tokens: Number<'a>,
        cache_creation: CacheCreation<'a>,
        output_tokens: Number<'a>,
        output_tokens_details: OutputDetails<'a>,
        service_tier: Text<'a>,
        iterations: Raw<'a>,
    }
}

object! {
    /// `usage.cache_creation`.
    pub(super) struct CacheCreation<'a> {
        ephemeral_5m_input_tokens: Number<'a>,
        ephemeral_1h_input_tokens: Number<'a>,
    }
}

object! {
    /// `usage.output_tokens_details`.
    pub(super) struct OutputDetails<'a> {
        thinking_tokens: Number<'a>,
    }
}

object! {
    /// Any event of a stream.
    pub(super) struct Event<'a> {
        kind = "type": Text<'a>,
        index: u64,
        message: Raw<'a>,
        content_block: Raw<'a>,
        delta: Raw<'a>,
        usage: Usage<'a>,
    }
}

object! {
    /// `message` of `message_start`.
    pub(super) struct MessageStart<'a> {
        id: Text<'a>,
        model: Text<'a>,
        usage: Usage<'a>,
    }
}

object! {
    /// `delta` of `content_block_delta` and `message_delta`.
    pub(super) struct Delta<'a> {
        kind = "type": Text<'a>,
        text: Text<'a>,
        thinking: Text<'a>,
        partial_json: Text<'a>,
        signature: Text<'a>,
        citation: Raw<'a>,
        stop_reason: Text<'a>,
        stop_sequence: Text<'a>,
        stop_details: Raw<'a>,
    }
}

object! {
    /// The body of an error response.
    pub(super) struct ErrorBody<'a> {
        kind = "type": Text<'a>,
        error: ErrorObject<'a>,
        request_id: Text<'a>,
    }
}

object! {
    /// Its `error`.
    pub(super) struct ErrorObject<'a> {
        kind = "type": Text<'a>,
        message: Text<'a>,
        details: Raw<'a>,
    }
}

object! {
    /// Its `details`.
    pub(super) struct ErrorDetails<'a> {
        error_code: Text<'a>,
    }
}
