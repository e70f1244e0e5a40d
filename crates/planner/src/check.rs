//! The independent check: every constraint of a plan, verified again against the current state.
//!
//! It shares no code with the planner. What it knows of a request is the demand; what it knows of
//! the world is the topology and the books.

use crate::books::Books;
use crate::demand::{Demand, End, GroupRule, GroupScope, LinkDemand};
use crate::pools::Pools;
use model::plan::{Attachment, Circuit, LinkEnd, Lsp, PlacedFunction, Plan, PlannedLink, Route};
use model::topology::{InterfaceRole, Topology};
use model::{DeviceId, Label, LinkId, Mbps, Micros, PortRef, Resources, VimId};
use std::collections::{BTreeMap, BTreeSet};

/// One constraint that the plan breaks: where in the plan, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub struct Broken {
    pub at: String,
    pub why: String,
}

/// The world a plan is held against. `books` are without the plan's own intent.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    pub topology: &'a Topology,
    pub books: &'a Books,
    pub pools: &'a Pools,
}

/// Verifies every constraint; all that is broken comes back at once.
///
/// # Errors
/// Where any constraint does not hold.
pub fn check(world: World<'_>, demand: &Demand, plan: &Plan) -> Result<(), Vec<Broken>> {
    let mut run = Run { world, demand, plan, broken: Vec::new() };
    run.functions();
    run.groups();
    run.pop_capacity();
    run.links();
    run.link_capacity();
    run.port_capacity();
    run.allocations();
    if run.broken.is_empty() { Ok(()) } else { Err(run.broken) }
}

struct Run<'a> {
    world: World<'a>,
    demand: &'a Demand,
    plan: &'a Plan,
    broken: Vec<Broken>,
}

