//! JSON that is walked through rather than read.

mod block;
mod strings;
mod walk;

#[cfg(test)]
mod tests;

use super::Raw;
pub(crate) use walk::Walk;

/// Shows the members of an object, in their order: the name as it is spelled, and the value. `None` if `text` is no
/// object, or no JSON, or one that needs a closer look: a name with escapes, or values 128 levels deep.
///
/// What is `Some` is JSON to every strict parser, for all of it is looked at, and has the members that were shown. What
/// was shown before `None` means nothing.
pub(crate) fn members<'a>(text: &'a str, mut show: impl FnMut(&'a str, Raw<'a>)) -> Option<()> {
    Walk::through(text, |walk| {
        walk.object(|walk, name| {
            show(name, walk.raw()?);
            Some(())
        })
    })
}
