use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::{
    environment,
    node::Value,
    reader::{Item, Placed, Reader},
};

/// Reads the key to a provider; none if it is empty.
pub(super) fn of_provider(reader: &mut Reader<'_>, item: Item) -> Option<SecretString> {
    let key = read(reader, item)?.value;
    (!key.expose_secret().is_empty()).then_some(key)
}

/// Reads the key of those who may choose an arm. With an empty one somebody may have meant all, or nobody.
pub(super) fn of_override(reader: &mut Reader<'_>, item: Item) -> Option<SecretString> {
    let Placed { value, position } = read(reader, item)?;
    if value.expose_secret().is_empty() {
        reader.wrong(&position, "a key can't be empty");
        return None;
    }
    Some(value)
}

/// Reads the keys of callers. An empty one would let in whoever sends none.
pub(super) fn of_clients(reader: &mut Reader<'_>, item: Option<Item>) -> Vec<SecretString> {
    let mut keys = Vec::new();
    if let Some(Placed {
        value: Value::List(items),
        position,
    }) = &item
        && items.is_empty()
    {
        let lint = position.error("it holds no key, and without one everybody may call", None);
        reader.lints.push(lint);
    }
    for item in reader.list(item) {
        let Some(Placed { value, position }) = read(reader, item) else {
            continue;
        };
        if value.expose_secret().is_empty() {
            reader.wrong(&position, "a key can't be empty");
        } else {
            keys.push(value);
        }
    }
    keys
}

/// Reads a key, with variables of the environment put in. What is wrong with it is said without it.
fn read(reader: &mut Reader<'_>, item: Item) -> Option<Placed<SecretString>> {
    let Placed { value, position } = reader.text(item)?;
    let fault = match environment::expand(&value, reader.lookup) {
        Ok(key) if HeaderValue::from_str(&key).is_ok() => {
            let value = key.into();
            return Some(Placed { value, position });
        }
        Ok(_) => "the key has characters that no header can carry, such as a line break".to_owned(),
        Err(message) => message,
    };
    reader.wrong(&position, fault);
    None
}
