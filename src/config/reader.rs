use std::{sync::Arc, time::Duration};

use super::{
    Error,
    environment::Lookup,
    node::{At, Node, Value},
    suggest::did_you_mean,
};

/// Reads nodes, and collects what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) source: Source,
    pub(super) lookup: Lookup<'a>,
    pub(super) errors: Vec<Error>,
    /// What is no error.
    pub(super) lints: Vec<Error>,
}

/// A document's name and number.
#[derive(Clone, Default)]
pub(super) struct Source {
    pub(super) file: Option<Arc<str>>,
    pub(super) document: usize,
}

/// Where something is in which document.
#[derive(Clone, Default)]
pub(super) struct Position {
    source: Source,
    at: Option<At>,
    pub(super) path: String,
}

/// A value, and where it was.
#[derive(Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) position: Position,
}

/// An entry of a document.
pub(super) type Item = Placed<Value>;

impl Position {
    /// Of a document as a whole, or a place in it that has no name.
    pub(super) fn new(source: Source, at: Option<At>) -> Self {
        let path = String::new();
        Self { source, at, path }
    }

    pub(super) fn member(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    pub(super) fn error(&self, message: impl Into<String>, suggestion: Option<String>) -> Error {
        Error {
            file: self.source.file.clone(),
            line: self.at.map(|at| at.line),
            column: self.at.map(|at| at.column),
            path: self.path.clone(),
            message: message.into(),
            suggestion,
            document: self.source.document,
        }
    }
}

/// The members of a map that have not been read yet.
pub(super) struct Fields {
    pub(super) position: Position,
    entries: Vec<(Placed<String>, Node)>,
}

impl Reader<'_> {
    pub(super) fn position(&self, at: Option<At>, path: impl Into<String>) -> Position {
        Position {
            source: self.source.clone(),
            at,
            path: path.into(),
        }
    }

    pub(super) fn item(&self, node: Node, path: impl Into<String>) -> Item {
        Placed {
            position: self.position(node.at, path),
            value: node.value,
        }
    }

    pub(super) fn wrong(&mut self, position: &Position, message: impl Into<String>) {
        self.errors.push(position.error(message, None));
    }

    pub(super) fn wrong_and(
        &mut self,
        position: &Position,
        message: impl Into<String>,
        suggestion: impl Into<Option<String>>,
    ) {
        self.errors.push(position.error(message, suggestion.into()));
    }

    pub(super) fn expected(&mut self, expected: &str, item: &Item) {
        let message = format!("expected {expected}, found {}", item.value.kind());
        let instead = match (expected, &item.value) {
            ("text", Value::Number(_) | Value::Flag(_)) => Some("put it in quotes"),
            ("a list", _) => Some("write [one, two], or each on a line of its own behind a dash"),
            ("a map" | "a map, or off", _) => Some("write `key: value`, each on a line of its own"),
            ("a time", _) => Some(TIMES),
            _ => None,
        };
        self.wrong_and(&item.position, message, instead.map(str::to_owned));
    }

    /// The members of a map; of those that occur twice, the first.
    pub(super) fn fields(&mut self, item: Item) -> Option<Fields> {
        let Value::Map(entries) = item.value else {
            self.expected("a map", &item);
            return None;
        };
        let mut fields = Fields {
            position: item.position,
            entries: Vec::new(),
        };
        for (key, node) in entries {
            let (at, name) = (key.at, key.value.name());
            let position = self.position(at, fields.position.member(&name));
            if fields.entries.iter().any(|(known, _)| known.value == name) {
                let suggestion = format!("put its entries under the first {name:?}");
                self.wrong_and(&position, format!("{name:?} occurs twice"), suggestion);
            } else {
                let value = name;
                fields.entries.push((Placed { value, position }, node));
            }
        }
        Some(fields)
    }

    /// The entries of a list. Nothing is an empty list.
    pub(super) fn list(&mut self, item: Option<Item>) -> Vec<Item> {
        let Some(item) = item else {
            return Vec::new();
        };
        let Value::List(nodes) = item.value else {
            self.expected("a list", &item);
            return Vec::new();
        };
        let path = item.position.path;
        let items = nodes.into_iter().enumerate();
        items
            .map(|(index, node)| self.item(node, format!("{path}[{index}]")))
            .collect()
    }

    pub(super) fn text(&mut self, item: Item) -> Option<Placed<String>> {
        let Value::Text(value) = item.value else {
            self.expected("text", &item);
            return None;
        };
        let position = item.position;
        Some(Placed { value, position })
    }

    pub(super) fn texts(&mut self, item: Option<Item>) -> Vec<Placed<String>> {
        let items = self.list(item).into_iter();
        items.filter_map(|item| self.text(item)).collect()
    }

    pub(super) fn flag(&mut self, item: Option<Item>, default: bool) -> bool {
        match item {
            Some(Placed {
                value: Value::Flag(flag),
                ..
            }) => flag,
            Some(item) => {
                self.expected("true or false", &item);
                default
            }
            None => default,
        }
    }

    /// A whole number above zero.
    pub(super) fn count(&mut self, item: &Item) -> Option<u64> {
        let count = match &item.value {
            Value::Number(number) => number.as_u64().filter(|number| *number > 0),
            _ => None,
        };
        if count.is_none() {
            self.expected("a whole number above zero", item);
        }
        count
    }

