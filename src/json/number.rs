use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::Raw;

/// A JSON number in its source spelling, so that `1.0` and integers beyond 64 bits stay what they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    pub(super) const fn from_literal(literal: &'a str) -> Self {
        Self(literal)
    }

    /// The JSON text.
    pub const fn get(self) -> &'a str {
        self.0
    }

    /// The nearest double.
    pub fn as_f64(self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The value, if it is a whole number that fits; `8.0` counts as whole.
    pub fn as_u64(self) -> Option<u64> {
        self.0.parse().ok().or_else(|| {
            let (whole, fraction) = self.0.split_once('.')?;
            fraction
                .bytes()
                .all(|digit| digit == b'0')
                .then(|| whole.parse().ok())?
        })
    }
}

impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        raw.number().ok_or_else(|| {
            D::Error::custom(format_args!("expected a number, found {:?}", raw.kind()))
        })
    }
}
