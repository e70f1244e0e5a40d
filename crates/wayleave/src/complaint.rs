//! What went wrong, and what to do next; the same two lines for every command of the binary.

use std::fmt::Display;
use std::process::ExitCode;

/// A reason not to go on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) problem: String,
    pub(crate) next: String,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Failed = 1,
    Usage = 2,
}

impl Complaint {
    /// The command line, or a file that it names, is wrong.
    pub(crate) fn usage(problem: impl Display, next: impl Display) -> Self {
        Self { problem: problem.to_string(), next: next.to_string(), end: End::Usage }
    }

    /// What was asked for is right and cannot be done.
    pub(crate) fn failed(problem: impl Display, next: impl Display) -> Self {
        Self { problem: problem.to_string(), next: next.to_string(), end: End::Failed }
    }

    /// Says it on standard error.
    pub(crate) fn say(self) -> ExitCode {
        eprintln!("error: {}", self.problem);
        if !self.next.is_empty() {
            eprintln!("next: {}", self.next);
        }
        ExitCode::from(self.end as u8)
    }
}

/// Reads a file that the command line names.
pub(crate) fn read(path: &std::path::Path) -> Result<String, Complaint> {
    std::fs::read_to_string(path).map_err(|error| {
        Complaint::usage(format!("{}: {error}", path.display()), "name a file that can be read")
    })
}
