use http::Extensions;

use crate::{
    context::{Selected, WantsTally, id::RequestId, trail::Trail},
    downstream::Shutdown,
    format::Named,
    plugin::{CallerPlugins, Plugins},
};

/// The extensions of a request for another try besides what is selected for it, if there are no others than the
/// gateway's own. To copy them as they are takes memory for each, and few requests are tried again.
#[derive(Debug)]
pub(super) struct Kept {
    id: Option<RequestId>,
    trail: Option<Trail>,
    shutdown: Option<Shutdown>,
    tally: Option<WantsTally>,
    rare: Option<Box<Rare>>,
}

/// What not all requests have.
#[derive(Debug)]
struct Rare {
    named: Option<Named>,
    caller_plugins: Option<CallerPlugins>,
    plugins: Option<Plugins>,
}

impl Kept {
    /// All extensions; `None` if there is one that is not known here.
    pub(super) fn all(extensions: &Extensions) -> Option<Self> {
        let mut known = usize::from(Selected::of(extensions).is_some());
        let mut all = Self {
            id: kept(extensions, &mut known),
            trail: kept(extensions, &mut known),
            shutdown: kept(extensions, &mut known),
            tally: kept(extensions, &mut known),
            rare: None,
        };
        if known < extensions.len() {
            all.rare = Some(Box::new(Rare {
                named: kept(extensions, &mut known),
                caller_plugins: kept(extensions, &mut known),
                plugins: kept(extensions, &mut known),
            }));
        }
        (known == extensions.len()).then_some(all)
    }

    pub(super) fn put_into(self, extensions: &mut Extensions) {
        put(extensions, self.id);
        put(extensions, self.trail);
        put(extensions, self.shutdown);
        put(extensions, self.tally);
        if let Some(rare) = self.rare {
            put(extensions, rare.named);
            put(extensions, rare.caller_plugins);
            put(extensions, rare.plugins);
        }
    }
}

fn kept<T: Clone + Send + Sync + 'static>(extensions: &Extensions, known: &mut usize) -> Option<T> {
    let found = extensions.get::<T>().cloned();
    *known += usize::from(found.is_some());
    found
}

fn put<T: Clone + Send + Sync + 'static>(extensions: &mut Extensions, value: Option<T>) {
    if let Some(value) = value {
        extensions.insert(value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{format::ApiFormat, target::Target};

    fn extensions() -> Extensions {
        let mut extensions = Extensions::new();
        let target = Target::new("d", "https://d".parse().unwrap());
        extensions.insert(Selected::new(Arc::new(target), ApiFormat::OPENAI));
        extensions.insert(RequestId::new("id").unwrap());
        extensions.insert(Shutdown::never());
        WantsTally::say(&mut extensions);
        Trail::begin(&mut extensions);
        extensions.insert(Plugins([].into()));
        extensions.insert(CallerPlugins([].into()));
        extensions
    }

    #[test]
    fn what_is_kept_is_there_again() {
        let mut again = Extensions::new();
        Kept::all(&extensions()).unwrap().put_into(&mut again);
        assert_eq!(again.len() + 1, extensions().len());
        assert_eq!(RequestId::of(&again).unwrap().as_str(), "id");
        assert!(Trail::of(&again).is_some() && Shutdown::of(&again).is_some());
        assert!(WantsTally::is_said(&again));
        assert!(again.get::<Plugins>().is_some() && again.get::<CallerPlugins>().is_some());
    }

    #[test]
    fn nothing_is_kept_where_the_host_has_put_something_in() {
        let mut extensions = extensions();
        extensions.insert("of the host");
        assert!(Kept::all(&extensions).is_none());
    }
}
