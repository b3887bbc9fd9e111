//! Events of a stream.

use crate::{
    format::object::object,
    json::{Kind, Raw},
};

use super::count;

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

object! {
    /// An event, member by member.
    pub(in crate::format::responses) struct Members<'a> {
        sequence_number: Raw<'a>,
    }
}

impl Event<'_> {
    /// The number of the item that it is about.
    pub(in crate::format::responses) fn index(&self) -> Option<u64> {
        count(self.output_index)
    }

    /// The number of the part of a message that it is about.
    pub(in crate::format::responses) fn content(&self) -> u64 {
        count(self.content_index).unwrap_or(0)
    }

    /// The number of the part of a summary that it is about.
    pub(in crate::format::responses) fn summary(&self) -> u64 {
        count(self.summary_index).unwrap_or(0)
    }

    /// Whether it is an error, whatever it calls itself.
    pub(in crate::format::responses) fn is_error(&self) -> bool {
        let error = self.extra.iter().find(|member| member.key == "error");
        self.kind.is_none() && error.is_some_and(|member| member.value.kind() != Kind::Null)
    }
}
