use std::sync::Arc;

use crate::router::{Alias, AliasOption, Pattern};

use super::{
    downstream::missing,
    reader::{Fields, Item, Keys, Placed, Position, Reader},
    split::{self, SplitPlaces},
};

/// An alias as the file has it.
#[derive(Clone)]
pub(super) struct AliasEntry {
    pub(super) alias: Alias,
    /// Where its name is.
    pub(super) position: Position,
    pub(super) announced: Vec<Position>,
    pub(super) options: Vec<OptionPlaces>,
    pub(super) split: Option<SplitPlaces>,
}

/// Where the parts of an option are.
#[derive(Clone)]
pub(super) struct OptionPlaces {
    pub(super) id: Position,
    pub(super) downstream: Position,
}

const KEYS: Keys = Keys {
    known: &[
        "input_model_id",
        "is_regex",
        "announced_names",
        "options",
        "split",
    ],
    others: &[],
    unread: &[],
};

const OPTION_KEYS: Keys = Keys {
    known: &["id", "downstream_id", "output_model_id"],
    others: &[(
        "is_active",
        "is not said here: the first option is the active one",
    )],
    unread: &[],
};

/// Reads an alias. One without a name or a whole option says nothing more.
pub(super) fn read(reader: &mut Reader<'_>, item: Item) -> Option<AliasEntry> {
    let mut fields = reader.fields(item)?;
    let mistakes = reader.errors.len();
    let name = given(reader, &mut fields, "input_model_id");
    let expression = fields.take(reader, "is_regex");
    let expression = reader.flag(expression, false);
    let pattern = name.as_ref().map(|name| pattern(reader, name, expression));
    let announced = fields.take(reader, "announced_names");
    let announced = reader.texts(announced).into_iter();
    let (names, announced) = announced
        .map(|name| (name.value.into(), name.position))
        .unzip();
    let options = fields.take(reader, "options");
    let is_split = fields.has("split");
    let (split, split_places) = split::read(reader, &mut fields).unzip();
    if options.is_none() && !is_split {
        missing::<()>(reader, &fields, "options");
    }
    let options = reader.list(options).into_iter();
    let options = options.filter_map(|item| option(reader, item));
    let (options, places): (Vec<_>, Vec<_>) = options.unzip();
    fields.finish(reader, &KEYS);
    if options.is_empty() && split.is_none() && reader.errors.len() > mistakes {
        return None;
    }
    let Placed { value, position } = name?;
    let mut alias = Alias::new(value, pattern?, options).with_announced(names);
    if let Some(split) = split {
        alias = alias.with_split(split);
    }
    Some(AliasEntry {
        alias,
        position,
        announced,
        options: places,
        split: split_places,
    })
}

/// A text that has to be there.
fn given(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<Placed<String>> {
    let text = match fields.take(reader, name) {
        Some(item) => reader.text(item)?,
        None => return missing(reader, fields, name),
    };
    if text.value.is_empty() {
        reader.wrong(&text.position, format!("{name:?} can't be empty"));
        return None;
    }
    Some(text)
}

/// What the name stands for: one model, or all that a glob or an expression matches.
fn pattern(reader: &mut Reader<'_>, name: &Placed<String>, expression: bool) -> Pattern {
    let parsed = match name.value.strip_prefix("re:") {
        None if expression => Pattern::model(&format!("re:{}", name.value)),
        _ => Pattern::model(&name.value),
    };
    parsed.unwrap_or_else(|error| {
        reader.wrong(&name.position, error.to_string());
        Pattern::ANY
    })
}

fn option(reader: &mut Reader<'_>, item: Item) -> Option<(AliasOption, OptionPlaces)> {
    let mut fields = reader.fields(item)?;
    let id = fields.take(reader, "id").and_then(|id| reader.text(id));
    let id = id.filter(|id| !id.value.is_empty());
    let downstream = given(reader, &mut fields, "downstream_id");
    let model = given(reader, &mut fields, "output_model_id");
    let model = model.filter(|model| {
        let pattern = model.value.contains('*');
        if pattern {
            reader.wrong(&model.position, "a model id is a whole name");
        }
        !pattern
    });
    let position = fields.position.clone();
    fields.finish(reader, &OPTION_KEYS);
    let (downstream, model) = (downstream?, model?);
    let id = id.unwrap_or_else(|| Placed {
        value: format!("{}/{}", downstream.value, model.value),
        position,
    });
    let places = OptionPlaces {
        id: id.position,
        downstream: downstream.position,
    };
    let option = AliasOption::new(id.value, downstream.value, Arc::<str>::from(model.value));
    Some((option, places))
}
