//! `cargo xtask bench [PART]`: what the real program does on this machine, each number beside the
//! command that gives it and what it ran against.

mod arguments;
mod client;
mod drive;
mod figures;
mod floor;
mod machine;
mod memory;
mod network;
mod plans;
mod running;
mod services;
mod start;
mod table;

use anyhow::Context as _;
use arguments::{Arguments, Form, Part};
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;
use table::{Report, Row};

/// The whole run; it takes a third of that on two idle cores.
const WITHIN: Duration = Duration::from_secs(180);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = tokio::time::timeout(WITHIN, measure(&arguments));
    let run = run.await.unwrap_or_else(|_| {
        Err(anyhow::anyhow!("it took longer than {} s; measure one part alone", WITHIN.as_secs()))
    });
    match run.and_then(|report| print(&report, arguments.output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> anyhow::Result<Report> {
    let place = running::Place::new().context("no folder can be made beside the program")?;
    let before = machine::Load::now();
    let mut rows: Vec<Row> = Vec::new();
    for part in arguments.parts() {
        eprintln!("bench: {}: {}", part.name(), part.about());
        let measured = match part {
            Part::Start => start::measure(&place).await,
            Part::Plans => plans::measure(&place).await,
            Part::Services => services::measure(&place, arguments.services).await,
        };
        rows.extend(measured.with_context(|| format!("{} was not measured", part.name()))?);
    }
    Ok(Report { machine: machine::Machine::look(before), rows })
}

fn print(report: &Report, form: Form) -> anyhow::Result<()> {
    let text = match form {
        Form::Table => report.to_string(),
        Form::Json => serde_json::to_string(report)?,
    };
    writeln!(std::io::stdout(), "{text}").context("standard output went away")
}
