//! Operations, running and done.

use super::{Listing, Which};
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::operation::{action, state};
use crate::output::{Cell, Ink, Side, Table, json, shortened, time};
use api::wire::operation::State;
use api::wire::{GetOperationRequest, ListOperationsRequest, Operation};

pub(super) async fn list(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    let operations = match which {
        Which::Named(id) => vec![operation(client, id).await?],
        Which::Filtered(filter) => all(client, filter).await?,
    };
    Ok(Listing { values: operations.iter().map(json).collect(), table: table(&operations) })
}

pub(crate) async fn operation(client: &Client, id: &str) -> Result<Operation, Failure> {
    let request = GetOperationRequest { id: id.to_owned() };
    client.answer(client.operations().get_operation(request)).await
}

async fn all(client: &Client, filter: &str) -> Result<Vec<Operation>, Failure> {
    pages(async |page_token| {
        let filter = filter.to_owned();
        let request = ListOperationsRequest { page_size: PAGE, page_token, filter };
        let page = client.answer(client.operations().list_operations(request)).await?;
        Ok((page.operations, page.next_page_token))
    })
    .await
}

fn table(operations: &[Operation]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("INTENT", Left),
        ("ACTION", Left),
        ("STATE", Left),
        ("STEPS", Right),
        ("PHASE", Left),
        ("STARTED", Left),
        ("UPDATED", Left),
        ("REASON", Left),
    ]);
    for operation in operations {
        let ink = match operation.state() {
            State::Succeeded => Ink::Good,
            State::Failed => Ink::Bad,
            _ => Ink::Plain,
        };
        let failure = operation.failure.clone().unwrap_or_default();
        let reason = match failure.code.as_str() {
            "" => failure.message,
            code => format!("{code}: {}", failure.message),
        };
        table.row([
            (&operation.id).into(),
            (&operation.intent).into(),
            action(operation).into(),
            Cell::inked(ink, state(operation)),
            format!("{}/{}", operation.steps_done, operation.steps_total).into(),
            (&operation.phase).into(),
            time(operation.start_time).into(),
            time(operation.update_time).into(),
            shortened(&reason).into(),
        ]);
    }
    table
}
