//! Every server is the one that was asked for, on the networks that it belongs to.

use super::Run;
use crate::demand::{FunctionDemand, ServerDemand, ServerNetwork};
use model::plan::{LinkEnd, PlacedFunction, PlannedServer, Route};

impl Run<'_> {
    pub(super) fn servers(&mut self) {
        for want in &self.demand.functions {
            let Some(placed) = self.plan.functions.iter().find(|placed| placed.id == want.id)
            else {
                continue;
            };
            for (wanted, server) in want.servers.iter().zip(&placed.servers) {
                self.server(want, wanted, placed, server);
            }
        }
    }

    fn server(
        &mut self,
        function: &FunctionDemand,
        want: &ServerDemand,
        placed: &PlacedFunction,
        server: &PlannedServer,
    ) {
        let at = format!("servers[{}]", server.name);
        self.expect(server.vdu == want.vdu, &at, || {
            format!("it is a {}, not a {}", server.vdu, want.vdu)
        });
        self.expect(server.resources == want.resources, &at, || {
            format!("it is given {}, not {}", server.resources, want.resources)
        });
        self.expect(server.image == want.image, &at, || {
            format!("it boots {:?}, not {:?}", server.image, want.image)
        });
        let sizes = |volumes: &[model::plan::PlannedVolume]| {
            volumes.iter().map(|volume| volume.size).collect::<Vec<_>>()
        };
        self.expect(sizes(&server.volumes) == sizes(&want.volumes), &at, || {
            "its volumes are not those asked for".into()
        });
        let networks: Vec<String> =
            want.networks.iter().flat_map(|n| self.networks(function, placed, n)).collect();
        self.expect(server.networks == networks, &at, || {
            format!("it is on {:?}, not on {networks:?}", server.networks)
        });
        let group = want.anti_affinity.as_ref().map(|g| format!("{}.{g}", self.plan.intent));
        self.expect(server.anti_affinity_group == group, &at, || {
            format!("it is kept apart in {:?}, not in {group:?}", server.anti_affinity_group)
        });
    }

    /// The networks behind one port of a server: one for each virtual link that ends there.
    fn networks(
        &self,
        function: &FunctionDemand,
        placed: &PlacedFunction,
        want: &ServerNetwork,
    ) -> Vec<String> {
        let cpd = match want {
            ServerNetwork::Internal { name } => {
                return vec![format!("{}.{}.{name}", self.plan.intent, function.id)];
            }
            ServerNetwork::External { cpd } => cpd,
        };
        let here = |end: &LinkEnd| matches!(end, LinkEnd::Function { function, cpd: at } if *function == placed.id && at == cpd);
        let mut networks = Vec::new();
        for link in &self.plan.virtual_links {
            match &link.route {
                Route::InsideVim { network, .. } if here(&link.a) || here(&link.z) => {
                    networks.push(network.clone());
                }
                Route::InsideVim { .. } => {}
                Route::Circuit(circuit) => {
                    let ends = [(&link.a, &circuit.a), (&link.z, &circuit.z)];
                    let mine = ends.iter().filter(|(end, _)| here(end));
                    networks.extend(mine.filter_map(|(_, at)| {
                        at.vim_network.as_ref().map(|network| network.name.clone())
                    }));
                }
            }
        }
        networks
    }
}
