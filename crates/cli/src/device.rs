//! `diff` and `blame`: what a device holds, and for whom.

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Cell, Console, Format, Ink, Side, Table, json, print_changes};
use api::wire::{BlameDeviceRequest, BlamedLeaf, DiffDeviceRequest};

#[derive(clap::Args, Clone, Debug)]
pub struct DiffArgs {
    /// The device's id
    pub device: String,
}

#[derive(clap::Args, Clone, Debug)]
pub struct BlameArgs {
    /// The device's id
    pub device: String,

    /// Only at or below this path
    pub path: Option<String>,
}

/// `-` is what the device holds, `+` what it should hold.
pub(crate) async fn diff(
    console: &mut Console,
    client: &Client,
    args: &DiffArgs,
) -> Result<(), Failure> {
    let request = DiffDeviceRequest { id: args.device.clone() };
    let diff = client.answer(client.devices().diff_device(request)).await?;
    if console.format != Format::Table {
        return console.value(&json(&diff));
    }
    if diff.lines.is_empty() {
        console.note(format!("device {} holds what it should", diff.device));
        return Ok(());
    }
    print_changes(console, &diff)
}

pub(crate) async fn blame(
    console: &mut Console,
    client: &Client,
    args: &BlameArgs,
) -> Result<(), Failure> {
    let path = args.path.clone().unwrap_or_default();
    let request = BlameDeviceRequest { id: args.device.clone(), path };
    let leaves = client.answer(client.devices().blame_device(request)).await?.leaves;
    if console.format != Format::Table {
        return console.value(&leaves.iter().map(json).collect());
    }
    if leaves.is_empty() {
        console.note("Wayleave owns nothing there");
        return Ok(());
    }
    table(&leaves).print(console, "")
}

fn table(leaves: &[BlamedLeaf]) -> Table {
    let mut table =
        Table::new(&[("OWNERS", Side::Left), ("PATH", Side::Left), ("VALUE", Side::Left)]);
    for leaf in leaves {
        let owners = Cell::inked(Ink::Strong, leaf.owners.join(", "));
        table.row([owners, (&leaf.path).into(), (&leaf.value).into()]);
    }
    table
}
