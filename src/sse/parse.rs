use std::{fmt, ops::Range};

use bytes::{Buf, BytesMut};
use memchr::memchr2;

/// What a stream is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// An event with data. Events without are no events.
    Event {
        /// Its name, if it has one.
        name: Option<&'a [u8]>,
        /// Its data; several lines are joined by `\n`.
        data: &'a [u8],
    },
    /// A comment line: a sign of life.
    Comment,
}

/// An event is longer than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventTooLong {
    /// The limit, in bytes.
    pub limit: usize,
}

impl fmt::Display for EventTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event is longer than {} bytes", self.limit)
    }
}

impl std::error::Error for EventTooLong {}

/// Reads a stream of server-sent events, however its bytes are cut.
///
/// Holds at most one event, bounded by the limit. Lines may end in `\n`, `\r\n` or `\r`; they are split as bytes, so a
/// character that is cut in two is no matter. A byte order mark at the start is skipped. JSON that some servers send bare
/// when they fail, without `data:`, is an event as well.
///
/// ```
/// use tower_llm_gateway::sse::{Item, Parser};
///
/// let mut parser = Parser::new(1024);
/// parser.push(b"data: hel");
/// assert_eq!(parser.next(), Ok(None));
/// parser.push(b"lo\n\n");
/// assert_eq!(parser.next(), Ok(Some(Item::Event { name: None, data: b"hello" })));
/// ```
#[derive(Debug)]
pub struct Parser {
    /// What has been pushed and not yet given away.
    buffer: BytesMut,
    /// How far `buffer` was read: the start of the current line.
    line: usize,
    /// How far the current line was searched for its end, so that no byte is searched twice.
    searched: usize,
    /// Bytes in front of `buffer` that the last item borrowed.
    done: usize,
    name: Option<Range<usize>>,
    data: Data,
    /// Data of several lines, joined.
    joined: Vec<u8>,
    /// The data is bare JSON: its lines have no field names.
    bare: bool,
    /// The last line ended in `\r`, so a `\n` right behind it belongs to it.
    after_cr: bool,
    at_start: bool,
    limit: usize,
    /// The most that `buffer` has held.
    grown: usize,
}

/// Most bytes that are kept for what comes next while there is nothing to read: streams stand still for long.
const KEPT: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Data {
    None,
    Line(Range<usize>),
    Joined,
}

/// Where the parts of an event are that is all there.
struct Whole {
    name: Option<Range<usize>>,
    data: Range<usize>,
}

impl Whole {
    /// An event as nearly all are, if all of it is there: perhaps a name, one line of data, and nothing that needs a
    /// closer look.
    fn at(mut line: usize, bytes: &[u8]) -> Option<Self> {
        let mut value = |field: &[u8]| {
            let rest = bytes.get(line..)?.strip_prefix(field)?;
            let end = memchr2(b'\n', b'\r', rest).filter(|end| rest.get(*end) == Some(&b'\n'))?;
            let start = line + field.len();
            line = start + end + 1;
            Some(start..start + end)
        };
        let name = value(b"event: ");
        let data = value(b"data: ")?;
        (bytes.get(line) == Some(&b'\n')).then_some(Self { name, data })
    }
}

