use bytes::BytesMut;

use crate::json::{self, Kind, Raw, Text, ToJson, compact};

use super::{Extra, Seal};

/// A piece of a turn or of an answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Part<'a> {
    /// Text.
    Text {
        /// The text.
        text: Text<'a>,
        /// What it cites.
        citations: Vec<Citation<'a>>,
        /// A prompt cache boundary behind it.
        cache: Option<Cache<'a>>,
        /// Native members.
        extra: Extra<'a>,
    },
    /// An image.
    Image(Image<'a>),
    /// A document: PDF or text.
    Document(Document<'a>),
    /// A recording.
    Audio(Audio<'a>),
    /// What the model said when it refused.
    Refusal(Text<'a>),
    /// What the model thought.
    Reasoning(Reasoning<'a>),
    /// The model calls a tool.
    ToolCall(ToolCall<'a>),
    /// A tool's answer.
    ToolResult(ToolResult<'a>),
    /// Something that only its own format can say; others leave it out or refuse it.
    Native {
        /// Its name there.
        kind: Text<'a>,
        /// All of it.
        value: Raw<'a>,
        /// What other formats do with it.
        policy: super::Policy,
    },
}

impl<'a> Part<'a> {
    /// Plain text.
    pub fn text(text: impl Into<Text<'a>>) -> Self {
        Self::Text {
            text: text.into(),
            citations: Vec::new(),
            cache: None,
            extra: Extra::default(),
        }
    }
}

/// A prompt cache boundary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cache<'a> {
    /// How long the cache should live, such as `5m`; the provider's default if absent.
    pub ttl: Option<Text<'a>>,
}

/// A source that a text cites.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Citation<'a> {
    /// Address of a web page.
    pub url: Option<Text<'a>>,
    /// Its title.
    pub title: Option<Text<'a>>,
    /// The passage that is cited.
    pub cited_text: Option<Text<'a>>,
    /// Where in the text the citation begins and ends, in characters, if known.
    pub span: Option<(u64, u64)>,
    /// The citation in its own format.
    pub native: Option<Raw<'a>>,
}

/// Where the bytes of an image or document are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source<'a> {
    /// Here, in base64.
    Base64 {
        /// The bytes in base64.
        data: Text<'a>,
    },
    /// At a web address. The crate never fetches it.
    Url(Text<'a>),
    /// Here, as plain text.
    Text(Text<'a>),
    /// In the provider's file store. No other provider can read it.
    File(Text<'a>),
    /// In a form that only its own format has.
    Native(Raw<'a>),
}

/// An image.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Image<'a> {
    /// Where it is.
    pub source: Source<'a>,
    /// Its media type, such as `image/png`, if the source tells.
    pub media_type: Option<Text<'a>>,
    /// How closely to look: `auto`, `low`, `high` or `original`.
    pub detail: Option<Text<'a>>,
    /// A prompt cache boundary behind it.
    pub cache: Option<Cache<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

impl<'a> Image<'a> {
    /// An image at `source`.
    pub fn new(source: Source<'a>) -> Self {
        Self {
            source,
            media_type: None,
            detail: None,
            cache: None,
            extra: Extra::default(),
        }
    }

    /// The image, made of its own text, without what only its own format can say.
    pub fn into_owned(self) -> Image<'static> {
        Image {
            source: match self.source {
                Source::Base64 { data } => Source::Base64 {
                    data: data.into_owned(),
                },
                Source::Url(url) => Source::Url(url.into_owned()),
                Source::Text(text) => Source::Text(text.into_owned()),
                Source::File(id) => Source::File(id.into_owned()),
                Source::Native(_) => Source::Native(Raw::EMPTY_OBJECT),
            },
            media_type: self.media_type.map(Text::into_owned),
            detail: self.detail.map(Text::into_owned),
            cache: None,
            extra: Extra::default(),
        }
    }
}

/// A document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Document<'a> {
    /// Where it is.
    pub source: Source<'a>,
    /// Its media type, such as `application/pdf`, if the source tells.
    pub media_type: Option<Text<'a>>,
    /// Its file name or title.
    pub title: Option<Text<'a>>,
    /// A prompt cache boundary behind it.
    pub cache: Option<Cache<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

impl<'a> Document<'a> {
    /// A document at `source`.
    pub fn new(source: Source<'a>) -> Self {
        Self {
            source,
            media_type: None,
            title: None,
            cache: None,
            extra: Extra::default(),
        }
    }
}

/// A recording.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Audio<'a> {
    /// The bytes in base64.
    pub data: Text<'a>,
    /// Its media type, such as `audio/wav`.
    pub media_type: Text<'a>,
    /// Native members.
    pub extra: Extra<'a>,
}

/// What the model thought.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Reasoning<'a> {
    /// The thought, as far as the provider shows it.
    pub text: Text<'a>,
    /// The provider's seal on it, or on what stands next to it.
    pub seal: Option<Seal<'a>>,
    /// Whether the thought is only in the seal.
    pub redacted: bool,
    /// Native members.
    pub extra: Extra<'a>,
}

/// The model calls a tool.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ToolCall<'a> {
    /// Ties the result to the call.
    pub id: Text<'a>,
    /// The tool's name.
    pub name: Text<'a>,
    /// What it is called with.
    pub arguments: Arguments<'a>,
    /// Whether the arguments are free text for a custom tool and no JSON.
    pub freeform: bool,
    /// A prompt cache boundary behind it.
    pub cache: Option<Cache<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

/// A tool's answer.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ToolResult<'a> {
    /// The id of the call.
    pub call_id: Text<'a>,
    /// The name of the tool, in formats that repeat it here.
    pub name: Option<Text<'a>>,
    /// What the tool answered: text, images, documents.
    pub content: Vec<Part<'a>>,
    /// Whether the tool failed.
    pub is_error: bool,
    /// A prompt cache boundary behind it.
    pub cache: Option<Cache<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

/// What a tool is called with: some formats say it as JSON text within a string, some as an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Arguments<'a> {
    /// JSON text within a string; may be no JSON at all, if the model was cut short.
    Text(Text<'a>),
    /// JSON.
    Json(Raw<'a>),
}

impl Default for Arguments<'_> {
    fn default() -> Self {
        Self::Json(Raw::EMPTY_OBJECT)
    }
}

impl Arguments<'_> {
    /// As a string that holds JSON text, without white space that wasn't there.
    pub fn write_string(&self, out: &mut BytesMut) {
        match self {
            Self::Text(text) if text.is_empty() => "{}".write(out),
            Self::Text(text) => text.write(out),
            Self::Json(json) => compact(*json).write(out),
        }
    }

    /// As a JSON object. Empty text is `{}`, and what is no object is kept as `{"__raw_arguments": text}`; tells
    /// whether that was needed.
    pub fn write_object(&self, out: &mut BytesMut) -> bool {
        let start = out.len();
        let is_object = match self {
            Self::Json(json) => {
                json.write(out);
                json.kind() == Kind::Object
            }
            Self::Text(text) => {
                text.decode_into(out);
                let written = out.get(start..).unwrap_or_default();
                let kind = json::read_bytes(written).map(Raw::kind);
                kind.is_ok_and(|kind| kind == Kind::Object)
            }
        };
        if is_object {
            return false;
        }
        let written = out.get(start..).unwrap_or_default();
        let text = String::from_utf8_lossy(written).into_owned();
        out.truncate(start);
        if text.trim().is_empty() {
            Raw::EMPTY_OBJECT.write(out);
            return false;
        }
        json::object(out, |o| o.field("__raw_arguments", text));
        true
    }
}
