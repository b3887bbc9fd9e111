use std::sync::Arc;

use crate::router::{Fallback, OutputModel, Pattern, Rule};

use super::{
    downstream::{self, formats_of, id, missing, text},
    losses,
    node::Value,
    policy,
    reader::{Fields, Item, Keys, LATER, Placed, Position, Reader},
    shadow,
    split::{self, SplitPlaces},
};

/// A rule as the file has it. Its plugins are made when the table is built.
#[derive(Clone)]
pub(super) struct RuleEntry {
    pub(super) rule: Rule,
    pub(super) downstreams: Vec<Placed<Arc<str>>>,
    /// The ids of its fallbacks.
    pub(super) fallbacks: Vec<Placed<Arc<str>>>,
    /// The id of who gets copies.
    pub(super) shadow: Option<Placed<Arc<str>>>,
    pub(super) split: Option<SplitPlaces>,
    pub(super) pipeline: Vec<Plugin>,
    /// Where its id is.
    pub(super) position: Position,
}

/// A plugin as the file has it.
#[derive(Clone)]
pub(super) struct Plugin {
    pub(super) id: Placed<Arc<str>>,
    /// May hold secrets.
    pub(super) settings: Placed<serde_json::Value>,
}

const KEYS: Keys = Keys {
    known: &[
        "id",
        "name",
        "pattern_path",
        "pattern_model",
        "pattern_models",
        "match_format",
        "match_downstream_format",
        "match_downstreams",
        "split",
        "output_model",
        "fallback",
        "shadow",
        "pipeline_config",
        "timeouts",
        "retry",
        "strict",
        "translation_warnings",
        "is_enabled",
    ],
    others: &[
        (
            "targets",
            "is written as \"fallback\" here, which is a list in its order, or as \"split\", which has weights",
        ),
        ("response_model", LATER),
        ("ejection", "is said of a downstream, or of all"),
        (
            "active_downstream",
            "is written as the list \"match_downstreams\" here",
        ),
    ],
    unread: &[],
};

const FALLBACK_KEYS: Keys = Keys {
    known: &["downstream", "output_model"],
    others: &[],
    unread: &[],
};

const PLUGIN_KEYS: Keys = Keys {
    known: &["plugin_id", "config"],
    others: &[],
    unread: &[],
};

/// Reads a rule. One that has mistakes is still there for what else may be said of it.
pub(super) fn read(reader: &mut Reader<'_>, item: Item) -> Option<RuleEntry> {
    let mut fields = reader.fields(item)?;
    if is_downstream(&fields) {
        let message = "this is a downstream, but it stands among the rules";
        let suggestion = "move it up into the list under \"downstreams:\"".to_owned();
        reader.wrong_and(&fields.position, message, suggestion);
        return None;
    }
    let id = id(reader, &mut fields);
    let mut rule = Rule::new(id.value);
    if let Some(name) = text(reader, &mut fields, "name") {
        rule = rule.with_name(name.value);
    }
    if let Some(path) = text(reader, &mut fields, "pattern_path") {
        rule = rule.with_path(pattern(reader, &path, Pattern::path).unwrap_or(Pattern::ANY));
    }
    if let Some(models) = models(reader, &mut fields) {
        rule = rule.with_models(models);
    }
    let formats = fields.take(reader, "match_format");
    rule = rule.with_formats(formats_of(reader, formats));
    let formats = fields.take(reader, "match_downstream_format");
    rule = rule.with_downstream_formats(formats_of(reader, formats));
    let named = fields.take(reader, "match_downstreams");
    let named = reader.texts(named);
    if let Some(model) = text(reader, &mut fields, "output_model") {
        rule = rule.with_output_model(output_model(reader, &model));
    }
    let (split, places) = split::read(reader, &mut fields).unzip();
    if let Some(split) = split {
        rule = rule.with_split(split);
    }
    let fallbacks = fallbacks(reader, &mut fields);
    if let Some((fallbacks, _)) = &fallbacks {
        rule = rule.with_fallback(fallbacks.clone());
    }
    let shadow = shadow::read(reader, &mut fields);
    if let Some((shadow, _)) = &shadow {
        rule = rule.with_shadow(shadow.clone());
    }
    rule = rule
        .with_losses(losses::read(reader, &mut fields))
        .with_timeouts(policy::timeouts(reader, &mut fields))
        .with_retry(policy::retry(reader, &mut fields));
    let pipeline = fields.take(reader, "pipeline_config");
    let pipeline = reader.list(pipeline).into_iter();
    let pipeline = pipeline.filter_map(|item| plugin(reader, item)).collect();
    let enabled = fields.take(reader, "is_enabled");
    rule = rule.with_enabled(reader.flag(enabled, true));
    fields.finish(reader, &KEYS);
    Some(RuleEntry {
        rule,
        downstreams: named.into_iter().map(shared).collect(),
        fallbacks: fallbacks.map(|(_, places)| places).unwrap_or_default(),
        shadow: shadow.map(|(_, place)| place),
        split: places,
        pipeline,
        position: id.position,
    })
}

