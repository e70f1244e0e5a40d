//! What is to be drawn, before it is known where: places, the cables between them, VIMs, services.

use crate::get::Domain;
use api::wire::planned_link::Route;
use api::wire::{self, PlanInForce};
use std::collections::BTreeMap;

/// Services beyond this number are named and not drawn: there are no more colours to tell apart.
pub(super) const SERVICES_MAX: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    pub(super) places: Vec<Place>,
    pub(super) cables: Vec<Cable>,
    pub(super) clouds: Vec<Cloud>,
    pub(super) services: Vec<Service>,
    /// How many services there is no colour for.
    pub(super) more_services: usize,
}

/// A point of presence.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) title: String,
    /// Degrees north and east; none where nobody gave them.
    pub(super) at: Option<(f64, f64)>,
}

/// All links between two places.
#[derive(Clone, Debug)]
pub(super) struct Cable {
    pub(super) a: usize,
    pub(super) z: usize,
    pub(super) there: Load,
    pub(super) back: Load,
}

/// One direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    pub(super) used: u64,
    pub(super) capacity: u64,
    pub(super) latency: u64,
    pub(super) links: Vec<String>,
}

impl Load {
    /// From 0 to 1, and more where it is overbooked.
    pub(super) fn part(&self) -> f64 {
        if self.capacity == 0 { 0.0 } else { self.used as f64 / self.capacity as f64 }
    }
}

/// A VIM with the functions that run in it.
#[derive(Clone, Debug)]
pub(super) struct Cloud {
    pub(super) id: String,
    pub(super) place: usize,
    pub(super) used: wire::Resources,
    pub(super) capacity: wire::Resources,
    /// The service's number and the function's id.
    pub(super) functions: Vec<(usize, String)>,
}

/// A live service: the cables that it takes, and where it meets the outside.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) cables: Vec<usize>,
    pub(super) ends: Vec<usize>,
}

impl Scene {
    pub(super) fn new(domain: &Domain, plans: &[PlanInForce]) -> Self {
        let topology = &domain.topology;
        let mut scene = Self {
            places: topology.pops.iter().map(|pop| place(domain, pop)).collect(),
            ..Self::default()
        };
        let pops: BTreeMap<&str, usize> =
            topology.pops.iter().enumerate().map(|(i, pop)| (pop.id.as_str(), i)).collect();
        let devices: BTreeMap<&str, usize> = topology
            .devices
            .iter()
            .filter_map(|device| Some((device.id.as_str(), *pops.get(device.pop.as_str())?)))
            .collect();
        let cable_of = scene.lay_cables(domain, &devices);
        scene.clouds = domain
            .resources()
            .into_iter()
            .filter_map(|resource| {
                Some(Cloud {
                    place: *pops.get(resource.vim.pop.as_str())?,
                    capacity: resource.vim.capacity.unwrap_or_default(),
                    id: resource.vim.id,
                    used: resource.used,
                    functions: Vec::new(),
                })
            })
            .collect();
        let plans: Vec<_> = plans.iter().filter_map(|plan| plan.plan.as_ref()).collect();
        scene.more_services = plans.len().saturating_sub(SERVICES_MAX);
        for plan in plans.into_iter().take(SERVICES_MAX) {
            scene.add_service(plan, &cable_of, &devices);
        }
        scene
    }

    /// Gives the cable of each link. Links inside of a place are not drawn.
    fn lay_cables<'d>(
        &mut self,
        domain: &'d Domain,
        devices: &BTreeMap<&str, usize>,
    ) -> BTreeMap<&'d str, usize> {
        let mut between: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut cable_of = BTreeMap::new();
        for link in &domain.topology.links {
            let (Some(from), Some(to)) =
                (place_of(devices, &link.from), place_of(devices, &link.to))
            else {
                continue;
            };
            if from == to {
                continue;
            }
            let ends = (from.min(to), from.max(to));
            let index = *between.entry(ends).or_insert_with(|| {
                let (there, back) = (Load::default(), Load::default());
                self.cables.push(Cable { a: ends.0, z: ends.1, there, back });
                self.cables.len() - 1
            });
            cable_of.insert(link.id.as_str(), index);
            let cable = &mut self.cables[index];
            let load = if from == cable.a { &mut cable.there } else { &mut cable.back };
            load.used += domain.used_mbps(&link.id);
            load.capacity += link.capacity_mbps;
            load.latency = load.latency.max(link.latency_us);
            load.links.push(link.id.clone());
        }
        cable_of
    }

    fn add_service(
        &mut self,
        plan: &wire::Plan,
        cable_of: &BTreeMap<&str, usize>,
        devices: &BTreeMap<&str, usize>,
    ) {
        let number = self.services.len();
        let mut service =
            Service { name: plan.intent.clone(), cables: Vec::new(), ends: Vec::new() };
        for circuit in plan.virtual_links.iter().filter_map(circuit) {
            let hops = [&circuit.a_to_z, &circuit.z_to_a].into_iter().flatten();
            let links = hops.flat_map(|lsp| lsp.hops.iter().map(|hop| hop.link.as_str()));
            service.cables.extend(links.filter_map(|link| cable_of.get(link)));
            let outside = [&circuit.a, &circuit.z].into_iter().flatten();
            let outside = outside.filter(|end| end.vim_network.is_none());
            service.ends.extend(outside.filter_map(|end| place_of(devices, &end.port)));
        }
        for list in [&mut service.cables, &mut service.ends] {
            list.sort_unstable();
            list.dedup();
        }
        for function in &plan.functions {
            let cloud = self.clouds.iter_mut().find(|cloud| cloud.id == function.vim);
            if let Some(cloud) = cloud {
                cloud.functions.push((number, function.id.clone()));
            }
        }
        self.services.push(service);
    }
}

fn circuit(link: &wire::PlannedLink) -> Option<&wire::Circuit> {
    match &link.route {
        Some(Route::Circuit(circuit)) => Some(circuit),
        _ => None,
    }
}

/// The place of a port, `DEVICE:INTERFACE`.
fn place_of(devices: &BTreeMap<&str, usize>, port: &str) -> Option<usize> {
    devices.get(port.split(':').next()?).copied()
}

fn place(domain: &Domain, pop: &wire::Pop) -> Place {
    let devices = domain.devices_of(&pop.id);
    let name = if pop.city.is_empty() { pop.id.clone() } else { pop.city.clone() };
    // Nobody has a point of presence in the Gulf of Guinea.
    let given = pop.latitude != 0.0 || pop.longitude != 0.0;
    Place {
        title: format!("{name} ({}): {}", pop.id, devices.join(", ")),
        name,
        at: given.then_some((pop.latitude, pop.longitude)),
    }
}
