//! From fields to a [`Nsd`].

use super::{
    AssociatedCpd, Connectivity, ConstituentCpd, Df, NsLevel, NsProfile, NsToLevel, Nsd, Sapd,
    ScalingAspect, VirtualLinkDesc, VirtualLinkProfile, VirtualLinkToLevel, VnfProfile, VnfToLevel,
};
use crate::descriptor::common::{
    AffinityGroup, Bitrates, CPD_UNUSED, ConnectionPoint, ConnectivityType, LocalRule,
    VirtualLinkFlavour,
};
use crate::descriptor::source::{Fields, Key};

/// SOL006 counts instances in 16 bits.
const MANY: u32 = u16::MAX as u32;
const ID: Key = Key::Leaf("id");

const NSD_UNUSED: &[&str] = &[
    "vnffgd",
    "autoscale-rule",
    "lifecycle-management-script",
    "security-group-rule",
    "signature",
    "algorithm",
    "certificate",
];
const DF_UNUSED: &[&str] = &[
    "flavour-key",
    "pnf-profile",
    "ns-lcm-additional-params",
    "dependencies",
    "monitored-info",
    "service-availability-level",
];

impl Nsd {
    pub(in crate::descriptor) fn read(f: &mut Fields<'_, '_>) -> Self {
        f.without_effect(&["vnffgd", "security-group-rule", "lifecycle-management-script"]);
        Self {
            id: f.required_text("id"),
            designer: f.text("designer"),
            version: f.text("version"),
            name: f.text("name"),
            invariant_id: f.text("invariant-id"),
            nested_nsd_id: f.texts("nested-nsd-id"),
            vnfd_id: f.texts("vnfd-id"),
            pnfd_id: f.texts("pnfd-id"),
            sapd: f.list("sapd", ID, Sapd::read),
            virtual_link_desc: f.list("virtual-link-desc", ID, VirtualLinkDesc::read),
            df: f.required_list("df", ID, Df::read),
            extra: f.rest(NSD_UNUSED),
        }
    }
}

impl Sapd {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            cpd: ConnectionPoint::read(f),
            virtual_link_desc: f.text("virtual-link-desc"),
            associated_cpd: f.object("associated-cpd", AssociatedCpd::read),
            extra: f.rest(CPD_UNUSED),
        }
    }
}

impl AssociatedCpd {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            vnfd_id: f.text("vnfd-id"),
            vnf_ext_cpd: f.text("vnf-ext-cpd"),
            extra: f.rest(&["pnfd-id", "nsd-id", "pnf-ext-cpd", "sapd"]),
        }
    }
}

impl VirtualLinkDesc {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            connectivity_type: f.object("connectivity-type", ConnectivityType::read),
            df: f.list("df", ID, VirtualLinkFlavour::read),
            description: f.text("description"),
            extra: f.rest(&["test-access"]),
        }
    }
}

impl Df {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let group = AffinityGroup::read_list(f);
        f.without_effect(&["dependencies"]);
        Self {
            id: f.required_text("id"),
            vnf_profile: f.list("vnf-profile", ID, VnfProfile::read),
            ns_profile: f.list("ns-profile", ID, NsProfile::read),
            virtual_link_profile: f.list("virtual-link-profile", ID, VirtualLinkProfile::read),
            scaling_aspect: f.list("scaling-aspect", ID, ScalingAspect::read),
            affinity_or_anti_affinity_group: group,
            ns_instantiation_level: f.required_list("ns-instantiation-level", ID, NsLevel::read),
            default_instantiation_level: f.text("default-instantiation-level"),
            priority: f.number("priority", u32::MAX.into()).and_then(|n| u32::try_from(n).ok()),
            extra: f.rest(DF_UNUSED),
        }
    }
}

impl VnfProfile {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            vnfd_id: f.required_text("vnfd-id"),
            flavour_id: f.required_text("flavour-id"),
            instantiation_level: f.expected_text("instantiation-level"),
            min_number_of_instances: f.number_or("min-number-of-instances", MANY, 1),
            max_number_of_instances: f.number_or("max-number-of-instances", MANY, 1),
            local_affinity_or_anti_affinity_rule: LocalRule::read_list(f),
            affinity_or_anti_affinity_group_id: f.texts("affinity-or-anti-affinity-group-id"),
            virtual_link_connectivity: Connectivity::read_list(f),
            extra: f.rest(&["service-availability-level"]),
        }
    }
}

