//! Events of a stream.

use crate::{format::object::object, json::Raw};

object! {
    /// An event, of any type.
    pub(in crate::format::responses) struct Event<'a> {
        kind = "type": Raw<'a>,
        sequence_number: Raw<'a>,
        /// The whole answer, in the first and last events.
        response: Raw<'a>,
        output_index: Raw<'a>,
        item_id: Raw<'a>,
        content_index: Raw<'a>,
        summary_index: Raw<'a>,
        item: Raw<'a>,
        part: Raw<'a>,
        /// A piece of text, thought or arguments.
        delta: Raw<'a>,
        text: Raw<'a>,
        refusal: Raw<'a>,
        arguments: Raw<'a>,
        input: Raw<'a>,
        annotation: Raw<'a>,
        logprobs: Raw<'a>,
        /// Random text that hides the length of others.
        obfuscation: Raw<'a>,
    }
}
