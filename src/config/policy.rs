//! How patiently downstreams are called. The document, a downstream and a rule say it with the same keys.

use std::{sync::Arc, time::Duration};

use http::StatusCode;

use crate::policy::{AllEjected, Ejection, Phase, Retry, Timeouts};

use super::{
    node::Value,
    reader::{Fields, Item, Keys, Placed, Reader},
};

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

/// Reads `timeouts:`. Off is no limit at all.
pub(super) fn timeouts(reader: &mut Reader<'_>, fields: &mut Fields) -> Timeouts {
    let mut timeouts = Timeouts::new();
    let mut fields = match said(reader, fields, "timeouts") {
        Said::Map(fields) => fields,
        Said::Off => {
            let never = |all: Timeouts, phase| all.with(phase, Timeouts::NEVER);
            return Phase::ALL.into_iter().fold(timeouts, never);
        }
        Said::Nothing => return timeouts,
    };
    let mut parts: Vec<(&str, _)> = Vec::new();
    for phase in Phase::ALL {
        let Some(limit) = placed(reader, &mut fields, phase.as_str(), Reader::limit) else {
            continue;
        };
        timeouts = timeouts.with(phase, limit.value);
        if matches!(phase, Phase::Attempt | Phase::Total) {
            for (part, within) in &parts {
                capped(reader, (*part, within), (phase.as_str(), limit.value));
            }
        }
        // Without a limit of its own, that of the whole counts.
        if limit.value != Timeouts::NEVER {
            parts.push((phase.as_str(), limit));
        }
    }
    fields.finish(reader, &TIMEOUTS);
    timeouts
}

/// Reads `retry:`. Off is one try at each target.
pub(super) fn retry(reader: &mut Reader<'_>, fields: &mut Fields) -> Retry {
    let mut retry = Retry::new();
    let mut fields = match said(reader, fields, "retry") {
        Said::Map(fields) => fields,
        Said::Off => {
            retry.attempts = Some(1);
            return retry;
        }
        Said::Nothing => return retry,
    };
    retry.attempts = count(reader, &mut fields, "attempts");
    let backoff = placed(reader, &mut fields, "backoff", Reader::pause);
    retry.max_backoff = value(reader, &mut fields, "max_backoff", Reader::pause);
    if let (Some(backoff), Some(longest)) = (&backoff, retry.max_backoff) {
        capped(reader, ("backoff", backoff), ("max_backoff", longest));
    }
    retry.backoff = backoff.map(|backoff| backoff.value);
    retry.max_wait = value(reader, &mut fields, "max_wait", Reader::longest_pause);
    retry.budget = value(reader, &mut fields, "budget", Reader::fraction);
    retry.statuses = statuses(reader, &mut fields);
    retry.on_empty = flag(reader, &mut fields, "on_empty");
    fields.finish(reader, &RETRY);
    retry
}

/// Reads `ejection:`. Off is none.
pub(super) fn ejection(reader: &mut Reader<'_>, fields: &mut Fields) -> Ejection {
    let mut ejection = Ejection::new();
    let mut fields = match said(reader, fields, "ejection") {
        Said::Map(fields) => fields,
        Said::Off => {
            ejection.enabled = Some(false);
            return ejection;
        }
        Said::Nothing => return ejection,
    };
    let known = [("try", AllEjected::Try), ("refuse", AllEjected::Refuse)];
    let all = fields.take(reader, "all_ejected");
    ejection.all = all.and_then(|all| reader.choice(all, &known));
    ejection.enabled = flag(reader, &mut fields, "enabled");
    ejection.consecutive = count(reader, &mut fields, "consecutive");
    ejection.ratio = ratio(reader, &mut fields);
    ejection.least = count(reader, &mut fields, "least");
    let base = placed(reader, &mut fields, "base", Reader::duration);
    ejection.longest = value(reader, &mut fields, "longest", Reader::duration);
    if let (Some(base), Some(longest)) = (&base, ejection.longest) {
        capped(reader, ("base", base), ("longest", longest));
    }
    ejection.base = base.map(|base| base.value);
    ejection.probes = count(reader, &mut fields, "probes");
    fields.finish(reader, &EJECTION);
    ejection
}

/// What stands behind one of these keys.
enum Said {
    Nothing,
    /// `off` or `false`.
    Off,
    Map(Fields),
}

fn said(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Said {
    let Some(item) = fields.take(reader, name) else {
        return Said::Nothing;
    };
    match &item.value {
        Value::Flag(false) => Said::Off,
        Value::Text(text) if text == "off" => Said::Off,
        Value::Map(_) => reader.fields(item).map_or(Said::Nothing, Said::Map),
        _ => {
            reader.expected("a map, or off", &item);
            Said::Nothing
        }
    }
}

/// A value, and where it was.
fn placed<'a, T>(
    reader: &mut Reader<'a>,
    fields: &mut Fields,
    name: &str,
    read: impl FnOnce(&mut Reader<'a>, &Item) -> Option<T>,
) -> Option<Placed<T>> {
    let item = fields.take(reader, name)?;
    let value = read(reader, &item)?;
    let position = item.position;
    Some(Placed { value, position })
}

/// A value alone.
pub(super) fn value<'a, T>(
    reader: &mut Reader<'a>,
    fields: &mut Fields,
    name: &str,
    read: impl FnOnce(&mut Reader<'a>, &Item) -> Option<T>,
) -> Option<T> {
    let value = placed(reader, fields, name, read)?;
    Some(value.value)
}

/// Two limits of one place: the longer one never counts.
fn capped(
    reader: &mut Reader<'_>,
    (name, limit): (&str, &Placed<Duration>),
    (cap, longest): (&str, Duration),
) {
    if limit.value > longest {
        let message = format!("{name:?} has no effect: {cap:?} is shorter");
        reader.lints.push(limit.position.error(message, None));
    }
}

pub(super) fn count(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<u32> {
    let item = fields.take(reader, name)?;
    let count = reader.count(&item)?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}

fn flag(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<bool> {
    let item = fields.take(reader, name)?;
    Some(reader.flag(Some(item), false))
}

fn ratio(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<f32> {
    let ratio = placed(reader, fields, "ratio", Reader::fraction)?;
    if ratio.value == 0.0 {
        let message = "a ratio of 0 is reached without a failure; for none, leave it out";
        reader.wrong(&ratio.position, message);
    }
    Some(ratio.value)
}

fn statuses(reader: &mut Reader<'_>, fields: &mut Fields) -> Option<Arc<[StatusCode]>> {
    let item = fields.take(reader, "statuses")?;
    let items = reader.list(Some(item)).into_iter();
    Some(items.filter_map(|item| status(reader, &item)).collect())
}

/// One of failure.
fn status(reader: &mut Reader<'_>, item: &Item) -> Option<StatusCode> {
    let number = u16::try_from(reader.count(item)?).ok();
    let status = number.and_then(|number| StatusCode::from_u16(number).ok());
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    if status.is_none() {
        let message = "a status of failure is a number from 400 to 599";
        reader.wrong(&item.position, message);
    }
    status
}
