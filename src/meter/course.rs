use std::sync::Arc;

use http::Extensions;

#[cfg(feature = "client")]
use crate::failover::Attempts;
use crate::router::{Copied, Trail};

use super::{Destination, Summary, summary::shown};

/// What the layers below write down of a request, answered or not.
#[derive(Debug)]
pub(super) struct Course {
    trail: Trail,
    /// What a copy is known by: no router sees it.
    copied: Option<Copied>,
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
            copied: Copied::of(extensions).cloned(),
            trail: Trail::begin(extensions),
            #[cfg(feature = "client")]
            attempts,
        }
    }

    /// Copies it into a summary.
    pub(super) fn tell(&self, summary: &mut Summary) {
        summary.model = self.trail.model().map(shown);
        let selected = match (self.trail.served(), &self.copied) {
            (Some(decision), _) => {
                summary.rule = decision.rules().next().map(|rule| Arc::clone(rule.id()));
                decision.selected()
            }
            (None, Some(copied)) => {
                summary.is_shadow = true;
                summary.rule = Some(Arc::clone(copied.rule()));
                summary.model = copied.selected().asked().map(shown);
                copied.selected()
            }
            (None, None) => return,
        };
        let assigned = Destination::new(selected.target().id(), selected.model_sent());
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
        if self.attempts.assigned().is_none() {
            return false;
        }
        summary.attempts = self.attempts.count();
        let served = self.attempts.served().filter(|_| summary.attempts > 0);
        summary.served =
            served.map(|served| Destination::new(&served.downstream, served.model.as_ref()));
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
