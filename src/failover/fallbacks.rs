use std::sync::Arc;

use http::Extensions;

use crate::{
    context::Selected,
    plugin::{CallerPlugins, Plugins},
};

/// Another way to answer a request, with all that the layers below need to know of it.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// The target, the formats, and the model name to send.
    pub selected: Selected,
    /// The plugins that see the caller's format there.
    pub caller_plugins: Option<CallerPlugins>,
    /// The plugins that see the provider's.
    pub plugins: Option<Plugins>,
}

impl Alternative {
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    /// Puts it into a request in place of what was selected before.
    pub(crate) fn select(&self, extensions: &mut Extensions) {
        extensions.insert(self.selected.clone());
        replace(extensions, self.caller_plugins.as_ref());
        replace(extensions, self.plugins.as_ref());
    }
}

#[cfg_attr(not(feature = "client"), allow(dead_code))]
fn replace<T: Clone + Send + Sync + 'static>(extensions: &mut Extensions, value: Option<&T>) {
    match value {
        Some(value) => drop(extensions.insert(value.clone())),
        None => drop(extensions.remove::<T>()),
    }
}

impl From<Selected> for Alternative {
    /// Without plugins.
    fn from(selected: Selected) -> Self {
        Self {
            selected,
            caller_plugins: None,
            plugins: None,
        }
    }
}

/// Request extension: where a request goes if its [`Selected`] target fails, best first.
#[derive(Debug, Clone)]
pub struct Fallbacks(pub Arc<[Alternative]>);
