//! From places and ways to a plan: names, attachments, labels, circuits.

use crate::demand::{Demand, End, FunctionDemand, LinkDemand, ServerDemand, ServerNetwork};
use crate::keep::Kept;
use crate::names::{Names, Side};
use crate::pools::Allocator;
use model::intent::Intent;
use model::plan::{
    Attachment, BindingConstraint, Circuit, Hop, LinkEnd, Lsp, PlacedFunction, Plan, PlannedLink,
    PlannedServer, PlannedVolume, Route, VimNetwork,
};
use model::topology::Topology;
use model::{LinkId, Mbps, Micros, PortRef, VimId, VlanId};

/// What the solver decided, in the words of the topology.
#[derive(Clone, Debug, Default)]
pub(crate) struct Embedding {
    /// For each function, the VIM that runs it.
    pub(crate) vims: Vec<VimId>,
    /// For each link, both ways.
    pub(crate) ways: Vec<Ways>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Ways {
    pub(crate) a_to_z: Vec<LinkId>,
    pub(crate) z_to_a: Vec<LinkId>,
}

pub(crate) struct Assembly<'a> {
    pub(crate) intent: &'a Intent,
    pub(crate) demand: &'a Demand,
    pub(crate) topology: &'a Topology,
    pub(crate) embedding: &'a Embedding,
    pub(crate) allocator: Allocator<'a>,
    /// The plan of the same intent before this one.
    pub(crate) previous: Option<&'a Plan>,
}

/// Where an end is attached, and the VLAN that was asked for there.
pub(crate) struct Place {
    pub(crate) port: PortRef,
    requested: Option<VlanId>,
    vim: Option<VimId>,
}

impl<'a> Assembly<'a> {
    /// # Errors
    /// Where a pool is empty or a VLAN that was asked for is taken.
    pub(crate) fn plan(mut self, revision: u64, parent: u64) -> Result<Plan, BindingConstraint> {
        let demand = self.demand;
        // What was asked for by number comes before what may be any number.
        self.take_requested_vlans()?;
        let kept = self.keep();
        let links = demand.links.iter().zip(&self.embedding.ways).zip(kept);
        let virtual_links = links
            .map(|((link, ways), kept)| self.link(link, ways, kept))
            .collect::<Result<Vec<_>, _>>()?;
        let functions =
            (0..demand.functions.len()).map(|i| self.function(i, &virtual_links)).collect();
        Ok(Plan {
            intent: self.intent.name.clone(),
            intent_revision: revision,
            parent,
            functions,
            virtual_links,
        })
    }

    fn take_requested_vlans(&mut self) -> Result<(), BindingConstraint> {
        for end in self.demand.links.iter().flat_map(|link| [&link.a, &link.z]) {
            let End::Port { binding, .. } = end else { continue };
            let Some(vlan) = binding.vlan else { continue };
            if !self.allocator.take_vlan(&binding.port, vlan) {
                let holder = self.allocator.vlan_holder(&binding.port, vlan);
                let holder = holder.unwrap_or_else(|| self.intent.name.clone());
                return Err(BindingConstraint::PortInUse {
                    port: binding.port.clone(),
                    vlan,
                    holder,
                });
            }
        }
        Ok(())
    }

    fn link(
        &mut self,
        link: &LinkDemand,
        ways: &Ways,
        kept: Kept,
    ) -> Result<PlannedLink, BindingConstraint> {
        Ok(PlannedLink {
            id: link.id.clone(),
            a: self.end(&link.a),
            z: self.end(&link.z),
            bandwidth_a_to_z: link.a_to_z,
            bandwidth_z_to_a: link.z_to_a,
            latency_bound: link.latency,
            route: self.route(link, ways, kept)?,
        })
    }

    fn end(&self, end: &End) -> LinkEnd {
        match end {
            End::Port { sap, .. } => LinkEnd::Sap(sap.clone()),
            End::Function { index, cpd } => LinkEnd::Function {
                function: self.demand.functions[*index].id.clone(),
                cpd: cpd.clone(),
            },
        }
    }

    fn route(
        &mut self,
        link: &LinkDemand,
        ways: &Ways,
        kept: Kept,
    ) -> Result<Route, BindingConstraint> {
        let names = self.names();
        if let (End::Function { index: a, .. }, End::Function { index: z, .. }) = (&link.a, &link.z)
            && self.embedding.vims[*a] == self.embedding.vims[*z]
        {
            return Ok(Route::InsideVim {
                vim: self.embedding.vims[*a].clone(),
                network: names.of(&link.id),
            });
        }
        let vc = kept.vc.or_else(|| self.allocator.circuit());
        let vc = vc.ok_or_else(|| BindingConstraint::PoolEmpty {
            pool: "circuit identifiers".to_owned(),
        })?;
        let (a, z) = (names.at(&link.id, Side::A), names.at(&link.id, Side::Z));
        Ok(Route::Circuit(Box::new(Circuit {
            vc,
            a: self.attachment(&link.a, link.a_to_z, a, kept.a)?,
            z: self.attachment(&link.z, link.z_to_a, z, kept.z)?,
            a_to_z: self.lsp(&ways.a_to_z, kept.a_to_z)?,
            z_to_a: self.lsp(&ways.z_to_a, kept.z_to_a)?,
            name: names.of(&link.id),
        })))
    }

