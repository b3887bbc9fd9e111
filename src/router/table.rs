use std::{cmp::Reverse, fmt, sync::Arc};

use smallvec::SmallVec;

use crate::{
    admission::ClientKeys, context::Terms, format::Operation, ir, plugin::Plugins, target::Target,
};

use super::{
    Alias, Decision, Experiments, Facts, Fallback, Pattern, Problem, Rule, Specificity,
    alias::{Group, Names},
    check,
    index::Index,
    lint, matter,
    named::NamedPaths,
    names::ByName,
    shadow::Lane,
    trial::Trials,
};

/// Targets and rules, ready to decide. Cheap to clone.
#[derive(Clone)]
pub struct Table(pub(super) Arc<Inner>);

/// See [`Table`].
pub(super) struct Inner {
    pub(super) targets: Vec<Arc<Target>>,
    /// In the order of declaration.
    pub(super) rules: Vec<Entry>,
    /// Ways to the enabled rules, by model and then by path.
    pub(super) ways: Index<Index<Vec<Way>>>,
    /// Targets by the models they list, in the order of declaration.
    pub(super) owners: ByName<Arc<str>, Vec<usize>>,
    pub(super) paths: NamedPaths,
    /// In the order of declaration, without those that lead nowhere.
    pub(super) aliases: Vec<Group>,
    pub(super) alias_names: Names,
    pub(super) trials: Trials,
    /// Who sends it may choose an arm.
    pub(super) override_key: ClientKeys,
    pub(super) lints: Vec<Problem>,
}

/// A rule as the table needs it.
pub(super) struct Entry {
    pub(super) rule: Rule,
    /// Its downstreams, in the order of *their* declaration, each once.
    pub(super) targets: Option<Vec<usize>>,
    /// The place of its experiment.
    pub(super) trial: Option<usize>,
    /// Its fallbacks, with the places of their targets.
    pub(super) fallbacks: Option<Vec<(usize, Fallback)>>,
    /// The place of the target that gets copies, and how many are on their way.
    pub(super) shadow: Option<(usize, Arc<Lane>)>,
    pub(super) plugins: Option<Plugins>,
    /// `None` if it says nothing of the kind.
    pub(super) terms: Option<Arc<Terms>>,
    pub(super) has_plugin_before_translator: bool,
}

/// One of the patterns by which a model name leads to a rule.
pub(super) struct Way {
    pub(super) specificity: Specificity,
    pub(super) model: Pattern,
    /// Its place in `Inner::rules`.
    pub(super) rule: usize,
}

/// Places of rules, most specific first. Up to so many need no memory of their own.
pub(super) type Places = SmallVec<[usize; 4]>;

/// How specific rules match, and their places.
#[derive(Default)]
pub(super) struct Ranking(SmallVec<[(Reverse<Specificity>, usize); 8]>);

impl Table {
    /// Builds a table. The order of targets, rules and aliases decides only between equals.
    ///
    /// # Errors
    ///
    /// All that is wrong: ids that occur twice, downstreams that don't exist, rules that can't say which model they
    /// send, translators that can't be of use, names that stand for two things.
    pub fn build(
        targets: Vec<Target>,
        rules: Vec<Rule>,
        aliases: Vec<Alias>,
    ) -> Result<Self, Vec<Problem>> {
        Self::build_with(targets, rules, aliases, &Experiments::new())
    }

    /// The same, with what is said of all experiments together.
    ///
    /// # Errors
    ///
    /// All that is wrong, and experiments that are not there or have not enough room.
    pub fn build_with(
        targets: Vec<Target>,
        rules: Vec<Rule>,
        aliases: Vec<Alias>,
        experiments: &Experiments,
    ) -> Result<Self, Vec<Problem>> {
        let problems = check::problems(&targets, &rules, &aliases, experiments);
        if !problems.is_empty() {
            return Err(problems);
        }
        let lints = lint::lints(&targets, &rules, &aliases, experiments);
        let inner = Inner::new(targets, rules, aliases, experiments, lints);
        Ok(Self(Arc::new(inner)))
    }

