use crate::{
    experiment::{InvalidKeySource, KeySource},
    router::{Arm, ArmPart, Split},
};

use super::{
    downstream::{missing, text},
    reader::{Fields, Item, Keys, Placed, Position, Reader},
    rule::output_model,
    suggest::did_you_mean,
};

/// Where the parts of an experiment are.
#[derive(Clone)]
pub(super) struct SplitPlaces {
    /// Where it begins.
    pub(super) position: Position,
    arms: Vec<ArmPlaces>,
}

#[derive(Clone)]
struct ArmPlaces {
    id: Position,
    downstream: Position,
    model: Option<Position>,
    weight: Option<Position>,
}

const KEYS: Keys = Keys {
    known: &["experiment", "key", "coverage", "arms"],
    others: &[],
    unread: &[],
};

const ARM_KEYS: Keys = Keys {
    known: &["id", "downstream", "output_model", "weight"],
    others: &[],
    unread: &[],
};

/// Where whose request it is may be said. The name of a header is free.
const SOURCES: [&str; 6] = [
    "host",
    "conversation",
    "body:user",
    "body:safety_identifier",
    "body:metadata.user_id",
    "body:prompt_cache_key",
];

impl SplitPlaces {
    /// The place of a part of an arm.
    pub(super) fn arm(&self, arm: usize, part: ArmPart) -> &Position {
        let Some(places) = self.arms.get(arm) else {
            return &self.position;
        };
        match part {
            ArmPart::Downstream => &places.downstream,
            ArmPart::Model => places.model.as_ref().unwrap_or(&places.id),
            ArmPart::Weight => places.weight.as_ref().unwrap_or(&places.id),
            ArmPart::Id => &places.id,
        }
    }
}

/// Reads `split:`. One that has not two whole arms for its mistakes says nothing more.
pub(super) fn read(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<(Split, SplitPlaces)> {
    let item = fields.take(reader, "split")?;
    let mistakes = reader.errors.len();
    let mut fields = reader.fields(item)?;
    let name = text(reader, &mut fields, "experiment");
    if let Some(name) = name.as_ref().filter(|name| name.value.is_empty()) {
        reader.wrong(&name.position, "\"experiment\" can't be empty");
    }
    let keys = fields.take(reader, "key");
    let keys = sources(reader, keys);
    let coverage = fields.take(reader, "coverage");
    let coverage = coverage.and_then(|coverage| reader.share(&coverage));
    let arms = match fields.take(reader, "arms") {
        Some(arms) => reader.list(Some(arms)),
        None => missing(reader, &fields, "arms").unwrap_or_default(),
    };
    let arms = arms.into_iter().filter_map(|item| arm(reader, item));
    let (arms, places): (Vec<_>, Vec<ArmPlaces>) = arms.unzip();
    weights_of_all(reader, &places);
    let position = fields.position.clone();
    fields.finish(reader, &KEYS);
    if arms.len() < 2 && reader.errors.len() > mistakes {
        return None;
    }
    let mut split = Split::new(arms).with_keys(keys);
    if let Some(name) = name {
        split = split.with_experiment(name.value);
    }
    if let Some(coverage) = coverage {
        split = split.with_coverage(coverage);
    }
    let arms = places;
    Some((split, SplitPlaces { position, arms }))
}

/// Who says the weight of one arm says it of all, or nobody would know what the others get.
fn weights_of_all(reader: &mut Reader<'_>, arms: &[ArmPlaces]) {
    if arms.iter().all(|arm| arm.weight.is_none()) {
        return;
    }
    for arm in arms.iter().filter(|arm| arm.weight.is_none()) {
        reader.wrong(&arm.id, "\"weight\" is missing, which other arms have");
    }
}

fn arm(reader: &mut Reader<'_>, item: Item) -> Option<(Arm, ArmPlaces)> {
    let mut fields = reader.fields(item)?;
    let mut given = |name| match fields.take(reader, name) {
        Some(item) => reader.text(item),
        None => missing(reader, &fields, name),
    };
    let (id, downstream) = (given("id"), given("downstream"));
    let model = text(reader, &mut fields, "output_model");
    let weight = fields.take(reader, "weight");
    let said = weight.as_ref().map(|weight| reader.number(weight));
    let model = model.map(|model| Placed {
        value: output_model(reader, &model),
        position: model.position,
    });
    fields.finish(reader, &ARM_KEYS);
    let (id, downstream) = (id?, downstream?);
    let mut arm = Arm::new(id.value, downstream.value).with_weight(said.unwrap_or(Some(1.0))?);
    let places = ArmPlaces {
        id: id.position,
        downstream: downstream.position,
        model: model.as_ref().map(|model| model.position.clone()),
        weight: weight.map(|weight| weight.position),
    };
    if let Some(Placed { value, .. }) = model {
        arm = arm.with_output_model(value);
    }
    Some((arm, places))
}

fn sources(reader: &mut Reader<'_>, item: Option<Item>) -> Vec<KeySource> {
    let mut sources = Vec::new();
    for text in reader.texts(item) {
        match text.value.parse() {
            Ok(source) => sources.push(source),
            Err(error @ InvalidKeySource::Header(_)) => {
                reader.wrong(&text.position, error.to_string());
            }
            Err(_) => {
                let message = format!("unknown key {:?}", text.value);
                reader.wrong_and(&text.position, message, meant(&text.value));
            }
        }
    }
    sources
}

/// What was perhaps meant by a source that is none.
fn meant(text: &str) -> Option<String> {
    let header = match text.split_once(':') {
        Some((_, name)) if !name.is_empty() => format!("header:{name}"),
        _ => "header:x-session-id".to_owned(),
    };
    did_you_mean(text, [&*header].into_iter().chain(SOURCES))
}
