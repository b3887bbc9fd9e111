//! Where the arms of experiments lead.

use super::{
    Facts, OutputModel,
    decision::{By, Reason},
    resolve::Route,
    split::implied_model,
    table::{Entry, Inner, Ranking},
    trial::{Branch, Draw},
};

impl Inner {
    /// The way of one of a rule's arms: of those that its filters let the request through to. `deciding` are the rules up to
    /// this one. `None` if there is none, and the rule has no say.
    pub(super) fn drawn(
        &self,
        facts: &Facts<'_>,
        deciding: &[usize],
        entry: &Entry,
    ) -> Option<Route> {
        let (trial, rule) = (entry.trial?, *deciding.last()?);
        let model = |branch: &Branch| self.arm_model(facts, deciding, entry, branch);
        let serves = |branch: &Branch| {
            self.accepts(entry, facts.format, branch.target) && model(branch).is_some()
        };
        let by = if facts.model.is_empty() {
            By::Path(rule)
        } else {
            By::Rule(rule)
        };
        self.way(facts, trial, by, serves, model)
    }

    /// The way of one of an alias's arms.
    pub(super) fn drawn_by_alias(&self, facts: &Facts<'_>, trial: usize, by: By) -> Option<Route> {
        let model = |branch: &Branch| {
            let said = branch.model.clone();
            let implied = || implied_model(self.target(branch.target)?, &facts.model, true);
            Some((None, said.or_else(implied)?))
        };
        self.way(facts, trial, by, |branch| model(branch).is_some(), model)
    }

    fn way(
        &self,
        facts: &Facts<'_>,
        trial: usize,
        by: By,
        serves: impl Fn(&Branch) -> bool,
        model: impl Fn(&Branch) -> Option<(Option<usize>, OutputModel)>,
    ) -> Option<Route> {
        let Draw { arm, assignment } = self.trials.draw(trial, facts, serves)?;
        let branch = self.trials.all.get(trial)?.branches.get(arm)?;
        let (model_by, model) = model(branch)?;
        Some(Route {
            target: branch.target,
            model,
            reason: Reason { by, model_by },
            assignment: Some(assignment),
        })
    }

    /// The model name that goes to an arm, and the place of the rule that says it, if one does.
    fn arm_model(
        &self,
        facts: &Facts<'_>,
        deciding: &[usize],
        entry: &Entry,
        branch: &Branch,
    ) -> Option<(Option<usize>, OutputModel)> {
        if facts.model.is_empty() {
            return Some((None, OutputModel::Requested));
        }
        if let Some(model) = &branch.model {
            return Some((None, model.clone()));
        }
        if let Some((rule, model)) = self.output_model(facts.format, deciding, branch.target) {
            return Some((Some(rule), model.clone()));
        }
        let target = self.target(branch.target)?;
        let is_named = entry.rule.models.is_some();
        Some((None, implied_model(target, &facts.model, is_named)?))
    }

    /// Whether there are experiments.
    pub(super) fn has_trials(&self) -> bool {
        !self.trials.all.is_empty()
    }

    /// Whether an experiment decides on what is known so far, and the body may say more of whose request it is.
    pub(super) fn draws_from_body(&self, facts: &Facts<'_>) -> bool {
        if !self.has_trials() {
            return false;
        }
        let candidates = self.candidates(facts, [&*facts.model], &mut Ranking::default());
        let route = self.route(facts, &candidates);
        let assignment = route.and_then(|route| route.assignment);
        let trial = assignment.and_then(|drawn| self.trials.named(&drawn.experiment));
        trial.is_some_and(|trial| trial.reads_body(facts))
    }
}
