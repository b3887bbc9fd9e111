//! Values by patterns of names: a look-up costs by the patterns that may match, not by those that exist.

use std::sync::Arc;

use super::names::ByName;

/// What a name must be like for a pattern to match it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// It must be this.
    Exact(Arc<str>),
    /// It must begin and end with these bytes, which may overlap. They need not be whole characters.
    Ends { first: Box<[u8]>, last: Box<[u8]> },
}

/// Values by [`Key`]: those of exact names in one map, the others by what a name begins with, and among these by what
/// it ends with.
#[derive(Debug)]
pub(super) struct Index<T> {
    exact: ByName<Arc<str>, T>,
    patterns: ByLength<ByLength<T>>,
}

/// Values by a piece of a name, in a map for each length that such a piece has.
#[derive(Debug)]
struct ByLength<T> {
    /// For no piece at all, which most patterns have on one side or both.
    none: Option<T>,
    /// The shortest first.
    pieces: Vec<(usize, Pieces<T>)>,
}

type Pieces<T> = ByName<Box<[u8]>, T>;

impl<T> Index<T> {
    /// Gives the values whose key fits a name, always in the same order. It is still to be asked whether the name is meant.
    pub(super) fn each<'a>(&'a self, name: &str, give: &mut impl FnMut(&'a T)) {
        let bytes = name.as_bytes();
        let first = |length| bytes.get(..length);
        let last = |length| bytes.get(bytes.len().checked_sub(length)?..);
        self.exact.get(name).into_iter().for_each(&mut *give);
        self.patterns
            .each(first, &mut |by_end| by_end.each(last, give));
    }

    /// The value of an exact name.
    pub(super) fn exact(&self, name: &str) -> Option<&T> {
        self.exact.get(name)
    }

    /// An exact name, as it is kept here.
    pub(super) fn exact_name(&self, name: &str) -> Option<&Arc<str>> {
        Some(self.exact.get_key_value(name)?.0)
    }

    /// The names that are exact, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.exact.keys()
    }
}

impl<T: Default> Index<T> {
    /// The value of a key; an empty one if it has none yet.
    pub(super) fn entry(&mut self, key: Key) -> &mut T {
        match key {
            Key::Exact(name) => self.exact.entry(name).or_default(),
            Key::Ends { first, last } => self.patterns.entry(first).entry(last),
        }
    }
}

impl<T> ByLength<T> {
    fn each<'a, 'n>(
        &'a self,
        cut: impl Fn(usize) -> Option<&'n [u8]>,
        give: &mut impl FnMut(&'a T),
    ) {
        self.none.iter().for_each(&mut *give);
        for (length, values) in &self.pieces {
            let found = cut(*length).and_then(|piece| values.get(piece));
            found.into_iter().for_each(&mut *give);
        }
    }
}

impl<T: Default> ByLength<T> {
    fn entry(&mut self, piece: Box<[u8]>) -> &mut T {
        if piece.is_empty() {
            return self.none.get_or_insert_default();
        }
        let place = self
            .pieces
            .binary_search_by_key(&piece.len(), |(length, _)| *length);
        let at = place.unwrap_or_else(|at| {
            self.pieces.insert(at, (piece.len(), ByName::default()));
            at
        });
        let values = self.pieces.get_mut(at).map(|(_, values)| values);
        let values = values.expect("it was found or put there");
        values.entry(piece).or_default()
    }
}

// By hand: a value needs no default for an index to have one.
impl<T> Default for Index<T> {
    fn default() -> Self {
        Self {
            exact: ByName::default(),
            patterns: ByLength::default(),
        }
    }
}

impl<T> Default for ByLength<T> {
    fn default() -> Self {
        Self {
            none: None,
            pieces: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::router::Pattern;

    fn index(patterns: &[&'static str]) -> Index<Vec<&'static str>> {
        let mut index = Index::<Vec<_>>::default();
        for text in patterns {
            for key in Pattern::model(text).unwrap().keys() {
                index.entry(key).push(*text);
            }
        }
        index
    }

    fn found(index: &Index<Vec<&'static str>>, name: &str) -> Vec<&'static str> {
        let mut found = Vec::new();
        index.each(name, &mut |values| found.extend(values.iter().copied()));
        found.sort_unstable();
        found
    }

    #[test]
    fn only_what_may_match_is_found() {
        let index = index(&[
            "gpt-4o",
            "gpt-*",
            "gpt-*-mini",
            "claude-*",
            "*-mini",
            "*",
            "re:gpt-[0-9]+-.*",
            "re:(claude|o[13])-.*",
            "re:.*-(mini|i)",
        ]);
        assert_eq!(
            found(&index, "gpt-4o"),
            ["*", "gpt-*", "gpt-4o", "re:gpt-[0-9]+-.*"]
        );
        assert_eq!(
            found(&index, "o3-mini"),
            ["*", "*-mini", "re:(claude|o[13])-.*", "re:.*-(mini|i)"]
        );
        assert_eq!(found(&index, ""), ["*"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_matches_is_found(
            globs in prop::collection::vec("[ab*]{1,5}", 6),
            expressions in prop::collection::vec(r"re:(\(\?i\))?((a|b|é|ê)[*?]?|\.[*]|[(](a|bé)[|]b[)][+]?){1,5}", 6),
            names in prop::collection::vec("[abBéêÉ]{0,5}", 32),
        ) {
            let texts: Vec<String> = globs.into_iter().chain(expressions).collect();
            let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::model(text).unwrap()).collect();
            let mut index = Index::<Vec<usize>>::default();
            for (place, pattern) in patterns.iter().enumerate() {
                for key in pattern.keys() {
                    index.entry(key).push(place);
                }
            }
            for name in &names {
                let mut found = Vec::new();
                index.each(name, &mut |places| found.extend(places.iter().copied()));
                for (place, pattern) in patterns.iter().enumerate() {
                    prop_assert!(found.contains(&place) || !pattern.matches(name), "{pattern} on {name}");
                }
            }
        }
    }

    #[test]
    fn ends_may_overlap() {
        assert_eq!(found(&index(&["ab*ba"]), "aba"), ["ab*ba"]);
    }
}
