//! Long work: waiting for it, cancelling it, and `reconcile`, which is nothing but that.

use crate::client::Client;
use crate::failure::Failure;
use crate::global::Global;
use crate::output::{Console, Format, Progress, json, micros};
use api::wire::operation::State;
use api::wire::{
    CancelOperationRequest, Operation, ReconcileRequest, WaitOperationRequest, operation::Action,
};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How long one call waits while nobody looks.
const PATIENT: Duration = Duration::from_secs(20);
/// How often a bar that is looked at moves.
const LIVELY: Duration = Duration::from_millis(500);

#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Wait for the end of an operation; --timeout says how long (10 minutes)
    Wait {
        /// Such as op-17
        id: String,
    },
    /// Ask an operation to stop; before its transaction is decided nothing remains of it
    Cancel {
        /// Such as op-17
        id: String,
    },
}

#[derive(clap::Args, Clone, Debug)]
pub struct ReconcileArgs {
    /// Wait for the end; --timeout says how long (10 minutes)
    #[arg(long)]
    pub wait: bool,
}

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    command: &Command,
) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    match command {
        Command::Wait { id } => {
            let operation = end(console.progress, &client, global, id).await?;
            print(console, &operation)?;
            Failure::of_operation(&operation).map_or(Ok(()), Err)
        }
        Command::Cancel { id } => {
            let request = CancelOperationRequest { id: id.clone() };
            let operation = client.answer(client.operations().cancel_operation(request)).await?;
            print(console, &operation)?;
            if operation.state() == State::Succeeded {
                console.note("it had ended before it could be cancelled");
            }
            Ok(())
        }
    }
}

pub(crate) async fn reconcile(
    console: &mut Console,
    global: &Global,
    args: &ReconcileArgs,
) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    let operation = client.answer(client.devices().reconcile(ReconcileRequest {})).await?;
    if !args.wait {
        return print(console, &operation);
    }
    let operation = end(console.progress, &client, global, &operation.id).await?;
    print(console, &operation)?;
    Failure::of_operation(&operation).map_or(Ok(()), Err)
}

fn print(console: &mut Console, operation: &Operation) -> Result<(), Failure> {
    match console.format {
        Format::Table => console.line(sentence(operation)),
        Format::Json | Format::Yaml => console.value(&json(operation)),
    }
}

/// `op-17 apply of core-1: succeeded, 4 of 4 steps in 250 ms`.
pub(crate) fn sentence(operation: &Operation) -> String {
    let about = match operation.intent.as_str() {
        "" => String::new(),
        intent => format!(" of {intent}"),
    };
    let steps = match operation.steps_total {
        0 => String::new(),
        total => format!(", {} of {total} steps", operation.steps_done),
    };
    let took = match operation.state() {
        State::Running => String::new(),
        _ => took(operation).map(|took| format!(" in {took}")).unwrap_or_default(),
    };
    let (id, action, state) = (&operation.id, action(operation), state(operation));
    format!("{id} {action}{about}: {state}{steps}{took}")
}

/// From its start to its last news.
fn took(operation: &Operation) -> Option<String> {
    let (start, end) = (operation.start_time?, operation.update_time?);
    let micros_of = |t: prost_types::Timestamp| t.seconds * 1_000_000 + i64::from(t.nanos) / 1000;
    let span = micros_of(end).checked_sub(micros_of(start))?;
    u64::try_from(span).ok().map(micros)
}

pub(crate) fn action(operation: &Operation) -> &'static str {
    match operation.action() {
        Action::Unspecified => "work",
        Action::Apply => "apply",
        Action::Delete => "delete",
        Action::Reconcile => "reconcile",
    }
}

pub(crate) fn state(operation: &Operation) -> &'static str {
    match operation.state() {
        State::Unspecified => "unknown",
        State::Running => "running",
        State::Succeeded => "succeeded",
        State::Failed => "failed",
        State::Cancelled => "cancelled",
    }
}

/// Waits for the end of an operation, however it ends; a bar shows how far it is.
///
/// # Errors
/// Where it has not ended within `--timeout`.
pub(crate) async fn end(
    progress: Progress,
    client: &Client,
    global: &Global,
    id: &str,
) -> Result<Operation, Failure> {
    let (limit, started) = (global.wait_limit(), Instant::now());
    let bar = bar(progress).with_prefix(id.to_owned());
    let step = match progress {
        Progress::Drawn => LIVELY,
        Progress::Hidden => PATIENT.min(global.call_limit() / 2),
    };
    loop {
        let left = limit.saturating_sub(started.elapsed());
        let timeout = prost_types::Duration::try_from(step.min(left)).ok();
        let request = WaitOperationRequest { id: id.to_owned(), timeout };
        let operation = client.answer(client.operations().wait_operation(request)).await?;
        move_bar(&bar, &operation);
        if operation.state() != State::Running {
            bar.finish_and_clear();
            return Ok(operation);
        }
        if started.elapsed() >= limit {
            bar.finish_and_clear();
            return Err(Failure::still_running(id, limit));
        }
    }
}

/// While it is not known how much there is to do.
const BUSY: &str = "{spinner} {prefix}  {wide_msg} {elapsed}";
const STEPS: &str = "{spinner} {prefix}  {bar:24} {pos}/{len}  {wide_msg} {elapsed}";

fn bar(progress: Progress) -> ProgressBar {
    match progress {
        Progress::Hidden => ProgressBar::hidden(),
        Progress::Drawn => {
            let bar = ProgressBar::new(0).with_style(style(BUSY));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are well formed")
}

fn move_bar(bar: &ProgressBar, operation: &Operation) {
    bar.set_prefix(format!("{} {} {}", operation.id, action(operation), operation.intent));
    if operation.steps_total > 0 {
        bar.set_style(style(STEPS));
    }
    bar.set_length(operation.steps_total.into());
    bar.set_position(operation.steps_done.into());
    bar.set_message(operation.phase.clone());
}
