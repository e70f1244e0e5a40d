//! Numbers are from their pools, and nobody else has them.

use super::Run;
use model::plan::{Circuit, Lsp};
use model::{DeviceId, Label};
use std::collections::BTreeSet;

impl Run<'_> {
    pub(super) fn allocations(&mut self) {
        let (mut labels, mut vlans, mut circuits) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let plan = self.plan;
        for (_, circuit) in plan.circuits() {
            self.circuit_identity(circuit, &mut circuits);
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

    fn circuit_identity(&mut self, circuit: &Circuit, circuits: &mut BTreeSet<Label>) {
        let at = format!("circuits[{}]", circuit.name);
        let (low, high) = self.world.pools.circuits;
        let in_pool = (low..=high).contains(&circuit.vc.get());
        self.expect(in_pool, &at, || format!("{} is outside its pool", circuit.vc));
        let free =
            circuits.insert(circuit.vc) && self.world.books.circuit_holder(circuit.vc).is_none();
        self.expect(free, &at, || format!("identifier {} is used twice", circuit.vc));
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
