//! A search of the web, which here is an option of the request and no tool.

use crate::{
    format::common::web_search,
    ir::{Error, Policy, Tool, ToolKind, WebSearch},
    json::{Object, Raw},
};

use super::{super::wire, encode::Writer, unreadable};

/// The member that asks for it.
pub(super) const OPTIONS: &str = "web_search_options";

/// Reads `web_search_options`.
pub(super) fn decode(raw: Raw<'_>) -> Result<Tool<'_>, Error> {
    let wire: wire::WebSearchOptions<'_> =
        raw.parse().map_err(|error| unreadable(OPTIONS, &error))?;
    let mut tool = Tool::new(ToolKind::Server {
        kind: OPTIONS.into(),
        value: raw,
        web_search: Some(WebSearch {
            location: wire.user_location.and_then(|user| user.approximate),
            place: Some(OPTIONS),
            ..WebSearch::default()
        }),
    });
    if let Some(size) = wire.search_context_size {
        let policy = match size.get() {
            "\"medium\"" => Policy::Silent,
            _ => Policy::Drop,
        };
        tool.extra
            .push_with("search_context_size".into(), size, policy);
    }
    for member in &wire.extra {
        tool.extra.push(member.key.clone(), member.value);
    }
    Ok(tool)
}

impl Writer<'_> {
    /// Writes another format's web search, which `path` leads to.
    pub(super) fn web_search(
        &mut self,
        tool: &Tool<'_>,
        search: &WebSearch<'_>,
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let path = web_search::place(search, path);
        self.foreign(path, &tool.extra)?;
        let lost = [
            ("allowed_domains", !search.allowed_domains.is_empty()),
            ("blocked_domains", !search.blocked_domains.is_empty()),
            ("max_uses", search.max_uses.is_some()),
        ];
        for (member, _) in lost.iter().filter(|(_, is_lost)| *is_lost) {
            let losses = &mut self.exchange.losses;
            losses.dropped(format!("{path}.{member}"), "the target has no such field")?;
        }
        o.object(OPTIONS, |o| {
            if let Some(location) = search.location {
                o.object("user_location", |o| {
                    o.field("type", "approximate");
                    o.object("approximate", |o| web_search::write_location(location, o));
                });
            }
        });
        Ok(())
    }
}
