use std::{borrow::Cow, fmt, sync::Arc};

use super::{Error, Extra, Policy};

/// What happened to a field that the target can't say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Left out.
    Dropped,
    /// Said in another way with nearly the same effect.
    Emulated,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "dropped",
            Self::Emulated => "emulated",
        })
    }
}

/// One thing that a translation could not carry over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// Where it was, in the caller's spelling, such as `messages[3].name`.
    pub path: Cow<'static, str>,
    /// What was done.
    pub action: Action,
    /// Why, in a few words.
    pub reason: Cow<'static, str>,
}

/// What is done about losses; `None` leaves it to whoever has the next say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LossPolicy {
    /// Whether a request that can't be translated without loss is refused.
    pub strict: Option<bool>,
    /// Whether the caller is told in a header what was lost.
    pub warnings: Option<bool>,
}

impl LossPolicy {
    /// Nothing is said.
    pub const fn new() -> Self {
        Self {
            strict: None,
            warnings: None,
        }
    }

    /// What this says, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            strict: self.strict.or(other.strict),
            warnings: self.warnings.or(other.warnings),
        }
    }
}

/// Collects the [`Loss`]es of one translation, or refuses the first one in strict mode.
#[derive(Debug, Clone, Default)]
pub struct Losses {
    strict: bool,
    /// Fields that may be lost even so.
    tolerated: Arc<[Box<str>]>,
    entries: Vec<Loss>,
}

impl Losses {
    /// In strict mode every loss is an error.
    pub fn new(strict: bool) -> Self {
        Self {
            strict,
            ..Self::default()
        }
    }

    /// Only reports losses of these fields and of what is within them, also in strict mode. A field is a path in the
    /// caller's spelling without its numbers, such as `messages.name`.
    #[must_use]
    pub fn tolerating(mut self, fields: Arc<[Box<str>]>) -> Self {
        self.tolerated = fields;
        self
    }

    /// Only reports from here on: what was asked for is paid by now.
    pub(crate) fn tolerate(&mut self) {
        self.strict = false;
    }

    /// The losses so far.
    pub fn iter(&self) -> std::slice::Iter<'_, Loss> {
        self.entries.iter()
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Records that a field was left out.
    ///
    /// # Errors
    ///
    /// In strict mode, with a 400 that names the field.
    pub fn dropped(
        &mut self,
        path: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Result<(), Error> {
        self.record(path.into(), Action::Dropped, reason.into())
    }

    /// Records that a field was said in another way.
    ///
    /// # Errors
    ///
    /// In strict mode, with a 400 that names the field.
    pub fn emulated(
        &mut self,
        path: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Result<(), Error> {
        self.record(path.into(), Action::Emulated, reason.into())
    }

    /// Obeys the policy of members that only their own format understands. `prefix` is the path of their object,
    /// empty at the top.
    ///
    /// # Errors
    ///
    /// If a member must not be left out, or in strict mode if one is.
    pub fn extra(&mut self, prefix: &str, extra: &Extra<'_>) -> Result<(), Error> {
        for member in extra {
            let path = || match prefix {
                "" => member.key.clone().into_owned(),
                _ => format!("{prefix}.{}", member.key),
            };
            match member.policy {
                Policy::Silent => {}
                Policy::Drop => self.dropped(path(), "the target has no such field")?,
                Policy::Reject => return Err(Error::unsupported(path())),
            }
        }
        Ok(())
    }

    fn tolerates(&self, path: &str) -> bool {
        let mut pieces = path.split('[');
        let mut name = pieces.next().unwrap_or_default().to_owned();
        let behind_number = |piece: &'_ str| piece.split_once(']').map(|(_, rest)| rest.to_owned());
        name.extend(pieces.filter_map(behind_number));
        self.tolerated.iter().any(|field| {
            let rest = name.strip_prefix(&**field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    fn record(
        &mut self,
        path: Cow<'static, str>,
        action: Action,
        reason: Cow<'static, str>,
    ) -> Result<(), Error> {
        if self.strict && !self.tolerates(&path) {
            let message = format!(
                "{path} can't be translated without loss ({reason}), and strict translation is on."
            );
            return Err(Error::bad_request(message).with_param(path));
        }
        self.entries.push(Loss {
            path,
            action,
            reason,
        });
        Ok(())
    }
}

/// Paths, actions and reasons; never what was there.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Most losses to name: a long history may lose something in every turn.
        const SHOWN: usize = 64;
        for (index, loss) in self.entries.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(
                f,
                "{separator}{} {}: {}",
                loss.path, loss.action, loss.reason
            )?;
        }
        match self.entries.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl<'l> IntoIterator for &'l Losses {
    type Item = &'l Loss;
    type IntoIter = std::slice::Iter<'l, Loss>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_tolerated_is_reported_and_nothing_else_is() {
        let fields: [Box<str>; 2] = ["user".into(), "messages.content".into()];
        let mut losses = Losses::new(true).tolerating(fields.into());
        for path in [
            "user",
            "user.id",
            "messages[3].content",
            "messages[3].content[0].x",
        ] {
            assert!(losses.dropped(path, "no").is_ok(), "{path}");
        }
        for path in [
            "users",
            "messages[3].name",
            "messages",
            "metadata.user",
            "[user]",
            "",
        ] {
            assert!(losses.emulated(path, "no").is_err(), "{path}");
        }
        assert_eq!(losses.iter().len(), 4);
    }
}
