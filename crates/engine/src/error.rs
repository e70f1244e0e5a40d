//! One error for all that can go wrong, by what the caller can do next.

use model::descriptor::Diagnostic;
use model::plan::Infeasible;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "error")]
pub enum Error {
    /// Mend the request; every violation is listed.
    #[error("{}", first_of(violations))]
    Rejected { violations: Vec<Violation> },
    /// Mend the files; every problem is listed.
    #[error("the descriptors have {} problems", diagnostics.len())]
    Descriptors { diagnostics: Vec<Diagnostic> },
    /// Ask for less, or add what is short.
    #[error("{infeasible}")]
    Infeasible { infeasible: Box<Infeasible> },
    /// Read again, then decide again.
    #[error("{what} is at revision {current}, not at {expected}; read it again and repeat")]
    Conflict { what: String, expected: u64, current: u64 },
    #[error("{kind} {name} does not exist")]
    NotFound { kind: String, name: String },
    /// The same request id was used for other content; use a new one.
    #[error("request id {request_id} was used for a different request; use a new id")]
    RequestReused { request_id: String },
    /// Something else has to happen first.
    #[error("{reason}; {hint}")]
    Precondition { reason: String, hint: String },
    /// Repeat later.
    #[error("{reason}; repeat in {} s", retry_after_ms.div_ceil(1000))]
    Unavailable { reason: String, retry_after_ms: u64 },
    /// A queue is full; repeat later.
    #[error("{queue} is full; repeat in {} s", retry_after_ms.div_ceil(1000))]
    Exhausted { queue: String, retry_after_ms: u64 },
    #[error("device {device} refused {path}: {reason}")]
    DeviceRefused { device: String, path: String, reason: String },
    #[error("VIM {vim} refused {object}: {reason}")]
    VimRefused { vim: String, object: String, reason: String },
    /// The revision asked for is no longer kept; list again and watch from there.
    #[error(
        "revision {from} is no longer kept, the oldest is {oldest}; list again and watch from there"
    )]
    Compacted { from: u64, oldest: u64 },
    #[error("cancelled before the decision; nothing was changed")]
    Cancelled,
    /// Ours. Report it.
    #[error("internal error: {detail}; please report it")]
    Bug { detail: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The path of the field in the request.
    pub field: String,
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

fn first_of(violations: &[Violation]) -> String {
    match violations {
        [] => "the request is invalid".to_owned(),
        [one] => format!("{}: {}; {}", one.field, one.reason, one.hint),
        [one, rest @ ..] => {
            format!("{}: {}; {} (and {} more)", one.field, one.reason, one.hint, rest.len())
        }
    }
}

impl Error {
    /// A rejection with a single violation.
    #[must_use]
    pub fn rejected(
        field: impl Into<String>,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Rejected {
            violations: vec![Violation {
                field: field.into(),
                reason: reason.into(),
                hint: hint.into(),
            }],
        }
    }

    /// The stable code that `wayleave explain` and `docs/errors/` know.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "WL0001",
            Self::Descriptors { .. } => "WL0002",
            Self::Infeasible { .. } => "WL0003",
            Self::Conflict { .. } => "WL0004",
            Self::NotFound { .. } => "WL0005",
            Self::RequestReused { .. } => "WL0006",
            Self::Precondition { .. } => "WL0007",
            Self::Unavailable { .. } => "WL0008",
            Self::Exhausted { .. } => "WL0009",
            Self::DeviceRefused { .. } => "WL0010",
            Self::VimRefused { .. } => "WL0011",
            Self::Compacted { .. } => "WL0012",
            Self::Cancelled => "WL0013",
            Self::Bug { .. } => "WL0099",
        }
    }
}
