use super::{
    super::{Arm, ArmPart, Holder, Place, Problem, Rule, Split, check_split::splits},
    Parts,
};

/// What is odd about experiments.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = Vec::new();
    for (of, _, split) in splits(parts.rules, parts.aliases) {
        let rule = match of {
            Holder::Rule(place) => parts.rules.get(place),
            Holder::Alias(_) => None,
        };
        if rule.is_some_and(|rule| !rule.enabled) {
            continue;
        }
        lints.extend(rule.and_then(beside).map(|message| Problem {
            place: Place::Split(of),
            message,
        }));
        for (arm, said) in split.arms.iter().enumerate() {
            let found = [
                (ArmPart::Downstream, left_out(parts, rule, said)),
                (ArmPart::Weight, gets_nothing(said)),
                (ArmPart::Id, differs_in_nothing(split, arm, said)),
            ];
            let found = found.into_iter().filter_map(|(part, message)| {
                let place = Place::Arm { of, arm, part };
                Some(Problem {
                    place,
                    message: message?,
                })
            });
            lints.extend(found);
        }
    }
    lints.extend(other_keys(parts));
    lints
}

fn beside(rule: &Rule) -> Option<String> {
    rule.downstreams.as_ref()?;
    Some(format!(
        "match_downstreams of rule {} has no effect: its split says where requests go",
        rule.id
    ))
}

fn left_out(parts: &Parts<'_>, rule: Option<&Rule>, arm: &Arm) -> Option<String> {
    let target = parts.by_id.get(&*arm.downstream)?;
    let (id, downstream) = (&arm.id, &arm.downstream);
    if !target.enabled() {
        return Some(format!(
            "arm {id} is left out: downstream {downstream} is off"
        ));
    }
    let spoken = target.formats();
    let meant = &rule?.downstream_formats;
    let is_met = spoken.is_empty() || spoken.iter().any(|format| meant.contains(format));
    (!meant.is_empty() && !is_met).then(|| {
        format!(
            "arm {id} is left out: match_downstream_format leaves out what {downstream} can be spoken to in"
        )
    })
}

fn gets_nothing(arm: &Arm) -> Option<String> {
    (arm.weight == 0.0).then(|| format!("arm {} gets nothing: its weight is 0", arm.id))
}

fn differs_in_nothing(split: &Split, at: usize, arm: &Arm) -> Option<String> {
    let mut earlier = split.arms.iter().take(at);
    let same = earlier.find(|earlier| {
        earlier.downstream == arm.downstream && earlier.output_model == arm.output_model
    })?;
    let (one, other) = (&same.id, &arm.id);
    Some(format!("arms {one} and {other} differ in nothing"))
}

/// Experiments of one layer that look for different keys: the same user may be in both by another key.
fn other_keys(parts: &Parts<'_>) -> Vec<Problem> {
    let keys = |name: &str| {
        let mut splits = splits(parts.rules, parts.aliases);
        let split = splits.find_map(|(_, known, split)| (**known == *name).then_some(split));
        split.map(|split| {
            split
                .keys
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
    };
    let mut lints = Vec::new();
    for (layer, said) in parts.experiments.layers.iter().enumerate() {
        let Some((first, _)) = said.members.first() else {
            continue;
        };
        for (member, (name, _)) in said.members.iter().enumerate() {
            if keys(name) != keys(first) {
                lints.push(Problem {
                    place: Place::LayerMember { layer, member },
                    message: format!(
                        "{name} and {first} look for different keys, so that one user can be in both"
                    ),
                });
            }
        }
    }
    lints
}
