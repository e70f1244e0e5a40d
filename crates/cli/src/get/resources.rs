//! PoPs, links and the topology as a whole.

use super::{Listing, Which, chosen, no_filter};
use crate::client::Client;
use crate::failure::Failure;
use crate::kind::Kind;
use crate::manifest::show_topology;
use crate::output::{Console, Format, Side, Table, bar, json, mbps, micros};
use crate::topology::tables;
use api::wire::{self, GetTopologyRequest};
use std::collections::BTreeMap;

/// The topology with what is used of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domain {
    pub(crate) answer: wire::GetTopologyResponse,
    pub(crate) topology: wire::Topology,
    links: BTreeMap<String, u64>,
    vims: BTreeMap<String, wire::Resources>,
}

/// A VIM and what is used of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) vim: wire::Vim,
    pub(crate) used: wire::Resources,
}

pub(crate) async fn topology(client: &Client) -> Result<Domain, Failure> {
    let answer = client.answer(client.topologies().get_topology(GetTopologyRequest {})).await?;
    Ok(Domain::new(answer))
}

impl Domain {
    pub(crate) fn new(answer: wire::GetTopologyResponse) -> Self {
        let usage = answer.usage.clone().unwrap_or_default();
        Self {
            topology: answer.topology.clone().unwrap_or_default(),
            links: usage.links.into_iter().map(|u| (u.id, u.used_mbps)).collect(),
            vims: usage.vims.into_iter().filter_map(|u| Some((u.id, u.used?))).collect(),
            answer,
        }
    }

    pub(crate) fn used_mbps(&self, link: &str) -> u64 {
        self.links.get(link).copied().unwrap_or(0)
    }

    pub(crate) fn resources(&self) -> Vec<Resource> {
        let with_use = |vim: &wire::Vim| Resource {
            vim: vim.clone(),
            used: self.vims.get(&vim.id).copied().unwrap_or_default(),
        };
        self.topology.vims.iter().map(with_use).collect()
    }

    /// The ids of the devices of a PoP.
    pub(crate) fn devices_of(&self, pop: &str) -> Vec<&str> {
        let here = self.topology.devices.iter().filter(|device| device.pop == pop);
        here.map(|device| device.id.as_str()).collect()
    }

    pub(crate) fn vims_of(&self, pop: &str) -> Vec<&str> {
        let here = self.topology.vims.iter().filter(|vim| vim.pop == pop);
        here.map(|vim| vim.id.as_str()).collect()
    }
}

pub(super) async fn whole(
    console: &mut Console,
    client: &Client,
    which: Which<'_>,
) -> Result<(), Failure> {
    no_filter(Kind::Topology, which)?;
    if let Which::Named(name) = which {
        let message = format!("there is one topology, it has no name {name}");
        return Err(Failure::usage(message, "`wayleave get topology` shows it"));
    }
    let domain = topology(client).await?;
    match console.format {
        Format::Table => tables(console, &domain),
        Format::Json | Format::Yaml => console.value(&show_topology(&domain.answer)),
    }
}

pub(super) async fn pops(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    no_filter(Kind::Pops, which)?;
    let domain = topology(client).await?;
    let pops = chosen(Kind::Pops, which, &domain.topology.pops, |pop| &pop.id)?;
    let values = pops.iter().map(|pop| json(*pop)).collect();
    Ok(Listing { values, table: pop_table(&domain, &pops) })
}

pub(crate) fn pop_table(domain: &Domain, pops: &[&wire::Pop]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("CITY", Left),
        ("ZONE", Left),
        ("LATITUDE", Right),
        ("LONGITUDE", Right),
        ("DEVICES", Left),
        ("VIMS", Left),
    ]);
    for pop in pops {
        table.row([
            (&pop.id).into(),
            (&pop.city).into(),
            (&pop.zone).into(),
            format!("{:.3}°", pop.latitude).into(),
            format!("{:.3}°", pop.longitude).into(),
            domain.devices_of(&pop.id).join(", ").into(),
            domain.vims_of(&pop.id).join(", ").into(),
        ]);
    }
    table
}

pub(super) async fn links(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    no_filter(Kind::Links, which)?;
    let domain = topology(client).await?;
    let links = chosen(Kind::Links, which, &domain.topology.links, |link| &link.id)?;
    let values = links.iter().map(|link| json(*link)).collect();
    Ok(Listing { values, table: link_table(&domain, &links) })
}

pub(crate) fn link_table(domain: &Domain, links: &[&wire::Link]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Left),
        ("FROM", Left),
        ("TO", Left),
        ("LATENCY", Right),
        ("CAPACITY", Right),
        ("USED", Right),
        ("FREE", Right),
        ("UTILISATION", Left),
        ("SRLGS", Left),
    ]);
    for link in links {
        let used = domain.used_mbps(&link.id);
        table.row([
            (&link.id).into(),
            (&link.from).into(),
            (&link.to).into(),
            micros(link.latency_us).into(),
            mbps(link.capacity_mbps).into(),
            mbps(used).into(),
            mbps(link.capacity_mbps.saturating_sub(used)).into(),
            bar(used, link.capacity_mbps),
            link.srlgs.join(", ").into(),
        ]);
    }
    table
}
