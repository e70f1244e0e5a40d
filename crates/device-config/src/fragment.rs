//! The pieces of configuration that a circuit needs, in no vendor's words.

use model::plan::{Attachment, Circuit, Lsp, Plan};
use model::topology::Topology;
use model::{DeviceId, InterfaceName, Label, Mbps, VlanId};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One piece of one circuit on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// A VLAN of a port, ready to carry frames.
    Attachment { port: InterfaceName, vlan: VlanId, description: String },
    /// What may enter there, in bits per second.
    Policer { name: String, port: InterfaceName, vlan: VlanId, rate: Mbps },
    /// Both ends on this device.
    CrossConnect { name: String, a: (InterfaceName, VlanId), z: (InterfaceName, VlanId) },
    /// This end of a circuit whose other end is `remote`.
    Termination { name: String, vc: Label, port: InterfaceName, vlan: VlanId, remote: IpAddr },
    /// Frames of circuit `vc` get the label `push` and leave through `out`.
    Ingress { name: String, vc: Label, push: Label, out: InterfaceName, next_hop: Option<IpAddr> },
    /// Label `incoming` becomes `push`.
    Transit {
        name: String,
        incoming: Label,
        push: Label,
        out: InterfaceName,
        next_hop: Option<IpAddr>,
    },
    /// Label `incoming` is taken off; the circuit's own label decides from there.
    Egress { name: String, incoming: Label },
}

impl Fragment {
    /// The word for this kind of fragment in a profile.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Attachment { .. } => "attachment",
            Self::Policer { .. } => "policer",
            Self::CrossConnect { .. } => "cross-connect",
            Self::Termination { .. } => "termination",
            Self::Ingress { .. } => "ingress",
            Self::Transit { .. } => "transit",
            Self::Egress { .. } => "egress",
        }
    }
}

/// The plan names something that the topology does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan of {intent} uses {what}, which the topology does not have; make a new plan")]
pub struct Missing {
    pub intent: String,
    pub what: String,
}

/// What a plan puts on each device it touches.
///
/// # Errors
/// Where the plan names a device or link that is not in the topology.
pub fn fragments(
    plan: &Plan,
    topology: &Topology,
) -> Result<BTreeMap<DeviceId, Vec<Fragment>>, Missing> {
    let mut out = Out { plan, topology, by_device: BTreeMap::new() };
    for (_, circuit) in plan.circuits() {
        out.circuit(circuit)?;
    }
    Ok(out.by_device)
}

struct Out<'a> {
    plan: &'a Plan,
    topology: &'a Topology,
    by_device: BTreeMap<DeviceId, Vec<Fragment>>,
}

impl Out<'_> {
    fn circuit(&mut self, circuit: &Circuit) -> Result<(), Missing> {
        for attachment in [&circuit.a, &circuit.z] {
            self.attachment(circuit, attachment);
        }
        if circuit.a.port.device == circuit.z.port.device {
            let end = |at: &Attachment| (at.port.interface.clone(), at.vlan);
            let fragment = Fragment::CrossConnect {
                name: circuit.name.clone(),
                a: end(&circuit.a),
                z: end(&circuit.z),
            };
            self.put(&circuit.a.port.device, fragment);
            return Ok(());
        }
        for (near, lsp, far) in circuit.directions() {
            self.termination(circuit, near, far)?;
            self.label_path(circuit, lsp, &near.port.device)?;
        }
        Ok(())
    }

    fn attachment(&mut self, circuit: &Circuit, at: &Attachment) {
        let (port, vlan) = (at.port.interface.clone(), at.vlan);
        let description = circuit.name.clone();
        let attachment = Fragment::Attachment { port: port.clone(), vlan, description };
        self.put(&at.port.device, attachment);
        if at.policer > Mbps::ZERO {
            let name = format!("{}.{vlan}", at.port.interface);
            self.put(&at.port.device, Fragment::Policer { name, port, vlan, rate: at.policer });
        }
    }

    fn termination(
        &mut self,
        circuit: &Circuit,
        near: &Attachment,
        far: &Attachment,
    ) -> Result<(), Missing> {
        let remote = self
            .topology
            .devices
            .get(&far.port.device)
            .ok_or_else(|| self.missing(format!("device {}", far.port.device)))?
            .router_id;
        let fragment = Fragment::Termination {
            name: circuit.name.clone(),
            vc: circuit.vc,
            port: near.port.interface.clone(),
            vlan: near.vlan,
            remote,
        };
        self.put(&near.port.device, fragment);
        Ok(())
    }

    /// Push at the first device, swap at those between, pop at the last (RFC 3031 §3.1).
    fn label_path(&mut self, circuit: &Circuit, lsp: &Lsp, from: &DeviceId) -> Result<(), Missing> {
        let name = format!("{}.{from}", circuit.name);
        let mut incoming = None;
        for hop in &lsp.hops {
            let link = self
                .topology
                .links
                .get(&hop.link)
                .ok_or_else(|| self.missing(format!("link {}", hop.link)))?;
            let next_hop = self.topology.interface(&link.to).and_then(|port| port.address);
            let (name, out, push) = (name.clone(), link.from.interface.clone(), hop.label);
            let fragment = match incoming {
                None => Fragment::Ingress { name, vc: circuit.vc, push, out, next_hop },
                Some(incoming) => Fragment::Transit { name, incoming, push, out, next_hop },
            };
            self.put(&link.from.device, fragment);
            incoming = Some(hop.label);
        }
        if let (Some(incoming), Some(last)) = (incoming, lsp.hops.last()) {
            let end = self.topology.links[&last.link].to.device.clone();
            self.put(&end, Fragment::Egress { name, incoming });
        }
        Ok(())
    }

    fn put(&mut self, device: &DeviceId, fragment: Fragment) {
        self.by_device.entry(device.clone()).or_default().push(fragment);
    }

    fn missing(&self, what: String) -> Missing {
        Missing { intent: self.plan.intent.to_string(), what }
    }
}