impl Connectivity {
    fn read_list(f: &mut Fields<'_, '_>) -> Vec<Self> {
        let key = Key::Leaf("virtual-link-profile-id");
        f.list("virtual-link-connectivity", key, |f| Self {
            virtual_link_profile_id: f.required_text("virtual-link-profile-id"),
            constituent_cpd_id: ConstituentCpd::read_list(f),
            extra: f.rest(&[]),
        })
    }
}

impl ConstituentCpd {
    /// SOL006 keys this list by the element alone; the connection point joins the key here, since
    /// two ports of one function may well be on one link.
    fn read_list(f: &mut Fields<'_, '_>) -> Vec<Self> {
        let key = Key::Pair("constituent-base-element-id", "constituent-cpd-id");
        f.required_list("constituent-cpd-id", key, |f| Self {
            constituent_base_element_id: f.required_text("constituent-base-element-id"),
            constituent_cpd_id: f.required_text("constituent-cpd-id"),
            extra: f.rest(&[]),
        })
    }
}

impl NsProfile {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            nsd_id: f.required_text("nsd-id"),
            ns_df_id: f.required_text("ns-df-id"),
            instantiation_level_id: f.expected_text("instantiation-level-id"),
            min_number_of_instances: f.number_or("min-number-of-instances", MANY, 1),
            max_number_of_instances: f.number_or("max-number-of-instances", MANY, 1),
            virtual_link_connectivity: Connectivity::read_list(f),
            extra: f.rest(&["affinity-or-anti-affinity-group-id"]),
        }
    }
}

impl VirtualLinkProfile {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            virtual_link_desc_id: f.required_text("virtual-link-desc-id"),
            flavour_id: f.required_text("flavour-id"),
            local_affinity_or_anti_affinity_rule: LocalRule::read_list(f),
            affinity_or_anti_affinity_group_id: f.texts("affinity-or-anti-affinity-group-id"),
            max_bitrate_requirements: f.object("max-bitrate-requirements", Bitrates::read),
            min_bitrate_requirements: f.object("min-bitrate-requirements", Bitrates::read),
            extra: f.rest(&["virtual-link-protocol-data"]),
        }
    }
}

impl ScalingAspect {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            name: f.text("name"),
            description: f.text("description"),
            scaling_level: f.texts("scaling-level"),
            extra: f.rest(&[]),
        }
    }
}

impl NsLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let vnf = Key::Leaf("vnf-profile-id");
        let link = Key::Leaf("virtual-link-profile-id");
        let ns = Key::Leaf("ns-profile-id");
        Self {
            id: f.required_text("id"),
            description: f.text("description"),
            vnf_to_level_mapping: f.list("vnf-to-level-mapping", vnf, VnfToLevel::read),
            virtual_link_to_level_mapping: f.list(
                "virtual-link-to-level-mapping",
                link,
                VirtualLinkToLevel::read,
            ),
            ns_to_level_mapping: f.list("ns-to-level-mapping", ns, NsToLevel::read),
            extra: f.rest(&[]),
        }
    }
}

impl VnfToLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let mapping = Self {
            vnf_profile_id: f.required_text("vnf-profile-id"),
            number_of_instances: f.number_or("number-of-instances", MANY, 1),
        };
        f.rest(&[]);
        mapping
    }
}

impl VirtualLinkToLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let mapping = Self {
            virtual_link_profile_id: f.required_text("virtual-link-profile-id"),
            bitrates: Bitrates::read_some(f),
        };
        f.rest(&[]);
        mapping
    }
}

impl NsToLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let mapping = Self {
            ns_profile_id: f.required_text("ns-profile-id"),
            number_of_instances: f.number_or("number-of-instances", MANY, 1),
        };
        f.rest(&[]);
        mapping
    }
}
