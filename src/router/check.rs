use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
    sync::Arc,
};

use crate::{format::ApiFormat, target::Target};

use super::{
    Alias, Experiments, Legs, OutputModel, Pattern, Rule,
    build::owners,
    check_alias, check_fallback, check_layers, check_names, check_shadow, check_split,
    names::ByName,
    resolve::{only_model, provider_of},
};

/// Something wrong with the parts of a table, or odd about them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub message: String,
}

/// A place among the parts of a table, by their order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// This target.
    Target(usize),
    /// This rule.
    Rule(usize),
    /// This id among a rule's downstreams.
    Downstream {
        /// The rule.
        rule: usize,
        /// The id.
        id: Arc<str>,
    },
    /// Where copies of this rule's requests go.
    Shadow(usize),
    /// This one of a rule's fallbacks, by their order.
    Fallback {
        /// The rule.
        rule: usize,
        /// The fallback.
        fallback: usize,
    },
    /// This alias.
    Alias(usize),
    /// This name among those that an alias announces, by their order.
    Announced {
        /// The alias.
        alias: usize,
        /// The name.
        name: usize,
    },
    /// This option of an alias, by their order.
    AliasOption {
        /// The alias.
        alias: usize,
        /// The option.
        option: usize,
    },
    /// The downstream of this option of an alias.
    AliasDownstream {
        /// The alias.
        alias: usize,
        /// The option.
        option: usize,
    },
    /// The experiment of a rule or alias.
    Split(Holder),
    /// This arm of it, by their order.
    Arm {
        /// Whose experiment it is.
        of: Holder,
        /// The arm.
        arm: usize,
        /// What of the arm.
        part: ArmPart,
    },
    /// The share of keys that is kept out of all experiments.
    Holdout,
    /// This layer, by their order.
    Layer(usize),
    /// This experiment of a layer, by their order.
    LayerMember {
        /// The layer.
        layer: usize,
        /// The experiment.
        member: usize,
    },
    /// This id in a rule's pipeline.
    Step {
        /// The rule.
        rule: usize,
        /// The id.
        id: Arc<str>,
    },
}

/// What an experiment stands in, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// This rule.
    Rule(usize),
    /// This alias.
    Alias(usize),
}

/// A part of an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArmPart {
    /// Its id.
    Id,
    /// Its downstream.
    Downstream,
    /// The model name that it gets.
    Model,
    /// Its weight.
    Weight,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

struct Check<'a> {
    targets: &'a [Target],
    rules: &'a [Rule],
    /// Places of the targets by id.
    places: HashMap<&'a Arc<str>, usize>,
    aliases: &'a [Alias],
    owners: ByName<Arc<str>, Vec<usize>>,
    problems: Vec<Problem>,
}

/// All that is wrong with these.
pub(super) fn problems(
    targets: &[Target],
    rules: &[Rule],
    aliases: &[Alias],
    experiments: &Experiments,
) -> Vec<Problem> {
    let ids = targets.iter().map(Target::id);
    let mut check = Check {
        targets,
        rules,
        places: ids.zip(0..).collect(),
        aliases,
        owners: owners(targets),
        problems: Vec::new(),
    };
    check.ids();
    for (place, rule) in rules.iter().enumerate() {
        check.downstreams(place, rule);
        if rule.enabled {
            check.names(place, rule);
            check.translators(place, rule);
        }
    }
    let mut problems = check.problems;
    problems.extend(check_fallback::problems(targets, rules, aliases));
    problems.extend(check_shadow::problems(targets, rules, aliases));
    problems.extend(check_alias::problems(targets, aliases));
    problems.extend(check_names::problems(targets, rules, aliases));
    problems.extend(check_split::problems(targets, rules, aliases));
    problems.extend(check_layers::problems(rules, aliases, experiments));
    problems
}

impl<'a> Check<'a> {
    fn wrong(&mut self, place: Place, message: String) {
        self.problems.push(Problem { place, message });
    }

    fn ids(&mut self) {
        let mut seen = HashSet::new();
        for (place, target) in self.targets.iter().enumerate() {
            if !seen.insert(target.id()) {
                let message = format!("another downstream has the id {:?} too", target.id());
                self.wrong(Place::Target(place), message);
            }
        }
        seen.clear();
        for (place, rule) in self.rules.iter().enumerate() {
            if !seen.insert(&rule.id) {
                let message = format!("another rule has the id {:?} too", rule.id);
                self.wrong(Place::Rule(place), message);
            }
        }
    }

    fn downstreams(&mut self, place: usize, rule: &Rule) {
        for id in rule.downstreams.iter().flatten() {
            if !self.places.contains_key(id) {
                let id = Arc::clone(id);
                let message = format!("unknown downstream {id:?}");
                self.wrong(Place::Downstream { rule: place, id }, message);
            }
        }
    }

