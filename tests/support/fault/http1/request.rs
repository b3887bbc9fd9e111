//! An HTTP/1 request's bytes.

use bytes::{Buf, Bytes, BytesMut};

/// A request line and headers.
pub(super) struct Head {
    pub(super) bytes: BytesMut,
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    /// Takes a head out of the buffer, if it is there whole. Takes everything for one.
    pub(super) fn take(buffer: &mut BytesMut) -> Option<Self> {
        let end = find(buffer, b"\r\n\r\n")?;
        let head = buffer.split_to(end + 4);
        let text = String::from_utf8_lossy(&head[..end]);
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let pair = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.to_owned(), value.trim().to_owned())
        };
        let headers = lines.map(pair).collect();
        Some(Self {
            bytes: head,
            line,
            headers,
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// What of the body is still to come.
    pub(super) fn body(&self) -> Rest {
        if self.header("transfer-encoding").is_some() {
            return Rest::Chunk;
        }
        let length = self.header("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap_or(0));
        Rest::of_length(length)
    }
}

/// What of a body is still to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rest {
    Nothing,
    Length(usize),
    /// The size of a chunk.
    Chunk,
    /// A chunk's data, and the line end after it.
    Data(usize),
    /// Lines up to an empty one.
    Trailers,
}

impl Rest {
    fn of_length(length: usize) -> Self {
        match length {
            0 => Self::Nothing,
            length => Self::Length(length),
        }
    }

    /// Takes out of the buffer what belongs to the body; what it is without the framing.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Bytes {
        let mut body = BytesMut::new();
        while *self != Self::Nothing {
            let Some((part, next)) = self.part(buffer) else {
                break;
            };
            body.extend_from_slice(&part);
            *self = next;
        }
        body.freeze()
    }

    /// A bit of the body, and what comes after it.
    fn part(self, buffer: &mut BytesMut) -> Option<(BytesMut, Self)> {
        match self {
            Self::Nothing => None,
            Self::Length(left) => {
                let part = up_to(buffer, left)?;
                let left = left - part.len();
                Some((part, Self::of_length(left)))
            }
            Self::Data(0) => {
                (buffer.len() >= 2).then(|| buffer.advance(2))?;
                Some((BytesMut::new(), Self::Chunk))
            }
            Self::Data(left) => {
                let part = up_to(buffer, left)?;
                let left = left - part.len();
                Some((part, Self::Data(left)))
            }
            Self::Chunk => {
                let line = line(buffer)?;
                let digits = line.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(digits, 16).unwrap_or(0);
                let next = match size {
                    0 => Self::Trailers,
                    size => Self::Data(size),
                };
                Some((BytesMut::new(), next))
            }
            Self::Trailers => {
                let is_last = line(buffer)?.is_empty();
                let next = if is_last { Self::Nothing } else { self };
                Some((BytesMut::new(), next))
            }
        }
    }
}

fn up_to(buffer: &mut BytesMut, length: usize) -> Option<BytesMut> {
    let length = length.min(buffer.len());
    (length > 0).then(|| buffer.split_to(length))
}

fn line(buffer: &mut BytesMut) -> Option<String> {
    let end = find(buffer, b"\r\n")?;
    let line = buffer.split_to(end + 2);
    Some(String::from_utf8_lossy(&line[..end]).into_owned())
}

fn find(buffer: &[u8], what: &[u8]) -> Option<usize> {
    buffer.windows(what.len()).position(|window| window == what)
}
