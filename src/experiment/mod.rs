//! Which arm of an experiment a request gets: a pure function of the experiment and of whose request it is, so that every
//! replica agrees and none has to ask another.

mod arms;
mod assignment;
mod enrolment;
mod hash;

pub use arms::{Arms, InvalidArms};
pub use assignment::{AssignedBy, Assignment, Share, Unit, unit};
pub use enrolment::{Holdout, InvalidHoldout, InvalidLayer, Layer, covers};

#[cfg(test)]
mod tests;
