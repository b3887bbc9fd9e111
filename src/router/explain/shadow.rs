use crate::router::{Copied, table::printable};

/// Where copies go, and of which requests.
pub(super) fn sentence(copied: &Copied) -> String {
    let selected = copied.selected();
    let model = selected.model_sent().map(|model| printable(model));
    let model = model.map_or_else(String::new, |model| format!(" as '{model}'"));
    format!(
        "Rule '{rule}' sends copies of {part} % of such requests to '{id}'{model} too, as far as they leave nothing behind there.",
        rule = copied.rule(),
        part = copied.sample() * 100.0,
        id = selected.target().id(),
    )
}
