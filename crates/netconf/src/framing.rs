//! How messages are cut out of a byte stream (RFC 6242 §4).

/// The end-of-message marker of NETCONF 1.0.
const EOM: &[u8] = b"]]>]]>";
/// The most digits a chunk size can have: 4294967295.
const SIZE_DIGITS: usize = 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// RFC 6242 §4.3; hellos always, everything in NETCONF 1.0.
    #[default]
    EndOfMessage,
    /// RFC 6242 §4.2; everything after the hellos where both sides have base:1.1.
    Chunked,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    #[error("a chunk header was expected; the next bytes are {next:?}")]
    Header { next: String },
    #[error("a chunk size is zero, has a leading zero, or is above 4294967295")]
    Size,
    #[error("a message ended before it began")]
    EmptyMessage,
    #[error("a message is larger than the {limit} bytes allowed; raise the limit to receive it")]
    TooBig { limit: usize },
    #[error("a message to be framed with ]]>]]> contains these very characters")]
    MarkerInside,
}

/// Frames one message; it goes out in one write.
///
/// # Errors
/// Where the message holds the end marker that would cut it in two (RFC 6242 §4.3).
pub fn encode(framing: Framing, message: &str) -> Result<Vec<u8>, FramingError> {
    match framing {
        Framing::EndOfMessage if message.contains("]]>]]>") => Err(FramingError::MarkerInside),
        Framing::EndOfMessage => Ok([message.as_bytes(), EOM].concat()),
        Framing::Chunked => {
            let header = format!("\n#{}\n", message.len());
            Ok([header.as_bytes(), message.as_bytes(), b"\n##\n"].concat())
        }
    }
}

/// Takes bytes in any portions and gives whole messages back.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    buffer: Vec<u8>,
    /// How much of `buffer` has been looked at without finding an end.
    searched: usize,
    /// The chunks of the message so far.
    message: Vec<u8>,
    /// Bytes of the current chunk that are still to come.
    chunk_left: u64,
    limit: usize,
}

