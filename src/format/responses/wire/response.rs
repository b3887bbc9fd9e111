//! Whole answers.

use crate::{format::object::object, json::Raw};

object! {
    /// An answer; also what a stream's first and last events hold.
    pub(in crate::format::responses) struct Response<'a> {
        id: Raw<'a>,
        object: Raw<'a>,
        created_at: Raw<'a>,
        status: Raw<'a>,
        error: Raw<'a>,
        incomplete_details: Raw<'a>,
        model: Raw<'a>,
        output: Raw<'a>,
        usage: Raw<'a>,
        service_tier: Raw<'a>,
    }
}

object! {
    /// Why an answer is not complete.
    pub(in crate::format::responses) struct IncompleteDetails<'a> {
        reason: Raw<'a>,
    }
}

object! {
    /// An item of an answer, of any type.
    pub(in crate::format::responses) struct Item<'a> {
        id: Raw<'a>,
        kind = "type": Raw<'a>,
        /// What a message holds, or a thought in full.
        content: Raw<'a>,
        /// A thought in short.
        summary: Raw<'a>,
        encrypted_content: Raw<'a>,
        call_id: Raw<'a>,
        name: Raw<'a>,
        /// What a function is called with.
        arguments: Raw<'a>,
        /// What a custom tool is called with.
        input: Raw<'a>,
        /// An image in base64.
        result: Raw<'a>,
    }
}

object! {
    /// A part of a message or of a thought, of any type.
    pub(in crate::format::responses) struct Part<'a> {
        kind = "type": Raw<'a>,
        text: Raw<'a>,
        refusal: Raw<'a>,
        annotations: Raw<'a>,
        logprobs: Raw<'a>,
    }
}

object! {
    /// Token counts.
    pub(in crate::format::responses) struct Usage<'a> {
        input_tokens: Raw<'a>,
        input_tokens_details: Raw<'a>,
        output_tokens: Raw<'a>,
        output_tokens_details: Raw<'a>,
        total_tokens: Raw<'a>,
    }
}

object! {
    /// What is within the totals.
    pub(in crate::format::responses) struct UsageDetails<'a> {
        cached_tokens: Raw<'a>,
        cache_write_tokens: Raw<'a>,
        reasoning_tokens: Raw<'a>,
    }
}
