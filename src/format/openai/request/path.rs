//! Where in a request something is, spelled only if it is reported.

use std::fmt;

/// A place in a request, such as `messages[3].content[0]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Member(&'p str),
    Element(usize),
}

impl<'p> Path<'p> {
    pub(super) const fn root(member: &'p str) -> Self {
        Self {
            parent: None,
            step: Step::Member(member),
        }
    }

    pub(super) const fn member(&'p self, member: &'p str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(member),
        }
    }

    pub(super) const fn element(&'p self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Element(index),
        }
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

impl From<Path<'_>> for String {
    fn from(path: Path<'_>) -> Self {
        path.to_string()
    }
}
