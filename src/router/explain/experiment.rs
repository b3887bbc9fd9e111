use crate::{
    experiment::{AssignedBy, Assignment},
    router::{
        Decision, Facts,
        decision::{By, Reason},
        table::{Inner, printable},
    },
};

/// By which experiment the downstream was found.
pub(super) fn resolved(
    inner: &Inner,
    facts: &Facts<'_>,
    decision: &Decision,
    drawn: &Assignment,
) -> String {
    let model = printable(&facts.model);
    let target = decision.selected().target().id();
    let by = match &decision.reason().by {
        By::Alias(name) => format!("Alias '{name}' stands for '{model}'"),
        By::Path(rule) => format!(
            "The request names no model, and rule '{}' names its path",
            inner.rule_id(*rule).cloned().unwrap_or_default()
        ),
        By::Owner { rule: None } => format!("'{target}' has '{model}'"),
        By::Owner { rule: Some(rule) } | By::Rule(rule) => format!(
            "Rule '{}' says where '{model}' goes",
            inner.rule_id(*rule).cloned().unwrap_or_default()
        ),
    };
    format!(
        "{by}. Its experiment '{}' gives the request arm '{}', which leads to '{target}'.",
        drawn.experiment, drawn.arm
    )
}

/// Where the model name comes from that goes to an arm; `None` if a rule says it.
pub(super) fn named(
    inner: &Inner,
    facts: &Facts<'_>,
    decision: &Decision,
    drawn: &Assignment,
) -> Option<String> {
    let Reason { by, model_by } = decision.reason();
    if matches!(by, By::Path(_)) || model_by.is_some() {
        return None;
    }
    let trial = inner.trials.named(&drawn.experiment)?;
    let branch = trial.branches.get(trial.place(&drawn.arm)?)?;
    let selected = decision.selected();
    let (sent, why) = match selected.model() {
        Some(sent) if branch.model.is_some() => {
            (sent.to_string(), format!("as arm '{}' says", drawn.arm))
        }
        Some(sent) => {
            let target = selected.target().id();
            (
                sent.to_string(),
                format!("the only one that '{target}' has"),
            )
        }
        None => (printable(&facts.model), "as the caller says".to_owned()),
    };
    Some(format!("The model sent is '{sent}', {why}."))
}

/// Why it is this arm.
pub(super) fn all(inner: &Inner, drawn: &Assignment) -> Vec<String> {
    let why = match drawn.by {
        AssignedBy::Key => "The arm is drawn by whose request it is.",
        AssignedBy::Conversation => "The arm is drawn by how the conversation begins.",
        AssignedBy::Random => {
            "The arm is drawn by chance, for nothing says whose request it is: another one may get another arm."
        }
        AssignedBy::Loop => "It is within a tool loop, and keeps the arm that this began with.",
        AssignedBy::Override => "Somebody has chosen the arm, who may.",
        AssignedBy::Holdout => "It is kept out of all experiments, and gets control.",
        AssignedBy::Layer => "Its place in the layer is not the experiment's, and it gets control.",
        AssignedBy::Coverage => "The experiment doesn't cover it, and it gets control.",
    };
    let arms = drawn.arms.iter();
    let arms = arms.map(|arm| format!("'{}' {}%", arm.arm, percent(arm.share)));
    let arms = arms.collect::<Vec<_>>().join(", ");
    let mut said = vec![
        why.to_owned(),
        format!("Of all that is drawn, the arms get: {arms}."),
    ];
    said.extend(left_out(inner, drawn));
    said
}

/// Arms that would get something if they could serve the request.
fn left_out(inner: &Inner, drawn: &Assignment) -> Option<String> {
    let trial = inner.trials.named(&drawn.experiment)?;
    let weights = trial.weights.load();
    let arms = weights.arms.shares().iter().zip(drawn.arms.iter());
    let arms = arms.filter(|(share, now)| share.share > 0.0 && now.share == 0.0);
    let arms: Vec<_> = arms.map(|(share, _)| format!("'{}'", share.arm)).collect();
    (!arms.is_empty()).then(|| {
        format!(
            "Of its arms, {} can't serve such a request, and is left out.",
            arms.join(" and ")
        )
    })
}

fn percent(share: f64) -> f64 {
    (share * 1e4).round() / 1e2
}
