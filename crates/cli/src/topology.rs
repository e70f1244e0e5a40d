//! `topology`: tables of what there is and how much of it is used, and the map.

use crate::client::Client;
use crate::draw;
use crate::failure::Failure;
use crate::get::{self, Domain};
use crate::global::Output;
use crate::manifest::show_topology;
use crate::output::{Console, Format, Side, Table, bar, mbps, mebibytes};
use crate::plan::heading;
use api::wire::management::Protocol;
use clap::Subcommand;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Draw a map as SVG: cities at their places, links by use, VIMs with what is left
    Draw(DrawArgs),
}

#[derive(clap::Args, Clone, Debug)]
pub struct DrawArgs {
    /// Where to write it; - is standard output
    #[arg(
        id = "output",
        short,
        long = "output",
        value_name = "FILE.svg",
        default_value = "topology.svg",
        value_parser = Output::file
    )]
    pub file: Output,

    /// Draw the ways and places of the live services as well
    #[arg(long)]
    pub services: bool,
}

pub(crate) async fn run(
    console: &mut Console,
    client: &Client,
    args: &Args,
) -> Result<(), Failure> {
    let domain = get::topology(client).await?;
    match (&args.command, console.format) {
        (Some(Command::Draw(args)), _) => {
            let services = match args.services {
                true => get::in_force(client, "").await?,
                false => Vec::new(),
            };
            draw::write(console, &args.file, &domain, &services)
        }
        (None, Format::Table) => tables(console, &domain),
        (None, Format::Json | Format::Yaml) => console.value(&show_topology(&domain.answer)),
    }
}

pub(crate) fn tables(console: &mut Console, domain: &Domain) -> Result<(), Failure> {
    let topology = &domain.topology;
    console.line(console.paint.ink(crate::output::Ink::Strong, "Points of presence"))?;
    get::pop_table(domain, &topology.pops.iter().collect::<Vec<_>>()).print(console, "")?;
    if !topology.vims.is_empty() {
        heading(console, "VIMs")?;
        vims(domain).print(console, "")?;
    }
    heading(console, "Devices")?;
    devices(domain).print(console, "")?;
    heading(console, "Links")?;
    get::link_table(domain, &topology.links.iter().collect::<Vec<_>>()).print(console, "")
}

fn vims(domain: &Domain) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("POP", Left),
        ("ATTACHMENT", Left),
        ("VCPU", Right),
        ("", Left),
        ("MEMORY", Right),
        ("", Left),
        ("STORAGE", Right),
        ("", Left),
    ]);
    for resource in domain.resources() {
        let (used, whole) = (resource.used, resource.vim.capacity.unwrap_or_default());
        let gib = |n: u64| format!("{n} GiB");
        table.row([
            (&resource.vim.id).into(),
            (&resource.vim.pop).into(),
            (&resource.vim.attachment).into(),
            format!("{}/{}", used.vcpu, whole.vcpu).into(),
            bar(used.vcpu, whole.vcpu),
            get::of(&mebibytes(used.memory_mib), &mebibytes(whole.memory_mib)).into(),
            bar(used.memory_mib, whole.memory_mib),
            get::of(&gib(used.storage_gib), &gib(whole.storage_gib)).into(),
            bar(used.storage_gib, whole.storage_gib),
        ]);
    }
    table
}

fn devices(domain: &Domain) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("POP", Left),
        ("PROFILE", Left),
        ("PROTOCOL", Left),
        ("ADDRESS", Left),
        ("PORTS", Right),
        ("BANDWIDTH", Right),
    ]);
    for device in &domain.topology.devices {
        let management = device.management.clone().unwrap_or_default();
        let protocol = match management.protocol() {
            Protocol::Unspecified => "",
            Protocol::Netconf => "NETCONF",
            Protocol::Gnmi => "gNMI",
        };
        let capacity = device.interfaces.iter().map(|interface| interface.capacity_mbps).sum();
        table.row([
            (&device.id).into(),
            (&device.pop).into(),
            (&device.profile).into(),
            protocol.into(),
            (&management.address).into(),
            device.interfaces.len().to_string().into(),
            mbps(capacity).into(),
        ]);
    }
    table
}
