//! What a new plan of an intent takes over from the one before, so that a change to the intent
//! changes no more in the network than it must.

use crate::assemble::{Assembly, Ways};
use crate::demand::{Demand, LinkDemand};
use crate::network::Network;
use model::plan::{Circuit, Hop, Lsp, Plan, Route};
use model::{Label, LinkId, PortRef, VlanId};
use solver::{Hosts, NodeId, Problem};

/// What a circuit had and may keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) vc: Option<Label>,
    pub(crate) a: Option<VlanId>,
    pub(crate) z: Option<VlanId>,
    pub(crate) a_to_z: Option<Lsp>,
    pub(crate) z_to_a: Option<Lsp>,
}

/// Where each function runs now, as far as it may stay there.
pub(crate) fn hosts(
    network: &Network,
    demand: &Demand,
    problem: &Problem,
    plan: &Plan,
) -> Vec<Option<NodeId>> {
    let functions = demand.functions.iter().zip(&problem.functions);
    functions
        .map(|(want, function)| {
            let placed = plan.functions.iter().find(|placed| placed.id == want.id)?;
            let node = network.vim(&placed.vim)?;
            let Hosts::Only(hosts) = &function.hosts else { return Some(node) };
            hosts.contains(&node).then_some(node)
        })
        .collect()
}

impl Assembly<'_> {
    /// Takes the numbers that each circuit can keep, before any new ones are chosen.
    pub(crate) fn keep(&mut self) -> Vec<Kept> {
        let links = self.demand.links.iter().zip(&self.embedding.ways);
        links.map(|(link, ways)| self.keep_of(link, ways)).collect()
    }

    fn keep_of(&mut self, link: &LinkDemand, ways: &Ways) -> Kept {
        let planned = self.previous.iter().flat_map(|plan| &plan.virtual_links);
        let planned = planned.into_iter().find(|planned| planned.id == link.id);
        let Some(Route::Circuit(circuit)) = planned.map(|planned| &planned.route) else {
            return Kept::default();
        };
        let circuit: &Circuit = circuit;
        Kept {
            vc: Some(circuit.vc).filter(|vc| self.allocator.take_circuit(*vc)),
            a: self.keep_vlan(&self.place(&link.a).port, &circuit.a.port, circuit.a.vlan),
            z: self.keep_vlan(&self.place(&link.z).port, &circuit.z.port, circuit.z.vlan),
            a_to_z: self.keep_lsp(&ways.a_to_z, &circuit.a_to_z),
            z_to_a: self.keep_lsp(&ways.z_to_a, &circuit.z_to_a),
        }
    }

    fn keep_vlan(&mut self, port: &PortRef, before: &PortRef, vlan: VlanId) -> Option<VlanId> {
        (port == before && self.allocator.keep_vlan(port, vlan)).then_some(vlan)
    }

    /// A path that is the same all along keeps its labels. One that is not gets new ones, so that
    /// it can be ready before traffic enters it.
    fn keep_lsp(&mut self, links: &[LinkId], before: &Lsp) -> Option<Lsp> {
        if !before.hops.iter().map(|hop| &hop.link).eq(links) {
            return None;
        }
        let topology = self.topology;
        let mut take = |hop: &Hop| {
            let device = &topology.links[&hop.link].to.device;
            self.allocator.take_label(device, hop.label)
        };
        let all_free = before.hops.iter().all(&mut take);
        all_free.then(|| Lsp { hops: before.hops.clone(), latency: self.latency(links) })
    }
}
