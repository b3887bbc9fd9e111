use crate::{
    Error,
    context::Selected,
    ir,
    router::{Facts, failure},
    translate::Outlook,
};

use super::passage;

/// Why a target is not asked although a request is sent to it.
pub(super) struct Obstacle {
    /// What the caller is told.
    pub(super) error: ir::Error,
    /// Whether the next target is asked then, if there is one.
    pub(super) goes_on: bool,
}

impl Obstacle {
    /// Of a request that is selected so, and has this query.
    pub(super) fn of(facts: &Facts<'_>, selected: &Selected, query: Option<&str>) -> Option<Self> {
        if let Outlook::Refuse(error) = Outlook::of(selected, facts.path, query) {
            let (status, _) = facts.format.error_body(&error);
            let retry = selected.retry();
            let mut statuses = retry.statuses.iter().flat_map(|statuses| statuses.iter());
            let goes_on = !selected.operation().may_make() && statuses.any(|said| *said == status);
            return Some(Self { error, goes_on });
        }
        let error = passage::url(facts, selected, query).err()?;
        Some(Self {
            error: failure::describe(&Error::target(error).into()),
            goes_on: true,
        })
    }
}