/// Whether somebody put a downstream below `rules:`.
fn is_downstream(fields: &Fields) -> bool {
    let only = |name: &&&str| !KEYS.known.contains(name) && fields.has(name);
    let theirs = downstream::KEYS.known.iter().filter(only).count();
    let of_rules = |name: &&str| !downstream::KEYS.known.contains(name) && fields.has(name);
    theirs > 0 && !KEYS.known.iter().any(of_rules)
}

pub(super) fn shared(Placed { value, position }: Placed<String>) -> Placed<Arc<str>> {
    let value = value.into();
    Placed { value, position }
}

/// The patterns of both keys; `None` if there is neither, which is not the same as `*`.
fn models(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<Vec<Pattern>> {
    let one = fields.take(reader, "pattern_model");
    let several = fields.take(reader, "pattern_models");
    let given = one.is_some();
    let one = one.and_then(|one| reader.text(one));
    let mut texts = reader.texts(several);
    texts.extend(one);
    if texts.is_empty() && !given {
        return None;
    }
    let patterns = texts
        .iter()
        .filter_map(|text| pattern(reader, text, Pattern::model));
    Some(patterns.collect())
}

fn pattern(
    reader: &mut Reader<'_>,
    text: &Placed<String>,
    parse: fn(&str) -> Result<Pattern, crate::router::InvalidPattern>,
) -> Option<Pattern> {
    match parse(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            reader.wrong(&text.position, error.to_string());
            None
        }
    }
}

pub(super) fn output_model(reader: &mut Reader<'_>, model: &Placed<String>) -> OutputModel {
    match model.value.as_str() {
        "passthrough" => OutputModel::Requested,
        name => {
            if name.is_empty() || name.contains('*') {
                let message = "a model id is a whole name, or \"passthrough\" for the caller's";
                reader.wrong(&model.position, message);
            }
            OutputModel::Named(name.into())
        }
    }
}

/// Fallbacks, and the places of their downstreams.
type Fallbacks = (Vec<Fallback>, Vec<Placed<Arc<str>>>);

/// The fallbacks; `None` if nothing is said of any, which is not the same as none.
fn fallbacks(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<Fallbacks> {
    let item = fields.take(reader, "fallback")?;
    let items = reader.list(Some(item)).into_iter();
    let fallbacks = items.filter_map(|item| fallback(reader, item));
    Some(fallbacks.unzip())
}

/// A fallback: an id alone, or with the name to send. One that has mistakes says nothing more.
fn fallback(reader: &mut Reader<'_>, item: Item) -> Option<(Fallback, Placed<Arc<str>>)> {
    if !matches!(item.value, Value::Map(_)) {
        let id = shared(reader.text(item)?);
        return Some((Fallback::new(Arc::clone(&id.value)), id));
    }
    let mistakes = reader.errors.len();
    let mut fields = reader.fields(item)?;
    let (id, model) = destination(reader, &mut fields);
    fields.finish(reader, &FALLBACK_KEYS);
    let id = id.filter(|_| reader.errors.len() == mistakes)?;
    let fallback = Fallback::new(Arc::clone(&id.value));
    let fallback = match model {
        Some(model) => fallback.with_output_model(model),
        None => fallback,
    };
    Some((fallback, id))
}

/// A downstream, which has to be said, and the name to send there.
pub(super) fn destination(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
) -> (Option<Placed<Arc<str>>>, Option<OutputModel>) {
    let id = match fields.take(reader, "downstream") {
        Some(item) => reader.text(item).map(shared),
        None => missing(reader, fields, "downstream"),
    };
    let model = text(reader, fields, "output_model");
    let model = model.map(|model| output_model(reader, &model));
    (id, model)
}

fn plugin(reader: &mut Reader<'_>, item: Item) -> Option<Plugin> {
    let mut fields = reader.fields(item)?;
    let id = match fields.take(reader, "plugin_id") {
        Some(item) => reader.text(item),
        None => missing(reader, &fields, "plugin_id"),
    };
    let nothing = Placed {
        value: serde_json::Value::Null,
        position: fields.position.clone(),
    };
    let settings = fields.take(reader, "config").map(|item| Placed {
        value: item.value.to_json(),
        position: item.position,
    });
    fields.finish(reader, &PLUGIN_KEYS);
    Some(Plugin {
        id: shared(id?),
        settings: settings.unwrap_or(nothing),
    })
}
