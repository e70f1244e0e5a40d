//! The commands, and which code carries each out.

use crate::client::Client;
use crate::failure::Failure;
use crate::global::Global;
use crate::output::Console;
use crate::{
    apply, completions, delete, describe, descriptor, device, explain, get, operation, plan,
    topology, watch,
};
use clap::Subcommand;

// Not a doc comment: clap would take it for the description of the whole program.
// What talks to the daemon, or to nothing at all.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Check and onboard descriptors (NSD, VNFD)
    #[command(subcommand)]
    Descriptor(descriptor::Command),
    /// Show the plan for a manifest, down to each device's diff, and change nothing
    Plan(plan::Args),
    /// Create or change what manifests describe
    Apply(apply::Args),
    /// Take intents out of the network, or descriptors out of the catalogue
    Delete(delete::Args),
    /// List things, or show one of them
    Get(get::Args),
    /// Show one thing in full, with its plan and reasons
    Describe(describe::Args),
    /// Follow changes as they happen
    Watch(watch::Args),
    /// Show PoPs, devices and links with what is used, or draw them
    Topology(topology::Args),
    /// Compare what a device holds with what it should hold
    Diff(device::DiffArgs),
    /// Show which intents own which leaves of a device
    Blame(device::BlameArgs),
    /// Explain an error code (WL0003), or why an intent is where it is
    Explain(explain::Args),
    /// Wait for an operation, or cancel it
    #[command(subcommand)]
    Operation(operation::Command),
    /// Read every device, compare it with the target, and repair what has drifted
    Reconcile(operation::ReconcileArgs),
    /// Print a completion script for a shell
    Completions(completions::Args),
}

pub(crate) async fn carry_out(
    console: &mut Console,
    global: &Global,
    command: &Command,
) -> Result<(), Failure> {
    match command {
        Command::Descriptor(command) => descriptor::run(console, global, command).await,
        Command::Explain(args) => explain::run(console, global, args).await,
        Command::Completions(args) => completions::client_only(console, args),
        Command::Plan(args) => plan::run(console, global, args).await,
        Command::Apply(args) => apply::run(console, global, args).await,
        Command::Watch(args) => watch::run(console, global, args).await,
        Command::Delete(args) => delete::run(console, global, args).await,
        Command::Reconcile(args) => operation::reconcile(console, global, args).await,
        Command::Operation(command) => operation::run(console, global, command).await,
        Command::Get(args) => get::run(console, &Client::connect(global).await?, args).await,
        Command::Describe(args) => {
            describe::run(console, &Client::connect(global).await?, args).await
        }
        Command::Topology(args) => {
            topology::run(console, &Client::connect(global).await?, args).await
        }
        Command::Diff(args) => device::diff(console, &Client::connect(global).await?, args).await,
        Command::Blame(args) => device::blame(console, &Client::connect(global).await?, args).await,
    }
}
