//! A web search that the provider runs: what formats share of it.

use crate::{
    format::{Dialect, ServerTools, object::object},
    ir::{Error, Losses, WebSearch},
    json::{Object, Raw, Text},
};

object! {
    /// Where the user roughly is. Source: `user_location_param.py` of anthropic-python 2.12.0 and
    /// `completion_create_params.py` of openai-python 3.54.0, which have the same members.
    struct Location<'a> {
        kind = "type": Raw<'a>,
        city: Text<'a>,
        country: Text<'a>,
        region: Text<'a>,
        timezone: Text<'a>,
    }
}

/// What becomes of a tool that the caller's provider would run, where another answers: the web search to be written, or
/// nothing if it is left out.
///
/// # Errors
///
/// If the request must not be answered without it. `path` is that of the tool in the list.
pub(crate) fn foreign<'s, 'a>(
    web_search: Option<&'s WebSearch<'a>>,
    path: &str,
    dialect: &Dialect,
    losses: &mut Losses,
) -> Result<Option<&'s WebSearch<'a>>, Error> {
    let place = || match web_search.and_then(|web_search| web_search.place) {
        Some(place) => place.to_owned(),
        None => format!("{path}.type"),
    };
    match (dialect.server_tools, web_search) {
        (ServerTools::Map, Some(web_search)) => Ok(Some(web_search)),
        (ServerTools::Drop, _) => {
            losses.dropped(place(), "the target's provider does not run it")?;
            Ok(None)
        }
        _ => Err(Error::unsupported(place())),
    }
}

/// The path of a web search, where `path` is that of the tool in the list.
pub(crate) fn place<'p>(web_search: &WebSearch<'_>, path: &'p str) -> &'p str {
    web_search.place.unwrap_or(path)
}

/// Writes where the user roughly is, as members of an object.
pub(crate) fn write_location(location: Raw<'_>, o: &mut Object<'_>) {
    let location: Location<'_> = location.parse().unwrap_or_default();
    o.optional("city", location.city);
    o.optional("country", location.country);
    o.optional("region", location.region);
    o.optional("timezone", location.timezone);
}
