//! What an intent comes down to: functions with needs and links between ends.

mod connectivity;
mod lines;
mod service;

use crate::error::{Error, unless_rejected};
use model::descriptor::ServiceTemplate;
use model::intent::{Intent, IntentSpec, PlacementRule, SapBinding};
use model::plan::PlannedVolume;
use model::{DescriptorId, FunctionId, Mbps, Micros, Resources, SapId, VirtualLinkId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub functions: Vec<FunctionDemand>,
    pub links: Vec<LinkDemand>,
    pub groups: Vec<Group>,
    /// What whoever reads the plan should know about how the request was understood.
    pub notes: Vec<String>,
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
    /// Servers with the same group never share a host; unique within the service.
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

/// What an intent asks for. A network service comes with the template of its descriptor at the
/// intent's flavour and level.
///
/// # Errors
/// Everything that is wrong with the intent at once; [`Error::Bug`] where a network service comes
/// without its template.
pub fn demand_of(intent: &Intent, template: Option<&ServiceTemplate>) -> Result<Demand, Error> {
    let demand = match (&intent.spec, template) {
        (IntentSpec::NetworkService(spec), Some(template)) => service::demand(spec, template)?,
        (IntentSpec::NetworkService(spec), None) => {
            return Err(Error::Bug(format!("service {} came without its template", spec.nsd)));
        }
        (IntentSpec::Connectivity(spec), _) => connectivity::demand(spec)?,
    };
    let problems = crate::names::problems(&intent.name, &demand);
    unless_rejected(demand, problems)
}
