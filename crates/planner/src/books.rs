//! What the live plans use: bandwidth, resources, labels, VLANs and circuit identifiers. Adding
//! or removing a plan costs what the plan is large; a copy for a snapshot costs nothing.

use imbl::OrdMap;
use model::plan::{Attachment, Circuit, Lsp, Plan, PlannedLink};
use model::topology::Topology;
use model::{DeviceId, IntentName, Label, LinkId, Mbps, PortRef, Resources, VimId, VlanId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    links: OrdMap<LinkId, Mbps>,
    ports: OrdMap<PortRef, PortUse>,
    vims: OrdMap<VimId, Resources>,
    labels: OrdMap<(DeviceId, Label), IntentName>,
    vlans: OrdMap<(PortRef, VlanId), IntentName>,
    circuits: OrdMap<Label, IntentName>,
}

/// What is used by link, by port and by VIM, for those that are used.
pub type Totals = (OrdMap<LinkId, Mbps>, OrdMap<PortRef, PortUse>, OrdMap<VimId, Resources>);

/// What attachments take of a port, by direction as the network sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortUse {
    pub inwards: Mbps,
    pub outwards: Mbps,
}

impl PortUse {
    /// The direction that is used more.
    #[must_use]
    pub fn busier(self) -> Mbps {
        self.inwards.max(self.outwards)
    }
}

/// A plan wants what another one holds, or more than fits in the numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    #[error("label {label} of device {device} is held by {holder}")]
    Label { device: DeviceId, label: Label, holder: IntentName },
    #[error("VLAN {vlan} of port {port} is held by {holder}")]
    Vlan { port: PortRef, vlan: VlanId, holder: IntentName },
    #[error("circuit identifier {vc} is held by {holder}")]
    Circuit { vc: Label, holder: IntentName },
    #[error("the use of {what} does not fit in 64 bits")]
    Overflow { what: String },
    #[error("the plan uses link {link}, which the topology does not have")]
    UnknownLink { link: LinkId },
}

