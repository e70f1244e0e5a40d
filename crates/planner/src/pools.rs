//! What can be allocated, and the next free one of it.

use crate::books::Books;
use imbl::OrdSet;
use model::{DeviceId, IntentName, Label, PortRef, VlanId};
use serde::{Deserialize, Serialize};

/// Ranges, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pools {
    /// Tunnel labels, for each device on its own (RFC 3031 §3.14, per-platform label space).
    pub labels: (u32, u32),
    /// Circuit identifiers, one pool for the domain.
    pub circuits: (u32, u32),
    /// VLANs that the planner may choose on a port.
    pub vlans: (u16, u16),
}

impl Default for Pools {
    fn default() -> Self {
        Self { labels: (16, 499_999), circuits: (500_000, 1_048_575), vlans: (100, 3999) }
    }
}

/// Hands out numbers that neither the books nor this plan already use.
#[derive(Debug)]
pub(crate) struct Allocator<'a> {
    books: &'a Books,
    pools: &'a Pools,
    labels: OrdSet<(DeviceId, Label)>,
    vlans: OrdSet<(PortRef, VlanId)>,
    circuits: OrdSet<Label>,
}

impl<'a> Allocator<'a> {
    pub(crate) fn new(books: &'a Books, pools: &'a Pools) -> Self {
        let (labels, vlans, circuits) = (OrdSet::new(), OrdSet::new(), OrdSet::new());
        Self { books, pools, labels, vlans, circuits }
    }

    /// A free incoming label of a device.
    pub(crate) fn label(&mut self, device: &DeviceId) -> Option<Label> {
        let taken = |label| self.labels.contains(&(device.clone(), label));
        let free = self.books.first_free_label(device, range(self.pools.labels)?, taken)?;
        self.labels.insert((device.clone(), free));
        Some(free)
    }

    /// A free circuit identifier of the domain.
    pub(crate) fn circuit(&mut self) -> Option<Label> {
        let taken = |label| self.circuits.contains(&label);
        let free = self.books.first_free_circuit(range(self.pools.circuits)?, taken)?;
        self.circuits.insert(free);
        Some(free)
    }

    /// Takes numbers that an earlier plan of the same intent had, each where it is still free.
    pub(crate) fn take_label(&mut self, device: &DeviceId, label: Label) -> bool {
        let free =
            self.books.label_holder(device, label).is_none() && in_range(self.pools.labels, label);
        free && self.labels.insert((device.clone(), label)).is_none()
    }

    pub(crate) fn take_circuit(&mut self, vc: Label) -> bool {
        let free = self.books.circuit_holder(vc).is_none() && in_range(self.pools.circuits, vc);
        free && self.circuits.insert(vc).is_none()
    }

    /// As [`take_vlan`](Self::take_vlan), for one that the planner chose.
    pub(crate) fn keep_vlan(&mut self, port: &PortRef, vlan: VlanId) -> bool {
        let (low, high) = self.pools.vlans;
        (low..=high).contains(&vlan.get())
            && self.vlan_is_free(port, vlan)
            && self.take_vlan(port, vlan)
    }

    /// The lowest free VLAN of a port.
    pub(crate) fn vlan(&mut self, port: &PortRef) -> Option<VlanId> {
        let (low, high) = self.pools.vlans;
        let free =
            (low..=high).filter_map(VlanId::new).find(|&vlan| self.vlan_is_free(port, vlan))?;
        self.vlans.insert((port.clone(), free));
        Some(free)
    }

    /// Takes the VLAN that was asked for.
    pub(crate) fn take_vlan(&mut self, port: &PortRef, vlan: VlanId) -> bool {
        let free = self.vlan_is_free(port, vlan);
        self.vlans.insert((port.clone(), vlan));
        free
    }

    pub(crate) fn vlan_holder(&self, port: &PortRef, vlan: VlanId) -> Option<IntentName> {
        self.books.vlan_holder(port, vlan).cloned()
    }

    fn vlan_is_free(&self, port: &PortRef, vlan: VlanId) -> bool {
        self.books.vlan_holder(port, vlan).is_none() && !self.vlans.contains(&(port.clone(), vlan))
    }
}

fn in_range((low, high): (u32, u32), label: Label) -> bool {
    (low..=high).contains(&label.get())
}

fn range((low, high): (u32, u32)) -> Option<(Label, Label)> {
    Label::new(low).zip(Label::new(high))
}

impl Books {
    /// A free label: the one after the highest in use, or else the lowest hole.
    pub(crate) fn first_free_label(
        &self,
        device: &DeviceId,
        pool: (Label, Label),
        taken: impl Fn(Label) -> bool,
    ) -> Option<Label> {
        let free = |label: &Label| self.label_holder(device, *label).is_none() && !taken(*label);
        next_free(pool, self.highest_label(device, pool.1), free)
    }

    /// A free circuit identifier, chosen in the same way.
    pub(crate) fn first_free_circuit(
        &self,
        pool: (Label, Label),
        taken: impl Fn(Label) -> bool,
    ) -> Option<Label> {
        let free = |label: &Label| self.circuit_holder(*label).is_none() && !taken(*label);
        next_free(pool, self.highest_circuit(pool.1), free)
    }
}

/// From just above the highest one in use to the end, then from the start: constant time while the
/// pool has never been full.
fn next_free(
    (low, high): (Label, Label),
    highest: Option<Label>,
    free: impl Fn(&Label) -> bool,
) -> Option<Label> {
    let after = highest.map_or(low.get(), |label| (label.get() + 1).max(low.get()));
    (after..=high.get()).chain(low.get()..after).filter_map(Label::new).find(free)
}
