//! Custom tools that the provider only knows as functions with one argument, `input`.

use crate::{
    format::object::object,
    ir::{Arguments, Exchange},
    json::{self, Text},
};

object! {
    /// The arguments of the function that stands for a custom tool.
    struct FreeformInput<'a> {
        input: Text<'a>,
    }
}

/// Whether the caller knows this tool as a custom one, although the provider knows it as a function. Its name may
/// have been restored already.
pub(crate) fn is_freeform(exchange: &Exchange, name: &str) -> bool {
    let tools = &exchange.freeform_tools;
    let is_original = |sent: &String| exchange.tool_names.original(sent) == Some(name);
    tools.contains(name) || tools.iter().any(is_original)
}

/// What a custom tool is called with; all of it if there is no `input`.
pub(crate) fn input(arguments: &str) -> String {
    match json::read::<FreeformInput<'_>>(arguments) {
        Ok(FreeformInput {
            input: Some(input), ..
        }) => input.decode().into_owned(),
        _ => arguments.to_owned(),
    }
}

/// As [`input`], out of a whole call.
pub(crate) fn input_of(arguments: &Arguments<'_>) -> String {
    match arguments {
        Arguments::Text(text) => input(&text.decode()),
        Arguments::Json(json) => input(json.get()),
    }
}
