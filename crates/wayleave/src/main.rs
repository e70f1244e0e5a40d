//! The one program: the daemon, its clients, the lab and the simulators. Wiring, and nothing else.

mod complaint;
mod logging;
mod ready;
mod shutdown;
mod sim;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Wayleave orchestrates network services over switches and clouds
#[derive(Parser, Clone, Debug)]
#[command(name = "wayleave", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Clone, Debug)]
enum Command {
    /// Run a simulated switch or VIM on its own
    #[command(subcommand)]
    Sim(sim::SimCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Sim(command) => sim::run(&command).await,
    }
}