impl Parser {
    /// A parser for events of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            line: 0,
            searched: 0,
            done: 0,
            name: None,
            data: Data::None,
            joined: Vec::new(),
            bare: false,
            after_cr: false,
            at_start: true,
            limit,
            grown: 0,
        }
    }

    /// Takes more bytes of the stream. Call [`next`](Self::next) until it has none left before pushing more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.release();
        self.buffer.extend_from_slice(bytes);
        self.grown = self.grown.max(self.buffer.len());
    }

    /// The next item, if it is complete.
    ///
    /// # Errors
    ///
    /// If the event that is being read is longer than the limit. The parser is of no use then.
    #[allow(
        clippy::should_implement_trait,
        reason = "what it returns borrows from the parser"
    )]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, EventTooLong> {
        self.release();
        if self.begins_event()
            && let Some(whole) = Whole::at(self.line, &self.buffer)
        {
            return self.give(whole).map(Some);
        }
        while let Some(line) = self.next_line()? {
            if line.is_empty() {
                if self.data != Data::None {
                    return Ok(Some(self.dispatch()));
                }
                self.discard();
            } else if self.bare && self.has_field(&line) {
                self.unread(line.start);
                return Ok(Some(self.dispatch()));
            } else if self.field(line) {
                self.done = if self.data == Data::None && self.name.is_none() {
                    self.line
                } else {
                    0
                };
                return Ok(Some(Item::Comment));
            }
        }
        Ok(None)
    }

    /// The event that `bytes` begin with, and what follows it, if nothing was left of what has been pushed. It is not
    /// copied. `None` of all that needs a closer look, and is to be pushed.
    pub(crate) fn at_once<'b>(&mut self, bytes: &'b [u8]) -> Option<(Item<'b>, &'b [u8])> {
        self.release();
        if !self.buffer.is_empty() || !self.begins_event() {
            return None;
        }
        let whole = Whole::at(0, bytes).filter(|whole| whole.data.end < self.limit)?;
        let (event, rest) = bytes.split_at_checked(whole.data.end + 2)?;
        let name = whole.name.and_then(|name| event.get(name));
        let item = Item::Event {
            name: name.filter(|name| !name.is_empty()),
            data: event.get(whole.data)?,
        };
        Some((item, rest))
    }

    /// The event that the end of the stream completes: one whose blank line is missing. The last line counts even
    /// without its line break. Whoever asks must decide whether the stream ended well.
    pub fn finish(&mut self) -> Option<Item<'_>> {
        self.release();
        if self.line < self.buffer.len() {
            let line = self.line..self.buffer.len();
            self.line = line.end;
            self.field(line);
        }
        (self.data != Data::None).then(|| self.dispatch())
    }

    /// Whether the stream is between two events: nothing has been pushed that an item hasn't given away.
    pub fn is_between_events(&self) -> bool {
        let rest = self.buffer.get(self.line..).unwrap_or_default();
        let nothing_left = rest.is_empty() || self.after_cr && rest == b"\n";
        nothing_left && self.name.is_none() && self.data == Data::None
    }

    /// Drops what the last item borrowed.
    fn release(&mut self) {
        if self.done == 0 {
            return;
        }
        self.buffer.advance(self.done);
        if self.buffer.is_empty() && self.grown > KEPT {
            self.buffer = BytesMut::new();
            self.grown = 0;
        }
        self.line -= self.done;
        self.searched = self.searched.saturating_sub(self.done);
        self.done = 0;
    }

    /// Whether what comes next is the beginning of an event, and nothing before it matters.
    fn begins_event(&self) -> bool {
        let is_between =
            self.name.is_none() && self.data == Data::None && self.searched == self.line;
        is_between && !self.at_start && !self.after_cr
    }

    fn give(&mut self, event: Whole) -> Result<Item<'_>, EventTooLong> {
        // The end of its line belongs to it, as it does where the lines are read one by one.
        if event.data.end >= self.limit {
            return Err(EventTooLong { limit: self.limit });
        }
        // Behind the data are the ends of its line and of the blank one.
        self.line = event.data.end + 2;
        self.searched = self.line;
        self.name = event.name;
        self.data = Data::Line(event.data);
        Ok(self.dispatch())
    }

    fn dispatch(&mut self) -> Item<'_> {
        self.done = self.line;
        self.bare = false;
        let name = self.name.take();
        let data: &[u8] = match std::mem::replace(&mut self.data, Data::None) {
            Data::None => &[],
            Data::Line(range) => self.buffer.get(range).unwrap_or_default(),
            Data::Joined => &self.joined,
        };
        let name = name
            .and_then(|range| self.buffer.get(range))
            .filter(|name| !name.is_empty());
        Item::Event { name, data }
    }

    /// An event without data is none.
    fn discard(&mut self) {
        self.name = None;
        self.done = self.line;
        self.release();
    }

    /// The range of the next whole line, without its end.
    fn next_line(&mut self) -> Result<Option<Range<usize>>, EventTooLong> {
        if self.at_start && !self.skip_byte_order_mark() {
            return Ok(None);
        }
        if self.after_cr && self.line < self.buffer.len() {
            self.after_cr = false;
            if self.buffer.get(self.line) == Some(&b'\n') {
                self.line += 1;
                self.searched = self.searched.max(self.line);
            }
        }
        let start = self.searched.max(self.line);
        let Some(end) = memchr2(b'\n', b'\r', self.buffer.get(start..).unwrap_or_default()) else {
            self.searched = self.buffer.len();
            return if self.buffer.len() + self.joined_len() > self.limit {
                Err(EventTooLong { limit: self.limit })
            } else {
                Ok(None)
            };
        };
        let line = self.line..start + end;
        if line.end + self.joined_len() > self.limit {
            return Err(EventTooLong { limit: self.limit });
        }
        self.after_cr = self.buffer.get(line.end) == Some(&b'\r');
        self.line = line.end + 1;
        self.searched = self.line;
        Ok(Some(line))
    }

    fn joined_len(&self) -> usize {
        if self.data == Data::Joined {
            self.joined.len()
        } else {
            0
        }
    }

    /// Whether the start of the stream is behind us.
    fn skip_byte_order_mark(&mut self) -> bool {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        if self.buffer.len() < MARK.len() && MARK.starts_with(&self.buffer) {
            return false;
        }
        if self.buffer.starts_with(MARK) {
            self.buffer.advance(MARK.len());
        }
        self.at_start = false;
        true
    }

    /// Reads a line that isn't blank; tells whether it is a comment.
    fn field(&mut self, line: Range<usize>) -> bool {
        let bytes = self.buffer.get(line.clone()).unwrap_or_default();
        let is_json = self.data == Data::None && matches!(bytes.first(), Some(b'{' | b'['));
        if self.bare || is_json {
            self.bare = true;
            self.append(line);
            return false;
        }
        let colon = memchr::memchr(b':', bytes).unwrap_or(bytes.len());
        let space = usize::from(bytes.get(colon + 1) == Some(&b' '));
        let value = (line.start + colon + 1 + space).min(line.end)..line.end;
        match bytes.get(..colon).unwrap_or_default() {
            b"" => return true,
            b"data" => self.append(value),
            b"event" => self.name = Some(value),
            // `id` and `retry` are for reconnecting, which no provider supports; the rest is reserved.
            _ => {}
        }
        false
    }

    /// Whether a line can't be one of JSON that is spread over several.
    fn has_field(&self, line: &Range<usize>) -> bool {
        let bytes = self.buffer.get(line.clone()).unwrap_or_default();
        let begins = |field: &&[u8]| bytes.starts_with(field);
        [&b"data:"[..], b"event:", b":"].iter().any(begins)
    }

    /// Goes back to the start of a line.
    fn unread(&mut self, start: usize) {
        self.line = start;
        self.searched = start;
        self.after_cr = false;
    }

    fn append(&mut self, value: Range<usize>) {
        match &self.data {
            Data::None => {
                self.data = Data::Line(value);
                return;
            }
            Data::Line(first) => {
                self.joined.clear();
                self.joined
                    .extend_from_slice(self.buffer.get(first.clone()).unwrap_or_default());
            }
            Data::Joined => {}
        }
        self.joined.push(b'\n');
        self.joined
            .extend_from_slice(self.buffer.get(value).unwrap_or_default());
        self.data = Data::Joined;
    }
}
