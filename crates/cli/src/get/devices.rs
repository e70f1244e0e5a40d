//! Devices and VIMs as they are, beside what the topology says of them.

use super::resources::{Resource, topology};
use super::{Listing, Which, chosen};
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::kind::Kind;
use crate::output::{Cell, Ink, Side, Table, age, bar, json, mebibytes, time};
use api::wire::{
    Connection, DeviceStatus, GetDeviceRequest, ListDevicesRequest, ListVimsRequest, VimStatus,
};

pub(super) async fn devices(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    let devices = match which {
        Which::Named(id) => vec![device(client, id).await?],
        Which::Filtered(filter) => all_devices(client, filter).await?,
    };
    Ok(Listing { values: devices.iter().map(json).collect(), table: device_table(&devices) })
}

pub(crate) async fn device(client: &Client, id: &str) -> Result<DeviceStatus, Failure> {
    let request = GetDeviceRequest { id: id.to_owned() };
    client.answer(client.devices().get_device(request)).await
}

async fn all_devices(client: &Client, filter: &str) -> Result<Vec<DeviceStatus>, Failure> {
    pages(async |page_token| {
        let filter = filter.to_owned();
        let request = ListDevicesRequest { page_size: PAGE, page_token, filter };
        let page = client.answer(client.devices().list_devices(request)).await?;
        Ok((page.devices, page.next_page_token))
    })
    .await
}

pub(crate) fn connection_word(connection: Connection) -> &'static str {
    match connection {
        Connection::Unknown => "unknown",
        Connection::Up => "up",
        Connection::Down => "down",
    }
}

fn connection(connection: Connection) -> Cell {
    let ink = match connection {
        Connection::Unknown => Ink::Dim,
        Connection::Up => Ink::Good,
        Connection::Down => Ink::Bad,
    };
    Cell::inked(ink, connection_word(connection))
}

fn device_table(devices: &[DeviceStatus]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("CONNECTION", Left),
        ("SEEN", Left),
        ("OWNED LEAVES", Right),
        ("DRIFT SINCE", Left),
        ("REASON", Left),
    ]);
    for device in devices {
        table.row([
            (&device.id).into(),
            connection(device.connection()),
            age(device.age).into(),
            device.owned_leaves.into(),
            Cell::inked(Ink::Warn, time(device.drift_time)),
            (&device.reason).into(),
        ]);
    }
    table
}

pub(super) async fn vims(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    let filter = match which {
        Which::Named(_) => "",
        Which::Filtered(filter) => filter,
    };
    let all = all_vims(client, filter).await?;
    let vims = chosen(Kind::Vims, which, &all, |vim| &vim.id)?;
    let resources = topology(client).await?.resources();
    let values = vims.iter().map(|vim| json(*vim)).collect();
    Ok(Listing { values, table: vim_table(&vims, &resources) })
}

async fn all_vims(client: &Client, filter: &str) -> Result<Vec<VimStatus>, Failure> {
    pages(async |page_token| {
        let filter = filter.to_owned();
        let request = ListVimsRequest { page_size: PAGE, page_token, filter };
        let page = client.answer(client.devices().list_vims(request)).await?;
        Ok((page.vims, page.next_page_token))
    })
    .await
}

/// One VIM as it is.
pub(crate) async fn vim(client: &Client, id: &str) -> Result<VimStatus, Failure> {
    let all = all_vims(client, "").await?;
    Ok(chosen(Kind::Vims, Which::Named(id), &all, |vim| &vim.id)?[0].clone())
}

fn vim_table(vims: &[&VimStatus], resources: &[Resource]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("POP", Left),
        ("CONNECTION", Left),
        ("SEEN", Left),
        ("VCPU", Right),
        ("MEMORY", Right),
        ("STORAGE", Right),
        ("VCPU USED", Left),
        ("REASON", Left),
    ]);
    for status in vims {
        let known = resources.iter().find(|r| r.vim.id == status.id).cloned().unwrap_or_default();
        let (used, whole) = (known.used, known.vim.capacity.unwrap_or_default());
        table.row([
            (&status.id).into(),
            (&known.vim.pop).into(),
            connection(status.connection()),
            age(status.age).into(),
            format!("{}/{}", used.vcpu, whole.vcpu).into(),
            of(&mebibytes(used.memory_mib), &mebibytes(whole.memory_mib)).into(),
            of(&format!("{} GiB", used.storage_gib), &format!("{} GiB", whole.storage_gib)).into(),
            bar(used.vcpu, whole.vcpu),
            (&status.reason).into(),
        ]);
    }
    table
}

/// `64/128 GiB`: the unit once where it is the same.
pub(crate) fn of(used: &str, whole: &str) -> String {
    match (used.split_once(' '), whole.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other || number == "0" => {
            format!("{number}/{whole}")
        }
        _ => format!("{used}/{whole}"),
    }
}
