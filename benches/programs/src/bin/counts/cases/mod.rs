//! What is counted.

mod answers;
mod configuration;
mod exchange;
mod frames;
mod functions;
mod requests;
mod sizes;
mod stack;
mod streams;
mod text;

/// Does once what a case is about.
pub(crate) type Run = Box<dyn FnMut()>;

/// Something that must not get dearer.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Of how many things that are alike a run consists: the count is given for one.
    pub(crate) units: u32,
    /// How often it is run to be counted.
    pub(crate) times: u32,
    pub(crate) set_up: fn() -> Run,
}

/// All of them.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [stack::CASES, streams::CASES, functions::CASES, sizes::CASES];
    all.into_iter().flatten()
}

impl Case {
    const fn new(name: &'static str, times: u32, set_up: fn() -> Run) -> Self {
        Self {
            name,
            units: 1,
            times,
            set_up,
        }
    }

    /// The same, counted by one of so many.
    const fn per(self, units: u32) -> Self {
        Self { units, ..self }
    }
}
