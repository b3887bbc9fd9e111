use super::node::{At, Located, Node, Value};

/// Why a text is not YAML, and where.
pub(super) struct SyntaxError {
    pub(super) at: Option<At>,
    pub(super) message: String,
}

/// Reads a document. One that begins with list items continues the list `downstreams`.
///
/// # Errors
///
/// If it is not YAML.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    if !begins_with_item(text) {
        return read(text);
    }
    // The added line must not count in what is said of the others.
    let mut read = read(&format!("downstreams:\n{text}"));
    match &mut read {
        Ok(node) => raise(node),
        Err(error) => raise_at(&mut error.at),
    }
    read
}

fn begins_with_item(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    first == "-" || first.starts_with("- ")
}

fn read(text: &str) -> Result<Node, SyntaxError> {
    let mut options = serde_saphyr::Options::default();
    options.duplicate_keys = serde_saphyr::DuplicateKeyPolicy::PassThrough;
    // `on` and `no` are ids, not flags.
    options.strict_booleans = true;
    // A snippet could show a key.
    options.with_snippet = false;
    let read = serde_saphyr::from_str_with_options::<Located>(text, options);
    read.map(Node::from).map_err(|error| SyntaxError {
        at: error
            .location()
            .map(|location| At::new(location.line(), location.column())),
        message: message(&error),
    })
}

fn message(error: &serde_saphyr::Error) -> String {
    if matches!(error, serde_saphyr::Error::MultipleDocuments { .. }) {
        return "another document begins here; put what it has into the first".to_owned();
    }
    without_place(&error.to_string()).to_owned()
}

/// The place is said in front.
fn without_place(message: &str) -> &str {
    let message = message.lines().next().unwrap_or_default();
    message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message)
}

fn raise(node: &mut Node) {
    raise_at(&mut node.at);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(raise),
        Value::Map(entries) => {
            for (key, value) in entries {
                raise(key);
                raise(value);
            }
        }
        Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

fn raise_at(at: &mut Option<At>) {
    if let Some(at) = at {
        at.line = at.line.saturating_sub(1).max(1);
    }
}
