//! Names of functions that the API accepts: a letter or `_`, then `[A-Za-z0-9_.:-]`, 128 at most. Source: google-genai
//! 3.4.0, `FunctionDeclaration`.

use std::borrow::Cow;

use crate::format::common::names::{self, hash, is_word_byte};

/// Longest name of a function.
const NAME_LIMIT: usize = 128;

/// The name by which the API may know the tool `name`.
pub(super) fn tool_name(name: Cow<'_, str>) -> Cow<'_, str> {
    let begins_well = |first: char| first.is_ascii_alphabetic() || first == '_';
    if name.starts_with(begins_well) {
        return names::tool_name(name, NAME_LIMIT, is_legal);
    }
    let legal = name.chars().map(|character| match u8::try_from(character) {
        Ok(byte) if is_legal(byte) => character,
        _ => '_',
    });
    let mut sent: String = std::iter::once('_')
        .chain(legal)
        .take(NAME_LIMIT - 9)
        .collect();
    sent.push('_');
    sent.push_str(&hash(&name, 8));
    sent.into()
}

fn is_legal(byte: u8) -> bool {
    is_word_byte(byte) || matches!(byte, b'.' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_035_a_name_that_is_not_allowed_is_made_so() {
        let long = format!("mcp.server/{}", "x".repeat(200));
        for (name, prefix) in [
            ("mcp.server/tool:very", "mcp.server_tool:very_"),
            ("2fast", "_2fast_"),
            ("-x", "_-x_"),
            ("日本", "____"),
            ("", "__"),
            (&long, "mcp.server_x"),
        ] {
            let sent = tool_name(name.into());
            assert!(sent.starts_with(prefix), "{sent}");
            assert!(
                sent.bytes().all(is_legal) && sent.len() <= NAME_LIMIT,
                "{sent}"
            );
            assert_eq!(sent, tool_name(name.into()));
        }
        for legal in ["get_weather-2", "a.b:c", "_x"] {
            assert_eq!(tool_name(legal.into()), legal);
        }
    }

    #[test]
    fn trap_036_names_that_would_collide_stay_distinct() {
        assert_ne!(tool_name("a/b".into()), tool_name("a b".into()));
        assert_ne!(tool_name("2a".into()), tool_name("_2a".into()));
        assert_ne!(tool_name("é".into()), tool_name("è".into()));
    }
}
