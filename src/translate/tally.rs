use crate::{
    context::{End, Progress},
    ir::{BlockKind, Delta, Error, Event, Gist},
};

/// Counts what an event of a stream says. `is_nothing`: so far, a caller has nothing of the answer.
pub(super) fn note(progress: &Progress, event: &Event<'_>, is_nothing: bool) {
    if is_piece(event) {
        progress.piece();
    }
    match event {
        Event::Start { usage, .. } | Event::Usage(usage) => {
            progress.tell(|tally| tally.usage.update(usage));
        }
        Event::Stop { stop, .. } => progress.tell(|tally| {
            tally.stop.get_or_insert(stop.reason);
        }),
        Event::End => progress.tell(|tally| tally.is_empty = Some(is_nothing)),
        Event::Error(error) => progress.tell(|tally| tally.error = Some(error.class())),
        _ => {}
    }
}

/// Counts what an answer says that came whole.
pub(super) fn whole(progress: &Progress, gist: &Gist) {
    progress.tell(|tally| {
        tally.usage.update(&gist.usage);
        tally.stop = gist.stop;
        tally.is_empty = Some(gist.is_empty);
    });
}

/// Tells that an answer lacks what answers are made of.
pub(super) fn nothing(progress: &Progress) {
    progress.tell(|tally| tally.is_empty = Some(true));
}

/// Tells with which error an answer has ended.
pub(super) fn failed(progress: &Progress, error: &Error) {
    progress.ended(End::Failed);
    progress.tell(|tally| tally.error = Some(error.class()));
}

/// Whether an event is a piece of what the model says, rather than of what is around it.
fn is_piece(event: &Event<'_>) -> bool {
    match event {
        Event::Delta { delta, .. } => match delta {
            Delta::Text(text) | Delta::Arguments(text) => !text.is_empty(),
            Delta::Native(_) => true,
            Delta::Seal(_) | Delta::Citation(_) | Delta::Logprobs(_) => false,
        },
        // All of it is here, or its name is.
        Event::BlockStart { kind, .. } => matches!(
            kind,
            BlockKind::ToolCall { .. } | BlockKind::Image(_) | BlockKind::Native { .. }
        ),
        _ => false,
    }
}
