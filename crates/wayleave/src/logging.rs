//! Logs: to standard error, as text for people or JSON for programs.

use crate::complaint::Complaint;
use clap::{Args, ValueEnum};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logs")]
pub(crate) struct LogArgs {
    /// What is logged: a level, or levels of parts, such as "info,engine=debug"
    #[arg(long, env = "WAYLEAVE_LOG", value_name = "FILTER", default_value = "info")]
    log: String,

    /// Form of the log lines on standard error
    #[arg(long, env = "WAYLEAVE_LOG_FORMAT", value_name = "FORM", default_value = "text")]
    log_format: LogFormat,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum LogFormat {
    Text,
    Json,
}

/// Starts logging; once in a process.
pub(crate) fn start(args: &LogArgs) -> Result<(), Complaint> {
    let filter = EnvFilter::try_new(&args.log).map_err(|error| {
        Complaint::usage(
            format!("--log {:?}: {error}", args.log),
            "write a level (error, warn, info, debug, trace), or PART=LEVEL with commas between",
        )
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    match args.log_format {
        LogFormat::Text => builder.with_ansi(colour).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}
