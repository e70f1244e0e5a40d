//! What an intent comes down to: functions with needs and links between ends.

use model::intent::{PlacementRule, SapBinding};
use model::plan::PlannedVolume;
use model::{DescriptorId, FunctionId, Mbps, Micros, Resources, SapId, VirtualLinkId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub functions: Vec<FunctionDemand>,
    pub links: Vec<LinkDemand>,
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionDemand {
    pub id: FunctionId,
    pub vnfd: DescriptorId,
    /// The VNF profile it is an instance of.
    pub profile: String,
    pub resources: Resources,
    pub servers: Vec<ServerDemand>,
    pub placement: PlacementRule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerDemand {
    pub vdu: String,
    /// Number within its VDU, from 1.
    pub instance: u32,
    pub resources: Resources,
    pub image: Option<String>,
    pub volumes: Vec<PlannedVolume>,
    /// The networks of its ports, in order: a virtual link of the service or of the VNF.
    pub networks: Vec<ServerNetwork>,
    pub anti_affinity: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerNetwork {
    /// The external connection point that the port realises.
    External { cpd: String },
    /// A virtual link inside the VNF.
    Internal { name: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDemand {
    pub id: VirtualLinkId,
    pub a: End,
    pub z: End,
    pub a_to_z: Mbps,
    pub z_to_a: Mbps,
    pub latency: Option<Micros>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// An index into [`Demand::functions`].
    Function {
        index: usize,
        cpd: String,
    },
    Port {
        sap: SapId,
        binding: SapBinding,
    },
}

/// Functions that belong together or apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    pub rule: GroupRule,
    pub scope: GroupScope,
    /// Indices into [`Demand::functions`].
    pub members: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRule {
    Affinity,
    AntiAffinity,
}

/// How far "together" or "apart" reaches (ETSI GS NFV-IFA 014 §6.3.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupScope {
    /// One host within a PoP; the VIM sees to it.
    Node,
    Zone,
    Pop,
}
