//! How a command ends, as a shell sees it.

use std::process::ExitCode;

/// The exit codes, documented in `docs/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok = 0,
    /// Refused, or accepted and then failed.
    Failed = 1,
    /// The command line is wrong; nothing was sent.
    Usage = 2,
    /// Well formed, and it does not fit.
    Infeasible = 3,
    /// Somebody else wrote in between.
    Conflict = 4,
    /// No answer, or not in time; it may be repeated.
    Unavailable = 5,
}

impl Exit {
    /// The exit code that belongs to an error code (`docs/errors/`).
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        match code {
            "WL0003" => Self::Infeasible,
            "WL0004" | "WL0006" => Self::Conflict,
            "WL0008" | "WL0009" | "WL0014" | "WL0015" => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
