//! Token counts. This API's totals include what others count apart.

use crate::{
    format::responses::wire::{
        count,
        response::{Usage as Wire, UsageDetails},
    },
    ir::{Extra, Usage},
    json::{Object, Raw},
};

/// Reads token counts. What can't be read is unknown.
pub(in crate::format::responses) fn decode(raw: Raw<'_>) -> (Usage, Extra<'_>) {
    let Ok(wire) = raw.parse::<Wire<'_>>() else {
        return Default::default();
    };
    let input_details = details(wire.input_tokens_details);
    let output_details = details(wire.output_tokens_details);
    let cache_read = count(input_details.cached_tokens);
    let cache_write = count(input_details.cache_write_tokens);
    let cached = cache_read
        .unwrap_or(0)
        .saturating_add(cache_write.unwrap_or(0));
    let usage = Usage {
        input: count(wire.input_tokens).map(|input| input.saturating_sub(cached)),
        cache_read,
        cache_write,
        output: count(wire.output_tokens),
        reasoning: count(output_details.reasoning_tokens),
        ..Usage::default()
    };
    (usage, members(&wire))
}

fn details(raw: Option<Raw<'_>>) -> UsageDetails<'_> {
    raw.and_then(|raw| raw.parse().ok()).unwrap_or_default()
}

/// All members as they came, for callers of this API.
fn members<'a>(wire: &Wire<'a>) -> Extra<'a> {
    let known = [
        ("input_tokens", wire.input_tokens),
        ("input_tokens_details", wire.input_tokens_details),
        ("output_tokens", wire.output_tokens),
        ("output_tokens_details", wire.output_tokens_details),
        ("total_tokens", wire.total_tokens),
    ];
    Extra::silent(known, &wire.extra)
}

/// Writes token counts. All are required, so that what nobody knows is zero.
pub(in crate::format::responses) fn encode(usage: &Usage, o: &mut Object<'_>) {
    let input = usage.prompt().unwrap_or(0);
    let output = usage.output.unwrap_or(0);
    o.field("input_tokens", input);
    o.object("input_tokens_details", |o| {
        o.field("cached_tokens", usage.cache_read.unwrap_or(0));
        o.field("cache_write_tokens", usage.cache_write.unwrap_or(0));
    });
    o.field("output_tokens", output);
    o.object("output_tokens_details", |o| {
        o.field("reasoning_tokens", usage.reasoning.unwrap_or(0));
    });
    o.field("total_tokens", input.saturating_add(output));
}
