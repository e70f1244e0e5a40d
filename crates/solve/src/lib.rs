//! `wayleave solve`: the solver by itself, on recorded workloads and on networks from files, to
//! measure it and to hold it against others.
//!
//! Results go to the file that `--out` names, a summary as one line of JSON to stdout, errors to
//! stderr.

mod failure;
mod files;
mod paths;
mod replay;
mod trace;

pub use failure::Failure;
pub use paths::{Disjoint, JobName, PathsArgs};
pub use replay::ReplayArgs;

use clap::Subcommand;
use std::process::ExitCode;

/// What cannot be read or makes no sense.
const BAD_INPUT: u8 = 2;

#[derive(Subcommand, Clone, Debug)]
pub enum SolveCommand {
    /// Replay a recorded workload of virtual networks that come and go, and score it
    Replay(ReplayArgs),
    /// Find paths for a list of queries, and time them
    Paths(PathsArgs),
}

/// Carries a command out on the process's own streams.
#[must_use]
pub fn run_solve(command: &SolveCommand) -> ExitCode {
    match solve(command) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Carries a command out; the summary that is to be printed.
///
/// # Errors
/// What is wrong with a file, and where.
pub fn solve(command: &SolveCommand) -> Result<serde_json::Value, Failure> {
    match command {
        SolveCommand::Replay(args) => replay::run(args),
        SolveCommand::Paths(args) => paths::run(args),
    }
}
