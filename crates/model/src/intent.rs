//! What is asked for. An intent says *what*; where and how is the planner's answer.

use crate::{DescriptorId, IntentName, Mbps, Micros, PopId, PortRef, SapId, VlanId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Intent {
    pub name: IntentName,
    /// Who wins when two intents want the last megabit: the higher number, then the older one.
    #[serde(default)]
    pub priority: u32,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    pub spec: IntentSpec,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntentSpec {
    NetworkService(NetworkServiceSpec),
    Connectivity(ConnectivitySpec),
}

/// An instance of a network service descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NetworkServiceSpec {
    pub nsd: DescriptorId,
    /// Deployment flavour; the descriptor's only one where it has one.
    #[serde(default)]
    pub flavour: Option<String>,
    /// NS instantiation level; the flavour's default one where it is left out.
    #[serde(default)]
    pub instantiation_level: Option<String>,
    /// Which port each service access point is.
    #[serde(default)]
    pub saps: BTreeMap<SapId, SapBinding>,
    /// Where VNF profiles may run, by VNF-profile id.
    #[serde(default)]
    pub placement: BTreeMap<String, PlacementRule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SapBinding {
    pub port: PortRef,
    /// Chosen by the planner where it is left out.
    #[serde(default)]
    pub vlan: Option<VlanId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlacementRule {
    /// Only these points of presence, where any are named.
    pub pops: BTreeSet<PopId>,
    pub excluded_pops: BTreeSet<PopId>,
}

/// Plain transport between ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConnectivitySpec {
    #[serde(default)]
    pub pattern: ConnectivityPattern,
    /// For hub and spoke, the first one is the hub.
    pub endpoints: Vec<SapBinding>,
    pub slo: Slo,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectivityPattern {
    #[default]
    PointToPoint,
    HubAndSpoke,
    AnyToAny,
}

/// What a connection must keep to, in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Slo {
    pub bandwidth: Mbps,
    /// Upper bound of the one-way latency; none where it does not matter.
    #[serde(default)]
    pub latency: Option<Micros>,
}

impl Intent {
    /// The word of its kind, as manifests write it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.spec {
            IntentSpec::NetworkService(_) => "NetworkService",
            IntentSpec::Connectivity(_) => "Connectivity",
        }
    }

    /// Every port that the intent pins, with the field that names it.
    #[must_use]
    pub fn pinned_ports(&self) -> Vec<(String, &SapBinding)> {
        match &self.spec {
            IntentSpec::NetworkService(spec) => {
                spec.saps.iter().map(|(id, b)| (format!("spec.saps[{id}]"), b)).collect()
            }
            IntentSpec::Connectivity(spec) => spec
                .endpoints
                .iter()
                .enumerate()
                .map(|(i, b)| (format!("spec.endpoints[{i}]"), b))
                .collect(),
        }
    }
}
