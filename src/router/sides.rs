use std::sync::Arc;

use crate::{format::ApiFormat, plugin::PluginLayer};

use super::{Rule, Step, legs::Course};

/// A plugin with its name.
pub(super) type Named<'a> = (&'a Arc<str>, &'a PluginLayer);

/// The plugins of the rules that match, outermost first, by the side of the translation on which they run.
#[derive(Default)]
pub(super) struct Sides<'a> {
    /// Those written before a translator that takes a step of the request. They see the caller's format.
    pub(super) caller: Vec<Named<'a>>,
    /// All others. They see the provider's.
    pub(super) provider: Vec<Named<'a>>,
}

impl<'a> Sides<'a> {
    /// Of these rules, most specific first, in an exchange between these formats.
    pub(super) fn of(
        rules: impl Iterator<Item = &'a Rule>,
        client: ApiFormat,
        provider: ApiFormat,
    ) -> Self {
        let mut sides = Self::default();
        let mut course = Course::new(client, provider);
        for rule in rules {
            let mut waiting = Vec::new();
            for step in &rule.pipeline {
                match step {
                    Step::Plugin { id, layer } => waiting.push((id, layer)),
                    Step::Translator { translator, .. } if course.takes(*translator) => {
                        sides.caller.append(&mut waiting);
                    }
                    Step::Translator { .. } => {}
                }
            }
            sides.provider.append(&mut waiting);
        }
        sides
    }
}

/// The layers alone; `None` if there are none.
pub(super) fn layers(plugins: &[Named<'_>]) -> Option<Arc<[PluginLayer]>> {
    let layers = plugins.iter().map(|(_, layer)| (*layer).clone());
    (!plugins.is_empty()).then(|| layers.collect())
}

/// The names alone.
pub(super) fn ids<'a>(plugins: &[Named<'a>]) -> Vec<&'a Arc<str>> {
    plugins.iter().map(|(id, _)| *id).collect()
}
