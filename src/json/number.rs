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

    /// The value, if it is a whole number that fits; `8.0` and `1e3` count as whole.
    pub fn as_u64(self) -> Option<u64> {
        self.0.parse().ok().or_else(|| {
            if self.0.contains(['e', 'E']) {
                return whole(self.as_f64());
            }
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

/// The whole number that a double is exactly.
fn whole(double: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    // Rust writes a double in full, without an exponent.
    let is_whole = (0.0..=EXACT).contains(&double) && double.fract() == 0.0;
    is_whole.then(|| double.to_string().parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole_however_they_are_spelled() {
        for (literal, value) in [
            ("8", Some(8)),
            ("8.0", Some(8)),
            ("1e3", Some(1_000)),
            ("1.5E1", Some(15)),
            ("1.5", None),
            ("1e-3", None),
            ("-1", None),
            ("1e300", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(Number::from_literal(literal).as_u64(), value, "{literal}");
        }
    }
}
