//! Tools that a provider runs, of which only the search of the web is known by more than one.

use crate::{
    format::{Dialect, common::web_search},
    ir::{Error, Losses, Request, Tool, ToolKind, WebSearch},
    json::Object,
};

/// Without the tools that only another provider runs. A search of the web stays, once.
pub(super) fn runnable<'r, 'a>(
    declared: Vec<(usize, &'r Tool<'a>)>,
    request: &Request<'_>,
    dialect: &Dialect,
    losses: &mut Losses,
) -> Result<Vec<(usize, &'r Tool<'a>)>, Error> {
    let mut kept = Vec::with_capacity(declared.len());
    let mut searches = false;
    for (index, tool) in declared {
        let is_kept = match &tool.kind {
            ToolKind::Server {
                web_search: search, ..
            } => {
                let path = format!("{}[{index}]", request.names.tools);
                let search = web_search::foreign(search.as_ref(), &path, dialect, losses)?;
                search.is_some() && !std::mem::replace(&mut searches, true)
            }
            _ => true,
        };
        if is_kept {
            kept.push((index, tool));
        }
    }
    Ok(kept)
}

/// Source: `web_search_tool_20250305_param.py`, which all models that search know.
pub(super) fn write_web_search(search: &WebSearch<'_>, o: &mut Object<'_>) {
    o.field("type", "web_search_20250305");
    o.field("name", "web_search");
    for (key, domains) in [
        ("allowed_domains", &search.allowed_domains),
        ("blocked_domains", &search.blocked_domains),
    ] {
        if !domains.is_empty() {
            o.array(key, |a| domains.iter().for_each(|domain| a.value(domain)));
        }
    }
    o.optional("max_uses", search.max_uses);
    if let Some(location) = search.location {
        o.object("user_location", |o| {
            o.field("type", "approximate");
            web_search::write_location(location, o);
        });
    }
}
