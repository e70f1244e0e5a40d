//! The answer to an intent: an immutable value that can be shown, compared, checked and refused.
//!
//! A plan holds every choice, allocations included, so that whoever carries it out decides nothing.

use crate::{
    DescriptorId, DeviceId, FunctionId, IntentName, Label, LinkId, Mbps, Micros, PopId, PortRef,
    Resources, SapId, VimId, VirtualLinkId, VlanId,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What shall be, for one intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plan {
    pub intent: IntentName,
    /// Which revision of the intent it answers.
    pub intent_revision: u64,
    /// The revision of the target it was made against; it may only follow that one unless the
    /// check passes against a later one.
    pub parent: u64,
    pub functions: Vec<PlacedFunction>,
    pub virtual_links: Vec<PlannedLink>,
}

/// A VNF instance and where it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlacedFunction {
    pub id: FunctionId,
    pub vnfd: DescriptorId,
    pub pop: PopId,
    pub vim: VimId,
    /// The sum over its servers.
    pub resources: Resources,
    pub servers: Vec<PlannedServer>,
}

/// One VDU instance: a server with its volumes and its ports in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlannedServer {
    /// Unique in the domain: `<intent>.<function>.<vdu>-<n>`.
    pub name: String,
    pub vdu: String,
    pub resources: Resources,
    pub image: Option<String>,
    pub volumes: Vec<PlannedVolume>,
    /// The VIM network of each port, by name, in the order of the VDU's connection points.
    pub networks: Vec<String>,
    /// Servers of one group never share a host.
    pub anti_affinity_group: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlannedVolume {
    pub name: String,
    pub size: crate::Gibibytes,
}

/// A virtual link with its two ends and the way between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlannedLink {
    pub id: VirtualLinkId,
    pub a: LinkEnd,
    pub z: LinkEnd,
    pub bandwidth_a_to_z: Mbps,
    pub bandwidth_z_to_a: Mbps,
    /// The bound that was asked for, each way.
    pub latency_bound: Option<Micros>,
    pub route: Route,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkEnd {
    Function { function: FunctionId, cpd: String },
    Sap(SapId),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Both ends in one VIM: a network there, and nothing on any switch.
    InsideVim { vim: VimId, network: String },
    /// Between two switch ports, or two VLANs of one switch.
    Circuit(Box<Circuit>),
}

/// A pair of label-switched paths between two attachments. With both attachments on one device
/// the paths are empty and the device cross-connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Circuit {
    /// Unique in the domain; names the network instance and the LSPs on every device.
    pub name: String,
    /// The virtual-circuit identifier, the same at both ends; the inner label.
    pub vc: Label,
    pub a: Attachment,
    pub z: Attachment,
    pub a_to_z: Lsp,
    pub z_to_a: Lsp,
}

/// Where a circuit enters and leaves the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Attachment {
    pub port: PortRef,
    pub vlan: VlanId,
    /// What a frame may not exceed when it enters here.
    pub policer: Mbps,
    /// The provider network behind the port, where the port leads to a VIM.
    pub vim_network: Option<VimNetwork>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VimNetwork {
    pub vim: VimId,
    pub name: String,
}

/// One direction of a circuit: each link with the label that its far end expects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lsp {
    pub hops: Vec<Hop>,
    /// The sum over its links.
    pub latency: Micros,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hop {
    pub link: LinkId,
    /// The outer label on this link: the incoming label of the device at its far end.
    pub label: Label,
}

/// Why no plan could be made. `relaxation` is the smallest single change found that makes it fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Infeasible {
    pub binding: BindingConstraint,
    pub relaxation: Option<Relaxation>,
}

/// The constraint that stands in the way: which, where, and by how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindingConstraint {
    /// No allowed PoP has room for a function. `nearest` is the one that lacks least.
    PopCapacity {
        function: FunctionId,
        dimension: String,
        needed: u64,
        available: u64,
        nearest: PopId,
    },
    /// Every path between the ends lacks bandwidth; `link` is the one that lacks least.
    LinkCapacity { virtual_link: VirtualLinkId, link: LinkId, needed: Mbps, available: Mbps },
    /// The fastest path with room is too slow.
    Latency { virtual_link: VirtualLinkId, bound: Micros, best: Micros },
    /// The ends are not connected at all.
    Disconnected { virtual_link: VirtualLinkId, from: DeviceId, to: DeviceId },
    /// Affinity, anti-affinity or a placement rule leaves no PoP.
    Placement { function: FunctionId, rule: String },
    /// A port already has that VLAN.
    PortInUse { port: PortRef, vlan: VlanId, holder: IntentName },
    /// A port has less bandwidth left than an attachment needs.
    PortCapacity { port: PortRef, needed: Mbps, available: Mbps },
    /// A pool of labels, VLANs or circuit identifiers is empty.
    PoolEmpty { pool: String },
    /// The search stopped at its limit without an answer: neither a plan nor a proof.
    SearchLimit { steps: u64 },
}

/// One change that would make the request fit, verified by solving again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Relaxation {
    /// `spec…` field or descriptor path, or the resource that would have to grow.
    pub what: String,
    pub from: String,
    pub to: String,
}

impl fmt::Display for BindingConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PopCapacity { function, dimension, needed, available, nearest } => write!(
                f,
                "function {function} needs {needed} {dimension}; the allowed PoP that lacks least, {nearest}, has {available} left"
            ),
            Self::LinkCapacity { virtual_link, link, needed, available } => write!(
                f,
                "virtual link {virtual_link} needs {needed}; link {link} has {available} left, {} short",
                needed.saturating_sub(*available)
            ),
            Self::Latency { virtual_link, bound, best } => write!(
                f,
                "virtual link {virtual_link} allows {bound}; the fastest path with room takes {best}"
            ),
            Self::Disconnected { virtual_link, from, to } => {
                write!(f, "virtual link {virtual_link}: no path leads from {from} to {to}")
            }
            Self::Placement { function, rule } => {
                write!(f, "function {function} has no PoP left: {rule}")
            }
            Self::PortInUse { port, vlan, holder } => {
                write!(f, "VLAN {vlan} on port {port} is held by {holder}")
            }
            Self::PortCapacity { port, needed, available } => {
                write!(f, "port {port} has {available} left of the {needed} needed")
            }
            Self::PoolEmpty { pool } => write!(f, "the pool of {pool} is empty"),
            Self::SearchLimit { steps } => {
                write!(f, "no answer within {steps} steps; allow more or simplify the request")
            }
        }
    }
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "infeasible: {}", self.binding)?;
        match &self.relaxation {
            Some(r) => write!(f, "; it would fit with {} {} → {}", r.what, r.from, r.to),
            None => Ok(()),
        }
    }
}

impl Plan {
    /// The circuits of the plan, each with its virtual link.
    pub fn circuits(&self) -> impl Iterator<Item = (&PlannedLink, &Circuit)> {
        self.virtual_links.iter().filter_map(|link| match &link.route {
            Route::Circuit(circuit) => Some((link, circuit.as_ref())),
            Route::InsideVim { .. } => None,
        })
    }
}

impl Circuit {
    /// Both directions, each with the attachment it starts from.
    #[must_use]
    pub fn directions(&self) -> [(&Attachment, &Lsp, &Attachment); 2] {
        [(&self.a, &self.a_to_z, &self.z), (&self.z, &self.z_to_a, &self.a)]
    }
}
