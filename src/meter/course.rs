use std::sync::Arc;

use http::Extensions;

#[cfg(feature = "client")]
use crate::failover::Attempts;
use crate::router::Trail;

use super::{Destination, Summary, summary::shown};

/// What the layers below write down of a request, answered or not.
#[derive(Debug)]
pub(super) struct Course {
    trail: Trail,
    #[cfg(feature = "client")]
    attempts: Attempts,
}

impl Course {
    /// Puts into a request what they write in.
    pub(super) fn begin(extensions: &mut Extensions) -> Self {
        // The host may have put some there, to see them too.
        #[cfg(feature = "client")]
        let attempts = extensions.get_or_insert_default::<Attempts>().clone();
        Self {
            trail: Trail::begin(extensions),
            #[cfg(feature = "client")]
            attempts,
        }
    }

    /// Copies it into a summary.
    pub(super) fn tell(&self, summary: &mut Summary) {
        summary.model = self.trail.model().map(shown);
        let Some(decision) = self.trail.served() else {
            return;
        };
        let selected = decision.selected();
        let assigned = Destination::new(selected.target().id(), selected.model_sent());
        summary.rule = decision.rules().next().map(|rule| Arc::clone(rule.id()));
        summary.assigned = Some(assigned.clone());
        if self.tell_attempts(summary) || summary.status.is_none() {
            return;
        }
        // Nobody counts. There was an answer, so somebody has given it.
        summary.attempts = 1;
        summary.served = Some(assigned);
    }

    /// Copies what was tried, if somebody has tried.
    #[cfg(feature = "client")]
    fn tell_attempts(&self, summary: &mut Summary) -> bool {
        let Some(served) = self.attempts.served() else {
            return false;
        };
        summary.attempts = self.attempts.count();
        summary.served = (summary.attempts > 0)
            .then(|| Destination::new(&served.downstream, served.model.as_ref()));
        true
    }

    #[cfg(not(feature = "client"))]
    #[expect(
        clippy::unused_self,
        reason = "without attempts there is nothing to tell"
    )]
    fn tell_attempts(&self, _: &Summary) -> bool {
        false
    }
}