impl Decoder {
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            framing: Framing::EndOfMessage,
            buffer: Vec::new(),
            searched: 0,
            message: Vec::new(),
            chunk_left: 0,
            limit,
        }
    }

    /// Counts from the next message on.
    pub fn set_framing(&mut self, framing: Framing) {
        self.framing = framing;
        self.searched = 0;
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    ///
    /// # Errors
    /// Where the stream breaks the framing; it cannot be resumed then.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        match self.framing {
            Framing::EndOfMessage => self.next_marked(),
            Framing::Chunked => self.next_chunked(),
        }
    }

    fn next_marked(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        let from = self.searched.saturating_sub(EOM.len() - 1);
        let found = self.buffer[from..].windows(EOM.len()).position(|window| window == EOM);
        let Some(at) = found.map(|at| at + from) else {
            self.searched = self.buffer.len();
            self.within_limit(self.buffer.len())?;
            return Ok(None);
        };
        self.within_limit(at)?;
        let rest = self.buffer.split_off(at + EOM.len());
        let mut message = std::mem::replace(&mut self.buffer, rest);
        message.truncate(at);
        self.searched = 0;
        Ok(Some(message))
    }

    fn next_chunked(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        let mut at = 0;
        let outcome = loop {
            if self.chunk_left > 0 {
                let take = usize::try_from(self.chunk_left).unwrap_or(usize::MAX);
                let take = take.min(self.buffer.len() - at);
                self.within_limit(self.message.len() + take)?;
                self.message.extend_from_slice(&self.buffer[at..at + take]);
                at += take;
                self.chunk_left -= take as u64;
                if self.chunk_left > 0 {
                    break None;
                }
            }
            match header(&self.buffer[at..], self.message.is_empty())? {
                Header::Incomplete => break None,
                Header::Chunk { size, length } => {
                    self.chunk_left = size;
                    at += length;
                }
                Header::End { length } => {
                    at += length;
                    if self.message.is_empty() {
                        return Err(FramingError::EmptyMessage);
                    }
                    break Some(std::mem::take(&mut self.message));
                }
            }
        };
        self.buffer.drain(..at);
        Ok(outcome)
    }

    fn within_limit(&self, size: usize) -> Result<(), FramingError> {
        if size > self.limit {
            return Err(FramingError::TooBig { limit: self.limit });
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Header {
    Incomplete,
    Chunk { size: u64, length: usize },
    End { length: usize },
}

/// Reads `\n#<size>\n` or `\n##\n`. Between messages, further line feeds and blanks may come first
/// (pitfall P-02: some devices send one too many).
fn header(bytes: &[u8], between_messages: bool) -> Result<Header, FramingError> {
    let skip = if between_messages { leading_blanks(bytes) } else { 0 };
    let Some(rest) = bytes[skip..].strip_prefix(b"\n") else {
        return if bytes.len() == skip { Ok(Header::Incomplete) } else { Err(unexpected(bytes)) };
    };
    let Some(rest) = rest.strip_prefix(b"#") else {
        return if rest.is_empty() { Ok(Header::Incomplete) } else { Err(unexpected(bytes)) };
    };
    if let Some(end) = rest.strip_prefix(b"#") {
        return match end.first() {
            None => Ok(Header::Incomplete),
            Some(b'\n') => Ok(Header::End { length: skip + 4 }),
            Some(_) => Err(unexpected(bytes)),
        };
    }
    size(rest, skip + 2, bytes)
}

fn size(digits: &[u8], before: usize, all: &[u8]) -> Result<Header, FramingError> {
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > SIZE_DIGITS || digits.first() == Some(&b'0') {
        return Err(FramingError::Size);
    }
    match digits.get(count) {
        None => Ok(Header::Incomplete),
        Some(b'\n') if count > 0 => {
            let text = std::str::from_utf8(&digits[..count]).map_err(|_| unexpected(all))?;
            let size = text.parse::<u32>().map_err(|_| FramingError::Size)?;
            Ok(Header::Chunk { size: u64::from(size), length: before + count + 1 })
        }
        Some(_) => Err(unexpected(all)),
    }
}

/// Blanks before the line feed that belongs to the header.
fn leading_blanks(bytes: &[u8]) -> usize {
    let blanks = bytes.iter().take_while(|byte| b"\n\r \t".contains(byte)).count();
    let header = bytes[..blanks].iter().rposition(|byte| *byte == b'\n');
    header.unwrap_or(0)
}

fn unexpected(bytes: &[u8]) -> FramingError {
    let next = String::from_utf8_lossy(&bytes[..bytes.len().min(32)]).into_owned();
    FramingError::Header { next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunked() -> Decoder {
        let mut decoder = Decoder::new(1 << 20);
        decoder.set_framing(Framing::Chunked);
        decoder
    }

    fn feed(decoder: &mut Decoder, bytes: &[u8]) -> Result<Vec<String>, FramingError> {
        decoder.push(bytes);
        let mut out = Vec::new();
        while let Some(message) = decoder.next_message()? {
            out.push(String::from_utf8(message).unwrap());
        }
        Ok(out)
    }

    #[test]
    fn n_008_to_n_011_the_grammar_of_chunks() {
        let good: &[(&str, &[&str])] = &[
            ("\n#5\nhello\n##\n", &["hello"]),
            ("\n#2\nhe\n#3\nllo\n##\n", &["hello"]),
            ("\n#1\na\n##\n\n#1\nb\n##\n", &["a", "b"]),
            ("\n\n#1\na\n##\n", &["a"]),
            ("\n#6\n]]>]]>\n##\n", &["]]>]]>"]),
        ];
        for (bytes, messages) in good {
            assert_eq!(feed(&mut chunked(), bytes.as_bytes()).unwrap(), *messages, "{bytes:?}");
        }
        let bad = [
            "\n#05\nhello",
            "\n#+5\n",
            "\n# 5\n",
            "\n#5 \n",
            "\n#0\n",
            "\n##\n",
            "x",
            "\n#4294967296\n",
            "\n#99999999999\n",
            "\r\n#5\r\n",
            "\n#1\nab",
            "\n#1\na\n\n#1\n",
        ];
        for bytes in bad {
            assert!(feed(&mut chunked(), bytes.as_bytes()).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn n_147_a_promised_size_is_not_allocated() {
        let mut decoder = chunked();
        assert_eq!(feed(&mut decoder, b"\n#4294967295\n").unwrap(), Vec::<String>::new());
        assert!(decoder.message.capacity() < 1024 && decoder.buffer.capacity() < 1024);
    }

    #[test]
    fn limits_hold_in_both_framings() {
        let mut decoder = Decoder::new(4);
        decoder.push(b"12345");
        assert_eq!(decoder.next_message(), Err(FramingError::TooBig { limit: 4 }));
        let mut decoder = Decoder::new(4);
        decoder.set_framing(Framing::Chunked);
        decoder.push(b"\n#5\n12345\n##\n");
        assert_eq!(decoder.next_message(), Err(FramingError::TooBig { limit: 4 }));
    }

    #[test]
    fn n_016_the_marker_inside_is_refused_where_it_would_cut() {
        assert_eq!(encode(Framing::EndOfMessage, "a]]>]]>b"), Err(FramingError::MarkerInside));
        assert!(encode(Framing::Chunked, "a]]>]]>b").is_ok());
    }

    proptest! {
        /// N-013, P-04, P-07: however the stream is cut, the messages are the same.
        #[test]
        fn any_split_gives_the_same_messages(
            messages in proptest::collection::vec("[a-zé\n#0-9]{1,12}", 1..5),
            cuts in proptest::collection::vec(1usize..9, 1..40),
            chunked in any::<bool>(),
        ) {
            let framing = if chunked { Framing::Chunked } else { Framing::EndOfMessage };
            let mut decoder = Decoder::new(1 << 16);
            decoder.set_framing(framing);
            let stream: Vec<u8> =
                messages.iter().flat_map(|m| encode(framing, m).unwrap()).collect();
            let (mut rest, mut out) = (stream.as_slice(), Vec::new());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                out.extend(feed(&mut decoder, now).unwrap());
                rest = later;
                if rest.is_empty() { break; }
            }
            prop_assert_eq!(out, messages);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunked in any::<bool>()) {
            let mut decoder = Decoder::new(64);
            if chunked { decoder.set_framing(Framing::Chunked); }
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_message() {}
        }
    }
}
