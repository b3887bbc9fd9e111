//! Which arm of an experiment a request gets: a pure function of the experiment and of whose request it is, so that every
//! replica agrees and none has to ask another.

mod arms;
mod assignment;
mod body;
mod conversation;
mod enrolment;
mod hash;
mod key;
mod parts;
mod source;
mod turns;

pub use arms::{Arms, InvalidArms};
pub use assignment::{AssignedBy, Assignment, Share, Unit, unit};
pub use conversation::is_in_tool_loop;
pub use enrolment::{Holdout, InvalidHoldout, InvalidLayer, Layer, covers};
pub use key::{Draws, Key, Subject, key_of, needs_body};
pub use source::{BodyField, InvalidKeySource, KeySource};

#[cfg(test)]
mod tests;
