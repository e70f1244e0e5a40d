//! Descriptors in the catalogue.

use super::{Listing, Which};
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::output::{Side, Table, json};
use api::wire::descriptor::Kind;
use api::wire::{Descriptor, GetDescriptorRequest, ListDescriptorsRequest};

pub(super) async fn list(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    let descriptors = match which {
        Which::Named(id) => vec![descriptor(client, id).await?],
        Which::Filtered(filter) => all(client, filter).await?,
    };
    Ok(Listing { values: descriptors.iter().map(json).collect(), table: table(&descriptors) })
}

/// With its content.
pub(crate) async fn descriptor(client: &Client, id: &str) -> Result<Descriptor, Failure> {
    let request = GetDescriptorRequest { id: id.to_owned() };
    client.answer(client.catalogue().get_descriptor(request)).await
}

async fn all(client: &Client, filter: &str) -> Result<Vec<Descriptor>, Failure> {
    pages(async |page_token| {
        let filter = filter.to_owned();
        let request = ListDescriptorsRequest { page_size: PAGE, page_token, filter };
        let page = client.answer(client.catalogue().list_descriptors(request)).await?;
        Ok((page.descriptors, page.next_page_token))
    })
    .await
}

pub(crate) fn table(descriptors: &[Descriptor]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("KIND", Left),
        ("NAME", Left),
        ("VERSION", Left),
        ("ETAG", Right),
    ]);
    for descriptor in descriptors {
        table.row([
            (&descriptor.id).into(),
            kind_word(descriptor).into(),
            (&descriptor.name).into(),
            (&descriptor.version).into(),
            (&descriptor.etag).into(),
        ]);
    }
    table
}

pub(crate) fn kind_word(descriptor: &Descriptor) -> &'static str {
    match descriptor.kind() {
        Kind::Unspecified => "",
        Kind::Nsd => "NSD",
        Kind::Vnfd => "VNFD",
    }
}
