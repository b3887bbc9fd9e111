//! What the models of a downstream cost.

use crate::target::Prices;

use super::{
    downstream::missing,
    reader::{Fields, Item, Keys, Reader},
};

const KEYS: Keys = Keys {
    known: &[
        "input",
        "output",
        "cache_read",
        "cache_write",
        "cache_write_1h",
    ],
    others: &[],
    unread: &[],
};

/// By the names of models, those without mistakes.
pub(super) fn read(reader: &mut Reader<'_>, fields: &mut Fields) -> Vec<(String, Prices)> {
    let Some(item) = fields.take(reader, "prices") else {
        return Vec::new();
    };
    let Some(models) = reader.fields(item) else {
        return Vec::new();
    };
    let models = models.into_items(reader).into_iter();
    models
        .filter_map(|(name, item)| {
            reader.model_glob(&name);
            Some((name.value, of_model(reader, item)?))
        })
        .collect()
}

fn of_model(reader: &mut Reader<'_>, item: Item) -> Option<Prices> {
    let mut fields = reader.fields(item)?;
    let input = needed(reader, &mut fields, "input");
    let output = needed(reader, &mut fields, "output");
    let [read, write, hour] = ["cache_read", "cache_write", "cache_write_1h"].map(|name| {
        let item = fields.take(reader, name)?;
        reader.price(&item)
    });
    fields.finish(reader, &KEYS);
    let mut prices = Prices::new(input?, output?);
    prices.cache_read = read;
    prices.cache_write = write;
    prices.cache_write_1h = hour;
    Some(prices)
}

fn needed(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<f64> {
    match fields.take(reader, name) {
        Some(item) => reader.price(&item),
        None => missing(reader, fields, name),
    }
}
