use std::{fmt, sync::Arc};

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};

use crate::target::Glob;

use super::{index::Key, path::canonical};

/// Most bytes that one compiled expression may take.
const REGEX_LIMIT: usize = 1 << 20;

/// Most beginnings of one expression by which a name is looked up.
const BEGINNINGS: usize = 16;

/// What stands around an expression so that it matches the whole name or not at all.
const FRAME_START: &str = r"\A(?:";
const FRAME_END: &str = r")\z";

/// What a rule demands of a path or a model name. Case matters, and always the whole name is meant.
#[derive(Debug, Clone)]
pub struct Pattern(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Exact(Arc<str>),
    Glob(Glob),
    Regex(Regex),
    Any,
}

/// How narrow a pattern is; the greater, the narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Narrowness {
    Any,
    Regex,
    /// With this many literal bytes.
    Glob(usize),
    Exact,
}

impl Pattern {
    /// Everything.
    pub const ANY: Self = Self(Kind::Any);

    /// This name, and no other.
    pub fn exact(name: impl Into<Arc<str>>) -> Self {
        Self(Kind::Exact(name.into()))
    }

    /// A pattern for model names: `gpt-4o` is exact, a `*` stands for any run of characters, and `re:` begins a
    /// regular expression that has to match the whole name.
    ///
    /// # Errors
    ///
    /// If it is empty, or not a regular expression, or one that is too large.
    pub fn model(text: &str) -> Result<Self, InvalidPattern> {
        match text.strip_prefix("re:") {
            Some(expression) => regex(expression).map(|regex| Self(Kind::Regex(regex))),
            None if text.is_empty() => Err(InvalidPattern("it is empty".to_owned())),
            None => Ok(Self::glob(text)),
        }
    }

    /// A pattern for paths: exact, or with `*` for any run of characters.
    ///
    /// # Errors
    ///
    /// If it begins with neither `/` nor `*`, or has a query, so that no path could match.
    pub fn path(text: &str) -> Result<Self, InvalidPattern> {
        if text.contains(['?', '#']) {
            return Err(InvalidPattern(
                "a path ends before the query, and has neither \"?\" nor \"#\"".to_owned(),
            ));
        }
        if text.starts_with(['/', '*']) {
            return Ok(Self::glob(&canonical(text)));
        }
        Err(InvalidPattern(
            "a path begins with \"/\", or with \"*\"".to_owned(),
        ))
    }

    fn glob(text: &str) -> Self {
        if !text.contains('*') {
            return Self::exact(text);
        }
        if text.bytes().all(|byte| byte == b'*') {
            return Self::ANY;
        }
        Self(Kind::Glob(Glob::new(text)))
    }

    /// Whether this name is meant.
    pub fn matches(&self, name: &str) -> bool {
        match &self.0 {
            Kind::Exact(exact) => **exact == *name,
            Kind::Glob(glob) => glob.matches(name),
            Kind::Regex(regex) => regex.is_match(name),
            Kind::Any => true,
        }
    }

    /// The one name that it matches, if it is exact.
    pub fn as_exact(&self) -> Option<&Arc<str>> {
        match &self.0 {
            Kind::Exact(exact) => Some(exact),
            _ => None,
        }
    }

    /// By what a name that it matches can be found: one of these holds for each such name.
    pub(super) fn keys(&self) -> Vec<Key> {
        let ends = |first: &[u8], last: &[u8]| Key::Ends {
            first: first.into(),
            last: last.into(),
        };
        match &self.0 {
            Kind::Exact(exact) => vec![Key::Exact(Arc::clone(exact))],
            Kind::Glob(glob) => {
                let (first, last) = glob.ends();
                vec![ends(first.as_bytes(), last.as_bytes())]
            }
            Kind::Regex(regex) => {
                let (beginnings, end) = literals(without_frame(regex.as_str()));
                let beginnings = beginnings.iter();
                beginnings.map(|first| ends(first, &end)).collect()
            }
            Kind::Any => vec![ends(b"", b"")],
        }
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self.0, Kind::Any)
    }

    pub(super) fn narrowness(&self) -> Narrowness {
        match &self.0 {
            Kind::Exact(_) => Narrowness::Exact,
            Kind::Glob(glob) => Narrowness::Glob(glob.literal()),
            Kind::Regex(_) => Narrowness::Regex,
            Kind::Any => Narrowness::Any,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exact(exact) => f.write_str(exact),
            Kind::Glob(glob) => f.write_str(glob.text()),
            Kind::Regex(regex) => write!(f, "re:{}", without_frame(regex.as_str())),
            Kind::Any => f.write_str("*"),
        }
    }
}

