//! What other formats do with members and parts that only this API has.

use std::borrow::Cow;

use crate::{
    ir::{Extra, Policy, Role},
    json::Raw,
};

/// Decides for each member. `null` says nothing, whatever the member is.
pub(super) fn judge(extra: &mut Extra<'_>, policy: fn(&str, Raw<'_>) -> Policy) {
    extra.judge(|key, value| match value.get() {
        "null" => Policy::Silent,
        _ => policy(&camel(key), value),
    });
}

/// A name in camel case, whichever the caller's is.
pub(super) fn camel(key: &str) -> Cow<'_, str> {
    if !key.contains('_') {
        return key.into();
    }
    let mut after_line = false;
    let characters = key.chars().filter_map(|character| {
        if character == '_' {
            after_line = true;
            return None;
        }
        let is_first = std::mem::take(&mut after_line);
        Some(if is_first {
            character.to_ascii_uppercase()
        } else {
            character
        })
    });
    characters.collect::<String>().into()
}

/// A member of the request. Without what the provider keeps of the prompt, the answer would be wrong.
pub(super) fn request(key: &str, value: Raw<'_>) -> Policy {
    match key {
        "cachedContent" | "continuationToken" if value.get() != "\"\"" => Policy::Reject,
        "cachedContent" | "continuationToken" => Policy::Silent,
        _ if value.is_empty() => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// A member of an object within the request.
pub(super) fn member(_key: &str, value: Raw<'_>) -> Policy {
    match value.get() {
        "false" => Policy::Silent,
        _ if value.is_empty() => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// A member of a function's declaration.
pub(super) fn declaration(key: &str, value: Raw<'_>) -> Policy {
    match (key, value.get()) {
        ("behavior", "\"BLOCKING\"" | "\"UNSPECIFIED\"") => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// A member of a part beside what the part is. How closely to look is a hint.
pub(super) fn part(key: &str, _value: Raw<'_>) -> Policy {
    match key {
        "mediaResolution" => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// A part that no other format knows. What the model did with the provider's tools is history; what the user says is
/// not.
pub(super) fn native(key: &str, role: Role) -> Policy {
    let by_tools = matches!(
        &*camel(key),
        "executableCode" | "codeExecutionResult" | "toolCall" | "toolResponse"
    );
    match role {
        Role::Assistant => Policy::Drop,
        _ if by_tools => Policy::Drop,
        _ => Policy::Reject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_name_are_one() {
        for name in ["cached_content", "cachedContent"] {
            assert_eq!(camel(name), "cachedContent");
        }
    }
}
