use crate::router::distance;

/// The one of `known` that was probably meant, as a question; all of them if it could be any.
pub(super) fn did_you_mean<'a>(
    text: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let far = text.chars().count().div_ceil(2);
    let known = known.into_iter().filter(|known| *known != text);
    let known: Vec<&str> = known.collect();
    let distances = known.iter().map(|known| (distance(text, known), known));
    let (edits, nearest) = distances.min()?;
    if edits <= far {
        return Some(format!("did you mean {nearest:?}?"));
    }
    Some(format!("known are {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nothing_like_it_is_not_suggested() {
        let suggestion = did_you_mean("mistral", ["openai", "azure"]);
        assert_eq!(suggestion.as_deref(), Some("known are openai, azure"));
        let suggestion = did_you_mean("nmae", ["azure", "name"]);
        assert_eq!(suggestion.as_deref(), Some("did you mean \"name\"?"));
        let suggestion = did_you_mean("opnai", ["azure", "openai"]);
        assert_eq!(suggestion.as_deref(), Some("did you mean \"openai\"?"));
    }
}
