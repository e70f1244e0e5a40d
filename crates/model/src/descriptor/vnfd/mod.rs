//! The VNF descriptor (SOL006 grouping `vnfd`, ETSI GS NFV-IFA 011 §7.1).

mod read;

use super::common::{
    AffinityGroup, ConnectionPoint, ConnectivityType, LocalRule, VirtualLinkFlavour,
};
use super::source::{Decimal, Extra};
use crate::{Gibibytes, Mbps, Vcpu};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vnfd {
    pub id: String,
    pub provider: String,
    pub product_name: String,
    pub software_version: String,
    pub version: String,
    pub vnfm_info: Vec<String>,
    pub vdu: Vec<Vdu>,
    pub virtual_compute_desc: Vec<VirtualComputeDesc>,
    pub virtual_storage_desc: Vec<VirtualStorageDesc>,
    pub sw_image_desc: Vec<SwImageDesc>,
    pub int_virtual_link_desc: Vec<IntVirtualLinkDesc>,
    pub ext_cpd: Vec<ExtCpd>,
    pub df: Vec<Df>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vdu {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub int_cpd: Vec<IntCpd>,
    pub virtual_compute_desc: Option<String>,
    pub virtual_storage_desc: Vec<String>,
    pub sw_image_desc: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IntCpd {
    #[serde(flatten)]
    pub cpd: ConnectionPoint,
    pub int_virtual_link_desc: Option<String>,
    pub bitrate_requirement: Option<Mbps>,
    pub order: Option<u32>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualComputeDesc {
    pub id: String,
    pub virtual_memory: VirtualMemory,
    pub virtual_cpu: VirtualCpu,
    pub virtual_disk: Vec<VirtualDisk>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualMemory {
    /// In GB, which virtual infrastructure managers take as 2^30 bytes.
    pub size: Decimal<1>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// SOL006 lets an absent memory be 1 GB.
impl Default for VirtualMemory {
    fn default() -> Self {
        Self { size: Decimal(10), extra: Extra::new() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualCpu {
    pub num_virtual_cpu: Vcpu,
    #[serde(flatten)]
    pub extra: Extra,
}

/// SOL006 lets an absent processor be one.
impl Default for VirtualCpu {
    fn default() -> Self {
        Self { num_virtual_cpu: Vcpu(1), extra: Extra::new() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualDisk {
    pub id: String,
    pub size_of_storage: Gibibytes,
    pub sw_image_desc: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageType {
    Block,
    Object,
    File,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VirtualStorageDesc {
    pub id: String,
    pub type_of_storage: StorageType,
    /// From whichever container the type has, or beside the type as in SOL006 2.6.1.
    pub size_of_storage: Gibibytes,
    pub sw_image_desc: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SwImageDesc {
    pub id: String,
    pub name: String,
    pub version: Option<String>,
    pub image: Option<String>,
    pub min_disk: Gibibytes,
    pub min_ram: Decimal<1>,
    pub size: Gibibytes,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IntVirtualLinkDesc {
    pub id: String,
    pub flavour: Vec<VirtualLinkFlavour>,
    pub connectivity_type: Option<ConnectivityType>,
    pub description: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Leads to one port of a VDU, or to a virtual link inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExtCpd {
    #[serde(flatten)]
    pub cpd: ConnectionPoint,
    pub int_virtual_link_desc: Option<String>,
    pub int_cpd: Option<IntCpdRef>,
    pub vip_cpd: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IntCpdRef {
    pub vdu_id: String,
    pub cpd: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Df {
    pub id: String,
    pub description: Option<String>,
    pub vdu_profile: Vec<VduProfile>,
    pub instantiation_level: Vec<InstantiationLevel>,
    pub default_instantiation_level: Option<String>,
    pub affinity_or_anti_affinity_group: Vec<AffinityGroup>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VduProfile {
    pub id: String,
    pub min_number_of_instances: u32,
    pub max_number_of_instances: u32,
    pub local_affinity_or_anti_affinity_rule: Vec<LocalRule>,
    pub affinity_or_anti_affinity_group_id: Vec<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct InstantiationLevel {
    pub id: String,
    pub description: Option<String>,
    pub vdu_level: Vec<VduLevel>,
    #[serde(flatten)]
    pub extra: Extra,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VduLevel {
    pub vdu_id: String,
    pub number_of_instances: u32,
}

impl Vnfd {
    #[must_use]
    pub fn flavour(&self, id: &str) -> Option<&Df> {
        self.df.iter().find(|df| df.id == id)
    }

    #[must_use]
    pub fn unit(&self, id: &str) -> Option<&Vdu> {
        self.vdu.iter().find(|vdu| vdu.id == id)
    }

    #[must_use]
    pub fn external(&self, id: &str) -> Option<&ExtCpd> {
        self.ext_cpd.iter().find(|cpd| cpd.cpd.id == id)
    }

    #[must_use]
    pub fn compute(&self, id: &str) -> Option<&VirtualComputeDesc> {
        self.virtual_compute_desc.iter().find(|c| c.id == id)
    }

    #[must_use]
    pub fn storage(&self, id: &str) -> Option<&VirtualStorageDesc> {
        self.virtual_storage_desc.iter().find(|s| s.id == id)
    }

    #[must_use]
    pub fn image(&self, id: &str) -> Option<&SwImageDesc> {
        self.sw_image_desc.iter().find(|i| i.id == id)
    }
}

impl Vdu {
    #[must_use]
    pub fn port(&self, id: &str) -> Option<&IntCpd> {
        self.int_cpd.iter().find(|cpd| cpd.cpd.id == id)
    }
}

impl Df {
    #[must_use]
    pub fn level(&self, id: &str) -> Option<&InstantiationLevel> {
        self.instantiation_level.iter().find(|l| l.id == id)
    }

    /// The default level, or the only one.
    #[must_use]
    pub fn default_level(&self) -> Option<&InstantiationLevel> {
        match (&self.default_instantiation_level, self.instantiation_level.as_slice()) {
            (Some(id), _) => self.level(id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    #[must_use]
    pub fn profile(&self, vdu: &str) -> Option<&VduProfile> {
        self.vdu_profile.iter().find(|p| p.id == vdu)
    }
}
