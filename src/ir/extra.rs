use std::borrow::Cow;

use crate::json::{Object, Raw};

/// What another format does with a member that it has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Policy {
    /// Leave it out without a word: it says what happens anyway.
    Silent,
    /// Leave it out and report the loss.
    #[default]
    Drop,
    /// Refuse the request: without it the answer would be wrong, not merely worse.
    Reject,
}

/// A member of an object that the neutral form has no place for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member<'a> {
    /// Its name.
    pub key: Cow<'a, str>,
    /// Its value.
    pub value: Raw<'a>,
    /// What other formats do with it.
    pub policy: Policy,
}

/// Members of an object that the neutral form has no place for. They mean something only to the format they came
/// from, which writes them back; every other format obeys their [`Policy`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra<'a>(Vec<Member<'a>>);

impl<'a> Extra<'a> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members, in the order of the source.
    pub fn iter(&self) -> std::slice::Iter<'_, Member<'a>> {
        self.0.iter()
    }

    /// Adds a member with the default policy, [`Policy::Drop`].
    pub fn push(&mut self, key: Cow<'a, str>, value: Raw<'a>) {
        self.push_with(key, value, Policy::default());
    }

    /// Adds a member.
    pub fn push_with(&mut self, key: Cow<'a, str>, value: Raw<'a>, policy: Policy) {
        self.0.push(Member { key, value, policy });
    }

    /// Members that another format never hears of: those that their own has a meaning for, as they came, and the rest.
    pub(crate) fn silent(
        known: impl IntoIterator<Item = (&'static str, Option<Raw<'a>>)>,
        rest: &Self,
    ) -> Self {
        let known = known.into_iter();
        let known = known.filter_map(|(key, value)| Some((Cow::Borrowed(key), value?)));
        let rest = rest.iter().map(|member| (member.key.clone(), member.value));
        let mut members = Self::default();
        for (key, value) in known.chain(rest) {
            members.push_with(key, value, Policy::Silent);
        }
        members
    }

    /// Takes a member out.
    pub fn take(&mut self, key: &str) -> Option<Raw<'a>> {
        let index = self.0.iter().position(|member| member.key == key)?;
        Some(self.0.remove(index).value)
    }

    /// Takes out the members of these names.
    #[must_use]
    pub fn split_off(&mut self, keys: &[&str]) -> Self {
        let members = std::mem::take(&mut self.0).into_iter();
        let (taken, left) = members.partition(|member| keys.contains(&&*member.key));
        self.0 = left;
        Self(taken)
    }

    /// Decides for each member what other formats do with it.
    pub fn judge(&mut self, mut policy: impl FnMut(&str, Raw<'a>) -> Policy) {
        for member in &mut self.0 {
            member.policy = policy(&member.key, member.value);
        }
    }

    /// Writes the members into an object of the format they came from.
    pub fn write(&self, object: &mut Object<'_>) {
        for member in &self.0 {
            object.field(&member.key, member.value);
        }
    }
}

impl<'e, 'a> IntoIterator for &'e Extra<'a> {
    type Item = &'e Member<'a>;
    type IntoIter = std::slice::Iter<'e, Member<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