    /// Where a request goes and how.
    ///
    /// # Errors
    ///
    /// If the request names no model, or one that leads nowhere or has control characters. Where the endpoint needs none, a request without one goes
    /// where the most specific rule leads that names its path; without such a rule there is nothing. And if an arm was chosen
    /// that the request can't get.
    pub fn decide(&self, facts: &Facts<'_>) -> Result<Decision, ir::Error> {
        let names_model = !facts.model.is_empty();
        if !names_model
            && matches!(
                facts.operation,
                Operation::Generate | Operation::CountTokens
            )
        {
            return Err(no_model());
        }
        let mut ranking = Ranking::default();
        let candidates = self.0.candidates(facts, [&*facts.model], &mut ranking);
        let route = self.0.route(facts, &candidates);
        let unknown = || match facts.operation {
            _ if names_model => facts.format.api().unknown_model(&printable(&facts.model)),
            Operation::Unknown => matter::nothing_there(),
            _ => no_model(),
        };
        let route = route.ok_or_else(unknown)?;
        // No model has one, and where a name stands in a path or a log, it may end a line.
        if facts.model.chars().any(char::is_control) {
            return Err(unprintable_model());
        }
        if let Some(chosen) = &facts.arm {
            self.0.heeds(chosen, &route)?;
        }
        Ok(Decision::new(
            self,
            facts,
            (candidates, &mut ranking),
            route,
        ))
    }

    /// The targets, in the order of declaration.
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.0.targets
    }

    /// The rules, in the order of declaration.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.0.rules.iter().map(|entry| &entry.rule)
    }

    /// The aliases, in the order of declaration, without options whose downstream is off.
    pub fn aliases(&self) -> impl ExactSizeIterator<Item = &Alias> {
        self.0.aliases.iter().map(|group| &group.alias)
    }

    /// What is legal and yet looks like a mistake.
    pub fn lints(&self) -> &[Problem] {
        &self.0.lints
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// All models that a target lists or a rule or alias names, in the order of the alphabet.
    pub(super) fn named_models(&self) -> Vec<&str> {
        let names = self.owners.keys().chain(self.ways.names());
        let names = names.chain(self.alias_names.exact());
        let mut models: Vec<&str> = names.map(|name| &**name).collect();
        models.sort_unstable();
        models.dedup();
        models
    }

    /// The exact paths of enabled rules that name this model exactly.
    pub(super) fn paths_of(&self, model: &str) -> impl Iterator<Item = &Arc<str>> {
        let paths = self.ways.exact(model).into_iter();
        paths.flat_map(Index::names)
    }

    /// Places of the enabled rules that path, caller and one of these names of the model match, most specific first; with
    /// those in the ranking, to which they are added.
    pub(super) fn candidates<'n>(
        &self,
        facts: &Facts<'_>,
        names: impl IntoIterator<Item = &'n str>,
        ranking: &mut Ranking,
    ) -> Places {
        for name in names {
            self.rank(facts, name, ranking);
        }
        ranking.places()
    }

    fn rank(&self, facts: &Facts<'_>, name: &str, ranking: &mut Ranking) {
        let is_meant = |way: &&Way| way.model.matches(name) && self.admits(way.rule, facts);
        let mut collect = |found: &Vec<Way>| {
            for way in found.iter().filter(is_meant) {
                ranking.0.push((Reverse(way.specificity), way.rule));
            }
        };
        let mut look = |paths: &Index<Vec<Way>>| paths.each(facts.path, &mut collect);
        self.ways.each(name, &mut look);
    }

    fn admits(&self, place: usize, facts: &Facts<'_>) -> bool {
        let rule = self.rules.get(place).map(|entry| &entry.rule);
        rule.is_some_and(|rule| {
            rule.path.matches(facts.path)
                && (rule.formats.is_empty() || rule.formats.contains(&facts.format))
        })
    }
}

impl Ranking {
    /// Of several ways to a rule, the most specific one counts.
    fn places(&mut self) -> Places {
        let ways = &mut self.0;
        ways.sort_unstable_by_key(|(specificity, rule)| (*rule, *specificity));
        ways.dedup_by_key(|(_, rule)| *rule);
        ways.sort_unstable();
        let mut places = Places::new();
        for (_, rule) in ways {
            places.push(*rule);
        }
        places
    }
}

fn no_model() -> ir::Error {
    ir::Error::bad_request("The request names no model.")
        .with_code("missing_required_parameter")
        .with_param("model")
}

fn unprintable_model() -> ir::Error {
    ir::Error::bad_request("The name of the model has control characters.")
        .with_code("invalid_model")
        .with_param("model")
}

/// As much of a caller's text as may be echoed.
pub(super) fn printable(text: &str) -> String {
    const SHOWN: usize = 128;
    let harmless = |character: char| {
        let shown = character.is_alphanumeric() || character.is_ascii_graphic();
        if shown || character == ' ' {
            character
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    text.chars().take(SHOWN).map(harmless).collect()
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = self.0.targets.iter().map(|target| target.id());
        f.debug_struct("Table")
            .field("targets", &targets.collect::<Vec<_>>())
            .field("rules", &self.rules().map(Rule::id).collect::<Vec<_>>())
            .finish()
    }
}
