//! Token counts. `input_tokens` excludes what was read from or written to a cache, as the neutral form has it.

use crate::{
    ir::{Extra, Policy, Usage},
    json::{Kind, Number, Object, Raw, Walk},
};

use super::wire;

/// Reads the counts. With them come members that only this API has, and the service tier.
pub(super) fn decode(wire: wire::Usage<'_>) -> (Usage, Extra<'_>) {
    let mut usage = counts(&wire);
    let mut extra = wire.extra;
    if let Some(iterations) = wire.iterations {
        add_iterations(&mut usage, iterations);
        // The counts are of the last iteration only; they are kept to be said again here.
        for (key, number) in [
            ("input_tokens", wire.input_tokens),
            (
                "cache_creation_input_tokens",
                wire.cache_creation_input_tokens,
            ),
            ("cache_read_input_tokens", wire.cache_read_input_tokens),
            ("output_tokens", wire.output_tokens),
        ] {
            if let Some(raw) = number.and_then(|number| Raw::new(number.get()).ok()) {
                extra.push(key.into(), raw);
            }
        }
        extra.push("iterations".into(), iterations);
    }
    extra.judge(|key, value| match key {
        "server_tool_use" if value.get() != "null" => Policy::Drop,
        _ => Policy::Silent,
    });
    (usage, extra)
}

/// Reads nothing but the counts, of an object as they nearly always are. `None` tells nothing but that it is another.
pub(super) fn read(walk: &mut Walk<'_>) -> Option<Usage> {
    let mut usage = Usage::default();
    walk.distinct(|walk, name| match name {
        "input_tokens" => read_count(walk, &mut usage.input),
        "cache_read_input_tokens" => read_count(walk, &mut usage.cache_read),
        "cache_creation_input_tokens" => read_count(walk, &mut usage.cache_write),
        "output_tokens" => read_count(walk, &mut usage.output),
        "cache_creation" | "output_tokens_details" => {
            walk.or_default(|walk| read_details(walk, name, &mut usage))
        }
        "service_tier" => walk.text(&mut None),
        "iterations" => walk.null(),
        _ => walk.pass(),
    })?;
    Some(usage)
}

fn read_details(walk: &mut Walk<'_>, name: &str, usage: &mut Usage) -> Option<()> {
    walk.distinct(|walk, detail| match (name, detail) {
        ("cache_creation", "ephemeral_5m_input_tokens") => {
            read_count(walk, &mut usage.cache_write_5m)
        }
        ("cache_creation", "ephemeral_1h_input_tokens") => {
            read_count(walk, &mut usage.cache_write_1h)
        }
        ("output_tokens_details", "thinking_tokens") => read_count(walk, &mut usage.reasoning),
        _ => walk.pass(),
    })
}

fn read_count(walk: &mut Walk<'_>, count: &mut Option<u64>) -> Option<()> {
    let raw = walk.raw()?;
    *count = raw.number().and_then(Number::as_u64);
    matches!(raw.kind(), Kind::Number | Kind::Null).then_some(())
}

fn counts(wire: &wire::Usage<'_>) -> Usage {
    let count = |number: Option<Number<'_>>| number.and_then(Number::as_u64);
    let split = wire.cache_creation.as_ref();
    let details = wire.output_tokens_details.as_ref();
    Usage {
        input: count(wire.input_tokens),
        cache_read: count(wire.cache_read_input_tokens),
        cache_write: count(wire.cache_creation_input_tokens),
        cache_write_5m: split.and_then(|split| count(split.ephemeral_5m_input_tokens)),
        cache_write_1h: split.and_then(|split| count(split.ephemeral_1h_input_tokens)),
        output: count(wire.output_tokens),
        reasoning: details.and_then(|details| count(details.thinking_tokens)),
    }
}