    /// A number from 0 to 1, or as much in percent.
    pub(super) fn fraction(&mut self, item: &Item) -> Option<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "digits are lost at most")]
        self.share(item).map(|number| number as f32)
    }

    /// The same with all its digits.
    pub(super) fn share(&mut self, item: &Item) -> Option<f64> {
        let number = match &item.value {
            Value::Number(number) => number.as_f64(),
            Value::Text(text) => percent(text),
            _ => None,
        };
        let number = number.filter(|number| (0.0..=1.0).contains(number));
        if number.is_none() {
            self.expected("a number from 0 to 1, or a percentage", item);
        }
        number
    }

    /// A number, whatever it is.
    pub(super) fn number(&mut self, item: &Item) -> Option<f64> {
        let number = match &item.value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        };
        if number.is_none() {
            self.expected("a number", item);
        }
        number
    }

    /// A number that is not below zero.
    pub(super) fn price(&mut self, item: &Item) -> Option<f64> {
        let price = match &item.value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        };
        let price = price.filter(|price| price.is_finite() && *price >= 0.0);
        if price.is_none() {
            self.expected("a price in US dollars, 0 or more", item);
        }
        price
    }

    /// Checks the name of a model that may have stars in it.
    pub(super) fn model_glob(&mut self, name: &Placed<String>) {
        if name.value.is_empty() || name.value.starts_with("re:") {
            let message = "a model is a name here, in which * stands for any characters";
            self.wrong(&name.position, message);
        }
    }

    /// A limit of time; `none` for no limit.
    pub(super) fn limit(&mut self, item: &Item) -> Option<Duration> {
        match &item.value {
            Value::Text(text) if text == "none" => Some(Duration::MAX),
            _ => self.duration(item),
        }
    }

    /// The longest pause; `none` for any.
    pub(super) fn longest_pause(&mut self, item: &Item) -> Option<Duration> {
        match &item.value {
            Value::Text(text) if text == "none" => Some(Duration::MAX),
            _ => self.pause(item),
        }
    }

    /// A time such as `500ms`, `5s`, `2m` or `1h`.
    pub(super) fn duration(&mut self, item: &Item) -> Option<Duration> {
        self.time(item, "a time above zero", |time| !time.is_zero())
    }

    /// The same, or `0s`.
    pub(super) fn pause(&mut self, item: &Item) -> Option<Duration> {
        self.time(item, "a time", |_| true)
    }

    fn time(
        &mut self,
        item: &Item,
        expected: &str,
        fits: impl Fn(&Duration) -> bool,
    ) -> Option<Duration> {
        let Value::Text(text) = &item.value else {
            self.expected("a time", item);
            return None;
        };
        let time = parse_duration(text).filter(fits);
        if time.is_none() {
            let message = format!("{text:?} is not {expected}");
            self.wrong_and(&item.position, message, TIMES.to_owned());
        }
        time
    }

    /// One of these words.
    pub(super) fn choice<T: Clone>(&mut self, item: Item, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(item)?;
        let found = known.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words = known.iter().map(|(word, _)| *word);
            let listed = || format!("known are {}", words.clone().collect::<Vec<_>>().join(", "));
            let suggestion = did_you_mean(&text.value, words.clone()).unwrap_or_else(listed);
            let message = format!("unknown value {:?}", text.value);
            self.wrong_and(&text.position, message, suggestion);
        }
        found.map(|(_, choice)| choice.clone())
    }
}

impl Fields {
    /// Takes a member out; one with nothing behind its colon counts as absent.
    pub(super) fn take(&mut self, reader: &Reader<'_>, name: &str) -> Option<Item> {
        let at = self.entries.iter().position(|(key, _)| key.value == name)?;
        let (key, node) = self.entries.remove(at);
        let item = reader.item(node, key.position.path);
        (!matches!(item.value, Value::Null)).then_some(item)
    }

    /// Takes all members out, whatever they are called.
    pub(super) fn into_items(self, reader: &Reader<'_>) -> Vec<(Placed<String>, Item)> {
        let entries = self.entries.into_iter();
        let items = entries.map(|(key, node)| {
            let item = reader.item(node, key.position.path.as_str());
            (key, item)
        });
        items.collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key.value == name)
    }

    /// What has not been taken out is unknown, or of another version, or of no use here.
    pub(super) fn finish(self, reader: &mut Reader<'_>, keys: &Keys) {
        for (key, _) in self.entries {
            let name = key.value;
            if let Some((_, note)) = keys.others.iter().find(|(other, _)| *other == name) {
                reader.wrong(&key.position, format!("{name:?} {note}"));
                continue;
            }
            if let Some((_, note)) = keys.unread.iter().find(|(other, _)| *other == name) {
                let lint = key.position.error(format!("{name:?} {note}"), None);
                reader.lints.push(lint);
                continue;
            }
            let known = keys.known.iter().copied();
            let suggestion = did_you_mean(&name, known);
            reader.wrong_and(&key.position, format!("unknown key {name:?}"), suggestion);
        }
    }
}

/// The keys that a map may have.
pub(super) struct Keys {
    pub(super) known: &'static [&'static str],
    /// Keys that are refused, each with what to say of it.
    pub(super) others: &'static [(&'static str, &'static str)],
    /// Keys that do no harm and are not read, each with what to say of it.
    pub(super) unread: &'static [(&'static str, &'static str)],
}

pub(super) const LATER: &str = "is not supported yet";

/// What helps who wrote something else.
const TIMES: &str = "write it as 500ms, 5s or 2m";

fn percent(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?.parse::<f64>().ok()?;
    Some(number / 100.0)
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let number: u64 = digits.parse().ok()?;
    match text.strip_prefix(digits)? {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}
