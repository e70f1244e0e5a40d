//! The lab as a person meets it: `lab up` keeps one running, `lab tour` takes a service through its
//! life in one and verifies every step, `trace` follows a service's frames.
//!
//! It judges the daemon from outside: over its public API, and by what the switches and VIMs hold.

mod client;
mod command;
mod example;
mod judge;
mod manifest;
mod place;
mod report;
mod stage;
mod step;
mod story;
mod trace;
mod up;

pub use command::{Form, LabCommand, TourArgs, TraceCommand, UpArgs};

use std::process::ExitCode;

/// Everything that was to hold holds.
pub(crate) const OK: u8 = 0;
/// Something does not hold, or could not be done.
pub(crate) const FAILED: u8 = 1;
/// The command line or a file that it names is wrong.
pub(crate) const USAGE: u8 = 2;

/// Carries out `lab up` or `lab tour`.
pub async fn run_lab(command: &LabCommand) -> ExitCode {
    match command {
        LabCommand::Up(args) => up::run(args).await,
        LabCommand::Tour(args) => story::run(args).await,
    }
    .into()
}

/// Carries out `trace`; `server` is the daemon's URL.
pub async fn run_trace(server: &str, command: &TraceCommand) -> ExitCode {
    trace::run(server, command).await.into()
}

/// Says what went wrong, where people look for it.
pub(crate) fn complain(problem: &dyn std::fmt::Display, next: &str) {
    eprintln!("error: {problem}");
    if !next.is_empty() {
        eprintln!("next: {next}");
    }
}
