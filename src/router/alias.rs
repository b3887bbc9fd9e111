use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Pattern, Split, index::Index, names::ByName, table::Inner};

/// A name that callers use for a model, and the options that it may stand for, of which one is active at a time.
///
/// An alias is asked before the downstreams' own models and before any rule, and what it says is final: the model of
/// its active option is not looked up again.
#[derive(Debug, Clone)]
pub struct Alias {
    pub(super) name: Arc<str>,
    pub(super) pattern: Pattern,
    pub(super) announced: Vec<Arc<str>>,
    pub(super) options: Vec<AliasOption>,
    pub(super) split: Option<Split>,
}

/// What an [`Alias`] may stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AliasOption {
    /// Its id, by which it is activated. No other option of the table has it.
    pub id: Arc<str>,
    /// The downstream, by id.
    pub downstream: Arc<str>,
    /// The model name that the downstream gets.
    pub model: Arc<str>,
}

impl AliasOption {
    /// An option of these three.
    pub fn new(
        id: impl Into<Arc<str>>,
        downstream: impl Into<Arc<str>>,
        model: impl Into<Arc<str>>,
    ) -> Self {
        Self {
            id: id.into(),
            downstream: downstream.into(),
            model: model.into(),
        }
    }
}

impl Alias {
    /// An alias for the names that `pattern` matches, known to rules as `name`.
    ///
    /// The first of the `options` is active until another [is activated](super::SharedTable::activate_alias).
    pub fn new(name: impl Into<Arc<str>>, pattern: Pattern, options: Vec<AliasOption>) -> Self {
        Self {
            name: name.into(),
            pattern,
            announced: Vec::new(),
            options,
            split: None,
        }
    }

    /// With these names in lists of models. They match before any other alias, exact ones included.
    #[must_use]
    pub fn with_announced(mut self, names: Vec<Arc<str>>) -> Self {
        self.announced = names;
        self
    }

    /// That stands for the arms of an experiment, in place of any options. More in the
    /// [module's docs](super#experiments).
    #[must_use]
    pub fn with_split(mut self, split: Split) -> Self {
        self.split = Some(split);
        self
    }

    /// The name that rules know it by.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Which names it stands for.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The names that stand in lists of models although the alias is no exact one.
    pub fn announced(&self) -> &[Arc<str>] {
        &self.announced
    }

    /// What it may stand for.
    pub fn options(&self) -> &[AliasOption] {
        &self.options
    }

    /// The ids of the downstreams that it can lead to.
    pub(super) fn leads(&self) -> impl Iterator<Item = &Arc<str>> {
        let options = self.options.iter().map(|option| &option.downstream);
        options.chain(self.split.iter().flat_map(Split::downstreams))
    }

    /// The experiment that it is, if it is one.
    pub fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }

    /// The name of that.
    pub fn experiment(&self) -> Option<&Arc<str>> {
        self.split.as_ref().map(|split| split.name(&self.name))
    }
}

/// An alias in a table: its options that lead to a downstream which is on, and which of them is active.
pub(super) struct Group {
    pub(super) alias: Alias,
    /// The places of the options' targets.
    pub(super) targets: Vec<usize>,
    /// The place of its experiment.
    pub(super) trial: Option<usize>,
    active: AtomicUsize,
}

impl Group {
    pub(super) fn new(alias: Alias, targets: Vec<usize>, trial: Option<usize>) -> Self {
        Self {
            alias,
            targets,
            trial,
            active: AtomicUsize::new(0),
        }
    }

    /// The active option and the place of its target.
    pub(super) fn active(&self) -> Option<(&AliasOption, usize)> {
        let active = self.active.load(Ordering::Acquire);
        Some((self.alias.options.get(active)?, *self.targets.get(active)?))
    }

    /// Makes the option of this id the active one; false if there is none.
    pub(super) fn activate(&self, id: &str) -> bool {
        let mut options = self.alias.options.iter();
        let Some(place) = options.position(|option| *option.id == *id) else {
            return false;
        };
        self.active.store(place, Ordering::Release);
        true
    }

    /// Takes over what was activated in a former table.
    pub(super) fn adopt(&self, former: &Self) {
        if former.active.load(Ordering::Acquire) == 0 {
            return;
        }
        if let Some((option, _)) = former.active() {
            self.activate(&option.id);
        }
    }
}

/// The places of aliases by the names that they stand for.
pub(super) struct Names {
    /// Those that are announced, and those of exact aliases.
    exact: ByName<Arc<str>, usize>,
    patterns: Index<Vec<(usize, Pattern)>>,
}

impl Names {
    /// Of these, in the order of declaration.
    pub(super) fn new<'a>(aliases: impl Iterator<Item = &'a Alias> + Clone) -> Self {
        let (mut exact, mut patterns) = (ByName::default(), Index::<Vec<_>>::default());
        // What is announced comes before what is exact.
        for (place, alias) in aliases.clone().enumerate() {
            for name in &alias.announced {
                exact.entry(Arc::clone(name)).or_insert(place);
            }
        }
        for (place, alias) in aliases.enumerate() {
            if let Some(name) = alias.pattern.as_exact() {
                exact.entry(Arc::clone(name)).or_insert(place);
                continue;
            }
            for key in alias.pattern.keys() {
                patterns.entry(key).push((place, alias.pattern.clone()));
            }
        }
        Self { exact, patterns }
    }

    /// Announced names and exact ones come before patterns, and of these the first that matches.
    pub(super) fn get(&self, name: &str) -> Option<usize> {
        let matching = || {
            let mut first = None;
            self.patterns.each(name, &mut |patterns| {
                let matching = patterns.iter().filter(|(_, pattern)| pattern.matches(name));
                let places = matching.map(|(place, _)| *place);
                first = first.into_iter().chain(places).min();
            });
            first
        };
        self.exact.get(name).copied().or_else(matching)
    }

    /// A name that needs no pattern, as it is kept here.
    pub(super) fn exact_name(&self, name: &str) -> Option<&Arc<str>> {
        Some(self.exact.get_key_value(name)?.0)
    }

    /// The names that need no pattern.
    pub(super) fn exact(&self) -> impl Iterator<Item = &Arc<str>> {
        self.exact.keys()
    }
}

impl Inner {
    /// The alias that this name stands for: an announced name before an exact one, and that before the first pattern.
    pub(super) fn alias(&self, name: &str) -> Option<&Group> {
        self.aliases.get(self.alias_names.get(name)?)
    }

    pub(super) fn activate_alias(&self, id: &str) -> Result<(), UnknownAlias> {
        if self.aliases.iter().any(|group| group.activate(id)) {
            return Ok(());
        }
        Err(UnknownAlias(id.to_owned()))
    }

    /// Takes over what was activated and set in a former table.
    pub(super) fn adopt(&self, former: &Self) {
        self.trials.adopt(&former.trials);
        let formers = former.aliases.iter();
        let formers: HashMap<_, _> = formers.map(|former| (&former.alias.name, former)).collect();
        for group in &self.aliases {
            if let Some(former) = formers.get(&group.alias.name) {
                group.adopt(former);
            }
        }
    }
}

/// No option of an alias has this id, or only one whose downstream is off.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownAlias(pub String);

impl fmt::Display for UnknownAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no option of an alias has the id {:?}", self.0)
    }
}

impl std::error::Error for UnknownAlias {}
