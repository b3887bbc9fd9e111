//! Custom tools that the provider only knows as functions with one argument, `input`.

use bytes::BytesMut;

use crate::{
    format::object::object,
    ir::{Arguments, Exchange, ToolCall},
    json::{self, Object, Raw, Text},
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

/// The schema of the function that stands for a custom tool.
pub(crate) fn schema() -> Option<Raw<'static>> {
    Raw::new(r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#)
        .ok()
}

/// Writes what the function that stands for a custom tool is for, and the grammar of its text, which has no other
/// place.
pub(crate) fn write_description(
    description: Option<&Text<'_>>,
    format: Option<Raw<'_>>,
    o: &mut Object<'_>,
) {
    match (description, format) {
        (Some(description), Some(format)) => {
            let description = description.decode();
            o.field(
                "description",
                format!("{description}\n\nFormat of `input`: {}", format.get()),
            );
        }
        (None, Some(format)) => o.field(
            "description",
            format!("Format of `input`: {}", format.get()),
        ),
        (description, None) => o.optional("description", description),
    }
}

/// Writes what a tool is called with, as an object: free text becomes its one member. Tells whether something that is
/// no object had to be wrapped in one.
pub(crate) fn write_arguments(call: &ToolCall<'_>, out: &mut BytesMut) -> bool {
    match &call.arguments {
        Arguments::Text(text) if call.freeform => {
            json::object(out, |o| o.field("input", text));
            false
        }
        arguments => arguments.write_object(out),
    }
}
