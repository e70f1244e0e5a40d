//! The command line: every command that is a client of the daemon, and those that need none.
//!
//! Data goes to stdout, everything else to stderr. [`Command`] and [`Global`] are flattened into
//! the binary's own arguments; [`run`] carries a command out and says how the process ends. It
//! knows the public API and nothing of the engine.

mod apply;
mod client;
mod command;
mod completions;
mod delete;
mod describe;
mod descriptor;
mod device;
mod draw;
mod exit;
mod explain;
mod failure;
mod files;
mod get;
mod global;
mod kind;
mod manifest;
mod operation;
mod output;
mod plan;
mod request;
mod topology;
mod watch;

pub use command::Command;
pub use completions::{Args as CompletionsArgs, completions};
pub use exit::Exit;
pub use global::{Global, Output};
pub use manifest::read_topology;
pub use output::{Console, Format};

use std::process::ExitCode;

/// Carries a command out on the process's own streams.
pub async fn run(global: &Global, command: &Command) -> ExitCode {
    run_on(&mut Console::of_process(global), global, command).await.into()
}

/// Carries a command out, and prints what it has to say on the console.
pub async fn run_on(console: &mut Console, global: &Global, command: &Command) -> Exit {
    match command::carry_out(console, global, command).await {
        Ok(()) => Exit::Ok,
        Err(failure) => {
            console.failure(&failure);
            failure.exit
        }
    }
}
