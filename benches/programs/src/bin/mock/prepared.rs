//! What can be rendered before anybody asks.

use bytes::Bytes;
use tower_llm_gateway_benches::{
    behaviour::Behaviour,
    payload::{self, Format, Stream},
};

/// The behaviour, and the answers in both formats.
pub(crate) struct Prepared {
    pub(crate) behaviour: Behaviour,
    openai: Rendered,
    anthropic: Rendered,
}

/// The answers in one format: the one that is asked for, the other is empty.
#[derive(Default)]
pub(crate) struct Rendered {
    pub(crate) whole: Vec<Bytes>,
    pub(crate) stream: Stream,
}

impl Prepared {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self {
            openai: Rendered::new(Format::OpenAi, &behaviour),
            anthropic: Rendered::new(Format::Anthropic, &behaviour),
            behaviour,
        }
    }

    pub(crate) fn rendered(&self, format: Format) -> &Rendered {
        match format {
            Format::OpenAi => &self.openai,
            Format::Anthropic => &self.anthropic,
        }
    }
}

impl Rendered {
    fn new(format: Format, behaviour: &Behaviour) -> Self {
        let mut rendered = Self::default();
        if let Some(events) = behaviour.events {
            let texts = payload::event_texts(events, behaviour.event_bytes);
            rendered.stream = format.stream(&texts);
        } else {
            rendered.whole = payload::answer(format, behaviour.answer_bytes);
        }
        rendered
    }
}