impl Run<'_> {
    fn say(&mut self, at: impl Into<String>, why: impl Into<String>) {
        self.broken.push(Broken { at: at.into(), why: why.into() });
    }

    fn expect(&mut self, holds: bool, at: &str, why: impl FnOnce() -> String) {
        if !holds {
            self.say(at, why());
        }
    }

    fn functions(&mut self) {
        let (placed, wanted) = (self.plan.functions.len(), self.demand.functions.len());
        self.expect(placed == wanted, "functions", || {
            format!("{placed} functions are placed, {wanted} are asked for")
        });
        for want in &self.demand.functions {
            let matches: Vec<_> =
                self.plan.functions.iter().filter(|placed| placed.id == want.id).collect();
            match matches[..] {
                [placed] => self.function(want, placed),
                _ => self.say(
                    format!("functions[{}]", want.id),
                    format!("it is placed {} times, not once", matches.len()),
                ),
            }
        }
        self.server_names();
    }

    fn function(&mut self, want: &crate::demand::FunctionDemand, placed: &PlacedFunction) {
        let at = format!("functions[{}]", want.id);
        let vim_pop = self.world.topology.vims.get(&placed.vim).map(|vim| &vim.pop);
        self.expect(vim_pop == Some(&placed.pop), &at, || {
            format!("VIM {} is not at PoP {}", placed.vim, placed.pop)
        });
        self.expect(placed.vnfd == want.vnfd, &at, || {
            format!("it runs {}, not {}", placed.vnfd, want.vnfd)
        });
        self.expect(placed.resources == want.resources, &at, || {
            format!("it is given {}, not {}", placed.resources, want.resources)
        });
        let sum = placed
            .servers
            .iter()
            .try_fold(Resources::ZERO, |sum, server| sum.checked_add(server.resources));
        self.expect(sum == Some(want.resources), &at, || {
            format!("its servers do not add up to {}", want.resources)
        });
        self.expect(placed.servers.len() == want.servers.len(), &at, || {
            format!("it has {} servers, not {}", placed.servers.len(), want.servers.len())
        });
        let rule = &want.placement;
        self.expect(rule.pops.is_empty() || rule.pops.contains(&placed.pop), &at, || {
            format!("PoP {} is not among those allowed", placed.pop)
        });
        self.expect(!rule.excluded_pops.contains(&placed.pop), &at, || {
            format!("PoP {} is excluded", placed.pop)
        });
    }

    fn server_names(&mut self) {
        let mut seen = BTreeSet::new();
        let servers = self.plan.functions.iter().flat_map(|function| &function.servers);
        let twice: Vec<_> = servers.filter(|s| !seen.insert(&s.name)).map(|s| &s.name).collect();
        for name in twice {
            self.say(format!("servers[{name}]"), "the name is used twice");
        }
    }

    fn groups(&mut self) {
        for group in &self.demand.groups {
            let mut places = Vec::new();
            for &member in &group.members {
                let id = &self.demand.functions[member].id;
                let placed = self.plan.functions.iter().find(|placed| placed.id == *id);
                places.extend(placed.and_then(|placed| self.place(placed, group.scope)));
            }
            let distinct: BTreeSet<_> = places.iter().collect();
            let holds = match group.rule {
                GroupRule::Affinity => distinct.len() <= 1,
                // Within one PoP, hosts are the VIM's business.
                GroupRule::AntiAffinity if group.scope == GroupScope::Node => true,
                GroupRule::AntiAffinity => distinct.len() == places.len(),
            };
            self.expect(holds, &format!("groups[{}]", group.id), || {
                format!("{:?} over {:?} does not hold: {places:?}", group.rule, group.scope)
            });
        }
    }

    fn place(&self, placed: &PlacedFunction, scope: GroupScope) -> Option<String> {
        match scope {
            GroupScope::Zone => {
                self.world.topology.pops.get(&placed.pop).and_then(|pop| pop.zone.clone())
            }
            GroupScope::Pop | GroupScope::Node => Some(placed.pop.to_string()),
        }
    }

    fn pop_capacity(&mut self) {
        let mut wanted: BTreeMap<&VimId, Option<Resources>> = BTreeMap::new();
        for placed in &self.plan.functions {
            let sum = wanted.entry(&placed.vim).or_insert(Some(Resources::ZERO));
            *sum = sum.and_then(|sum| sum.checked_add(placed.resources));
        }
        for (vim, wanted) in wanted {
            let at = format!("vims[{vim}]");
            let total = wanted.and_then(|sum| sum.checked_add(self.world.books.vim_use(vim)));
            match (self.world.topology.vims.get(vim), total) {
                (None, _) => self.say(at, "the topology does not have it"),
                (_, None) => self.say(at, "the sum of the needs does not fit in 64 bits"),
                (Some(known), Some(total)) => {
                    if let Some((what, need, offer)) = known.capacity.first_shortage(total) {
                        self.say(at, format!("{need} {what} are needed, {offer} are there"));
                    }
                }
            }
        }
    }

    fn links(&mut self) {
        let (planned, wanted) = (self.plan.virtual_links.len(), self.demand.links.len());
        self.expect(planned == wanted, "virtual-links", || {
            format!("{planned} virtual links are planned, {wanted} are asked for")
        });
        for want in &self.demand.links {
            let matches: Vec<_> =
                self.plan.virtual_links.iter().filter(|link| link.id == want.id).collect();
            match matches[..] {
                [link] => self.link(want, link),
                _ => self.say(
                    format!("virtual-links[{}]", want.id),
                    format!("it is planned {} times, not once", matches.len()),
                ),
            }
        }
    }

    fn link(&mut self, want: &LinkDemand, link: &PlannedLink) {
        let at = format!("virtual-links[{}]", want.id);
        self.expect(self.same_end(&want.a, &link.a), &at, || "end a is another one".into());
        self.expect(self.same_end(&want.z, &link.z), &at, || "end z is another one".into());
        let enough = link.bandwidth_a_to_z >= want.a_to_z && link.bandwidth_z_to_a >= want.z_to_a;
        self.expect(enough, &at, || {
            format!(
                "it gets {} and {} of the {} and {} asked for",
                link.bandwidth_a_to_z, link.bandwidth_z_to_a, want.a_to_z, want.z_to_a
            )
        });
        self.expect(link.latency_bound == want.latency, &at, || "its bound was changed".into());
        match &link.route {
            Route::InsideVim { vim, .. } => self.inside(&at, want, vim),
            Route::Circuit(circuit) => self.circuit(&at, want, link, circuit),
        }
    }

    fn same_end(&self, want: &End, end: &LinkEnd) -> bool {
        match (want, end) {
            (End::Function { index, cpd }, LinkEnd::Function { function, cpd: planned }) => {
                self.demand.functions[*index].id == *function && cpd == planned
            }
            (End::Port { sap, .. }, LinkEnd::Sap(planned)) => sap == planned,
            _ => false,
        }
    }

    fn inside(&mut self, at: &str, want: &LinkDemand, vim: &VimId) {
        for end in [&want.a, &want.z] {
            let there = match end {
                End::Port { .. } => false,
                End::Function { index, .. } => self.placed(*index).is_some_and(|p| p.vim == *vim),
            };
            self.expect(there, at, || format!("not both ends are in VIM {vim}"));
        }
    }

    fn placed(&self, index: usize) -> Option<&PlacedFunction> {
        let id = &self.demand.functions[index].id;
        self.plan.functions.iter().find(|placed| placed.id == *id)
    }

    fn circuit(&mut self, at: &str, want: &LinkDemand, link: &PlannedLink, circuit: &Circuit) {
        self.attachment(&format!("{at}.a"), &want.a, &circuit.a, link.bandwidth_a_to_z);
        self.attachment(&format!("{at}.z"), &want.z, &circuit.z, link.bandwidth_z_to_a);
        for (near, lsp, far) in circuit.directions() {
            let at = format!("{at}.{}", near.port.device);
            if let Some(latency) = self.lsp(&at, lsp, &near.port.device, &far.port.device) {
                self.expect(latency == lsp.latency, &at, || {
                    format!("the links take {latency}, the plan says {}", lsp.latency)
                });
                self.expect(want.latency.is_none_or(|bound| latency <= bound), &at, || {
                    format!("the links take {latency}, more than was asked for")
                });
            }
        }
    }

    fn attachment(&mut self, at: &str, want: &End, have: &Attachment, rate: Mbps) {
        let wanted_port = match want {
            End::Port { binding, .. } => {
                let vlan = binding.vlan;
                self.expect(vlan.is_none_or(|vlan| vlan == have.vlan), at, || {
                    format!("VLAN {} is not the one asked for", have.vlan)
                });
                Some(binding.port.clone())
            }
            End::Function { index, .. } => self.placed(*index).and_then(|placed| {
                self.world.topology.vims.get(&placed.vim).map(|vim| vim.attachment.clone())
            }),
        };
        self.expect(wanted_port.as_ref() == Some(&have.port), at, || {
            format!("it leaves through {}, which is not where that end is", have.port)
        });
        let role = self.world.topology.interface(&have.port).map(|interface| interface.role);
        let fits = match want {
            End::Port { .. } => role == Some(InterfaceRole::Access),
            End::Function { .. } => role == Some(InterfaceRole::Vim),
        };
        self.expect(fits, at, || format!("port {} has the role {role:?}", have.port));
        let networked = have.vim_network.is_some() == matches!(want, End::Function { .. });
        self.expect(networked, at, || "a VIM network goes with a function, and only so".into());
        self.expect(have.policer >= rate, at, || {
            format!("its policer of {} is below the {rate} asked for", have.policer)
        });
    }

    /// The latency of a path that is one: unbroken, without a loop, from one device to the other.
    fn lsp(&mut self, at: &str, lsp: &Lsp, from: &DeviceId, to: &DeviceId) -> Option<Micros> {
        let mut here = from;
        let mut seen = BTreeSet::from([from]);
        let mut latency = Micros::ZERO;
        for hop in &lsp.hops {
            let Some(link) = self.world.topology.links.get(&hop.link) else {
                self.say(at, format!("link {} does not exist", hop.link));
                return None;
            };
            if link.from.device != *here || !seen.insert(&link.to.device) {
                self.say(at, format!("link {} does not carry the path on from {here}", hop.link));
                return None;
            }
            here = &link.to.device;
            latency = latency.saturating_add(link.latency);
        }
        self.expect(here == to, at, || format!("the path ends at {here}, not at {to}"));
        (here == to).then_some(latency)
    }

    fn link_capacity(&mut self) {
        let mut wanted: BTreeMap<&LinkId, Option<Mbps>> = BTreeMap::new();
        for (link, circuit) in self.plan.circuits() {
            let both = [
                (&circuit.a_to_z, link.bandwidth_a_to_z),
                (&circuit.z_to_a, link.bandwidth_z_to_a),
            ];
            for (lsp, bandwidth) in both {
                for hop in &lsp.hops {
                    let sum = wanted.entry(&hop.link).or_insert(Some(Mbps::ZERO));
                    *sum = sum.and_then(|sum| sum.checked_add(bandwidth));
                }
            }
        }
        for (link, wanted) in wanted {
            let total = wanted.and_then(|sum| sum.checked_add(self.world.books.link_use(link)));
            let capacity = self.world.topology.links.get(link).map(|link| link.capacity);
            let fits = total.zip(capacity).is_some_and(|(total, capacity)| total <= capacity);
            self.expect(fits, &format!("links[{link}]"), || {
                format!("{total:?} would be used of {capacity:?}")
            });
        }
    }

    fn port_capacity(&mut self) {
        let mut wanted: BTreeMap<&PortRef, Option<(Mbps, Mbps)>> = BTreeMap::new();
        for (link, circuit) in self.plan.circuits() {
            let both = [
                (&circuit.a.port, link.bandwidth_a_to_z, link.bandwidth_z_to_a),
                (&circuit.z.port, link.bandwidth_z_to_a, link.bandwidth_a_to_z),
            ];
            for (port, inwards, outwards) in both {
                let sum = wanted.entry(port).or_insert(Some((Mbps::ZERO, Mbps::ZERO)));
                *sum = sum.and_then(|(i, o)| i.checked_add(inwards).zip(o.checked_add(outwards)));
            }
        }
        for (port, wanted) in wanted {
            let used = self.world.books.port_use(port);
            let total = wanted
                .and_then(|(i, o)| i.checked_add(used.inwards).zip(o.checked_add(used.outwards)));
            let capacity = self.world.topology.interface(port).map(|interface| interface.capacity);
            let fits = total.zip(capacity).is_some_and(|((i, o), capacity)| i.max(o) <= capacity);
            self.expect(fits, &format!("ports[{port}]"), || {
                format!("{total:?} would be used of {capacity:?}")
            });
        }
    }

    fn allocations(&mut self) {
        let (mut labels, mut vlans, mut circuits, mut names) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let plan = self.plan;
        for (_, circuit) in plan.circuits() {
            self.circuit_identity(circuit, &mut circuits, &mut names);
            for at in [&circuit.a, &circuit.z] {
                let free = vlans.insert((&at.port, at.vlan))
                    && self.world.books.vlan_holder(&at.port, at.vlan).is_none();
                self.expect(free, &format!("ports[{}]", at.port), || {
                    format!("VLAN {} is used twice", at.vlan)
                });
            }
            for (_, lsp, _) in circuit.directions() {
                self.labels(lsp, &mut labels);
            }
        }
    }

    fn circuit_identity<'p>(
        &mut self,
        circuit: &'p Circuit,
        circuits: &mut BTreeSet<Label>,
        names: &mut BTreeSet<&'p str>,
    ) {
        let at = format!("circuits[{}]", circuit.name);
        let (low, high) = self.world.pools.circuits;
        let in_pool = (low..=high).contains(&circuit.vc.get());
        self.expect(in_pool, &at, || format!("{} is outside its pool", circuit.vc));
        let free =
            circuits.insert(circuit.vc) && self.world.books.circuit_holder(circuit.vc).is_none();
        self.expect(free, &at, || format!("identifier {} is used twice", circuit.vc));
        self.expect(names.insert(&circuit.name), &at, || "the name is used twice".into());
    }

    fn labels(&mut self, lsp: &Lsp, seen: &mut BTreeSet<(DeviceId, Label)>) {
        let (low, high) = self.world.pools.labels;
        for hop in &lsp.hops {
            let Some(link) = self.world.topology.links.get(&hop.link) else { continue };
            let device = &link.to.device;
            let at = format!("labels[{device}]");
            let free = seen.insert((device.clone(), hop.label))
                && self.world.books.label_holder(device, hop.label).is_none();
            self.expect(free, &at, || format!("label {} is used twice", hop.label));
            let in_pool = (low..=high).contains(&hop.label.get());
            self.expect(in_pool, &at, || format!("label {} is outside its pool", hop.label));
        }
    }
}
