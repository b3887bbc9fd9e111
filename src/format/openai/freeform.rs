//! Custom tools that the provider only knows as functions with one argument, `input`.

use crate::{
    ir::{Arguments, Exchange},
    json,
};

use super::wire;

/// Whether the caller knows this tool as a custom one, although the provider knows it as a function. Its name may
/// have been restored already.
pub(super) fn is_freeform(exchange: &Exchange, name: &str) -> bool {
    let tools = &exchange.freeform_tools;
    let is_original = |sent: &String| exchange.tool_names.original(sent) == Some(name);
    tools.contains(name) || tools.iter().any(is_original)
}

/// What a custom tool is called with; all of it if there is no `input`.
pub(super) fn input(arguments: &str) -> String {
    match json::read::<wire::FreeformInput<'_>>(arguments) {
        Ok(wire::FreeformInput {
            input: Some(input), ..
        }) => input.decode().into_owned(),
        _ => arguments.to_owned(),
    }
}

/// As [`input`], out of a whole call.
pub(super) fn input_of(arguments: &Arguments<'_>) -> String {
    match arguments {
        Arguments::Text(text) => input(&text.decode()),
        Arguments::Json(json) => input(json.get()),
    }
}
