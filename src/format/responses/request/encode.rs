//! A request for a provider, written. What grows with the conversation comes last, so that the bytes of one turn begin
//! with those of the turn before.

use bytes::BytesMut;

use crate::{
    format::{Dialect, responses::ID},
    ir::{Error, Exchange, Extra, FieldNames, Policy, Request, Turn},
    json::{self, Object},
};

/// What a provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Answer,
    Count,
}

/// Members that a request to count tokens has too: `input_token_count_params.py`.
const COUNTED: [&str; 7] = [
    "conversation",
    "previous_response_id",
    "personality",
    "reasoning",
    "text",
    "tool_choice",
    "truncation",
];

/// Writes a request for an answer.
pub(in crate::format::responses) fn encode(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    write(Purpose::Answer, request, dialect, exchange, out)
}

/// Writes a request to count the tokens of what [`encode`] would write.
pub(in crate::format::responses) fn encode_count(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    write(Purpose::Count, request, dialect, exchange, out)
}

fn write(
    purpose: Purpose,
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    exchange.provider = ID;
    let own = request.format == ID;
    let mut writer = Writer {
        own,
        forgets: request.store == Some(false),
        names: &request.names,
        dialect,
        exchange,
        unmarked: 0,
    };
    json::object(out, |o| writer.request(purpose, request, o))
}

/// What writing one request needs to know.
#[derive(Debug)]
pub(super) struct Writer<'w> {
    /// Whether the caller speaks this format too.
    pub(super) own: bool,
    /// Whether the provider keeps nothing of what it answers.
    pub(super) forgets: bool,
    pub(super) names: &'w FieldNames,
    pub(super) dialect: &'w Dialect,
    pub(super) exchange: &'w mut Exchange,
    /// How many cache boundaries are still to be left out, because the API takes only the last few.
    pub(super) unmarked: usize,
}

impl Writer<'_> {
    fn request(
        &mut self,
        purpose: Purpose,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        self.foreign("", &request.extra)?;
        o.field("model", &request.model);
        if purpose == Purpose::Answer {
            self.stream(request, o);
            self.limits(request, o)?;
            self.sampling(request, o)?;
            self.labels(request, o)?;
            self.storage(request, o)?;
            request.shared.write(o);
        }
        self.thoughts(request, o)?;
        self.text(request, o)?;
        self.tools(request, o)?;
        if self.own {
            let members = request.extra.iter().filter(|member| {
                let counted = purpose == Purpose::Answer || COUNTED.contains(&&*member.key);
                counted && !member.key.contains('.')
            });
            members.for_each(|member| o.field(&member.key, member.value));
        }
        self.instructions(request, o)?;
        self.input(request, o)
    }

    /// Obeys what another format says of its native members.
    pub(super) fn foreign(&mut self, path: &str, extra: &Extra<'_>) -> Result<(), Error> {
        if self.own {
            return Ok(());
        }
        self.exchange.losses.extra(path, extra)
    }

    /// As [`foreign`](Self::foreign), for a path that is spelled only if it is needed.
    pub(super) fn foreign_at(
        &mut self,
        extra: &Extra<'_>,
        path: impl FnOnce(&Self) -> String,
    ) -> Result<(), Error> {
        if self.own || extra.is_empty() {
            return Ok(());
        }
        let path = path(self);
        self.exchange.losses.extra(&path, extra)
    }

    /// The policy of a part that only another format can say.
    pub(super) fn unsayable(&mut self, path: String, policy: Policy) -> Result<(), Error> {
        match policy {
            Policy::Silent => Ok(()),
            Policy::Drop => {
                let losses = &mut self.exchange.losses;
                losses.dropped(path, "only its own format can say it")
            }
            Policy::Reject => Err(Error::unsupported(path)),
        }
    }

    pub(super) fn turn_path(&self, turn: &Turn<'_>) -> String {
        format!("{}[{}]", self.names.turns, turn.index)
    }

    pub(super) fn part_path(&self, turn: &Turn<'_>, part: usize) -> String {
        format!("{}.{}[{part}]", self.turn_path(turn), self.names.parts)
    }
}
