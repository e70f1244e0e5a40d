//! Distances in the topology, and what a plan touches there.

use api::wire;
use api::wire::planned_link::Route;
use model::topology::{Link, Topology};
use model::{DeviceId, Micros};
use std::collections::{BTreeMap, BTreeSet};

/// The shortest latency from a device to each that can be reached over the links that are allowed
/// (Dijkstra's algorithm).
pub(crate) fn distances(
    topology: &Topology,
    from: &DeviceId,
    allowed: impl Fn(&Link) -> bool,
) -> BTreeMap<DeviceId, Micros> {
    let mut settled = BTreeMap::new();
    let mut waiting = BTreeSet::from([(Micros::ZERO, from.clone())]);
    while let Some((so_far, device)) = waiting.pop_first() {
        if settled.contains_key(&device) {
            continue;
        }
        let onwards = topology.links.values().filter(|link| link.from.device == device);
        for link in onwards.filter(|link| allowed(link)) {
            let there = so_far.saturating_add(link.latency);
            waiting.insert((there, link.to.device.clone()));
        }
        settled.insert(device, so_far);
    }
    settled
}

/// The devices on which a plan's circuits stand.
pub(crate) fn touched(plan: &wire::Plan, topology: &Topology) -> BTreeSet<DeviceId> {
    let mut devices = BTreeSet::new();
    for circuit in plan.virtual_links.iter().filter_map(circuit) {
        let ends = [&circuit.a, &circuit.z].into_iter().flatten();
        devices.extend(ends.filter_map(|end| end.port.split_once(':')?.0.parse().ok()));
        let ways = [&circuit.a_to_z, &circuit.z_to_a].into_iter().flatten();
        let links = ways.flat_map(|way| &way.hops).map(|hop| hop.link.as_str());
        for link in links.filter_map(|link| topology.links.get(link)) {
            devices.extend([link.from.device.clone(), link.to.device.clone()]);
        }
    }
    devices
}

pub(crate) fn circuit(link: &wire::PlannedLink) -> Option<&wire::Circuit> {
    match &link.route {
        Some(Route::Circuit(circuit)) => Some(circuit),
        Some(Route::InsideVim(_)) | None => None,
    }
}
