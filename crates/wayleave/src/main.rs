//! The one program: the daemon, its clients, the lab and the simulators. Wiring, and nothing else.

mod complaint;
mod help;
mod logging;
mod ready;
mod serve;
mod shutdown;
mod sim;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;
use tour::{Form, LabCommand, TraceCommand};

/// What is still computing when the program ends gets this long.
const LEAVE_WITHIN: Duration = Duration::from_secs(3);

/// Wayleave: network services over switches and clouds, all or nothing
#[derive(Parser, Clone, Debug)]
#[command(name = "wayleave", version, propagate_version = true, after_help = START)]
struct Cli {
    #[command(flatten)]
    global: cli::Global,

    #[command(subcommand)]
    command: Command,
}

const START: &str = "\
To begin: `wayleave lab tour` shows everything on this machine; `wayleave lab up` starts a lab to
try the other commands on. `wayleave COMMAND --help` has examples.
";

#[derive(Subcommand, Clone, Debug)]
enum Command {
    #[command(flatten)]
    Client(Box<cli::Command>),
    Serve(Box<serve::ServeArgs>),
    /// Run a lab: switches, VIMs and a daemon on this machine
    #[command(subcommand)]
    Lab(LabCommand),
    /// Follow a service's frames through the switches of a lab
    Trace(TraceCommand),
    /// Run a simulated switch or VIM on its own
    #[command(subcommand)]
    Sim(Box<sim::SimCommand>),
    /// Run the solver by itself, on workloads and networks from files
    #[command(subcommand)]
    Solve(solve::SolveCommand),
}

fn main() -> ExitCode {
    let matches = help::grouped(Cli::command()).get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = format!("no threads can be started: {error}");
            return complaint::Complaint::failed(problem, "").say();
        }
    };
    let code = runtime.block_on(run(cli));
    runtime.shutdown_timeout(LEAVE_WITHIN);
    code
}

async fn run(Cli { global, command }: Cli) -> ExitCode {
    let form = match global.format() {
        cli::Format::Json => Form::Json,
        _ => Form::Text,
    };
    match command {
        Command::Client(command) => match &*command {
            cli::Command::Completions(args) => completions(args),
            command => cli::run(&global, command).await,
        },
        Command::Serve(args) => serve::run(&args).await,
        Command::Lab(command) => tour::run_lab(&command.in_form(form)).await,
        Command::Trace(command) => {
            tour::run_trace(&global.server, &TraceCommand { form, ..command }).await
        }
        Command::Sim(command) => sim::run(&command).await,
        Command::Solve(command) => solve::run_solve(&command),
    }
}

fn completions(args: &cli::CompletionsArgs) -> ExitCode {
    let script = cli::completions(args, Cli::command());
    match std::io::stdout().write_all(script.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        help::grouped(Cli::command()).debug_assert();
    }
}
