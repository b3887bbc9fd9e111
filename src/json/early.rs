use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use super::{Raw, ReadError};

/// How the usual reader knows that a value is wanted both as it stands and read.
pub(super) const EARLY: &str = "$tower_llm_gateway::json::Early";

/// A value that is read together with what it is in, if it is as expected. What is wrong with another is told to who
/// wants to have it read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Early<'a, T> {
    raw: Raw<'a>,
    value: Option<T>,
}

impl<'a, T: Deserialize<'a>> Early<'a, T> {
    /// The value as it stands.
    pub(crate) fn raw(&self) -> Raw<'a> {
        self.raw
    }

    /// What was read, if that has been done.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value read.
    ///
    /// # Errors
    ///
    /// If the value doesn't have the shape of `T`.
    pub(crate) fn read(self) -> Result<T, ReadError> {
        self.value.map_or_else(|| self.raw.parse(), Ok)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Early<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EarlyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EarlyVisitor<T> {
            type Value = Early<'de, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                let raw = Raw::deserialize(deserializer)?;
                Ok(Early { raw, value: None })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut both: A) -> Result<Self::Value, A::Error> {
                let value = both.next_element()?;
                let raw = both.next_element()?;
                let raw = raw.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                Ok(Early { raw, value })
            }
        }

        deserializer.deserialize_newtype_struct(EARLY, EarlyVisitor(PhantomData))
    }
}