    pub(crate) fn place(&self, end: &End) -> Place {
        match end {
            End::Port { binding, .. } => {
                Place { port: binding.port.clone(), requested: binding.vlan, vim: None }
            }
            End::Function { index, .. } => {
                let vim = &self.embedding.vims[*index];
                let port = self.topology.vims[vim].attachment.clone();
                Place { port, requested: None, vim: Some(vim.clone()) }
            }
        }
    }

    fn attachment(
        &mut self,
        end: &End,
        policer: Mbps,
        network: String,
        kept: Option<VlanId>,
    ) -> Result<Attachment, BindingConstraint> {
        let Place { port, requested, vim } = self.place(end);
        let vlan = requested.or(kept).or_else(|| self.allocator.vlan(&port));
        let vlan = vlan.ok_or_else(|| pool_of_vlans(&port))?;
        let vim_network = vim.map(|vim| VimNetwork { vim, name: network });
        Ok(Attachment { port, vlan, policer, vim_network })
    }

    fn lsp(&mut self, links: &[LinkId], kept: Option<Lsp>) -> Result<Lsp, BindingConstraint> {
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let mut hops = Vec::with_capacity(links.len());
        for id in links {
            let device = &self.topology.links[id].to.device;
            let label = self.allocator.label(device).ok_or_else(|| {
                BindingConstraint::PoolEmpty { pool: format!("labels of {device}") }
            })?;
            hops.push(Hop { link: id.clone(), label });
        }
        Ok(Lsp { hops, latency: self.latency(links) })
    }

    pub(crate) fn latency(&self, links: &[LinkId]) -> Micros {
        let latencies = links.iter().map(|id| self.topology.links[id].latency);
        latencies.fold(Micros::ZERO, Micros::saturating_add)
    }

    fn function(&self, index: usize, links: &[PlannedLink]) -> PlacedFunction {
        let want = &self.demand.functions[index];
        let vim = &self.embedding.vims[index];
        let servers = want.servers.iter().map(|s| self.server(want, s, index, links)).collect();
        PlacedFunction {
            id: want.id.clone(),
            vnfd: want.vnfd.clone(),
            pop: self.topology.vims[vim].pop.clone(),
            vim: vim.clone(),
            resources: want.resources,
            servers,
        }
    }

    fn server(
        &self,
        function: &FunctionDemand,
        want: &ServerDemand,
        index: usize,
        links: &[PlannedLink],
    ) -> PlannedServer {
        let names = self.names();
        let name = names.server(&function.id, want);
        let volumes = want.volumes.iter().map(|volume| PlannedVolume {
            name: names.volume(&name, &volume.name),
            size: volume.size,
        });
        let networks = want.networks.iter().flat_map(|network| match network {
            ServerNetwork::Internal { name } => {
                vec![names.inside(&function.id, name)]
            }
            ServerNetwork::External { cpd } => self.networks_of(index, cpd, links),
        });
        PlannedServer {
            vdu: want.vdu.clone(),
            resources: want.resources,
            image: want.image.clone(),
            volumes: volumes.collect(),
            networks: networks.collect(),
            anti_affinity_group: want.anti_affinity.as_ref().map(|group| names.of(group)),
            name,
        }
    }

    /// The VIM networks of the virtual links that end at a connection point.
    fn networks_of(&self, index: usize, cpd: &str, links: &[PlannedLink]) -> Vec<String> {
        let is_here = |end: &End| matches!(end, End::Function { index: i, cpd: c } if *i == index && c == cpd);
        let of = |want: &LinkDemand, planned: &PlannedLink| match &planned.route {
            Route::InsideVim { network, .. } => Some(network.clone()),
            Route::Circuit(circuit) => {
                let at = if is_here(&want.a) { &circuit.a } else { &circuit.z };
                at.vim_network.as_ref().map(|network| network.name.clone())
            }
        };
        let links = self.demand.links.iter().zip(links);
        links
            .filter(|(w, _)| is_here(&w.a) || is_here(&w.z))
            .filter_map(|(w, p)| of(w, p))
            .collect()
    }

    fn names(&self) -> Names<'a> {
        Names { intent: &self.intent.name }
    }
}

fn pool_of_vlans(port: &PortRef) -> BindingConstraint {
    BindingConstraint::PoolEmpty { pool: format!("VLANs of {port}") }
}
