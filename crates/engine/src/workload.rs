//! From a plan to what each VIM should run for it. Pure.

use crate::api::{VimAction, VimChange};
use crate::ports::{Workload, WorkloadNetwork};
use model::plan::{Circuit, Plan, Route, VimNetwork};
use model::{VimId, VlanId};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan wants of each VIM that it uses.
pub(crate) fn workloads(plan: &Plan) -> BTreeMap<VimId, Workload> {
    let mut all: BTreeMap<VimId, Workload> = BTreeMap::new();
    for link in &plan.virtual_links {
        match &link.route {
            Route::InsideVim { vim, network } => add_network(&mut all, vim, network, None),
            Route::Circuit(circuit) => {
                for (network, vlan) in provider_networks(circuit) {
                    add_network(&mut all, &network.vim, &network.name, Some(vlan));
                }
            }
        }
    }
    for function in &plan.functions {
        for server in &function.servers {
            for network in &server.networks {
                add_network(&mut all, &function.vim, network, None);
            }
            all.entry(function.vim.clone()).or_default().servers.push(server.clone());
        }
    }
    for workload in all.values_mut() {
        plan.intent.as_str().clone_into(&mut workload.owner);
    }
    all
}

fn provider_networks(circuit: &Circuit) -> impl Iterator<Item = (&VimNetwork, VlanId)> {
    let ends = [&circuit.a, &circuit.z].into_iter();
    ends.filter_map(|end| end.vim_network.as_ref().map(|network| (network, end.vlan)))
}

/// Once by name; those that leave the VIM come first, and stay as they are.
fn add_network(all: &mut BTreeMap<VimId, Workload>, vim: &VimId, name: &str, vlan: Option<VlanId>) {
    let networks = &mut all.entry(vim.clone()).or_default().networks;
    if networks.iter().all(|known| known.name != name) {
        networks.push(WorkloadNetwork { name: name.to_owned(), vlan });
    }
}

/// The names of what a VIM shows of a workload: its volumes are seen in the servers.
pub(crate) fn observed(workload: &Workload) -> impl Iterator<Item = &str> {
    let networks = workload.networks.iter().map(|network| network.name.as_str());
    networks.chain(workload.servers.iter().map(|server| server.name.as_str()))
}

/// The names of everything that a workload is made of.
pub(crate) fn objects(workload: &Workload) -> BTreeSet<String> {
    let networks = workload.networks.iter().map(|network| network.name.clone());
    let servers = workload.servers.iter().map(|server| server.name.clone());
    let volumes = workload.servers.iter().flat_map(|server| &server.volumes);
    networks.chain(servers).chain(volumes.map(|volume| volume.name.clone())).collect()
}

/// What goes from VIMs and what comes to them when one plan takes another's place.
pub(crate) fn changes(before: Option<&Plan>, after: Option<&Plan>) -> Vec<VimChange> {
    let named = |plan: Option<&Plan>| -> BTreeSet<(VimId, String)> {
        let all = plan.map(workloads).unwrap_or_default();
        let named = all.iter().flat_map(|(vim, workload)| {
            objects(workload).into_iter().map(move |object| (vim.clone(), object))
        });
        named.collect()
    };
    let (before, after) = (named(before), named(after));
    let change = |action: VimAction| {
        move |(vim, object): &(VimId, String)| VimChange {
            vim: vim.clone(),
            action,
            object: object.clone(),
        }
    };
    let created = after.difference(&before).map(change(VimAction::Create));
    created.chain(before.difference(&after).map(change(VimAction::Remove))).collect()
}
