//! `wayleave solve` by itself: `cargo run --release -p solve --example solve -- replay TRACE.json.gz`.

use clap::Parser;
use std::process::ExitCode;

#[derive(Parser, Clone, Debug)]
struct Cli {
    #[command(subcommand)]
    command: solve::SolveCommand,
}

fn main() -> ExitCode {
    solve::run_solve(&Cli::parse().command)
}
