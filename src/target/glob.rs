/// A name in which a `*` stands for any run of characters, taken apart once. The whole name is meant, and case matters.
#[derive(Debug, Clone)]
pub(crate) struct Glob {
    text: Box<str>,
    /// What the name begins with.
    first: Box<str>,
    /// What occurs behind it, in this order.
    middle: Box<[Box<str>]>,
    /// What the name ends with; `None` if there is no star.
    last: Option<Box<str>>,
}

impl Glob {
    pub(crate) fn new(text: &str) -> Self {
        let (first, rest) = match text.split_once('*') {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        let ends = rest.map(|rest| rest.rsplit_once('*').unwrap_or(("", rest)));
        let (middle, last) = ends.unzip();
        let middle = middle.unwrap_or_default().split('*');
        Self {
            text: text.into(),
            first: first.into(),
            middle: middle
                .filter(|piece| !piece.is_empty())
                .map(Into::into)
                .collect(),
            last: last.map(Into::into),
        }
    }

    #[cfg(feature = "router")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the name begins and ends with.
    #[cfg(feature = "router")]
    pub(crate) fn ends(&self) -> (&str, &str) {
        (&self.first, self.last.as_deref().unwrap_or(&self.text))
    }

    /// Whether it has no star, and how many bytes beside them: the greater, the narrower.
    pub(crate) fn narrowness(&self) -> (bool, usize) {
        (self.last.is_none(), self.literal())
    }

    /// How many bytes are no stars.
    pub(crate) fn literal(&self) -> usize {
        self.text.bytes().filter(|byte| *byte != b'*').count()
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let Some(last) = &self.last else {
            return *name == *self.text;
        };
        let rest = name.strip_prefix(&*self.first);
        let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(&**last)) else {
            return false;
        };
        // Taking the first place where a piece occurs leaves most for the pieces behind it.
        for piece in &self.middle {
            let Some((_, behind)) = rest.split_once(&**piece) else {
                return false;
            };
            rest = behind;
        }
        true
    }
}
