use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::auth::InvalidKey;

/// What stands before a key that is a bearer token.
const BEARER: &str = "Bearer ";

/// A key, and the values of headers that hold it: they are the same for every request.
#[derive(Clone)]
pub(super) struct Key {
    secret: SecretString,
    bare: Result<HeaderValue, InvalidKey>,
    bearer: Result<HeaderValue, InvalidKey>,
}

impl Key {
    pub(super) fn new(secret: SecretString) -> Self {
        Self {
            bare: value("", &secret),
            bearer: value(BEARER, &secret),
            secret,
        }
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// The value of a header in which this stands before the key, marked as sensitive.
    pub(super) fn behind(&self, prefix: &str) -> Result<HeaderValue, InvalidKey> {
        match prefix {
            "" => self.bare.clone(),
            BEARER => self.bearer.clone(),
            other => value(other, &self.secret),
        }
    }
}

fn value(prefix: &str, secret: &SecretString) -> Result<HeaderValue, InvalidKey> {
    let key = secret.expose_secret();
    let value = HeaderValue::try_from(format!("{prefix}{key}")).ok();
    let mut value = value.filter(|_| key.is_ascii()).ok_or(InvalidKey)?;
    value.set_sensitive(true);
    Ok(value)
}
