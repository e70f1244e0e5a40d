//! The simulators on their own, for whoever wants a switch or a VIM and nothing else of Wayleave.

mod accounts;
mod boot;
mod control;
mod device;
mod host_key;
mod listen;
mod protection;
mod state_dir;
mod vim;

use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SimCommand {
    Device(device::Args),
    Vim(vim::Args),
}

/// Runs a simulator until it is asked to end.
pub(crate) async fn run(command: &SimCommand) -> ExitCode {
    let ended = match command {
        SimCommand::Device(args) => device::run(args).await,
        SimCommand::Vim(args) => vim::run(args).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complaint.say(),
    }
}
