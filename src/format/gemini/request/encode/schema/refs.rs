//! Schemas without references: what they refer to is put in their place.

use std::collections::{HashMap, HashSet};

use crate::{
    format::gemini::wire::request::Members,
    ir::Member,
    json::{Raw, Text},
};

/// How many references are followed one after another. A schema that refers to itself is cut there.
const HOPS: usize = 8;

/// Places that definitions are in.
const PLACES: [&str; 2] = ["$defs", "definitions"];

/// What a schema's references lead to.
#[derive(Debug)]
pub(super) struct Refs<'a> {
    root: Raw<'a>,
    definitions: HashMap<String, Raw<'a>>,
    /// How many more bytes are read. A few definitions that use each other can mean more than anybody could send.
    budget: usize,
    /// Whether something had to be left out.
    pub(super) lossy: bool,
}

/// A schema, with all that it refers to.
#[derive(Debug, Default)]
pub(super) struct View<'a> {
    /// Its members, each name once.
    pub(super) members: Vec<Member<'a>>,
    /// All its `properties`, those that count most first.
    pub(super) properties: Vec<Raw<'a>>,
    /// All its `required`.
    pub(super) required: Vec<Raw<'a>>,
}

impl<'a> Refs<'a> {
    pub(super) fn new(root: Raw<'a>) -> Self {
        let mut refs = Self {
            root,
            definitions: HashMap::new(),
            budget: root.get().len().saturating_mul(20).saturating_add(1 << 18),
            lossy: false,
        };
        for member in refs.open(root) {
            if PLACES.contains(&&*member.key) {
                for definition in refs.open(member.value) {
                    let pointer = format!("#/{}/{}", member.key, definition.key);
                    refs.definitions.insert(pointer, definition.value);
                }
            }
        }
        refs
    }

    /// The members of an object, as long as there is a budget.
    pub(super) fn open(&mut self, raw: Raw<'a>) -> Vec<Member<'a>> {
        let Some(left) = self.budget.checked_sub(raw.get().len()) else {
            self.lossy = true;
            return Vec::new();
        };
        self.budget = left;
        let members: Members<'a> = raw.parse().unwrap_or_default();
        members.extra.into_iter().cloned().collect()
    }

    /// The schema with what it refers to, `hops` references below the top; with `merge`, also with all that it must be
    /// besides. Tells how many hops the deepest of it is below the top. What stands closer to the schema counts more.
    pub(super) fn view(&mut self, raw: Raw<'a>, hops: usize, merge: bool) -> (View<'a>, usize) {
        let mut view = View::default();
        let mut layers = Vec::new();
        let mut known = HashSet::new();
        let mut deepest = hops;
        // What is to be read, the next one last.
        let mut rest = vec![(raw, hops)];
        while let Some((raw, hops)) = rest.pop() {
            deepest = deepest.max(hops);
            let mut layer = Vec::new();
            for member in self.open(raw) {
                match &*member.key {
                    "$ref" => rest.extend(self.target(member.value, hops)),
                    "allOf" if merge => {
                        let all: Vec<Raw<'a>> = member.value.parse().unwrap_or_default();
                        let within = all.into_iter().rev().map(|raw| (raw, hops + 1));
                        if hops < HOPS {
                            rest.extend(within);
                        } else {
                            self.lossy = true;
                        }
                    }
                    "properties" => view.properties.push(member.value),
                    "required" => view.required.push(member.value),
                    _ => {}
                }
                let is_followed = member.key == "$ref" || merge && member.key == "allOf";
                if !is_followed && known.insert(member.key.clone()) {
                    layer.push(member);
                }
            }
            layers.push(layer);
        }
        view.members = layers.into_iter().rev().flatten().collect();
        (view, deepest)
    }

    /// What a reference leads to, and how many hops that is below the top.
    fn target(&mut self, pointer: Raw<'a>, hops: usize) -> Option<(Raw<'a>, usize)> {
        let pointer = pointer.text().unwrap_or_default();
        let found = match &*pointer.decode() {
            "#" => Some(self.root),
            pointer => self.definitions.get(&unescaped(pointer)).copied(),
        };
        let found = found.filter(|_| hops < HOPS);
        self.lossy |= found.is_none();
        Some((found?, hops + 1))
    }
}

/// A JSON pointer's names may be spelled with escapes. Source: RFC 6901.
fn unescaped(pointer: &str) -> String {
    let pointer = crate::format::common::percent::decode(pointer);
    if pointer.contains('~') {
        return pointer.replace("~1", "/").replace("~0", "~");
    }
    pointer.into_owned()
}

/// The names of a list of strings.
pub(super) fn names(list: Raw<'_>) -> Vec<Text<'_>> {
    list.parse().unwrap_or_default()
}