fn regex(expression: &str) -> Result<Regex, InvalidPattern> {
    let compile = |text: &str| {
        let built = RegexBuilder::new(text).size_limit(REGEX_LIMIT).build();
        built.map_err(|error| InvalidPattern(last_line(&error.to_string())))
    };
    // First alone: in the frame, `a)|(b` would pass.
    compile(expression)?;
    compile(&format!("{FRAME_START}{expression}{FRAME_END}"))
}

fn without_frame(expression: &str) -> &str {
    let inner = expression.strip_prefix(FRAME_START);
    let inner = inner.and_then(|inner| inner.strip_suffix(FRAME_END));
    inner.unwrap_or(expression)
}

/// One of the first begins each name that an expression matches, and the second ends it.
fn literals(expression: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
    let parsed = regex_syntax::parse(expression);
    let extract = |kind| {
        let mut extractor = Extractor::new();
        extractor.kind(kind).limit_total(BEGINNINGS);
        let parsed = parsed.as_ref();
        parsed.map_or_else(|_| Seq::infinite(), |parsed| extractor.extract(parsed))
    };
    let mut beginnings = extract(ExtractKind::Prefix);
    // What another one begins needs no look-up of its own.
    beginnings.sort();
    beginnings.minimize_by_preference();
    let beginnings = match beginnings.literals() {
        Some(literals) => literals
            .iter()
            .map(|each| each.as_bytes().to_vec())
            .collect(),
        None => vec![Vec::new()],
    };
    let ends = extract(ExtractKind::Suffix);
    let end = ends.longest_common_suffix().unwrap_or_default();
    (beginnings, end.to_vec())
}

/// The crate draws the expression with a marker below it, and says what is wrong in the last line.
fn last_line(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid pattern: {}", self.0)
    }
}

impl std::error::Error for InvalidPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::model(pattern).unwrap().matches(name)
    }

    #[test]
    fn a_star_stands_for_any_run_of_characters_anywhere() {
        for (pattern, name) in [
            ("gpt-*", "gpt-4o"),
            ("gpt-*", "gpt-"),
            ("*-mini", "gpt-4o-mini"),
            ("g*4*i", "gpt-4o-mini"),
            ("a*b*a", "a-b-b-a"),
            ("**a**", "bab"),
            ("a*a", "aa"),
        ] {
            assert!(matches(pattern, name), "{pattern} on {name}");
        }
        for (pattern, name) in [
            ("gpt-*", "my-gpt-4"),
            ("*-mini", "gpt-mini-4"),
            ("a*a", "a"),
            ("a*b*a", "aba-b"),
            ("GPT-*", "gpt-4o"),
            ("g?t", "gpt"),
        ] {
            assert!(!matches(pattern, name), "{pattern} on {name}");
        }
    }

    #[test]
    fn a_regular_expression_matches_the_whole_name_or_not_at_all() {
        assert!(matches("re:claude-.*", "claude-x"));
        assert!(!matches("re:claude-.*", "my-claude-x"));
        assert!(!matches("re:a|b", "ax"));
        assert!(!matches("re:a", "a\n"));
    }

    #[test]
    fn an_expression_that_only_closes_in_the_frame_is_refused() {
        assert!(Pattern::model("re:a)|(b").is_err());
        let huge = Pattern::model("re:(a{1000}){1000}").unwrap_err();
        assert_eq!(
            huge.to_string(),
            "invalid pattern: Compiled regex exceeds size limit of 1048576 bytes."
        );
    }

    #[test]
    fn narrower_is_greater() {
        let narrowness = |text| Pattern::model(text).unwrap().narrowness();
        assert!(narrowness("gpt-4o") > narrowness("gpt-4o-*"));
        assert!(narrowness("gpt-4o-*") > narrowness("gpt-*"));
        assert!(narrowness("g*") > narrowness("re:gpt-4o"));
        assert!(narrowness("re:.*") > narrowness("**"));
    }
}
