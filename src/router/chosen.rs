//! Arms that somebody has chosen, who may.

use http::{Extensions, HeaderMap, HeaderName};

use crate::{
    experiment::{ArmOverride, Assignment},
    ir::{self, ErrorKind},
};

use super::{
    Table,
    resolve::Route,
    table::{Inner, printable},
};

/// The header by which a caller chooses an arm, who has the key for it.
pub(super) const ARM: HeaderName = HeaderName::from_static("x-llm-arm");

/// The header of that key.
pub(super) const ARM_KEY: HeaderName = HeaderName::from_static("x-llm-arm-key");

impl Table {
    /// The arm that somebody has chosen for a request: the host by an [`ArmOverride`] among the extensions, or else the
    /// caller by the header `x-llm-arm`, as `arm` or `experiment=arm`. Without an override key in the table, the header
    /// means nothing. For [`Facts::arm`](super::Facts::arm).
    ///
    /// # Errors
    ///
    /// If a caller chooses and has not the key, which `x-llm-arm-key` is to be.
    pub fn arm_override(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Option<ArmOverride>, ir::Error> {
        if let Some(chosen) = ArmOverride::of(extensions) {
            return Ok(Some(chosen.clone()));
        }
        let known = &self.inner().override_key;
        if known.is_empty() {
            return Ok(None);
        }
        let Some(arm) = headers.get(ARM) else {
            return Ok(None);
        };
        let key = headers.get(ARM_KEY);
        if !key.is_some_and(|key| known.has(key.as_bytes())) {
            return Err(forbidden());
        }
        let arm = String::from_utf8_lossy(arm.as_bytes());
        let Ok(chosen) = arm.parse();
        Ok(Some(chosen))
    }
}

impl Inner {
    /// Whether a route is by the arm that was chosen for it. What is said of another experiment does no harm, if there is
    /// one.
    pub(super) fn heeds(&self, chosen: &ArmOverride, route: &Route) -> Result<(), ir::Error> {
        let assignment = route.assignment.as_ref();
        let is_meant = |assignment: &&Assignment| {
            let mut meant = chosen.experiment().into_iter();
            meant.all(|experiment| *experiment == assignment.experiment)
        };
        let heeded = match (assignment.filter(is_meant), chosen.experiment()) {
            (Some(assignment), _) => assignment.arm == *chosen.arm(),
            (None, Some(experiment)) => {
                let trial = self.trials.named(experiment);
                trial.is_some_and(|trial| trial.place(chosen.arm()).is_some())
            }
            (None, None) => false,
        };
        heeded
            .then_some(())
            .ok_or_else(|| unknown(chosen, assignment.is_some()))
    }
}

fn forbidden() -> ir::Error {
    let message = format!("Only who sends the key for it in {ARM_KEY} may choose an arm.");
    ir::Error::new(ErrorKind::Forbidden, message).with_code("arm_override_forbidden")
}

fn unknown(chosen: &ArmOverride, is_drawn: bool) -> ir::Error {
    let arm = printable(chosen.arm());
    let message = match chosen.experiment() {
        Some(experiment) => format!(
            "The experiment '{}' has no arm '{arm}' that can serve this request.",
            printable(experiment)
        ),
        None if is_drawn => {
            format!("The experiment of this request has no arm '{arm}' that can serve it.")
        }
        None => format!("This request is in no experiment, and gets no arm '{arm}'."),
    };
    ir::Error::bad_request(message)
        .with_code("unknown_arm")
        .with_param("x-llm-arm")
}
