//! The network service descriptor (SOL006 grouping `nsd`, ETSI GS NFV-IFA 014 §6.2).

mod read;

use super::common::{
    AffinityGroup, Bitrates, ConnectionPoint, ConnectivityType, LocalRule, VirtualLinkFlavour,
};
use super::source::Extra;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Nsd {
    pub id: String,
    pub designer: Option<String>,
    pub version: Option<String>,
    pub name: Option<String>,
    pub invariant_id: Option<String>,
    pub nested_nsd_id: Vec<String>,
    pub vnfd_id: Vec<String>,
    pub pnfd_id: Vec<String>,
    pub sapd: Vec<Sapd>,
    pub virtual_link_desc: Vec<VirtualLinkDesc>,
    pub df: Vec<Df>,
    /// With `vnffgd`, which is kept as it is.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A service access point: an end of a virtual link, or a function's connection point shown outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sapd {
    #[serde(flatten)]
    pub cpd: ConnectionPoint,
    pub virtual_link_desc: Option<String>,
    pub associated_cpd: Option<AssociatedCpd>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssociatedCpd {
    pub vnfd_id: Option<String>,
    pub vnf_ext_cpd: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualLinkDesc {
    pub id: String,
    pub connectivity_type: Option<ConnectivityType>,
    pub df: Vec<VirtualLinkFlavour>,
    pub description: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// A deployment flavour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Df {
    pub id: String,
    pub vnf_profile: Vec<VnfProfile>,
    pub ns_profile: Vec<NsProfile>,
    pub virtual_link_profile: Vec<VirtualLinkProfile>,
    pub scaling_aspect: Vec<ScalingAspect>,
    pub affinity_or_anti_affinity_group: Vec<AffinityGroup>,
    pub ns_instantiation_level: Vec<NsLevel>,
    pub default_instantiation_level: Option<String>,
    pub priority: Option<u32>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VnfProfile {
    pub id: String,
    pub vnfd_id: String,
    pub flavour_id: String,
    pub instantiation_level: Option<String>,
    pub min_number_of_instances: u32,
    pub max_number_of_instances: u32,
    pub local_affinity_or_anti_affinity_rule: Vec<LocalRule>,
    pub affinity_or_anti_affinity_group_id: Vec<String>,
    pub virtual_link_connectivity: Vec<Connectivity>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which connection points of a profile's instances are ends of which virtual link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Connectivity {
    pub virtual_link_profile_id: String,
    pub constituent_cpd_id: Vec<ConstituentCpd>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConstituentCpd {
    pub constituent_base_element_id: String,
    pub constituent_cpd_id: String,
    #[serde(flatten)]
    pub extra: Extra,
}

/// A nested network service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NsProfile {
    pub id: String,
    pub nsd_id: String,
    pub ns_df_id: String,
    pub instantiation_level_id: Option<String>,
    pub min_number_of_instances: u32,
    pub max_number_of_instances: u32,
    pub virtual_link_connectivity: Vec<Connectivity>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualLinkProfile {
    pub id: String,
    pub virtual_link_desc_id: String,
    pub flavour_id: String,
    pub local_affinity_or_anti_affinity_rule: Vec<LocalRule>,
    pub affinity_or_anti_affinity_group_id: Vec<String>,
    pub max_bitrate_requirements: Option<Bitrates>,
    pub min_bitrate_requirements: Option<Bitrates>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScalingAspect {
    pub id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub scaling_level: Vec<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// How many instances of what, and how much bandwidth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NsLevel {
    pub id: String,
    pub description: Option<String>,
    pub vnf_to_level_mapping: Vec<VnfToLevel>,
    pub virtual_link_to_level_mapping: Vec<VirtualLinkToLevel>,
    pub ns_to_level_mapping: Vec<NsToLevel>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VnfToLevel {
    pub vnf_profile_id: String,
    pub number_of_instances: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualLinkToLevel {
    pub virtual_link_profile_id: String,
    #[serde(flatten)]
    pub bitrates: Bitrates,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NsToLevel {
    pub ns_profile_id: String,
    pub number_of_instances: u32,
}

impl Nsd {
    #[must_use]
    pub fn flavour(&self, id: &str) -> Option<&Df> {
        self.df.iter().find(|df| df.id == id)
    }

    #[must_use]
    pub fn virtual_link(&self, id: &str) -> Option<&VirtualLinkDesc> {
        self.virtual_link_desc.iter().find(|link| link.id == id)
    }
}

impl Df {
    #[must_use]
    pub fn level(&self, id: &str) -> Option<&NsLevel> {
        self.ns_instantiation_level.iter().find(|l| l.id == id)
    }

    /// The default level, or the only one.
    #[must_use]
    pub fn default_level(&self) -> Option<&NsLevel> {
        match (&self.default_instantiation_level, self.ns_instantiation_level.as_slice()) {
            (Some(id), _) => self.level(id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl VirtualLinkDesc {
    #[must_use]
    pub fn flavour(&self, id: &str) -> Option<&VirtualLinkFlavour> {
        self.df.iter().find(|df| df.id == id)
    }
}