    /// A rule that routes a model which leads nowhere else has to know the name to send.
    fn names(&mut self, place: usize, rule: &Rule) {
        let (Some(models), Some(_), None) = (&rule.models, &rule.downstreams, &rule.output_model)
        else {
            return;
        };
        if rule.split.is_some() {
            return;
        }
        for target in self.targets_of(rule) {
            let wrong = models.iter().find_map(|model| {
                let reason = sent_name(model, target).err()?;
                (!self.is_resolved(model)).then_some(reason)
            });
            if let Some(reason) = wrong {
                let id = Arc::clone(target.id());
                let message = format!("rule {:?} {reason}; say output_model", rule.id);
                self.wrong(Place::Downstream { rule: place, id }, message);
            }
        }
    }

    /// Whether it is one name, which an alias or an owner takes before any rule can.
    fn is_resolved(&self, model: &Pattern) -> bool {
        model.as_exact().is_some_and(|name| {
            let mut aliases = self.aliases.iter();
            self.owners.contains_key(name) || aliases.any(|alias| self.takes(alias, name))
        })
    }

    fn takes(&self, alias: &Alias, name: &Arc<str>) -> bool {
        let mut targets = alias.leads().map(|id| self.target(id));
        (alias.announced.contains(name) || alias.pattern.matches(name))
            && targets.any(|target| target.is_some_and(Target::enabled))
    }

    fn target(&self, id: &Arc<str>) -> Option<&'a Target> {
        self.targets.get(*self.places.get(id)?)
    }

    /// The targets that a rule leads to, on or off, in the order of declaration.
    fn targets_of(&self, rule: &Rule) -> Vec<&'a Target> {
        let Some(ids) = rule.leads() else {
            return self.targets.iter().collect();
        };
        let places: BTreeSet<_> = ids
            .into_iter()
            .filter_map(|id| self.places.get(id))
            .collect();
        let targets = places.into_iter();
        targets
            .filter_map(|place| self.targets.get(*place))
            .collect()
    }

    /// A translator that can take no leg, whoever calls and wherever the rule lets it go, is a mistake.
    fn translators(&mut self, place: usize, rule: &Rule) {
        if rule.translators().next().is_none() {
            return;
        }
        let pairs = self.pairs(rule);
        let legs = |(client, provider): &_| Legs::between(*client, *provider, rule.translators());
        let legs: Vec<Legs> = pairs.iter().map(legs).collect();
        for (id, _) in rule.translators() {
            if !legs.is_empty() && legs.iter().all(|legs| legs.inert.contains(id)) {
                let message = format!(
                    "{id:?} can never be of use here: the rule sees only {}",
                    whence(&pairs)
                );
                let id = Arc::clone(id);
                self.wrong(Place::Step { rule: place, id }, message);
            }
        }
    }

    /// The pairs of caller's and provider's format that a rule lets through, also to targets that are off: switching
    /// one off is no mistake.
    fn pairs(&self, rule: &Rule) -> Vec<(ApiFormat, ApiFormat)> {
        let detected = rule
            .path
            .as_exact()
            .and_then(|path| ApiFormat::detect(path));
        let clients = match (rule.formats.as_slice(), detected) {
            ([], Some((format, _))) => vec![format],
            ([], None) => ApiFormat::BUILT_IN.to_vec(),
            (formats, _) => formats.to_vec(),
        };
        let mut pairs = Vec::new();
        let fallbacks = rule.fallbacks().iter();
        let fallbacks = fallbacks.filter_map(|fallback| self.target(&fallback.downstream));
        for target in self.targets_of(rule).into_iter().chain(fallbacks) {
            for client in &clients {
                let pair = (*client, provider_of(target, *client, rule));
                let formats = &rule.downstream_formats;
                if (formats.is_empty() || formats.contains(&pair.1)) && !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }
}

/// Whether it is clear which name a model gets at a target that does not own it.
pub(super) fn sent_name(model: &Pattern, target: &Target) -> Result<(), String> {
    let id = target.id();
    match only_model(target) {
        Some(OutputModel::Named(only)) if model.is_any() => {
            Err(format!("would rename every unknown model to {only}"))
        }
        Some(_) => Ok(()),
        // Meant for models that it has; others it does not route.
        None if !model.is_any() && target.models().iter().any(|own| model.matches(own)) => Ok(()),
        None => Err(format!(
            "sends {model:?} to {id:?}, which has none of that name but {}",
            target.models().join(", "),
            model = model.to_string(),
        )),
    }
}

fn whence(pairs: &[(ApiFormat, ApiFormat)]) -> String {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(client, provider)| format!("{client} to {provider}"));
    pairs.collect::<Vec<_>>().join(", ")
}