impl Books {
    #[must_use]
    pub fn link_use(&self, link: &LinkId) -> Mbps {
        self.links.get(link).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn port_use(&self, port: &PortRef) -> PortUse {
        self.ports.get(port).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn vim_use(&self, vim: &VimId) -> Resources {
        self.vims.get(vim).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn label_holder(&self, device: &DeviceId, label: Label) -> Option<&IntentName> {
        self.labels.get(&(device.clone(), label))
    }

    #[must_use]
    pub fn vlan_holder(&self, port: &PortRef, vlan: VlanId) -> Option<&IntentName> {
        self.vlans.get(&(port.clone(), vlan))
    }

    #[must_use]
    pub fn circuit_holder(&self, vc: Label) -> Option<&IntentName> {
        self.circuits.get(&vc)
    }

    /// The highest incoming label of a device that is in use, up to `limit`.
    pub(crate) fn highest_label(&self, device: &DeviceId, limit: Label) -> Option<Label> {
        let (key, _) = self.labels.get_prev(&(device.clone(), limit))?;
        (key.0 == *device).then_some(key.1)
    }

    pub(crate) fn highest_circuit(&self, limit: Label) -> Option<Label> {
        self.circuits.get_prev(&limit).map(|(label, _)| *label)
    }

    pub fn links(&self) -> impl Iterator<Item = (&LinkId, Mbps)> {
        self.links.iter().map(|(link, used)| (link, *used))
    }

    pub fn ports(&self) -> impl Iterator<Item = (&PortRef, PortUse)> {
        self.ports.iter().map(|(port, used)| (port, *used))
    }

    pub fn vims(&self) -> impl Iterator<Item = (&VimId, Resources)> {
        self.vims.iter().map(|(vim, used)| (vim, *used))
    }

    /// All that is used, to keep: by link, by port and by VIM. A copy costs nothing.
    #[must_use]
    pub fn totals(&self) -> Totals {
        (self.links.clone(), self.ports.clone(), self.vims.clone())
    }

    /// Enters a plan. Where it cannot be entered whole, nothing is.
    ///
    /// # Errors
    /// Where it wants what another plan holds.
    pub fn add(&mut self, plan: &Plan, topology: &Topology) -> Result<(), BookError> {
        let mut after = self.clone();
        after.enter(plan, topology)?;
        *self = after;
        Ok(())
    }

    /// Puts one plan of an intent in the place of another, whether or not both stand in the books.
    ///
    /// # Errors
    /// Where `after` wants what another intent holds; the books are then as before.
    pub fn settle(
        &mut self,
        before: Option<&Plan>,
        after: Option<&Plan>,
        topology: &Topology,
    ) -> Result<(), BookError> {
        let mut next = self.clone();
        for plan in [before, after].into_iter().flatten() {
            next.remove(plan, topology);
        }
        if let Some(plan) = after {
            next.enter(plan, topology)?;
        }
        *self = next;
        Ok(())
    }

    /// Takes a plan out again. The books are then as if it had never been entered.
    pub fn remove(&mut self, plan: &Plan, topology: &Topology) {
        for function in &plan.functions {
            let left = self.vim_use(&function.vim).checked_sub(function.resources);
            put(&mut self.vims, &function.vim, left.unwrap_or_default());
        }
        for (link, circuit) in plan.circuits() {
            self.remove_circuit(link, circuit, topology);
        }
    }

    fn enter(&mut self, plan: &Plan, topology: &Topology) -> Result<(), BookError> {
        for function in &plan.functions {
            let used = self.vim_use(&function.vim).checked_add(function.resources);
            let used = used.ok_or_else(|| overflow(&format!("VIM {}", function.vim)))?;
            put(&mut self.vims, &function.vim, used);
        }
        for (link, circuit) in plan.circuits() {
            self.enter_circuit(&plan.intent, link, circuit, topology)?;
        }
        Ok(())
    }

    fn enter_circuit(
        &mut self,
        holder: &IntentName,
        link: &PlannedLink,
        circuit: &Circuit,
        topology: &Topology,
    ) -> Result<(), BookError> {
        let vc = circuit.vc;
        if let Some(holder) = other(self.circuits.insert(vc, holder.clone()), holder) {
            return Err(BookError::Circuit { vc, holder });
        }
        for (lsp, bandwidth) in directions(link, circuit) {
            self.enter_lsp(holder, lsp, bandwidth, topology)?;
        }
        self.enter_attachment(holder, &circuit.a, link.bandwidth_a_to_z, link.bandwidth_z_to_a)?;
        self.enter_attachment(holder, &circuit.z, link.bandwidth_z_to_a, link.bandwidth_a_to_z)
    }

    fn enter_lsp(
        &mut self,
        holder: &IntentName,
        lsp: &Lsp,
        bandwidth: Mbps,
        topology: &Topology,
    ) -> Result<(), BookError> {
        for hop in &lsp.hops {
            let used = self.link_use(&hop.link).checked_add(bandwidth);
            let used = used.ok_or_else(|| overflow(&format!("link {}", hop.link)))?;
            put(&mut self.links, &hop.link, used);
            let device = far_device(topology, &hop.link)
                .ok_or_else(|| BookError::UnknownLink { link: hop.link.clone() })?;
            let key = (device.clone(), hop.label);
            if let Some(holder) = other(self.labels.insert(key, holder.clone()), holder) {
                let device = device.clone();
                return Err(BookError::Label { device, label: hop.label, holder });
            }
        }
        Ok(())
    }

    fn enter_attachment(
        &mut self,
        holder: &IntentName,
        at: &Attachment,
        inwards: Mbps,
        outwards: Mbps,
    ) -> Result<(), BookError> {
        let key = (at.port.clone(), at.vlan);
        if let Some(holder) = other(self.vlans.insert(key, holder.clone()), holder) {
            return Err(BookError::Vlan { port: at.port.clone(), vlan: at.vlan, holder });
        }
        let used = self.port_use(&at.port);
        let used = used.inwards.checked_add(inwards).zip(used.outwards.checked_add(outwards));
        let (inwards, outwards) = used.ok_or_else(|| overflow(&format!("port {}", at.port)))?;
        put(&mut self.ports, &at.port, PortUse { inwards, outwards });
        Ok(())
    }

    fn remove_circuit(&mut self, link: &PlannedLink, circuit: &Circuit, topology: &Topology) {
        self.circuits.remove(&circuit.vc);
        for (lsp, bandwidth) in directions(link, circuit) {
            for hop in &lsp.hops {
                let left = self.link_use(&hop.link).saturating_sub(bandwidth);
                put(&mut self.links, &hop.link, left);
                if let Some(device) = far_device(topology, &hop.link) {
                    self.labels.remove(&(device.clone(), hop.label));
                }
            }
        }
        self.remove_attachment(&circuit.a, link.bandwidth_a_to_z, link.bandwidth_z_to_a);
        self.remove_attachment(&circuit.z, link.bandwidth_z_to_a, link.bandwidth_a_to_z);
    }

    fn remove_attachment(&mut self, at: &Attachment, inwards: Mbps, outwards: Mbps) {
        self.vlans.remove(&(at.port.clone(), at.vlan));
        let used = self.port_use(&at.port);
        let left = PortUse {
            inwards: used.inwards.saturating_sub(inwards),
            outwards: used.outwards.saturating_sub(outwards),
        };
        put(&mut self.ports, &at.port, left);
    }
}

/// A key with nothing used has no entry, so that equal books compare equal.
fn put<K: Ord + Clone, V: Clone + Default + PartialEq>(map: &mut OrdMap<K, V>, key: &K, value: V) {
    if value == V::default() {
        map.remove(key);
    } else {
        map.insert(key.clone(), value);
    }
}

/// Whom a number was taken from. A plan may stand beside the earlier one of its own intent while
/// the network goes from one to the other.
fn other(previous: Option<IntentName>, holder: &IntentName) -> Option<IntentName> {
    previous.filter(|previous| previous != holder)
}

fn overflow(what: &str) -> BookError {
    BookError::Overflow { what: what.to_owned() }
}

fn far_device<'t>(topology: &'t Topology, link: &LinkId) -> Option<&'t DeviceId> {
    topology.links.get(link).map(|link| &link.to.device)
}

fn directions<'c>(link: &PlannedLink, circuit: &'c Circuit) -> [(&'c Lsp, Mbps); 2] {
    [(&circuit.a_to_z, link.bandwidth_a_to_z), (&circuit.z_to_a, link.bandwidth_z_to_a)]
}
