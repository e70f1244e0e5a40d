//! Hello, rpc, rpc-reply and notification, written and read.

use crate::error::{RpcError, Severity};
use crate::xml::{Attribute, Element, escaped};
use crate::{BASE, BASE_1_0, BASE_1_1};
use std::fmt::Write as _;

/// What the far side said of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    pub capabilities: Vec<String>,
    pub session_id: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    #[error("the first message is a {0}, not a hello")]
    NotHello(String),
    #[error("the hello's session-id {0:?} is not a number from 1 to 4294967295")]
    SessionId(String),
    #[error("the server's hello has no session-id")]
    NoSessionId,
    #[error("the client's hello has a session-id")]
    ClientSessionId,
    #[error("the two sides have no version of NETCONF in common")]
    NoCommonVersion,
}

impl Hello {
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = format!("<hello xmlns=\"{BASE}\"><capabilities>");
        for capability in &self.capabilities {
            let _ = write!(out, "<capability>{}</capability>", escaped(capability));
        }
        out.push_str("</capabilities>");
        if let Some(id) = self.session_id {
            let _ = write!(out, "<session-id>{id}</session-id>");
        }
        out + "</hello>"
    }

    /// # Errors
    /// Where the element is no hello or its session-id is no session-id.
    pub fn from_element(element: &Element) -> Result<Self, HelloError> {
        if !element.is(BASE, "hello") {
            return Err(HelloError::NotHello(element.name.clone()));
        }
        let session_id = match element.child("session-id").map(Element::text) {
            None => None,
            Some(text) => match text.parse::<u32>() {
                Ok(id) if id > 0 => Some(id),
                _ => return Err(HelloError::SessionId(text)),
            },
        };
        let capabilities = element.child("capabilities").into_iter().flat_map(Element::children);
        let capabilities = capabilities.map(Element::text).collect();
        Ok(Self { capabilities, session_id })
    }

    /// Whether a capability is there; its parameters do not count (N-035).
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c.split('?').next() == Some(capability))
    }

    /// The highest version that both have: whether it is 1.1.
    ///
    /// # Errors
    /// Where there is none.
    pub fn common_is_1_1(&self, other: &Self) -> Result<bool, HelloError> {
        match (self.has(BASE_1_1) && other.has(BASE_1_1), self.has(BASE_1_0) && other.has(BASE_1_0))
        {
            (true, _) => Ok(true),
            (false, true) => Ok(false),
            (false, false) => Err(HelloError::NoCommonVersion),
        }
    }
}

/// A request around an operation.
#[must_use]
pub fn rpc(message_id: u64, operation: &str) -> String {
    format!("<rpc xmlns=\"{BASE}\" message-id=\"{message_id}\">{operation}</rpc>")
}

/// A reply with the request's own attributes (RFC 6241 §4.2).
#[must_use]
pub fn rpc_reply(attributes: &[Attribute], scope: &str, body: &str) -> String {
    let mut out = format!("<rpc-reply xmlns=\"{BASE}\"{scope}");
    for attribute in attributes {
        let _ = write!(out, " {}=\"{}\"", attribute.written, escaped(&attribute.value));
    }
    format!("{out}>{body}</rpc-reply>")
}

#[must_use]
pub fn notification(event_time: &str, event: &str) -> String {
    const NS: &str = "urn:ietf:params:xml:ns:netconf:notification:1.0";
    format!(
        "<notification xmlns=\"{NS}\"><eventTime>{event_time}</eventTime>{event}</notification>"
    )
}

/// Every `rpc-error` of a reply, wherever a device puts it, except inside `data` (P-25).
#[must_use]
pub fn errors_of(reply: &Element) -> Vec<RpcError> {
    let mut found = Vec::new();
    collect_errors(reply, &mut found);
    found
}

fn collect_errors(element: &Element, found: &mut Vec<RpcError>) {
    for child in element.children() {
        if child.is(BASE, "rpc-error") {
            found.push(RpcError::from_element(child));
        } else if child.name != "data" {
            collect_errors(child, found);
        }
    }
}

/// The worst severity decides, wherever it stands (N-053, P-24).
#[must_use]
pub fn has_failed(errors: &[RpcError]) -> bool {
    errors.iter().any(|error| error.severity == Severity::Error)
}
