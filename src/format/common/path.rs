//! Where in a request something is, spelled only if somebody wants to know.

use std::fmt;

use serde::Deserialize;

use crate::{
    ir::Error,
    json::{Early, Kind, Raw},
};

/// A place in a JSON document, such as `messages[3].content[0]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Member(&'static str),
    Element(usize),
}

impl<'p> Path<'p> {
    pub(crate) const fn root(member: &'static str) -> Self {
        Self {
            parent: None,
            step: Step::Member(member),
        }
    }

    pub(crate) const fn member(&'p self, member: &'static str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(member),
        }
    }

    pub(crate) const fn element(&'p self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Element(index),
        }
    }

    /// Reads the value at this place.
    pub(crate) fn read<'a, T: Deserialize<'a>>(&self, raw: Raw<'a>) -> Result<T, Error> {
        raw.parse().map_err(|error| self.wrong(&error))
    }

    /// Gives what was read of the value at this place.
    pub(crate) fn read_early<'a, T: Deserialize<'a>>(
        &self,
        value: Early<'a, T>,
    ) -> Result<T, Error> {
        value.read().map_err(|error| self.wrong(&error))
    }

    /// Gives what was read of the list at this place.
    pub(crate) fn elements_of<'a, T: Deserialize<'a>>(
        &self,
        list: Early<'a, Vec<T>>,
    ) -> Result<Vec<T>, Error> {
        match list.raw().kind() {
            Kind::Array => self.read_early(list),
            kind => Err(self.no_array(kind)),
        }
    }

    /// Reads the elements of the list at this place.
    pub(crate) fn elements<'a>(&self, raw: Raw<'a>) -> Result<Vec<Raw<'a>>, Error> {
        if raw.kind() == Kind::Array {
            self.read(raw)
        } else {
            Err(self.no_array(raw.kind()))
        }
    }

    fn no_array(&self, found: Kind) -> Error {
        self.wrong(&format_args!("expected an array, found {found:?}"))
    }

    /// Insists that what is at this place, if anything is, is an object.
    pub(crate) fn object<'a>(&self, raw: Option<Raw<'a>>) -> Result<Option<Raw<'a>>, Error> {
        match raw.map(Raw::kind) {
            None | Some(Kind::Object) => Ok(raw),
            Some(kind) => Err(self.wrong(&format_args!("expected an object, found {kind:?}"))),
        }
    }

    /// What is at this place is no good.
    pub(crate) fn wrong(&self, why: &dyn fmt::Display) -> Error {
        Error::bad_request(format!("{self}: {why}")).with_param(self.to_string())
    }

    /// Something that must be at this place, or a 400 that says so.
    pub(crate) fn required<T>(&self, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.wrong(&"field required"))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Member(member) if self.parent.is_some() => write!(f, ".{member}"),
            Step::Member(member) => f.write_str(member),
            Step::Element(index) => write!(f, "[{index}]"),
        }
    }
}
