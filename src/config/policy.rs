//! How patiently downstreams are called. The document, a downstream and a rule say it with the same keys.

use std::time::Duration;

use http::StatusCode;

use crate::policy::{AllEjected, Ejection, Phase, Retry, Timeouts};

use super::reader::{Fields, Item, Keys, Placed, Reader};

const fn keys(known: &'static [&'static str]) -> Keys {
    Keys {
        known,
        others: &[],
        unread: &[],
    }
}

const TIMEOUTS: Keys = keys(&[
    "connect",
    "pool_wait",
    "request_write",
    "first_byte",
    "first_event",
    "idle",
    "attempt",
    "total",
]);

const RETRY: Keys = keys(&[
    "attempts",
    "backoff",
    "max_backoff",
    "max_wait",
    "budget",
    "statuses",
    "on_empty",
]);

const EJECTION: Keys = keys(&[
    "enabled",
    "consecutive",
    "ratio",
    "least",
    "base",
    "longest",
    "probes",
    "all_ejected",
]);

/// Reads `timeouts:`.
pub(super) fn timeouts(reader: &mut Reader<'_>, fields: &mut Fields) -> Timeouts {
    let mut timeouts = Timeouts::new();
    let Some(mut fields) = map(reader, fields, "timeouts") else {
        return timeouts;
    };
    for phase in Phase::ALL {
        let item = fields.take(reader, phase.as_str());
        if let Some(limit) = item.and_then(|item| reader.limit(item)) {
            timeouts = timeouts.with(phase, limit);
        }
    }
    fields.finish(reader, &TIMEOUTS);
    timeouts
}

/// Reads `retry:`.
pub(super) fn retry(reader: &mut Reader<'_>, fields: &mut Fields) -> Retry {
    let Some(mut fields) = map(reader, fields, "retry") else {
        return Retry::new();
    };
    let retry = Retry {
        attempts: count(reader, &mut fields, "attempts"),
        backoff: duration(reader, &mut fields, "backoff"),
        max_backoff: duration(reader, &mut fields, "max_backoff"),
        max_wait: duration(reader, &mut fields, "max_wait"),
        budget: fraction(reader, &mut fields, "budget"),
        statuses: statuses(reader, &mut fields),
        on_empty: flag(reader, &mut fields, "on_empty"),
    };
    fields.finish(reader, &RETRY);
    retry
}

/// Reads `ejection:`.
pub(super) fn ejection(reader: &mut Reader<'_>, fields: &mut Fields) -> Ejection {
    let Some(mut fields) = map(reader, fields, "ejection") else {
        return Ejection::new();
    };
    let all = fields.take(reader, "all_ejected");
    let known = [("try", AllEjected::Try), ("refuse", AllEjected::Refuse)];
    let ejection = Ejection {
        all: all.and_then(|all| reader.choice(all, &known)),
        enabled: flag(reader, &mut fields, "enabled"),
        consecutive: count(reader, &mut fields, "consecutive"),
        ratio: fraction(reader, &mut fields, "ratio"),
        least: count(reader, &mut fields, "least"),
        base: duration(reader, &mut fields, "base"),
        longest: duration(reader, &mut fields, "longest"),
        probes: count(reader, &mut fields, "probes"),
    };
    fields.finish(reader, &EJECTION);
    ejection
}

fn map(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<Fields> {
    let item = fields.take(reader, name)?;
    reader.fields(item)
}

fn duration(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<Duration> {
    let item = fields.take(reader, name)?;
    reader.duration(item)
}

fn count(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<u32> {
    let item = fields.take(reader, name)?;
    let count = reader.count(&item)?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}

fn flag(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<bool> {
    let item = fields.take(reader, name)?;
    Some(reader.flag(Some(item), false))
}

fn fraction(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<f32> {
    let item = fields.take(reader, name)?;
    reader.fraction(&item)
}

fn statuses(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<std::sync::Arc<[StatusCode]>> {
    let item: Item = fields.take(reader, "statuses")?;
    let items = reader.list(Some(item)).into_iter();
    let statuses = items.filter_map(|item| {
        let Placed { position, .. } = &item;
        let position = position.clone();
        let status = u16::try_from(reader.count(&item)?).ok();
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.filter(|s| s.is_client_error() || s.is_server_error());
        if status.is_none() {
            reader.wrong(&position, "a status of failure is a number from 400 to 599");
        }
        status
    });
    Some(statuses.collect())
}
