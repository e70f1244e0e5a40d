//! NETCONF's frames, written and read byte by byte. This is not the code of the crate `netconf`, so
//! that a mistake there is not made twice.

use netconf::xml::Element;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Any single answer comes within this time, or the test fails.
pub const PATIENCE: Duration = Duration::from_secs(10);
const MARKER: &str = "]]>]]>";

/// One end of a session, which does exactly what a test tells it, wrong things included.
pub struct Wire<S> {
    stream: S,
    received: Vec<u8>,
    /// From here on, messages are in chunks.
    pub chunked: bool,
}

impl<S> fmt::Debug for Wire<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("chunked", &self.chunked).finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    #[must_use]
    pub fn new(stream: S) -> Self {
        Self { stream, received: Vec::new(), chunked: false }
    }

    /// # Panics
    /// Where the far side does not take the bytes in time.
    pub async fn send(&mut self, bytes: &[u8]) {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        let sent = tokio::time::timeout(PATIENCE, sent).await.expect("the bytes go out in time");
        sent.expect("the bytes go out");
    }

    /// As [`Wire::send`], to a far side that may have closed the session already.
    pub async fn send_if_open(&mut self, bytes: &[u8]) {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        let _ = tokio::time::timeout(PATIENCE, sent).await;
    }

    /// A message in a frame, sent.
    pub async fn say(&mut self, text: &str) {
        let frame = self.framed(text);
        self.send(&frame).await;
    }

    /// A message in one frame.
    #[must_use]
    pub fn framed(&self, text: &str) -> Vec<u8> {
        if self.chunked {
            format!("\n#{}\n{text}\n##\n", text.len()).into_bytes()
        } else {
            format!("{text}{MARKER}").into_bytes()
        }
    }

    /// The next message of the far side, without its frame.
    ///
    /// # Panics
    /// Where the session ends instead, or nothing comes.
    pub async fn message(&mut self) -> String {
        self.message_or_end().await.expect("the session goes on")
    }

    /// The same; `None` where the session has ended.
    ///
    /// # Panics
    /// Where nothing comes.
    pub async fn message_or_end(&mut self) -> Option<String> {
        loop {
            if let Some(message) = self.take() {
                return Some(message);
            }
            if !self.more().await {
                assert!(self.received.is_empty(), "half a message: {:?}", self.so_far());
                return None;
            }
        }
    }

    /// Whether the session ends without a further message.
    ///
    /// # Panics
    /// Where it neither ends nor says anything.
    pub async fn ends(&mut self) -> bool {
        self.message_or_end().await.is_none()
    }

    /// Bytes as they come, at least one; false at the end.
    ///
    /// # Panics
    /// Where none come.
    pub async fn more(&mut self) -> bool {
        let mut buffer = vec![0; 64 << 10];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        let read = read.unwrap_or_else(|_| panic!("nothing after {:?}", self.so_far()));
        let count = read.unwrap_or(0);
        self.received.extend_from_slice(&buffer[..count]);
        count > 0
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// Every byte that came and was not taken as a message.
    #[must_use]
    pub fn untaken(&self) -> &[u8] {
        &self.received
    }

    fn take(&mut self) -> Option<String> {
        let (message, length) =
            if self.chunked { chunks(&self.received)? } else { marked(&self.received)? };
        self.received.drain(..length);
        Some(String::from_utf8(message).expect("a message is UTF-8"))
    }
}

/// # Panics
/// Where the text is not XML.
#[must_use]
pub fn parse(text: &str) -> Element {
    Element::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Up to the end marker: the message, and what it takes of the bytes.
fn marked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let marker = MARKER.as_bytes();
    let at = bytes.windows(marker.len()).position(|window| window == marker)?;
    Some((bytes[..at].to_vec(), at + marker.len()))
}

/// RFC 6242 §4.2, strictly.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut message, mut at) = (Vec::new(), 0);
    loop {
        let header = bytes.get(at..)?;
        if header.len() >= 2 {
            assert!(header.starts_with(b"\n#"), "no chunk begins at {at} of {bytes:?}");
        }
        if header.starts_with(b"\n##\n") {
            assert!(!message.is_empty(), "a message without a chunk");
            return Some((message, at + 4));
        }
        let line = header.get(2..)?;
        let end = line.iter().position(|byte| *byte == b'\n')?;
        let digits = std::str::from_utf8(&line[..end]).expect("a size is ASCII");
        assert!(!digits.starts_with(['0', '+', ' ']), "{digits:?} is no size");
        let size: usize = digits.parse().expect("a size is a number");
        let from = at + 2 + end + 1;
        message.extend_from_slice(bytes.get(from..from + size)?);
        at = from + size;
    }
}
