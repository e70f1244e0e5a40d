//! Every virtual link joins the ends that were asked for, at the rates and within the latency.

use super::Run;
use crate::demand::{End, LinkDemand};
use model::plan::{Attachment, Circuit, LinkEnd, Lsp, PlannedLink, Route};
use model::topology::InterfaceRole;
use model::{DeviceId, Mbps, Micros, VimId};
use std::collections::BTreeSet;

impl Run<'_> {
    pub(super) fn links(&mut self) {
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
        let rates = (link.bandwidth_a_to_z, link.bandwidth_z_to_a);
        self.expect(rates == (want.a_to_z, want.z_to_a), &at, || {
            format!(
                "it gets {} and {}, not the {} and {} asked for",
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

    fn circuit(&mut self, at: &str, want: &LinkDemand, link: &PlannedLink, circuit: &Circuit) {
        self.attachment(&format!("{at}.a"), &want.a, &circuit.a, link.bandwidth_a_to_z);
        self.attachment(&format!("{at}.z"), &want.z, &circuit.z, link.bandwidth_z_to_a);
        self.expect(self.co_routed(circuit), at, || {
            "the two directions do not use the same cables".into()
        });
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

    /// The way back uses the other direction of each cable, in the opposite order.
    fn co_routed(&self, circuit: &Circuit) -> bool {
        let ends = |hop: &model::plan::Hop| {
            let link = self.world.topology.links.get(&hop.link);
            link.map(|link| (&link.from, &link.to))
        };
        let there = circuit.a_to_z.hops.iter().map(ends);
        let back = circuit.z_to_a.hops.iter().rev().map(ends);
        there.eq(back.map(|ends| ends.map(|(from, to)| (to, from))))
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
        let network = have.vim_network.as_ref().map(|network| &network.vim);
        let vim = match want {
            End::Port { .. } => None,
            End::Function { index, .. } => self.placed(*index).map(|placed| &placed.vim),
        };
        self.expect(network == vim, at, || {
            format!("its network is in {network:?}, and the end is in {vim:?}")
        });
        self.expect(have.policer == rate, at, || {
            format!("its policer lets {} through, not {rate}", have.policer)
        });
        let chosen = !matches!(want, End::Port { binding, .. } if binding.vlan.is_some());
        let (low, high) = self.world.pools.vlans;
        let in_pool = (low..=high).contains(&have.vlan.get());
        self.expect(!chosen || in_pool, at, || format!("VLAN {} is outside the pool", have.vlan));
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
}