fn add_iterations(usage: &mut Usage, iterations: Raw<'_>) {
    let Ok(iterations) = iterations.parse::<Vec<wire::Usage<'_>>>() else {
        return;
    };
    if iterations.is_empty() {
        return;
    }
    let each: Vec<Usage> = iterations.iter().map(counts).collect();
    let sum = |count: fn(&Usage) -> Option<u64>| {
        each.iter().filter_map(count).reduce(u64::saturating_add)
    };
    usage.input = sum(|one| one.input).or(usage.input);
    usage.cache_read = sum(|one| one.cache_read).or(usage.cache_read);
    usage.cache_write = sum(|one| one.cache_write).or(usage.cache_write);
    usage.output = sum(|one| one.output).or(usage.output);
}

/// Writes the counts as members; `native` are those of this API, if the counts came from it. Clients insist on the
/// first and the last; what isn't known of caches is left out.
pub(super) fn encode(usage: &Usage, native: Option<&Extra<'_>>, object: &mut Object<'_>) {
    let is_native =
        |key: &str| native.is_some_and(|extra| extra.iter().any(|member| member.key == key));
    let mut count = |key: &str, count: Option<u64>| {
        if !is_native(key) {
            object.optional(key, count);
        }
    };
    count("input_tokens", usage.input.or(Some(0)));
    count("cache_creation_input_tokens", usage.cache_write);
    count("cache_read_input_tokens", usage.cache_read);
    count("output_tokens", usage.output.or(Some(0)));
    if usage.cache_write_5m.is_some() || usage.cache_write_1h.is_some() {
        object.object("cache_creation", |o| {
            o.field(
                "ephemeral_5m_input_tokens",
                usage.cache_write_5m.unwrap_or(0),
            );
            o.field(
                "ephemeral_1h_input_tokens",
                usage.cache_write_1h.unwrap_or(0),
            );
        });
    }
    if let Some(reasoning) = usage.reasoning {
        object.object("output_tokens_details", |o| {
            o.field("thinking_tokens", reasoning);
        });
    }
    if let Some(native) = native {
        native.write(object);
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::json;

    fn read(text: &str) -> Usage {
        decode(json::read(text).unwrap()).0
    }

    fn written(usage: &Usage) -> String {
        let mut out = BytesMut::new();
        json::object(&mut out, |o| encode(usage, None, o));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn trap_111_cached_tokens_are_counted_apart() {
        let usage = Usage {
            input: Some(100),
            cache_read: Some(600),
            cache_write: Some(300),
            output: Some(7),
            ..Usage::default()
        };
        assert_eq!(
            written(&usage),
            r#"{"input_tokens":100,"cache_creation_input_tokens":300,"cache_read_input_tokens":600,"output_tokens":7}"#
        );
    }

    #[test]
    fn trap_112_the_prompt_is_the_sum_of_its_disjoint_parts() {
        let usage = read(
            r#"{"input_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":3}"#,
        );
        assert_eq!(usage.prompt(), Some(125));
    }

    #[test]
    fn trap_116_what_is_not_known_is_left_out() {
        let usage = read(r#"{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":null}"#);
        assert_eq!(written(&usage), r#"{"input_tokens":1,"output_tokens":2}"#);
    }

    #[test]
    fn lifetimes_and_thoughts_are_carried() {
        let text = r#"{"input_tokens":1,"output_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":3},"output_tokens_details":{"thinking_tokens":4}}"#;
        let usage = read(text);
        assert_eq!(
            (usage.cache_write_5m, usage.cache_write_1h, usage.reasoning),
            (Some(2), Some(3), Some(4))
        );
        assert_eq!(written(&usage), text);
    }

    #[test]
    fn iterations_are_added_up_and_said_again_as_they_were() {
        let text = r#"{"input_tokens":1,"output_tokens":2,"iterations":[{"input_tokens":10,"output_tokens":20},{"input_tokens":1,"output_tokens":2}]}"#;
        let (usage, extra) = decode(json::read(text).unwrap());
        assert_eq!((usage.input, usage.output), (Some(11), Some(22)));
        let mut out = BytesMut::new();
        json::object(&mut out, |o| encode(&usage, Some(&extra), o));
        assert_eq!(&out[..], text.as_bytes());
    }
}
