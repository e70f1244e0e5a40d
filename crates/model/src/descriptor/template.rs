//! What a network service comes down to at one flavour and level: functions with needs, and links
//! between ends. The planner's input.

use super::common::{AffinityRule, AffinityScope, Bitrates, FlowPattern};
use crate::plan::LinkEnd;
use crate::{DescriptorId, FunctionId, Gibibytes, Micros, Resources, SapId, VirtualLinkId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceTemplate {
    pub nsd: DescriptorId,
    pub flavour: String,
    pub level: String,
    pub functions: Vec<Function>,
    pub saps: Vec<Sap>,
    pub links: Vec<Link>,
    pub groups: Vec<Group>,
}

/// One instance of a VNF profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Function {
    /// The profile and the instance: `upf-1`.
    pub id: FunctionId,
    pub vnfd: DescriptorId,
    pub profile: String,
    /// From 1.
    pub instance: u32,
    /// The sum over the servers.
    pub resources: Resources,
    pub servers: Vec<Server>,
    /// All that the VNFD has, whether or not a link uses them.
    pub connection_points: Vec<String>,
}

/// One instance of a VDU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Server {
    pub vdu: String,
    /// From 1, within its VDU and function.
    pub instance: u32,
    pub resources: Resources,
    /// What the VIM knows it by: `image` of the sw-image-desc, or else its name.
    pub image: Option<String>,
    pub volumes: Vec<Volume>,
    /// In the order of the guest's interfaces.
    pub ports: Vec<Port>,
    /// Servers of one function with the same group never share a host.
    pub anti_affinity: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Volume {
    /// The virtual-storage-desc.
    pub id: String,
    pub size: Gibibytes,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Port {
    /// The int-cpd.
    pub id: String,
    pub network: PortNetwork,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortNetwork {
    /// The virtual link of the service that the external connection point is an end of.
    External { cpd: String },
    /// A virtual link inside the function.
    Internal { link: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sap {
    pub id: SapId,
    /// Each virtual link that ends at it.
    pub links: Vec<VirtualLinkId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Link {
    /// The virtual-link profile.
    pub id: VirtualLinkId,
    pub pattern: FlowPattern,
    /// Two or more; exactly two for a line. The SAPs come first.
    pub ends: Vec<LinkEnd>,
    /// To be set aside: of the level where it says so, of the profile's minimum otherwise.
    pub bitrates: Bitrates,
    /// Not to be exceeded, where there is such a bound.
    pub max_bitrates: Option<Bitrates>,
    /// Bound of the one-way latency.
    pub latency: Option<Micros>,
    pub priority: Option<u32>,
    /// `service-availability-level`, from 1, the strictest.
    pub availability: Option<u32>,
}

/// Functions and links that belong together or apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Group {
    pub id: String,
    pub rule: AffinityRule,
    pub scope: AffinityScope,
    pub functions: Vec<FunctionId>,
    pub links: Vec<VirtualLinkId>,
}
