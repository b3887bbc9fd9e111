//! The module tree keeps its order: imports point down the list, so a reader can follow any line without going in
//! circles.

// Helpers outside of test functions are no less tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    collections::HashSet,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// The modules, each of which may only use those behind it.
const ORDER: &[&str] = &[
    "gateway",
    "config",
    "scoreboard",
    "shadow",
    "meter",
    "drain",
    "router",
    "failover",
    "admission",
    "plugin",
    "downstream",
    "translate",
    "experiment",
    "context",
    "target",
    "format",
    "ir",
    "sse",
    "guard",
    "body",
    "json",
    "headers",
    "error",
    "policy",
];

/// Names at the root of the crate, and the modules they come from.
const ROOT: &[(&str, &str)] = &[("Body", "body"), ("BoxError", "error"), ("Error", "error")];

/// The codecs, none of which may mention another.
const FORMATS: &[&str] = &["openai", "responses", "anthropic", "gemini"];

/// Most lines of a file, tests apart.
const LONGEST_FILE: usize = 400;

/// How many traps of translation are known; a test that catches one begins with `trap_NNN_`.
const TRAPS: usize = 125;

/// The rows of the routing table; a test of one begins with `row_NN_`.
const ROWS: RangeInclusive<usize> = 1..=66;

/// The situations that dispatch must survive and is shown to; a test of one begins with `situation_NN_`.
const SITUATIONS: [RangeInclusive<usize>; 5] = [1..=35, 42..=44, 49..=51, 58..=63, 65..=66];

struct Source {
    /// Path below `src`.
    path: String,
    /// The lines that are code and no comment, up to the tests.
    code: String,
    /// All lines up to the tests.
    lines: usize,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let before_tests = || {
            text.lines()
                .take_while(|line| line.trim() != "#[cfg(test)]")
        };
        let code = before_tests().filter(|line| !line.trim_start().starts_with("//"));
        Self {
            path: path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/"),
            code: code.collect::<Vec<_>>().join("\n"),
            lines: before_tests().count(),
        }
    }

    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap()
    }

    /// The modules that it uses.
    fn used(&self) -> Vec<String> {
        let uses = self.code.match_indices("crate::");
        let names = uses.flat_map(|(at, word)| {
            let rest = &self.code[at + word.len()..];
            rest.strip_prefix('{')
                .map_or_else(|| vec![first_word(rest)], names_of_group)
        });
        names.map(module_of).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let files = rust_files(root());
    files.iter().map(|path| Source::read(path)).collect()
}

/// The Rust files below a folder.
fn rust_files(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn module_of(name: String) -> String {
    let at_root = ROOT.iter().find(|(root, _)| *root == name);
    at_root.map_or(name, |(_, module)| (*module).to_owned())
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}

/// The names directly within a braced import group, whose opening brace has been read.
fn names_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut at_start) = (0, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if at_start && depth == 0 && !character.is_whitespace() => {
                names.push(first_word(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn place(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

#[test]
fn imports_point_down_the_module_list() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(here) = place(source.module()) else {
            continue;
        };
        let used = source.used();
        let upward = used
            .iter()
            .filter(|name| place(name).is_some_and(|there| there < here));
        wrong.extend(upward.map(|name| format!("{} uses {name}", source.path)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_place_in_the_list() {
    for source in sources() {
        let module = source.module();
        assert!(
            module == "lib" || place(module).is_some(),
            "{module} is not in the list"
        );
    }
}

#[test]
fn no_format_mentions_another() {
    for source in sources() {
        let folder = |format: &str| source.path.starts_with(&format!("format/{format}/"));
        if !FORMATS.iter().any(|format| folder(format)) {
            continue;
        }
        for other in FORMATS.iter().filter(|format| !folder(format)) {
            for path in [format!("format::{other}"), format!("super::{other}")] {
                assert!(!source.code.contains(&path), "{} uses {path}", source.path);
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for Source { path, lines, .. } in sources() {
        assert!(
            lines <= LONGEST_FILE,
            "{path} has {lines} lines before its tests"
        );
    }
}

/// The numbers that the names of tests in a file give behind a word, such as `trap_`.
fn numbers(path: &Path, word: &str) -> Vec<usize> {
    let text = fs::read_to_string(path).unwrap();
    let begin = format!("fn {word}");
    let names = text.lines().filter_map(|line| {
        let (_, name) = line.split_once(&begin)?;
        name.split_once('(')
    });
    let numbered = names.flat_map(|(name, _)| name.split(word));
    let numbers = numbered.filter_map(|name| name.split_once('_')?.0.parse().ok());
    numbers.collect()
}

/// Those of these numbers that no test is named after.
fn missing(word: &str, expected: impl Iterator<Item = usize>) -> Vec<usize> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = [rust_files(root()), rust_files(tests)].concat();
    let found = files.iter().flat_map(|path| numbers(path, word));
    let found: HashSet<usize> = found.collect();
    expected.filter(|number| !found.contains(number)).collect()
}

#[test]
fn every_trap_has_a_test_that_is_named_after_it() {
    let missing = missing("trap_", 1..=TRAPS);
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn every_row_of_the_routing_table_has_a_test_that_is_named_after_it() {
    let missing = missing("row_", ROWS);
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn every_situation_has_a_test_that_is_named_after_it() {
    let missing = missing("situation_", SITUATIONS.into_iter().flatten());
    assert!(missing.is_empty(), "without a test: {missing:?}");
}
