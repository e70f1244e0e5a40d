//! `get`: lists, and one thing of a list.

mod catalogue;
mod devices;
mod intents;
mod operations;
mod plans;
mod resources;

pub(crate) use catalogue::{descriptor, kind_word, table as descriptor_table};
pub(crate) use devices::{connection_word, device, of, vim};
pub(crate) use intents::{intent, pattern, state_word};
pub(crate) use operations::operation;
pub(crate) use plans::{in_force, plan};
pub(crate) use resources::{Domain, Resource, link_table, pop_table, topology};

use crate::client::Client;
use crate::failure::Failure;
use crate::kind::Kind;
use crate::output::{Console, Format, Table};
use serde_json::Value;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What to list
    #[arg(value_name = "KIND", value_enum, ignore_case = true)]
    pub kind: Kind,

    /// Only the one of this name or id
    pub name: Option<String>,

    /// field=value, several joined by AND; which fields there are depends on the kind
    #[arg(long, value_name = "FILTER", conflicts_with = "name")]
    pub filter: Option<String>,
}

/// The same things twice: for programs and for people.
pub(crate) struct Listing {
    pub(crate) values: Vec<Value>,
    pub(crate) table: Table,
}

/// Which of a kind are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'a> {
    Named(&'a str),
    Filtered(&'a str),
}

pub(crate) async fn run(
    console: &mut Console,
    client: &Client,
    args: &Args,
) -> Result<(), Failure> {
    let which = match (&args.name, &args.filter) {
        (Some(name), _) => Which::Named(name),
        (None, filter) => Which::Filtered(filter.as_deref().unwrap_or_default()),
    };
    let listing = match args.kind {
        Kind::Services | Kind::Connectivities | Kind::Intents => {
            intents::list(client, args.kind, which).await?
        }
        Kind::Plans => plans::list(client, which).await?,
        Kind::Operations => operations::list(client, which).await?,
        Kind::Descriptors => catalogue::list(client, which).await?,
        Kind::Devices => devices::devices(client, which).await?,
        Kind::Vims => devices::vims(client, which).await?,
        Kind::Pops => resources::pops(client, which).await?,
        Kind::Links => resources::links(client, which).await?,
        Kind::Topology => return resources::whole(console, client, which).await,
    };
    print(console, args.kind, which, &listing)
}

fn print(
    console: &mut Console,
    kind: Kind,
    which: Which<'_>,
    listing: &Listing,
) -> Result<(), Failure> {
    match (console.format, which, listing.values.as_slice()) {
        (Format::Table, _, []) => {
            console.note(format!("there is no {} to show", kind.word()));
            Ok(())
        }
        (Format::Table, ..) => listing.table.print(console, ""),
        (_, Which::Named(_), [one]) => console.value(one),
        (_, _, all) => console.value(&all.iter().cloned().collect()),
    }
}

/// For lists that the client makes itself.
fn no_filter(kind: Kind, which: Which<'_>) -> Result<(), Failure> {
    match which {
        Which::Filtered(filter) if !filter.is_empty() => {
            let message = format!("the list of {}s takes no --filter", kind.word());
            Err(Failure::usage(message, "leave it out"))
        }
        _ => Ok(()),
    }
}

/// All, or the one that is named.
fn chosen<'d, T>(
    kind: Kind,
    which: Which<'_>,
    all: &'d [T],
    id: impl Fn(&T) -> &String,
) -> Result<Vec<&'d T>, Failure> {
    match which {
        Which::Filtered(_) => Ok(all.iter().collect()),
        Which::Named(name) => match all.iter().find(|thing| id(thing) == name) {
            Some(thing) => Ok(vec![thing]),
            None => Err(Failure::missing(kind.word(), name)),
        },
    }
}
