//! The one table from errors to gRPC status with `google.rpc` details.

use api::ERROR_DOMAIN;
use engine::Error;
use engine::error::Violation;
use model::descriptor::Diagnostic;
use model::plan::{BindingConstraint, Infeasible};
use std::collections::HashMap;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, QuotaViolation, StatusExt};

/// A call took longer than it may; only the northbound side knows this error.
pub const DEADLINE: &str = "WL0014";
/// The server is going down; connect again.
const CLOSING_RETRY: Duration = Duration::from_secs(1);
/// Details travel in a trailer, base64-encoded, and many clients take no more than 8 KiB of those.
const DETAILS_MAX: usize = 4096;

/// The gRPC code of an error.
#[must_use]
pub fn code(error: &Error) -> Code {
    match error {
        Error::Rejected { .. } | Error::Descriptors { .. } => Code::InvalidArgument,
        Error::Infeasible { .. }
        | Error::Precondition { .. }
        | Error::DeviceRefused { .. }
        | Error::VimRefused { .. } => Code::FailedPrecondition,
        Error::Conflict { .. } => Code::Aborted,
        Error::NotFound { .. } => Code::NotFound,
        Error::RequestReused { .. } => Code::AlreadyExists,
        Error::Unavailable { .. } => Code::Unavailable,
        Error::Exhausted { .. } => Code::ResourceExhausted,
        Error::Compacted { .. } => Code::OutOfRange,
        Error::Cancelled => Code::Cancelled,
        Error::Bug { .. } => Code::Internal,
    }
}

/// The status with its details.
#[must_use]
pub fn of(error: &Error) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(error.code(), ERROR_DOMAIN, metadata(error));
    specifics(&mut details, error);
    Status::with_error_details(code(error), shortened(error.to_string()), details)
}

/// A call that took longer than it may. Whether it had an effect is not known.
#[must_use]
pub fn deadline(limit: Duration) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(DEADLINE, ERROR_DOMAIN, HashMap::new());
    let text = format!(
        "no answer within {} s; read what became of it, or repeat with the same request_id",
        limit.as_secs()
    );
    Status::with_error_details(Code::DeadlineExceeded, text, details)
}

/// For streams that are open when the server goes down.
#[must_use]
pub(crate) fn closing() -> Status {
    of(&Error::Unavailable {
        reason: "the server is going down".to_owned(),
        retry_after_ms: u64::try_from(CLOSING_RETRY.as_millis()).expect("a second fits"),
    })
}

