//! Compares two JSON values and lists where they differ.

use serde_json::Value;

use crate::allowed::Allowed;

/// The differences between what was recorded and what was written again, one line each, with the place.
pub(crate) fn differences(file: &str, recorded: &Value, written: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(file, recorded, written, &mut found);
    found
}

fn compare(path: &str, recorded: &Value, written: &Value, found: &mut Vec<String>) {
    match (recorded, written) {
        (Value::Object(recorded), Value::Object(written)) => {
            let added = written.keys().filter(|key| !recorded.contains_key(*key));
            for key in recorded.keys().chain(added) {
                let path = format!("{path}.{key}");
                let (a, b) = (recorded.get(key), written.get(key));
                compare(
                    &path,
                    a.unwrap_or(&Value::Null),
                    b.unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        (Value::Array(recorded), Value::Array(written)) if recorded.len() == written.len() => {
            for (index, (a, b)) in recorded.iter().zip(written).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (recorded, written) if recorded == written => {}
        (recorded, written) if plain_text(recorded).is_some_and(|text| written == text) => {}
        (recorded, written) => found.push(format!(
            "{path}: {} became {}",
            short(recorded),
            short(written)
        )),
    }
}

/// The text of a list that has only that, which all APIs take for the text itself.
fn plain_text(value: &Value) -> Option<&str> {
    let [part] = value.as_array()?.as_slice() else {
        return None;
    };
    let only_text = part
        .as_object()?
        .keys()
        .all(|key| key == "type" || key == "text");
    part["text"].as_str().filter(|_| only_text)
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The differences that nothing allows, and the allowances that no difference needs.
pub(crate) fn complaints<'a>(
    differences: &[String],
    allowed: impl IntoIterator<Item = &'a Allowed, IntoIter: Clone>,
) -> Vec<String> {
    let allowed = allowed.into_iter();

    let places = || {
        allowed
            .clone()
            .flat_map(|allowed| allowed.places.iter().map(|place| (allowed.why, *place)))
    };
    let lost = differences
        .iter()
        .filter(|line| !places().any(|(_, place)| explains(place, line)));
    let idle = places().filter(|(_, place)| !differences.iter().any(|line| explains(place, line)));
    let idle = idle.map(|(why, place)| format!("no longer needed: {place} ({why})"));
    lost.cloned().chain(idle).collect()
}

fn explains(place: &str, line: &str) -> bool {
    if place.starts_with('.') {
        glob(&format!("*{place}: *"), line)
    } else {
        glob(place, line)
    }
}

/// Whether a text is like the pattern, in which `*` stands for any characters.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && glob(tail, &rest[at..]))
        }),
    }
}
