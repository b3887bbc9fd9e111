//! What calls gave, for a provider.

use crate::{
    ir::{Error, Part, Source, ToolResult, Turn},
    json::{Array, Object},
};

use super::{
    calls::Sent, content::ERROR, conversation::output_type, encode::Writer, items::TYPE,
    write_content::input_text,
};

impl Writer<'_> {
    /// Writes what a call gave.
    pub(super) fn result(
        &mut self,
        result: &ToolResult<'_>,
        call: &Sent,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        self.foreign(path, &result.extra)?;
        a.object(|o| {
            o.field(TYPE, output_type(call));
            o.field("call_id", &call.id);
            self.output(result, path, o)
        })
    }

    /// Writes an output: text, unless there is something to be seen.
    fn output(
        &mut self,
        result: &ToolResult<'_>,
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if let [Part::Text { text, extra, .. }] = result.content.as_slice()
            && extra.is_empty()
            && !result.is_error
        {
            o.field("output", text);
            return Ok(());
        }
        if result.content.iter().any(is_seen) {
            return o.array("output", |a| self.output_parts(result, path, a));
        }
        let mut all = String::new();
        for (index, part) in result.content.iter().enumerate() {
            let path = format!("{path}.content[{index}]");
            let Some(text) = self.output_text(part, &path)? else {
                continue;
            };
            if !all.is_empty() {
                all.push('\n');
            }
            all.push_str(&text);
        }
        if result.is_error && !all.starts_with(ERROR) {
            all.insert_str(0, ERROR);
        }
        o.field("output", all);
        Ok(())
    }

    fn output_parts(
        &mut self,
        result: &ToolResult<'_>,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let mut is_marked = !result.is_error;
        for (index, part) in result.content.iter().enumerate() {
            let path = format!("{path}.content[{index}]");
            if is_seen(part) {
                // The mark of a failure comes first.
                if !std::mem::replace(&mut is_marked, true) {
                    a.object(|o| input_text(&ERROR.into(), o));
                }
                self.media(part, &path, a)?;
            } else if let Some(text) = self.output_text(part, &path)? {
                let mark = if std::mem::replace(&mut is_marked, true) || text.starts_with(ERROR) {
                    ""
                } else {
                    ERROR
                };
                a.object(|o| input_text(&format!("{mark}{text}").into(), o));
            }
        }
        Ok(())
    }

    /// The text of a part of an output that is not to be seen.
    fn output_text(&mut self, part: &Part<'_>, path: &str) -> Result<Option<String>, Error> {
        match part {
            Part::Text { text, extra, .. } => {
                self.foreign(path, extra)?;
                Ok(Some(text.decode().into_owned()))
            }
            Part::Document(document) => {
                self.foreign(path, &document.extra)?;
                match &document.source {
                    Source::Text(text) => self.document_text(document, text, path).map(Some),
                    _ => Ok(None),
                }
            }
            Part::Native { policy, .. } => {
                self.unsayable(path.to_owned(), *policy)?;
                Ok(None)
            }
            _ => Err(Error::unsupported(path.to_owned())),
        }
    }
}

/// Writes what a call of a caller of this API gave, as it came.
pub(super) fn own_result(turn: &Turn<'_>, a: &mut Array<'_>) {
    a.object(|o| turn.extra.write(o));
}

/// Whether a part of an output can't be said as text.
fn is_seen(part: &Part<'_>) -> bool {
    match part {
        Part::Image(_) => true,
        Part::Document(document) => !matches!(document.source, Source::Text(_)),
        _ => false,
    }
}
