#[cfg(feature = "client")]
use std::iter;
use std::sync::Arc;

use http::Extensions;

#[cfg(feature = "client")]
use crate::failover::Attempts;
use crate::{
    context::{Progress, Selected},
    router::{Copied, Trail},
    target::Prices,
};

use super::{Destination, Summary, summary::shown};

/// What the layers below write down of a request, answered or not.
#[derive(Debug)]
pub(super) struct Course {
    trail: Trail,
    /// What somebody in front has selected, so that no router decides. Few do, and it is large.
    selected: Option<Box<Selected>>,
    /// What a copy is known by: no router sees it either.
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
            selected: Selected::of(extensions).cloned().map(Box::new),
            copied: Copied::of(extensions).cloned(),
            trail: Trail::begin(extensions),
            #[cfg(feature = "client")]
            attempts,
        }
    }

    /// Looks into the answer to a copy: nobody makes attempts who would do it.
    pub(super) fn watch(&self, extensions: &mut Extensions) -> Option<Progress> {
        self.copied.as_ref()?;
        let progress = Progress::new();
        progress.seek_tally();
        extensions.insert(progress.clone());
        Some(progress)
    }

    /// Copies it into a summary. Returns the prices of who has answered.
    pub(super) fn tell(&self, summary: &mut Summary) -> Option<Prices> {
        if let Some(copied) = &self.copied {
            return tell_copy(copied, summary);
        }
        summary.model = self.trail.model().map(shown);
        summary.client = self.trail.format();
        let decision = self.trail.served();
        let first = decision.map(|decision| decision.selected());
        let first = first.or(self.selected.as_deref())?;
        summary.arm = decision.and_then(|decision| decision.assignment().cloned());
        let rule = decision.and_then(|decision| decision.rules().next());
        summary.rule = rule.map(|rule| Arc::clone(rule.id()));
        goes(first, summary);
        self.tell_served(first, summary)
    }

    /// Copies who has answered, or was asked last.
    #[cfg(feature = "client")]
    fn tell_served(&self, first: &Selected, summary: &mut Summary) -> Option<Prices> {
        let Some((count, served)) = self.attempts.course() else {
            return nobody_counts(first, summary);
        };
        summary.attempts = count;
        let served = served.filter(|_| count > 0)?;
        let decision = self.trail.served();
        let others = decision.map_or(&[][..], |decision| decision.alternatives());
        let others = others.iter().map(|other| &other.selected);
        let known = iter::once(first).chain(others).find(|selected| {
            *selected.target().id() == served.downstream
                && selected.model_sent() == served.model.as_ref()
        });
        if known.is_none() {
            // The host's own fallbacks.
            let model = served.model.as_ref();
            summary.served = Some(Destination::new(&served.downstream, model));
        }
        serves(known?, summary)
    }

    #[cfg(not(feature = "client"))]
    #[expect(clippy::unused_self, reason = "nobody makes attempts")]
    fn tell_served(&self, first: &Selected, summary: &mut Summary) -> Option<Prices> {
        nobody_counts(first, summary)
    }
}

/// If there was an answer, somebody has given it.
fn nobody_counts(first: &Selected, summary: &mut Summary) -> Option<Prices> {
    summary.status?;
    summary.attempts = 1;
    serves(first, summary)
}

/// A copy is asked once, and nobody decides or counts.
fn tell_copy(copied: &Copied, summary: &mut Summary) -> Option<Prices> {
    let selected = copied.selected();
    summary.is_shadow = true;
    summary.rule = Some(Arc::clone(copied.rule()));
    summary.model = selected.asked().map(shown);
    summary.client = Some(selected.client());
    summary.attempts = 1;
    goes(selected, summary);
    serves(selected, summary)
}

fn goes(selected: &Selected, summary: &mut Summary) {
    summary.operation = Some(selected.operation());
    summary.stream = selected.stream();
    summary.provider = Some(selected.provider());
    summary.assigned = Some(Destination::of(selected));
}

fn serves(selected: &Selected, summary: &mut Summary) -> Option<Prices> {
    summary.served = Some(Destination::of(selected));
    summary.provider = Some(selected.provider());
    let model = selected.model_sent().map_or("", |model| model);
    selected.target().prices(model).copied()
}
