//! Token counts. This API's totals include what others count apart.

use crate::{
    ir::{Extra, Usage},
    json::{Object, Raw, Walk},
};

use super::wire;

/// Reads token counts. What can't be read is unknown.
pub(super) fn decode(raw: Raw<'_>) -> (Usage, Extra<'_>) {
    let Ok(wire) = raw.parse::<wire::Usage<'_>>() else {
        return Default::default();
    };
    let prompt = details(wire.prompt_tokens_details);
    let output = details(wire.completion_tokens_details);
    (counts(&wire, &prompt, &output), members(&wire))
}

/// Reads nothing but the counts, of an object as they nearly always are. `None` tells nothing but that it is another.
pub(super) fn read(walk: &mut Walk<'_>) -> Option<Usage> {
    let mut wire = wire::Usage::default();
    let [mut prompt, mut output] = <[wire::UsageDetails<'_>; 2]>::default();
    walk.distinct(|walk, name| {
        let slot = match name {
            "prompt_tokens" => &mut wire.prompt_tokens,
            "completion_tokens" => &mut wire.completion_tokens,
            "total_tokens" => &mut wire.total_tokens,
            "prompt_cache_hit_tokens" => &mut wire.prompt_cache_hit_tokens,
            "prompt_tokens_details" => return read_details(walk, &mut prompt),
            "completion_tokens_details" => return read_details(walk, &mut output),
            _ => return walk.pass(),
        };
        *slot = Some(walk.raw()?);
        Some(())
    })?;
    Some(counts(&wire, &prompt, &output))
}

fn read_details<'a>(walk: &mut Walk<'a>, details: &mut wire::UsageDetails<'a>) -> Option<()> {
    walk.or_default(|walk| {
        walk.distinct(|walk, name| {
            let value = walk.raw()?;
            match name {
                "cached_tokens" => details.cached_tokens = Some(value),
                "cache_write_tokens" => details.cache_write_tokens = Some(value),
                "reasoning_tokens" => details.reasoning_tokens = Some(value),
                _ => {}
            }
            Some(())
        })
    })
}

fn counts(
    wire: &wire::Usage<'_>,
    prompt_details: &wire::UsageDetails<'_>,
    output_details: &wire::UsageDetails<'_>,
) -> Usage {
    let prompt = wire::count(wire.prompt_tokens);
    let total = wire::count(wire.total_tokens);
    let cache_read = wire::count(prompt_details.cached_tokens)
        .or_else(|| wire::count(wire.prompt_cache_hit_tokens));
    let cache_write = wire::count(prompt_details.cache_write_tokens);
    let cached = cache_read
        .unwrap_or(0)
        .saturating_add(cache_write.unwrap_or(0));
    let mut usage = Usage {
        input: prompt.map(|prompt| prompt.saturating_sub(cached)),
        cache_read,
        cache_write,
        output: wire::count(wire.completion_tokens),
        reasoning: wire::count(output_details.reasoning_tokens),
        ..Usage::default()
    };
    // xAI counts thoughts beside the output, not within; the total tells.
    if let (Some(prompt), Some(output), Some(reasoning), Some(total)) =
        (prompt, usage.output, usage.reasoning, total)
        && prompt.saturating_add(output).saturating_add(reasoning) == total
    {
        usage.output = Some(output.saturating_add(reasoning));
    }
    usage
}

fn details(raw: Option<Raw<'_>>) -> wire::UsageDetails<'_> {
    raw.and_then(|raw| raw.parse().ok()).unwrap_or_default()
}

/// All members as they came, for callers of this API.
fn members<'a>(wire: &wire::Usage<'a>) -> Extra<'a> {
    let known = [
        ("prompt_tokens", wire.prompt_tokens),
        ("completion_tokens", wire.completion_tokens),
        ("total_tokens", wire.total_tokens),
        ("prompt_tokens_details", wire.prompt_tokens_details),
        ("completion_tokens_details", wire.completion_tokens_details),
        ("prompt_cache_hit_tokens", wire.prompt_cache_hit_tokens),
    ];
    Extra::silent(known, &wire.extra)
}

/// Writes token counts. Details that nobody knows are left out; the totals are required.
pub(super) fn encode(usage: &Usage, o: &mut Object<'_>) {
    let prompt = usage.prompt().unwrap_or(0);
    let output = usage.output.unwrap_or(0);
    o.field("prompt_tokens", prompt);
    o.field("completion_tokens", output);
    o.field("total_tokens", prompt.saturating_add(output));
    if usage.cache_read.or(usage.cache_write).is_some() {
        o.object("prompt_tokens_details", |o| {
            o.optional("cached_tokens", usage.cache_read);
            o.optional("cache_write_tokens", usage.cache_write);
        });
    }
    if let Some(reasoning) = usage.reasoning {
        o.object("completion_tokens_details", |o| {
            o.field("reasoning_tokens", reasoning);
        });
    }
}
