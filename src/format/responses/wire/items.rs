//! The items of a conversation: `response_input_item_param.py`.

use crate::{
    format::object::object,
    json::{Raw, Text},
};

object! {
    /// An item: a message, a thought, a call, a call's output, or what only this API has.
    pub(in crate::format::responses) struct Item<'a> {
        kind = "type": Raw<'a>,
        role: Raw<'a>,
        content: Raw<'a>,
        id: Raw<'a>,
        call_id: Text<'a>,
        name: Raw<'a>,
        namespace: Raw<'a>,
        arguments: Raw<'a>,
        input: Raw<'a>,
        output: Raw<'a>,
        summary: Raw<'a>,
        encrypted_content: Raw<'a>,
    }
}

object! {
    /// A part of a message, or of a call's output.
    pub(in crate::format::responses) struct Part<'a> {
        kind = "type": Raw<'a>,
        text: Text<'a>,
        refusal: Text<'a>,
        annotations: Raw<'a>,
        image_url: Raw<'a>,
        detail: Text<'a>,
        file_id: Text<'a>,
        file_data: Raw<'a>,
        file_url: Text<'a>,
        filename: Text<'a>,
        input_audio: Recording<'a>,
        prompt_cache_breakpoint: Raw<'a>,
    }
}

object! {
    /// Where an image is, as the older API of the same owner says it.
    pub(in crate::format::responses) struct ImageUrl<'a> {
        url: Raw<'a>,
        detail: Text<'a>,
    }
}

object! {
    /// A recording.
    pub(in crate::format::responses) struct Recording<'a> {
        data: Text<'a>,
        format: Text<'a>,
    }
}

object! {
    /// When a cache boundary ends.
    pub(in crate::format::responses) struct CacheBreakpoint<'a> {
        ttl: Text<'a>,
    }
}

object! {
    /// A source that a text cites.
    pub(in crate::format::responses) struct Annotation<'a> {
        url: Text<'a>,
        title: Text<'a>,
        start_index: Raw<'a>,
        end_index: Raw<'a>,
    }
}

object! {
    /// A piece of a thought.
    pub(in crate::format::responses) struct Thought<'a> {
        text: Text<'a>,
    }
}
