//! Prompt cache boundaries. They are hints: what the server does not take is left out without a word.

use crate::{
    ir::{Cache, Part, Request, ToolResult},
    json::Object,
};

use super::encode::Writer;

/// Most boundaries that the API takes.
const MARKS: usize = 4;

/// How many boundaries of a request are too many.
pub(super) fn surplus(request: &Request<'_>) -> usize {
    let turns = request.turns.iter().flat_map(|turn| &turn.parts);
    let marked = request.system.iter().chain(turns).filter_map(of_part);
    marked.count().saturating_sub(MARKS)
}

/// The boundary behind a part, if this API has a place for it.
fn of_part<'r, 'a>(part: &'r Part<'a>) -> Option<&'r Cache<'a>> {
    match part {
        Part::Text { text, cache, .. } if !text.is_empty() => cache.as_ref(),
        Part::Image(image) => image.cache.as_ref(),
        Part::Document(document) => document.cache.as_ref(),
        Part::ToolResult(result) => of_result(result),
        _ => None,
    }
}

/// The boundary behind a tool's result or within it.
pub(super) fn of_result<'r, 'a>(result: &'r ToolResult<'a>) -> Option<&'r Cache<'a>> {
    let within = || {
        result.content.iter().rev().find_map(|part| match part {
            Part::Text { cache, .. } => cache.as_ref(),
            _ => None,
        })
    };
    result.cache.as_ref().or_else(within)
}

impl Writer<'_> {
    /// Whether a boundary of another format is written.
    pub(super) fn marks(&self, cache: Option<&Cache<'_>>) -> bool {
        cache.is_some() && !self.own && self.dialect.supports_prompt_cache_breakpoint
    }

    /// Writes a boundary of another format, unless there are too many. Lifetimes that the API lacks become its
    /// shortest, which is longer than most.
    pub(super) fn mark(&mut self, cache: Option<&Cache<'_>>, o: &mut Object<'_>) {
        let Some(cache) = cache.filter(|cache| self.marks(Some(cache))) else {
            return;
        };
        if self.surplus_marks > 0 {
            self.surplus_marks -= 1;
            return;
        }
        o.object("prompt_cache_breakpoint", |o| {
            o.field("mode", "explicit");
            match &cache.ttl {
                Some(ttl) if *ttl == "12h" => o.field("ttl", ttl),
                Some(_) => o.field("ttl", "30m"),
                None => {}
            }
        });
    }
}
