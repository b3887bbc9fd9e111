//! Citations: `groundingMetadata`, the sources in one list and in another what of the answer rests on which. Its places
//! are in bytes of a part.

use std::collections::HashMap;

use crate::{
    ir::{Citation, Part},
    json::{Object, Raw, Text},
};

use super::{
    offsets::Offsets,
    wire::response::{self as wire, count},
};

/// Most citations of one answer; nobody reads more.
const CITATIONS: usize = 1_000;

/// A source, and what of the answer rests on it.
#[derive(Debug)]
pub(super) struct Support<'a> {
    /// The part that it is about.
    part: u64,
    segment: wire::Segment<'a>,
    citation: Citation<'a>,
}

/// Reads the sources of an answer. Without a word about what rests on them, all of it does.
pub(super) fn supports(raw: Raw<'_>) -> Vec<Support<'_>> {
    let wire: wire::Grounding<'_> = raw.parse().unwrap_or_default();
    let sources: Vec<_> = wire.chunks.unwrap_or_default();
    let sources: Vec<_> = sources.into_iter().map(source).collect();
    let Some(supports) = wire.supports else {
        let whole = |citation| Support {
            part: 0,
            segment: wire::Segment::default(),
            citation,
        };
        return sources
            .into_iter()
            .flatten()
            .take(CITATIONS)
            .map(whole)
            .collect();
    };
    let each = supports.into_iter().flat_map(|support| {
        let segment = support.segment.unwrap_or_default();
        let chunks = support.chunks.unwrap_or_default().into_iter();
        let cited = chunks.filter_map(|chunk| {
            let chunk = usize::try_from(count(Some(chunk))?).ok()?;
            sources.get(chunk)?.clone()
        });
        let cited: Vec<_> = cited.take(CITATIONS).collect();
        cited.into_iter().map(move |citation| Support {
            part: count(segment.part_index).unwrap_or(0),
            segment: wire::Segment {
                start_index: segment.start_index,
                end_index: segment.end_index,
                text: segment.text.clone(),
                ..wire::Segment::default()
            },
            citation,
        })
    });
    each.take(CITATIONS).collect()
}

fn source(chunk: wire::GroundingChunk<'_>) -> Option<Citation<'_>> {
    let source = chunk.web.or(chunk.retrieved_context).or(chunk.maps)?;
    Some(Citation {
        url: source.uri,
        title: source.title,
        cited_text: source.text,
        ..Citation::default()
    })
}

impl<'a> Support<'a> {
    /// The citation, with its place in the text that it is about. Servers count some places otherwise; one that does
    /// not hold what it should is none.
    pub(super) fn citation(self, text: &Offsets<'_>) -> Citation<'a> {
        let Some(end) = count(self.segment.end_index) else {
            return self.citation;
        };
        let start = count(self.segment.start_index).unwrap_or(0);
        let place = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let span = place.and_then(|(start, end)| {
            let found = text.text().get(start..end)?;
            let expected = self.segment.text.as_ref().map(Text::decode);
            let is_right = expected.is_none_or(|expected| expected == found);
            let span = (text.character(start)?, text.character(end)?);
            is_right.then_some(span)
        });
        Citation {
            span,
            ..self.citation
        }
    }
}

/// Puts the sources of an answer on its texts; `texts` tells where these are on the wire and where in `parts`.
pub(super) fn cite<'a>(raw: Raw<'a>, texts: &[(usize, usize)], parts: &mut [Part<'a>]) {
    let mut by_text: Vec<Vec<Support<'a>>> = texts.iter().map(|_| Vec::new()).collect();
    for support in supports(raw) {
        // Servers leave the part out; then it is the first that is a text.
        let named = texts.partition_point(|(on_wire, _)| (*on_wire as u64) < support.part);
        let position = named.min(texts.len().saturating_sub(1));
        if let Some(supports) = by_text.get_mut(position) {
            supports.push(support);
        }
    }
    for ((_, position), supports) in texts.iter().zip(by_text) {
        if let Some(Part::Text {
            text, citations, ..
        }) = parts.get_mut(*position)
        {
            let text = text.decode();
            let offsets = Offsets::new(&text);
            citations.extend(
                supports
                    .into_iter()
                    .map(|support| support.citation(&offsets)),
            );
        }
    }
}

/// Citations on their way into `groundingMetadata`.
#[derive(Debug, Default)]
pub(super) struct Grounding {
    sources: Vec<Origin>,
    known: HashMap<Origin, usize>,
    supports: Vec<Passage>,
}

/// A web page, or a document that has no address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Origin {
    url: Option<String>,
    title: Option<String>,
    /// What is cited of a document.
    text: Option<String>,
}

/// A passage that rests on sources.
#[derive(Debug)]
struct Passage {
    part: usize,
    start: usize,
    end: usize,
    text: String,
    sources: Vec<usize>,
}

impl Grounding {
    /// Adds a citation in the text of a part, which may begin behind others.
    pub(super) fn add(
        &mut self,
        citation: &Citation<'_>,
        part: usize,
        before: usize,
        text: &Offsets<'_>,
    ) {
        let origin = Origin::of(citation);
        let number = *self.known.entry(origin).or_insert_with_key(|origin| {
            self.sources.push(origin.clone());
            self.sources.len() - 1
        });
        let span = citation.span.and_then(|(start, end)| {
            let place = (text.byte(start)?, text.byte(end)?);
            (place.0 <= place.1).then_some(place)
        });
        let (start, end) = span.unwrap_or((0, text.text().len()));
        let (from, to) = (before + start, before + end);
        match self.supports.last_mut() {
            Some(last) if (last.part, last.start, last.end) == (part, from, to) => {
                last.sources.push(number);
            }
            _ => self.supports.push(Passage {
                part,
                start: from,
                end: to,
                text: text.text().get(start..end).unwrap_or_default().to_owned(),
                sources: vec![number],
            }),
        }
    }

    /// Writes `groundingMetadata`, if there is any.
    pub(super) fn write(&self, o: &mut Object<'_>) {
        if self.sources.is_empty() {
            return;
        }
        o.object("groundingMetadata", |o| {
            o.array("groundingChunks", |a| {
                for origin in &self.sources {
                    a.object(|o| origin.write(o));
                }
            });
            o.array("groundingSupports", |a| {
                for passage in &self.supports {
                    a.object(|o| passage.write(o));
                }
            });
        });
    }
}

impl Origin {
    fn of(citation: &Citation<'_>) -> Self {
        let owned = |text: &Option<Text<'_>>| {
            let text = text.as_ref().filter(|text| !text.is_empty());
            text.map(|text| text.decode().into_owned())
        };
        let url = owned(&citation.url);
        Self {
            text: owned(&citation.cited_text).filter(|_| url.is_none()),
            title: owned(&citation.title),
            url,
        }
    }

    fn write(&self, o: &mut Object<'_>) {
        let kind = match self.url {
            Some(_) => "web",
            None => "retrievedContext",
        };
        o.object(kind, |o| {
            o.optional("uri", self.url.as_deref());
            o.optional("title", self.title.as_deref());
            o.optional("text", self.text.as_deref());
        });
    }
}

impl Passage {
    fn write(&self, o: &mut Object<'_>) {
        let number = |number: usize| (number > 0).then_some(number as u64);
        o.object("segment", |o| {
            o.optional("partIndex", number(self.part));
            o.optional("startIndex", number(self.start));
            o.field("endIndex", self.end as u64);
            o.field("text", &*self.text);
        });
        o.array("groundingChunkIndices", |a| {
            for source in &self.sources {
                a.value(*source as u64);
            }
        });
    }
}
