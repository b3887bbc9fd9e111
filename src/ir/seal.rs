use crate::json::Text;

/// A provider's seal on what its model thought. It is opaque: it goes back untouched to the provider that made it, and
/// to nobody else.
///
/// A client that speaks another format gives it back in whatever place that format has for its own seals, behind a
/// prefix that tells whose it is. See [`Seal::carrier`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seal<'a> {
    /// Id of the format whose provider made the seal; empty if nobody knows.
    pub minter: &'static str,
    /// What it belongs to.
    pub place: SealPlace,
    /// The provider's id for the thought; empty if it gives none.
    pub id: Text<'a>,
    /// The seal. For a redacted thought, all there is.
    pub data: Text<'a>,
}

/// What a [`Seal`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum SealPlace {
    /// The thought it stands on.
    #[default]
    Thought,
    /// The tool call that follows. The thought itself is empty.
    Call,
    /// The text before. The thought itself is empty.
    Text,
}

const ANTHROPIC: &str = "anthropic";
const OPENAI: &str = "openai_responses";
const GEMINI: &str = "gemini";

const PLACES: [(SealPlace, &str); 3] = [
    (SealPlace::Thought, "thought"),
    (SealPlace::Call, "call"),
    (SealPlace::Text, "text"),
];

impl<'a> Seal<'a> {
    /// Who minted a seal that came back through a format which isn't its own and doesn't say. Clients carry such
    /// thoughts as `thinking_blocks`, a convention that knows only this minter.
    pub const DEFAULT_MINTER: &'static str = ANTHROPIC;

    /// A seal on a thought, without an id.
    pub fn new(minter: &'static str, data: Text<'a>) -> Self {
        Self {
            minter,
            data,
            ..Self::default()
        }
    }

    /// A seal on the tool call that follows. Only one provider mints such.
    pub fn of_call(data: Text<'a>) -> Self {
        Self::new(GEMINI, data).on(SealPlace::Call)
    }

    /// This seal on something else.
    #[must_use]
    pub fn on(self, place: SealPlace) -> Self {
        Self { place, ..self }
    }

    /// This seal on the thought of that id.
    #[must_use]
    pub fn with_id(self, id: Text<'a>) -> Self {
        Self { id, ..self }
    }

    /// Whether the provider of the format `id` made it.
    pub fn is_of(&self, id: &str) -> bool {
        !id.is_empty() && self.minter == id
    }

    /// The seal as a client of another format carries it: `ant1:` (`antr1:` for a redacted thought) and the seal,
    /// `oai1:`, the id of the thought, `:` and the seal, or `gem1:`, what it belongs to, `:` and the seal. `None` if
    /// nobody knows who made it, for nobody could use it.
    pub fn carrier(&self, redacted: bool) -> Option<String> {
        let data = self.data.decode();
        match self.minter {
            ANTHROPIC if redacted => Some(format!("antr1:{data}")),
            ANTHROPIC => Some(format!("ant1:{data}")),
            OPENAI => Some(format!("oai1:{}:{data}", self.id.decode())),
            GEMINI => {
                let (_, place) = PLACES.iter().find(|(place, _)| *place == self.place)?;
                Some(format!("gem1:{place}:{data}"))
            }
            _ => None,
        }
    }

    /// What [`carrier`](Self::carrier) begins with for seals that are not of the provider of the format `id`.
    pub(crate) fn foreign_prefixes(id: &str) -> impl Iterator<Item = &'static str> {
        let all = [
            (ANTHROPIC, "ant1:"),
            (ANTHROPIC, "antr1:"),
            (OPENAI, "oai1:"),
            (GEMINI, "gem1:"),
        ];
        let foreign = all.into_iter().filter(move |(minter, _)| *minter != id);
        foreign.map(|(_, prefix)| prefix)
    }

    /// Reads what [`carrier`](Self::carrier) wrote, and tells whether the thought is redacted. `None` for what carries
    /// nothing: a seal of the format it was found in.
    pub fn carried(carrier: &str) -> Option<(Seal<'static>, bool)> {
        let (prefix, rest) = carrier.split_once(':')?;
        let seal = |minter, data: &str| Seal::new(minter, Text::from(data.to_owned()));
        match prefix {
            "ant1" => Some((seal(ANTHROPIC, rest), false)),
            "antr1" => Some((seal(ANTHROPIC, rest), true)),
            "oai1" => {
                let (id, data) = rest.split_once(':')?;
                let sealed = seal(OPENAI, data).with_id(id.to_owned().into());
                Some((sealed, false))
            }
            "gem1" => {
                let (word, data) = rest.split_once(':')?;
                let (place, _) = PLACES.iter().find(|(_, place)| *place == word)?;
                Some((seal(GEMINI, data).on(*place), false))
            }
            _ => None,
        }
    }

    /// Adds a piece to a seal that comes in pieces.
    pub fn append(seal: &mut Option<Seal<'static>>, more: &Seal<'_>) {
        match seal {
            Some(Seal { data, .. }) => {
                *data = Text::from(format!("{}{}", data.decode(), more.data.decode()));
            }
            None => *seal = Some(more.clone().into_owned()),
        }
    }

    /// The seal, made of its own text.
    pub fn into_owned(self) -> Seal<'static> {
        Seal {
            minter: self.minter,
            place: self.place,
            id: self.id.into_owned(),
            data: self.data.into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_carried(seal: &Seal<'_>, redacted: bool, carrier: &str) {
        assert_eq!(seal.carrier(redacted).unwrap(), carrier);
        let (back, was_redacted) = Seal::carried(carrier).unwrap();
        assert_eq!((&back, was_redacted), (seal, redacted));
    }

    #[test]
    fn a_seal_comes_back_as_it_was() {
        let claude = Seal::new(ANTHROPIC, "Eo:C+/=".into());
        is_carried(&claude, false, "ant1:Eo:C+/=");
        is_carried(&claude, true, "antr1:Eo:C+/=");
        let gpt = Seal::new(OPENAI, "gAAA=".into()).with_id("rs_1".into());
        is_carried(&gpt, false, "oai1:rs_1:gAAA=");
        let gemini = Seal::new(GEMINI, "Cg==".into());
        is_carried(&gemini.clone().on(SealPlace::Call), false, "gem1:call:Cg==");
        is_carried(&gemini, false, "gem1:thought:Cg==");
    }

    #[test]
    fn what_carries_nothing_is_a_seal_of_its_own() {
        for own in ["EoC+", "", "x:y", "gem1:nowhere:x", "oai1:x"] {
            assert_eq!(Seal::carried(own), None, "{own}");
        }
    }

    #[test]
    fn a_seal_of_unknown_origin_is_carried_nowhere() {
        assert_eq!(Seal::new("", "x".into()).carrier(false), None);
    }
}
