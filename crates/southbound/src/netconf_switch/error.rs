//! What an answer, or none, means to the engine.

use engine::ports::DeviceError;
use netconf::{ClientError, ErrorTag, RpcError, Severity};

/// What is at stake when no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Nothing that could be in force: a candidate goes with its session.
    Nothing,
    /// A step that may be in force.
    Step(&'static str),
}

pub(crate) fn failure(device: &str, sent: Sent, error: ClientError) -> DeviceError {
    let device = device.to_owned();
    let reason = error.to_string();
    match (error, sent) {
        (ClientError::HostKey { .. }, _) => DeviceError::Untrusted { device, reason },
        (ClientError::Rpc(errors), _) => refused(device, &errors),
        (ClientError::Authentication { .. } | ClientError::Unsupported(_), _) => {
            DeviceError::Refused { device, path: "/".to_owned(), reason }
        }
        (ClientError::Unreachable { .. }, _)
        | (ClientError::Timeout { .. } | ClientError::Closed(_), Sent::Nothing) => {
            DeviceError::Unreachable { device, reason }
        }
        (ClientError::Timeout { .. } | ClientError::Closed(_), Sent::Step(step)) => {
            DeviceError::OutcomeUnknown { device, step: step.to_owned(), reason }
        }
    }
}

/// The first error's path; all that was said.
fn refused(device: String, errors: &[RpcError]) -> DeviceError {
    let serious = || errors.iter().filter(|error| error.severity == Severity::Error);
    if let Some(error) = serious().find(|error| error.tag == ErrorTag::in_use()) {
        return DeviceError::Locked { device, holder: holder(error) };
    }
    let path = serious().find_map(|error| error.path.clone()).unwrap_or_else(|| "/".to_owned());
    let said: Vec<String> = serious().map(said).collect();
    DeviceError::Refused { device, path, reason: said.join("; ") }
}

/// Without the path, which is told apart.
fn said(error: &RpcError) -> String {
    RpcError { path: None, ..error.clone() }.to_string()
}

/// The error of a lock that somebody else has.
pub(crate) fn denied(errors: &[RpcError]) -> Option<&RpcError> {
    errors.iter().find(|e| e.tag == ErrorTag::lock_denied() || e.tag == ErrorTag::in_use())
}

/// Some devices have no locks (P-33).
pub(crate) fn unsupported(errors: &[RpcError]) -> bool {
    errors.iter().any(|error| error.tag == ErrorTag::operation_not_supported())
}

/// Session 0 is a writer that is no NETCONF session (RFC 6241 §7.5).
pub(crate) fn holder(error: &RpcError) -> String {
    let message = error.message.as_deref().unwrap_or("no reason given");
    match error.lock_holder() {
        Some(0) => format!("a writer outside NETCONF ({message})"),
        Some(id) => format!("NETCONF session {id}"),
        None => format!("another session ({message})"),
    }
}
