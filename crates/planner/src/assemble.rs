//! From places and ways to a plan: names, attachments, labels, circuits.

use crate::demand::{Demand, End, FunctionDemand, LinkDemand, ServerDemand, ServerNetwork};
use crate::names::{Names, Side};
use crate::pools::Allocator;
use model::intent::Intent;
use model::plan::{
    Attachment, BindingConstraint, Circuit, Hop, LinkEnd, Lsp, PlacedFunction, Plan, PlannedLink,
    PlannedServer, PlannedVolume, Route, VimNetwork,
};
use model::topology::Topology;
use model::{LinkId, Mbps, Micros, PortRef, VimId};

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
}

impl<'a> Assembly<'a> {
    /// # Errors
    /// Where a pool is empty or a VLAN that was asked for is taken.
    pub(crate) fn plan(mut self, revision: u64, parent: u64) -> Result<Plan, BindingConstraint> {
        let demand = self.demand;
        // What was asked for by number comes before what may be any number.
        self.take_requested_vlans()?;
        let links = demand.links.iter().zip(&self.embedding.ways);
        let virtual_links =
            links.map(|(link, ways)| self.link(link, ways)).collect::<Result<Vec<_>, _>>()?;
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

    fn link(&mut self, link: &LinkDemand, ways: &Ways) -> Result<PlannedLink, BindingConstraint> {
        Ok(PlannedLink {
            id: link.id.clone(),
            a: self.end(&link.a),
            z: self.end(&link.z),
            bandwidth_a_to_z: link.a_to_z,
            bandwidth_z_to_a: link.z_to_a,
            latency_bound: link.latency,
            route: self.route(link, ways)?,
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

    fn route(&mut self, link: &LinkDemand, ways: &Ways) -> Result<Route, BindingConstraint> {
        let names = self.names();
        if let (End::Function { index: a, .. }, End::Function { index: z, .. }) = (&link.a, &link.z)
            && self.embedding.vims[*a] == self.embedding.vims[*z]
        {
            return Ok(Route::InsideVim {
                vim: self.embedding.vims[*a].clone(),
                network: names.of(&link.id),
            });
        }
        let empty = |pool: &str| BindingConstraint::PoolEmpty { pool: pool.to_owned() };
        let vc = self.allocator.circuit().ok_or_else(|| empty("circuit identifiers"))?;
        Ok(Route::Circuit(Box::new(Circuit {
            vc,
            a: self.attachment(&link.a, link.a_to_z, names.at(&link.id, Side::A))?,
            z: self.attachment(&link.z, link.z_to_a, names.at(&link.id, Side::Z))?,
            a_to_z: self.lsp(&ways.a_to_z)?,
            z_to_a: self.lsp(&ways.z_to_a)?,
            name: names.of(&link.id),
        })))
    }

    fn attachment(
        &mut self,
        end: &End,
        policer: Mbps,
        network: String,
    ) -> Result<Attachment, BindingConstraint> {
        let (port, requested, vim) = match end {
            End::Port { binding, .. } => (binding.port.clone(), binding.vlan, None),
            End::Function { index, .. } => {
                let vim = &self.embedding.vims[*index];
                (self.topology.vims[vim].attachment.clone(), None, Some(vim.clone()))
            }
        };
        let vlan = requested.or_else(|| self.allocator.vlan(&port));
        let vlan = vlan.ok_or_else(|| pool_of_vlans(&port))?;
        let vim_network = vim.map(|vim| VimNetwork { vim, name: network });
        Ok(Attachment { port, vlan, policer, vim_network })
    }

    fn lsp(&mut self, links: &[LinkId]) -> Result<Lsp, BindingConstraint> {
        let mut lsp = Lsp::default();
        for id in links {
            let link = &self.topology.links[id];
            let label = self.allocator.label(&link.to.device).ok_or_else(|| {
                BindingConstraint::PoolEmpty { pool: format!("labels of {}", link.to.device) }
            })?;
            lsp.latency = lsp.latency.checked_add(link.latency).unwrap_or(Micros(u64::MAX));
            lsp.hops.push(Hop { link: id.clone(), label });
        }
        Ok(lsp)
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
