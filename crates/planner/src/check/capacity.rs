//! What the plan takes, with what the books say is taken, fits in what there is.

use super::Run;
use model::{LinkId, Mbps, PortRef, Resources, VimId};
use std::collections::BTreeMap;

impl Run<'_> {
    pub(super) fn vim_capacity(&mut self) {
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

    pub(super) fn link_capacity(&mut self) {
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

    pub(super) fn port_capacity(&mut self) {
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
}
