//! What is wrong with a descriptor, where, and what to do about it.

use super::source::Position;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The descriptor cannot be used.
    Error,
    /// It can be used, and something in it has no effect or is unusual.
    Warning,
}

/// One problem. `line` and `column` count from 1; both are 0 where the file as a whole is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Diagnostic {
    pub severity: Severity,
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Such as `nsd[5gc]/df[default]/vnf-profile[upf]/vnfd-id`; empty where none could be read.
    pub path: String,
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Diagnostic {
    pub(super) fn new(severity: Severity, file: &str, at: Position, problem: Problem) -> Self {
        Self {
            severity,
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            path: problem.path,
            message: problem.message,
            hint: problem.hint,
        }
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, ": {severity}: ")?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}; {}", self.message, self.hint)
    }
}

/// A problem before it is known in which file and line it lies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{path}: {message}; {hint}")]
pub struct Problem {
    pub path: String,
    pub message: String,
    pub hint: String,
}

impl Problem {
    pub(super) fn new(
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), message: message.into(), hint: hint.into() }
    }
}

/// By place in the file, so that a person mends from top to bottom.
pub(super) fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.line, d.column, d.severity);
        a.file.cmp(&b.file).then(key(a).cmp(&key(b)))
    });
}