fn shortened(mut text: String) -> String {
    if text.len() > 1024 {
        let end = (0..=1024).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn pairs<const N: usize>(pairs: [(&str, String); N]) -> HashMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What a program may want of the error, by name.
#[must_use]
pub fn metadata(error: &Error) -> HashMap<String, String> {
    match error {
        Error::Infeasible { infeasible } => infeasible_metadata(infeasible),
        Error::Conflict { what, expected, current } => pairs([
            ("what", what.clone()),
            ("expected", expected.to_string()),
            ("current", current.to_string()),
        ]),
        Error::DeviceRefused { device, path, reason } => {
            pairs([("device", device.clone()), ("path", path.clone()), ("reason", reason.clone())])
        }
        Error::VimRefused { vim, object, reason } => {
            pairs([("vim", vim.clone()), ("object", object.clone()), ("reason", reason.clone())])
        }
        Error::Compacted { from, oldest } => {
            pairs([("from", from.to_string()), ("oldest", oldest.to_string())])
        }
        Error::NotFound { kind, name } => pairs([("kind", kind.clone()), ("name", name.clone())]),
        Error::RequestReused { request_id } => pairs([("request_id", request_id.clone())]),
        Error::Unavailable { retry_after_ms, .. } | Error::Exhausted { retry_after_ms, .. } => {
            pairs([("retry_after_ms", retry_after_ms.to_string())])
        }
        _ => HashMap::new(),
    }
}

fn specifics(details: &mut ErrorDetails, error: &Error) {
    match error {
        Error::Rejected { violations } => {
            details.set_bad_request(bounded(violations.iter().map(violation)));
        }
        Error::Descriptors { diagnostics } => {
            details.set_bad_request(bounded(diagnostics.iter().map(diagnostic)));
        }
        Error::Infeasible { infeasible } => {
            details.set_precondition_failure(vec![binding_violation(infeasible)]);
        }
        Error::Precondition { reason, hint } => {
            let text = format!("{reason}; {hint}");
            details.set_precondition_failure(vec![precondition("STATE", "", text)]);
        }
        Error::Conflict { what, .. } => {
            details.set_precondition_failure(vec![precondition("ETAG", what, error.to_string())]);
        }
        Error::NotFound { kind, name } => {
            details.set_resource_info(kind.as_str(), name.as_str(), "", "it does not exist");
        }
        Error::DeviceRefused { device, path, reason } => {
            details.set_resource_info("device", device.as_str(), path.as_str(), reason.as_str());
        }
        Error::VimRefused { vim, object, reason } => {
            details.set_resource_info("VIM", vim.as_str(), object.as_str(), reason.as_str());
        }
        Error::Unavailable { retry_after_ms, .. } => {
            details.set_retry_info(Some(Duration::from_millis(*retry_after_ms)));
        }
        Error::Exhausted { queue, retry_after_ms } => {
            details.set_quota_failure(vec![quota(queue)]);
            details.set_retry_info(Some(Duration::from_millis(*retry_after_ms)));
        }
        Error::RequestReused { .. }
        | Error::Compacted { .. }
        | Error::Cancelled
        | Error::Bug { .. } => {}
    }
}

fn violation(violation: &Violation) -> FieldViolation {
    FieldViolation::new(
        violation.field.clone(),
        format!("{}; {}", violation.reason, violation.hint),
    )
}

/// The field is the place, `FILE:LINE:COLUMN PATH`; a description keeps what is left.
fn diagnostic(diagnostic: &Diagnostic) -> FieldViolation {
    let place = match diagnostic.line {
        0 => diagnostic.file.clone(),
        line => format!("{}:{line}:{}", diagnostic.file, diagnostic.column),
    };
    FieldViolation::new(
        format!("{place} {}", diagnostic.path).trim_end().to_owned(),
        format!("{}; {}", diagnostic.message, diagnostic.hint),
    )
}

/// As many as fit into a trailer; the last one says how many are left out.
fn bounded(violations: impl Iterator<Item = FieldViolation>) -> Vec<FieldViolation> {
    let (mut kept, mut room, mut left_out) = (Vec::new(), DETAILS_MAX, 0_usize);
    for violation in violations {
        let size = violation.field.len() + violation.description.len() + 8;
        if size <= room {
            room -= size;
            kept.push(violation);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let text = format!("{left_out} more do not fit here; mend these and ask again");
        kept.push(FieldViolation::new("…", text));
    }
    kept
}

fn precondition(kind: &str, subject: &str, text: String) -> PreconditionViolation {
    PreconditionViolation::new(kind, subject, text)
}

fn quota(queue: &str) -> QuotaViolation {
    QuotaViolation::new(queue, format!("{queue} is full"))
}

fn binding_violation(infeasible: &Infeasible) -> PreconditionViolation {
    let (kind, subject) = binding(&infeasible.binding);
    precondition(kind, &subject, infeasible.to_string())
}

/// The kind of a constraint and what it is about.
fn binding(constraint: &BindingConstraint) -> (&'static str, String) {
    use BindingConstraint as C;
    match constraint {
        C::PopCapacity { nearest, .. } => ("POP_CAPACITY", format!("PoP {nearest}")),
        C::LinkCapacity { link, .. } => ("LINK_CAPACITY", format!("link {link}")),
        C::Latency { virtual_link, .. } => ("LATENCY", format!("virtual link {virtual_link}")),
        C::Disconnected { virtual_link, .. } => {
            ("DISCONNECTED", format!("virtual link {virtual_link}"))
        }
        C::Placement { function, .. } => ("PLACEMENT", format!("function {function}")),
        C::PortInUse { port, .. } => ("PORT_IN_USE", format!("port {port}")),
        C::PortCapacity { port, .. } => ("PORT_CAPACITY", format!("port {port}")),
        C::PoolEmpty { pool } => ("POOL_EMPTY", pool.clone()),
        C::SearchLimit { .. } => ("SEARCH_LIMIT", String::new()),
    }
}

fn infeasible_metadata(infeasible: &Infeasible) -> HashMap<String, String> {
    let (kind, subject) = binding(&infeasible.binding);
    let mut found = pairs([("constraint", kind.to_owned()), ("subject", subject)]);
    if let Some((needed, available)) = amounts(&infeasible.binding) {
        found.extend(pairs([("needed", needed), ("available", available)]));
    }
    if let Some(relaxation) = &infeasible.relaxation {
        found.extend(pairs([
            ("relax", relaxation.what.clone()),
            ("relax_from", relaxation.from.clone()),
            ("relax_to", relaxation.to.clone()),
        ]));
    }
    found
}

fn amounts(constraint: &BindingConstraint) -> Option<(String, String)> {
    use BindingConstraint as C;
    match constraint {
        C::PopCapacity { dimension, needed, available, .. } => {
            Some((format!("{needed} {dimension}"), format!("{available} {dimension}")))
        }
        C::LinkCapacity { needed, available, .. } | C::PortCapacity { needed, available, .. } => {
            Some((needed.to_string(), available.to_string()))
        }
        C::Latency { bound, best, .. } => Some((bound.to_string(), best.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
