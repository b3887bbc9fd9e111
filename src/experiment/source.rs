use std::{fmt, str::FromStr};

use http::HeaderName;

/// Where a request says whose it is. In configurations: `header:x-session-id`, `body:user`, `host`, `conversation`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySource {
    /// A header.
    Header(HeaderName),
    /// A member of the body.
    Body(BodyField),
    /// The [`Subject`](super::Subject) that the host has put into the request's extensions.
    Host,
    /// How its conversation begins: the instructions and the user's first turn, which all requests of a chat repeat.
    Conversation,
}

/// A member of a body that tells whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyField {
    /// `user`, of `OpenAI`'s formats.
    User,
    /// `safety_identifier`, which takes its place in `OpenAI`'s formats.
    SafetyIdentifier,
    /// `metadata.user_id`, of Anthropic's format. Some agents put a session into it as well, and it is taken as it stands.
    MetadataUserId,
    /// `prompt_cache_key`, of `OpenAI`'s formats.
    PromptCacheKey,
}

impl BodyField {
    /// All of them.
    const ALL: [Self; 4] = [
        Self::User,
        Self::SafetyIdentifier,
        Self::MetadataUserId,
        Self::PromptCacheKey,
    ];

    /// Its name in bodies, with a dot where it is within another.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::SafetyIdentifier => "safety_identifier",
            Self::MetadataUserId => "metadata.user_id",
            Self::PromptCacheKey => "prompt_cache_key",
        }
    }
}

impl FromStr for KeySource {
    type Err = InvalidKeySource;

    fn from_str(text: &str) -> Result<Self, InvalidKeySource> {
        match text.split_once(':') {
            Some(("header", name)) => {
                let header = name.parse().map(Self::Header);
                header.map_err(|_| InvalidKeySource::Header(name.into()))
            }
            Some(("body", name)) => {
                let field = BodyField::ALL.iter().find(|field| field.as_str() == name);
                let source = field.map(|field| Self::Body(*field));
                source.ok_or_else(|| InvalidKeySource::Field(name.into()))
            }
            None if text == "host" => Ok(Self::Host),
            None if text == "conversation" => Ok(Self::Conversation),
            _ => Err(InvalidKeySource::Kind(text.into())),
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Body(field) => write!(f, "body:{}", field.as_str()),
            Self::Host => f.write_str("host"),
            Self::Conversation => f.write_str("conversation"),
        }
    }
}

/// Why a text is no source of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKeySource {
    /// There is no such kind of source.
    Kind(Box<str>),
    /// No header can have this name.
    Header(Box<str>),
    /// This member of bodies doesn't tell whose they are.
    Field(Box<str>),
}

impl fmt::Display for InvalidKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(text) => write!(
                f,
                "unknown key {text:?}: it is header:NAME, body:FIELD, host or conversation"
            ),
            Self::Header(name) => write!(f, "{name:?} is no name of a header"),
            Self::Field(name) => write!(
                f,
                "no key is taken from {name:?} of a body: it is user, safety_identifier, \
                 metadata.user_id or prompt_cache_key"
            ),
        }
    }
}

impl std::error::Error for InvalidKeySource {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_as_it_is_written() {
        for text in [
            "header:x-session-id",
            "body:user",
            "body:safety_identifier",
            "body:metadata.user_id",
            "body:prompt_cache_key",
            "host",
            "conversation",
        ] {
            assert_eq!(text.parse::<KeySource>().unwrap().to_string(), text);
        }
        let upper: KeySource = "header:X-Session-Id".parse().unwrap();
        assert_eq!(upper.to_string(), "header:x-session-id");
    }

    #[test]
    fn what_is_no_source_is_told_what_would_be() {
        for (text, expected) in [
            (
                "cookie:sid",
                r#"unknown key "cookie:sid": it is header:NAME, body:FIELD, host or conversation"#,
            ),
            (
                "header",
                r#"unknown key "header": it is header:NAME, body:FIELD, host or conversation"#,
            ),
            ("header:", r#""" is no name of a header"#),
            ("header:x y", r#""x y" is no name of a header"#),
            (
                "body:usr",
                "no key is taken from \"usr\" of a body: it is user, safety_identifier, \
                 metadata.user_id or prompt_cache_key",
            ),
        ] {
            let error = text.parse::<KeySource>().unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
