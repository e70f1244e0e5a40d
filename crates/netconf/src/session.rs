//! A session without I/O: bytes in, messages out, and what has to be sent. The same core drives the
//! client, the server and the fuzzers.

use crate::BASE;
use crate::framing::{self, Decoder, Framing, FramingError};
use crate::message::{Hello, HelloError};
use crate::xml::{Element, XmlError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

#[derive(Debug)]
pub struct Session {
    role: Role,
    own: Hello,
    peer: Option<Hello>,
    decoder: Decoder,
    framing: Framing,
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The far side's hello; from here on messages may be sent.
    Hello(Hello),
    Message(Element),
    /// A message that is not XML, in a frame that is in order: it can be answered (N-143).
    Malformed(XmlError),
}

/// After one of these the session is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Framing(#[from] FramingError),
    #[error(transparent)]
    Hello(#[from] HelloError),
    #[error("the hello is not acceptable: {0}")]
    BadHello(XmlError),
    #[error("a message is not UTF-8 from byte {0} on")]
    Encoding(usize),
}

impl Session {
    #[must_use]
    pub fn new(role: Role, own: Hello, message_limit: usize) -> Self {
        let decoder = Decoder::new(message_limit);
        Self { role, own, peer: None, decoder, framing: Framing::EndOfMessage }
    }

    /// Our hello, to be sent at once (N-030), always with the end marker (N-005).
    ///
    /// # Errors
    /// Where a capability holds the end marker.
    pub fn hello(&self) -> Result<Vec<u8>, FramingError> {
        framing::encode(Framing::EndOfMessage, &self.own.to_xml())
    }

    #[must_use]
    pub fn peer(&self) -> Option<&Hello> {
        self.peer.as_ref()
    }

    /// # Errors
    /// Where the message cannot be framed.
    pub fn frame(&self, message: &str) -> Result<Vec<u8>, FramingError> {
        framing::encode(self.framing, message)
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
    }

    /// The next thing that came in whole.
    ///
    /// # Errors
    /// Where the session cannot go on.
    pub fn next_incoming(&mut self) -> Result<Option<Incoming>, SessionError> {
        let Some(bytes) = self.decoder.next_message()? else { return Ok(None) };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return Err(SessionError::Encoding(error.utf8_error().valid_up_to())),
        };
        match Element::parse(&text) {
            Ok(element) if self.peer.is_none() => self.greet(&element).map(Some),
            Ok(element) => Ok(Some(Incoming::Message(element))),
            Err(error) if self.peer.is_none() => Err(SessionError::BadHello(error)),
            Err(error) => Ok(Some(Incoming::Malformed(error))),
        }
    }

    /// Both hellos are there: the framing is settled (RFC 6242 §4.1).
    fn greet(&mut self, element: &Element) -> Result<Incoming, SessionError> {
        let hello = Hello::from_element(element)?;
        match (self.role, hello.session_id) {
            (Role::Client, None) => return Err(HelloError::NoSessionId.into()),
            (Role::Server, Some(_)) => return Err(HelloError::ClientSessionId.into()),
            _ => {}
        }
        if self.own.common_is_1_1(&hello)? {
            self.framing = Framing::Chunked;
            self.decoder.set_framing(Framing::Chunked);
        }
        self.peer = Some(hello.clone());
        Ok(Incoming::Hello(hello))
    }
}

/// Whether an element is a request, a reply or an event, by its root (P-23).
#[must_use]
pub fn is_rpc(element: &Element) -> bool {
    element.is(BASE, "rpc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BASE_1_0, BASE_1_1};

    fn hello(versions: &[&str], session_id: Option<u32>) -> Hello {
        Hello { capabilities: versions.iter().map(|v| format!("\n {v} ")).collect(), session_id }
    }

    /// N-006: the framing of what follows, for each pair of hellos.
    #[test]
    fn the_framing_follows_both_hellos() {
        let both: &[&str] = &[BASE_1_0, BASE_1_1];
        let cases: &[(&[&str], &[&str], Option<bool>)] = &[
            (both, both, Some(true)),
            (both, &[BASE_1_0], Some(false)),
            (&[BASE_1_0], both, Some(false)),
            (&[BASE_1_1], &[BASE_1_0], None),
        ];
        for (client, server, chunked) in cases {
            let own = Hello {
                capabilities: client.iter().map(ToString::to_string).collect(),
                session_id: None,
            };
            let mut session = Session::new(Role::Client, own, 1 << 16);
            let bytes = format!("{}]]>]]>", hello(server, Some(4)).to_xml());
            session.push(bytes.as_bytes());
            match (session.next_incoming(), chunked) {
                (Ok(Some(Incoming::Hello(peer))), Some(chunked)) => {
                    assert_eq!(peer.session_id, Some(4));
                    let frame = session.frame("<rpc/>").unwrap();
                    assert_eq!(frame.starts_with(b"\n#"), *chunked);
                }
                (Err(SessionError::Hello(HelloError::NoCommonVersion)), None) => {}
                (other, _) => panic!("{client:?} {server:?}: {other:?}"),
            }
        }
    }

    /// N-031 to N-034, N-037.
    #[test]
    fn a_wrong_hello_ends_the_session() {
        let cases = [
            (Role::Client, hello(&[BASE_1_1], None).to_xml()),
            (Role::Server, hello(&[BASE_1_1], Some(1)).to_xml()),
            (Role::Client, hello(&[BASE_1_1], Some(1)).to_xml().replace(">1<", ">0<")),
            (Role::Server, format!("<rpc xmlns=\"{BASE}\" message-id=\"1\"><get/></rpc>")),
            (Role::Server, "not xml".to_owned()),
        ];
        for (role, text) in cases {
            let own = Hello { capabilities: vec![BASE_1_1.into()], session_id: None };
            let mut session = Session::new(role, own, 1 << 16);
            session.push(format!("{text}]]>]]>").as_bytes());
            assert!(session.next_incoming().is_err(), "{text}");
        }
    }
}
