//! A call whose arguments come in pieces, each with its place: `$.city`, `$.days[0]['name']`. Only Vertex AI sends them.

use std::collections::HashMap;

use bytes::BytesMut;

use crate::{
    format::gemini::wire::{content, response as wire},
    ir::{BlockKind, Extra},
    json::{self, Raw, Text, ToJson, compact},
};

/// How deep arguments may go; what is deeper is left out.
const DEPTH: usize = 64;

/// A call that is not complete yet.
#[derive(Debug)]
pub(super) struct Partial {
    id: String,
    name: String,
    signature: Option<String>,
    arguments: Node,
}

/// What a piece brings.
pub(super) struct Pieces<'a>(wire::Continued<'a>);

impl Pieces<'_> {
    /// Whether there are none, and none follow.
    pub(super) fn is_empty(&self) -> bool {
        self.0.partial_args.is_none() && !self.go_on()
    }

    /// Whether more follow.
    pub(super) fn go_on(&self) -> bool {
        self.0.will_continue == Some(true)
    }
}

impl Partial {
    /// The members of a call that are only in streams.
    pub(super) fn pieces<'a>(extra: &mut Extra<'a>) -> Pieces<'a> {
        let args = extra.take("partialArgs");
        let more = extra.take("willContinue");
        Pieces(wire::Continued {
            partial_args: args.and_then(|raw| raw.parse().ok()),
            will_continue: more.and_then(Raw::bool),
            ..wire::Continued::default()
        })
    }

    pub(super) fn new(call: &content::FunctionCall<'_>, signature: Option<Text<'_>>) -> Self {
        let owned = |text: &Option<Text<'_>>| {
            let text = text.as_ref().map(|text| text.decode().into_owned());
            text.unwrap_or_default()
        };
        let mut partial = Self {
            id: owned(&call.id),
            name: owned(&call.name),
            signature: None,
            arguments: Node::object(),
        };
        partial.sign(signature);
        partial
    }

    /// Takes the signature, on whichever piece it comes.
    pub(super) fn sign(&mut self, signature: Option<Text<'_>>) {
        if self.signature.is_none() {
            let signature = signature.filter(|text| !text.is_empty());
            self.signature = signature.map(|text| text.decode().into_owned());
        }
    }

    pub(super) fn add(&mut self, pieces: Pieces<'_>) {
        for piece in pieces.0.partial_args.into_iter().flatten() {
            if let Some(path) = &piece.json_path
                && let Some(node) = self.arguments.at(&path.decode())
            {
                node.add(&piece);
            }
        }
    }

    pub(super) fn kind(&self) -> BlockKind<'static> {
        BlockKind::ToolCall {
            id: self.id.clone().into(),
            name: self.name.clone().into(),
            freeform: false,
        }
    }

    pub(super) fn signature(&self) -> Option<Text<'static>> {
        self.signature.clone().map(Text::from)
    }

    /// The arguments so far, as JSON text.
    pub(super) fn arguments(&self) -> String {
        let mut out = BytesMut::new();
        self.arguments.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A value that is being put together.
#[derive(Debug)]
enum Node {
    Object {
        members: Vec<(String, Node)>,
        positions: HashMap<String, usize>,
    },
    Array(Vec<Node>),
    Text(String),
    /// Anything else, as JSON text.
    Scalar(String),
}

impl Node {
    fn object() -> Self {
        Self::Object {
            members: Vec::new(),
            positions: HashMap::new(),
        }
    }

    fn null() -> Self {
        Self::Scalar("null".to_owned())
    }

    /// The value at a path, made if it isn't there.
    fn at(&mut self, path: &str) -> Option<&mut Self> {
        let mut steps = steps(path)?.into_iter();
        steps.try_fold(self, |node, step| match step {
            Step::Member(name) => node.member(name),
            Step::Element(index) => node.element(index),
        })
    }

    fn member(&mut self, name: &str) -> Option<&mut Self> {
        if !matches!(self, Self::Object { .. }) {
            *self = Self::object();
        }
        let Self::Object { members, positions } = self else {
            return None;
        };
        let position = *positions.entry(name.to_owned()).or_insert_with(|| {
            members.push((name.to_owned(), Self::null()));
            members.len() - 1
        });
        members.get_mut(position).map(|(_, value)| value)
    }

    /// Elements come in order; one out of range is the next.
    fn element(&mut self, index: usize) -> Option<&mut Self> {
        if !matches!(self, Self::Array(_)) {
            *self = Self::Array(Vec::new());
        }
        let Self::Array(elements) = self else {
            return None;
        };
        if index >= elements.len() {
            elements.push(Self::null());
        }
        let last = elements.len() - 1;
        elements.get_mut(index.min(last))
    }

    fn add(&mut self, piece: &wire::PartialArg<'_>) {
        match (&mut *self, &piece.string_value) {
            (Self::Text(text), Some(more)) => text.push_str(&more.decode()),
            (_, Some(text)) => *self = Self::Text(text.decode().into_owned()),
            (_, None) => {
                let scalar = piece.number_value.or(piece.bool_value);
                *self =
                    scalar.map_or_else(Self::null, |raw| Self::Scalar(compact(raw).into_owned()));
            }
        }
    }
}

impl ToJson for Node {
    fn write(&self, out: &mut BytesMut) {
        match self {
            Self::Object { members, .. } => json::object(out, |o| {
                for (name, value) in members {
                    o.field(name, value);
                }
            }),
            Self::Array(elements) => json::array(out, |a| {
                for element in elements {
                    a.value(element);
                }
            }),
            Self::Text(text) => text.write(out),
            Self::Scalar(json) => out.extend_from_slice(json.as_bytes()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    Member(&'p str),
    Element(usize),
}

/// The steps of a JSON path; `None` if it can't be followed.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = step(rest)?;
        steps.push(step);
        rest = after;
        if steps.len() > DEPTH {
            return None;
        }
    }
    Some(steps)
}

fn step(path: &str) -> Option<(Step<'_>, &str)> {
    if let Some(name) = path.strip_prefix('.') {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        return (!name.is_empty()).then_some((Step::Member(name), after));
    }
    let bracket = path.strip_prefix('[')?;
    for quote in ["'", "\""] {
        if let Some(quoted) = bracket.strip_prefix(quote) {
            let (name, after) = quoted.split_once(&format!("{quote}]"))?;
            return Some((Step::Member(name), after));
        }
    }
    let (index, after) = bracket.split_once(']')?;
    Some((Step::Element(index.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed_in_both_notations() {
        assert_eq!(
            steps("$.a['b.c'][2][\"d\"]"),
            Some(vec![
                Step::Member("a"),
                Step::Member("b.c"),
                Step::Element(2),
                Step::Member("d")
            ])
        );
        assert_eq!(steps("$"), Some(Vec::new()));
        for path in ["a", "$..a", "$[x]", "$['a", "$[1", "$a"] {
            assert_eq!(steps(path), None, "{path}");
        }
        assert_eq!(steps(&format!("${}", ".a".repeat(DEPTH + 1))), None);
    }

    #[test]
    fn a_huge_index_makes_one_element() {
        let mut node = Node::object();
        node.at("$.a[999999999999]").unwrap();
        let mut out = BytesMut::new();
        node.write(&mut out);
        assert_eq!(out, r#"{"a":[null]}"#);
    }
}
