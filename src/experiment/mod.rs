//! Which arm of an experiment a request gets: a pure function of the experiment and of whose request it is, so that every
//! replica agrees and none has to ask another.

mod assignment;

pub use assignment::{AssignedBy, Assignment, Share, Unit};
