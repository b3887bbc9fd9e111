use http::{Method, Request, Uri};

use crate::{context::Selected, ir::Error};

use super::{
    TranslateLayer,
    plan::{Estimate, Lane, Task},
};

/// What the layer makes of a request, as far as its head tells.
#[derive(Debug)]
pub(crate) enum Outlook {
    /// The inner service gets it, translated or not.
    Pass,
    /// It is answered here with an estimate.
    Estimate,
    /// It is refused.
    Refuse(Error),
}

impl Outlook {
    /// Of a request that is selected so, and has this path and query.
    pub(crate) fn of(selected: &Selected, path: &str, query: Option<&str>) -> Self {
        let separator = if query.is_some() { "?" } else { "" };
        let uri = [path, separator, query.unwrap_or_default()].concat();
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = Method::POST;
        parts.uri = Uri::try_from(uri).unwrap_or_default();
        parts.extensions.insert(selected.clone());
        match Lane::of(&TranslateLayer::selected(), &parts) {
            Lane::Pass | Lane::Same(_) | Lane::Translate(_) => Self::Pass,
            Lane::Estimate(_) => Self::Estimate,
            Lane::Refuse(_, error) => Self::Refuse(error),
        }
    }

    /// Why a request that is selected so is refused, whatever its path; `None` if it is not.
    pub(crate) fn refusal(selected: &Selected) -> Option<Error> {
        let (client, provider) = (selected.client(), selected.provider());
        if client == provider || Estimate::of(&TranslateLayer::selected(), selected).is_some() {
            return None;
        }
        Task::between(client, provider, selected.operation()).err()
    }
}
