//! `delete`: intents leave the network, descriptors the catalogue.

use crate::client::Client;
use crate::failure::Failure;
use crate::get;
use crate::global::Global;
use crate::kind::{Kind, Named};
use crate::operation;
use crate::output::{Console, Format, json};
use crate::request::{self, RequestIds};
use api::wire::{self, DeleteDescriptorRequest, DeleteIntentRequest};
use serde_json::json;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Such as service/core-1, connectivity/wire, intent/core-1, descriptor/upf
    #[arg(value_name = "KIND/NAME", required = true)]
    pub things: Vec<Named>,

    /// Wait until nothing of it is left in the network; --timeout says how long (10 minutes)
    #[arg(long)]
    pub wait: bool,

    /// Only if it still has this etag
    #[arg(long, value_name = "ETAG")]
    pub etag: Option<String>,

    /// Repeated under the same id, it has no second effect; a UUID where it is left out
    #[arg(long, value_name = "ID", value_parser = request::parse)]
    pub request_id: Option<String>,
}

/// What is being deleted, and the operation that does it.
struct Deleted<'n> {
    thing: &'n Named,
    /// Empty for a descriptor, which is gone at once.
    operation: String,
}

/// The code of what is not there.
const NOT_FOUND: &str = "WL0005";

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    args: &Args,
) -> Result<(), Failure> {
    usage(args)?;
    let client = Client::connect(global).await?;
    let ids = RequestIds::new(args.request_id.as_ref(), args.things.len());
    let mut deleted = Vec::new();
    for (number, thing) in (1..).zip(&args.things) {
        let etag = args.etag.clone().unwrap_or_default();
        let repeated = args.request_id.is_some();
        let operation = match kind_fits(&client, thing).await {
            // It may be gone because this very request was sent before: the server knows.
            Err(failure) if repeated && failure.code == NOT_FOUND => {
                send(&client, thing, etag, ids.of(number)).await?
            }
            Err(failure) => return Err(failure),
            Ok(()) => send(&client, thing, etag, ids.of(number)).await?,
        };
        let one = Deleted { thing, operation };
        if !args.wait {
            report(console, &one, None)?;
        }
        deleted.push(one);
    }
    if args.wait { wait(console, &client, global, &deleted).await } else { Ok(()) }
}

fn usage(args: &Args) -> Result<(), Failure> {
    let deletable = [Kind::Services, Kind::Connectivities, Kind::Intents, Kind::Descriptors];
    if let Some(other) = args.things.iter().find(|thing| !deletable.contains(&thing.kind)) {
        let message = format!("a {} cannot be deleted", other.kind.word());
        let next = "delete service/NAME, connectivity/NAME, intent/NAME or descriptor/ID; devices, \
                    VIMs and links go with `wayleave apply` of a topology without them";
        return Err(Failure::usage(message, next));
    }
    if args.etag.is_some() && args.things.len() > 1 {
        let message = format!("--etag is for one thing, there are {}", args.things.len());
        return Err(Failure::usage(message, "delete them one at a time"));
    }
    Ok(())
}

/// So that a service is never deleted as something else.
async fn kind_fits(client: &Client, thing: &Named) -> Result<(), Failure> {
    if matches!(thing.kind, Kind::Intents | Kind::Descriptors) {
        return Ok(());
    }
    get::intent(client, thing.kind, &thing.name).await.map(|_| ())
}

async fn send(
    client: &Client,
    thing: &Named,
    etag: String,
    request_id: String,
) -> Result<String, Failure> {
    if thing.kind == Kind::Descriptors {
        let request = DeleteDescriptorRequest { id: thing.name.clone(), etag, request_id };
        client.answer(client.catalogue().delete_descriptor(request)).await?;
        return Ok(String::new());
    }
    let request = DeleteIntentRequest { name: thing.name.clone(), request_id, etag };
    Ok(client.answer(client.intents().delete_intent(request)).await?.operation)
}

fn report(
    console: &mut Console,
    deleted: &Deleted<'_>,
    ended: Option<&wire::Operation>,
) -> Result<(), Failure> {
    let title = format!("{}/{}", deleted.thing.kind.word(), deleted.thing.name);
    if console.format != Format::Table {
        let mut value = json!({ "name": title });
        match ended {
            Some(operation) => value["operation"] = json(operation),
            None if deleted.operation.is_empty() => {}
            None => value["operation"] = json!({ "id": deleted.operation }),
        }
        return console.streamed(&value);
    }
    match (ended, deleted.operation.as_str()) {
        (Some(operation), _) => {
            console.line(format!("{title}: {}", operation::sentence(operation)))
        }
        (None, "") => console.line(format!("{title}: deleted")),
        (None, id) => console.line(format!("{title}: being removed as {id}")),
    }
}

async fn wait(
    console: &mut Console,
    client: &Client,
    global: &Global,
    deleted: &[Deleted<'_>],
) -> Result<(), Failure> {
    let mut first = None;
    for one in deleted {
        if one.operation.is_empty() {
            report(console, one, None)?;
            continue;
        }
        let operation = operation::end(console.progress, client, global, &one.operation).await?;
        report(console, one, Some(&operation))?;
        if let Some(failure) = Failure::of_operation(&operation) {
            match first {
                None => first = Some(failure),
                Some(_) => console.failure(&failure),
            }
        }
    }
    first.map_or(Ok(()), Err)
}
