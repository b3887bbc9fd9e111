use crate::json::Raw;

/// A JSON Schema: the caller's own text, or another where the caller's format has a dialect of its own.
#[derive(Debug, Clone)]
pub struct Schema<'a>(Spelling<'a>);

#[derive(Debug, Clone)]
enum Spelling<'a> {
    Source(Raw<'a>),
    /// The same, of which is known that it is a schema of objects, and says so.
    Object(Raw<'a>),
    Own(String),
}

impl Schema<'_> {
    /// A schema in text of its own, which must be JSON.
    pub fn from_text(text: String) -> Self {
        Self(Spelling::Own(text))
    }

    /// The schema. Text of its own that is no JSON is one that allows anything.
    pub fn raw(&self) -> Raw<'_> {
        match &self.0 {
            Spelling::Source(raw) | Spelling::Object(raw) => *raw,
            Spelling::Own(text) => Raw::new(text).unwrap_or(Raw::EMPTY_OBJECT),
        }
    }
}

impl<'a> Schema<'a> {
    /// A schema whose root says that it is that of an object.
    pub(crate) fn of_object(raw: Raw<'a>) -> Self {
        Self(Spelling::Object(raw))
    }

    /// Whether the root is known to say that this is the schema of an object. If not, it may say so.
    pub(crate) fn says_object(&self) -> bool {
        matches!(self.0, Spelling::Object(_))
    }
}

impl<'a> From<Raw<'a>> for Schema<'a> {
    fn from(raw: Raw<'a>) -> Self {
        Self(Spelling::Source(raw))
    }
}

impl PartialEq for Schema<'_> {
    fn eq(&self, other: &Schema<'_>) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Schema<'_> {}
