//! From fields to a [`Vnfd`].

use super::{
    Df, ExtCpd, InstantiationLevel, IntCpd, IntCpdRef, IntVirtualLinkDesc, StorageType,
    SwImageDesc, Vdu, VduLevel, VduProfile, VirtualComputeDesc, VirtualCpu, VirtualDisk,
    VirtualMemory, VirtualStorageDesc, Vnfd,
};
use crate::descriptor::common::{
    AffinityGroup, CPD_UNUSED, ConnectionPoint, ConnectivityType, LocalRule, VirtualLinkFlavour,
};
use crate::descriptor::source::{Decimal, Fields, Key};
use crate::{Gibibytes, Mbps, Vcpu};

/// SOL006 counts instances and processors in 16 bits.
const MANY: u32 = u16::MAX as u32;
const ID: Key = Key::Leaf("id");

const VNFD_UNUSED: &[&str] = &[
    "product-info-name",
    "product-info-description",
    "localization-language",
    "default-localization-language",
    "security-group-rule",
    "vip-cpd",
    "configurable-properties",
    "modifiable-attributes",
    "lifecycle-management-script",
    "element-group",
    "indicator",
    "auto-scale",
    "vnf-package-change-info",
    "lcm-operations-coordination",
];
const VDU_UNUSED: &[&str] = &[
    "boot-order",
    "nfvi-constraint",
    "monitoring-parameter",
    "configurable-properties",
    "boot-data",
    "trunk-port",
];
const DF_UNUSED: &[&str] = &[
    "virtual-link-profile",
    "vip-cp-profile",
    "supported-operation",
    "lcm-operations-configuration",
    "indicator",
    "supported-vnf-interfaces",
    "supported-coordination-actions",
    "monitoring-parameter",
    "scaling-aspect",
    "dependencies",
];
const IMAGE_UNUSED: &[&str] = &[
    "provider",
    "checksum",
    "container-format",
    "disk-format",
    "operating-system",
    "supported-virtualization-environment",
];
const LINK_UNUSED: &[&str] =
    &["test-access", "monitoring-parameters", "nfvi-maintenance-info", "externally-managed"];
const STORAGE_TYPES: &[(&str, StorageType)] =
    &[("block", StorageType::Block), ("object", StorageType::Object), ("file", StorageType::File)];

impl Vnfd {
    pub(in crate::descriptor) fn read(f: &mut Fields<'_, '_>) -> Self {
        f.expect("vnfm-info");
        f.without_effect(&["security-group-rule", "lifecycle-management-script"]);
        Self {
            id: f.required_text("id"),
            provider: f.required_text("provider"),
            product_name: f.required_text("product-name"),
            software_version: f.required_text("software-version"),
            version: f.required_text("version"),
            vnfm_info: f.texts("vnfm-info"),
            vdu: f.required_list("vdu", ID, Vdu::read),
            virtual_compute_desc: f.list("virtual-compute-desc", ID, VirtualComputeDesc::read),
            virtual_storage_desc: f.list("virtual-storage-desc", ID, VirtualStorageDesc::read),
            sw_image_desc: f.list("sw-image-desc", ID, SwImageDesc::read),
            int_virtual_link_desc: f.list("int-virtual-link-desc", ID, IntVirtualLinkDesc::read),
            ext_cpd: f.required_list("ext-cpd", ID, ExtCpd::read),
            df: f.required_list("df", ID, Df::read),
            extra: f.rest(VNFD_UNUSED),
        }
    }
}

impl Vdu {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        f.without_effect(&["boot-data", "nfvi-constraint"]);
        Self {
            id: f.required_text("id"),
            name: f.required_text("name"),
            description: f.text("description"),
            int_cpd: f.required_list("int-cpd", ID, IntCpd::read),
            virtual_compute_desc: f.expected_text("virtual-compute-desc"),
            virtual_storage_desc: f.texts("virtual-storage-desc"),
            sw_image_desc: f.text("sw-image-desc"),
            extra: f.rest(VDU_UNUSED),
        }
    }
}

impl IntCpd {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let mut unused = CPD_UNUSED.to_vec();
        unused.push("vnic-type");
        Self {
            cpd: ConnectionPoint::read(f),
            int_virtual_link_desc: f.text("int-virtual-link-desc"),
            bitrate_requirement: f.number("bitrate-requirement", u64::MAX).map(Mbps),
            order: f.number("order", u32::MAX.into()).and_then(|n| u32::try_from(n).ok()),
            extra: f.rest(&unused),
        }
    }
}

impl VirtualComputeDesc {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            virtual_memory: f.object("virtual-memory", VirtualMemory::read).unwrap_or_default(),
            virtual_cpu: f.object("virtual-cpu", VirtualCpu::read).unwrap_or_default(),
            virtual_disk: f.list("virtual-disk", ID, VirtualDisk::read),
            extra: f.rest(&[
                "logical-node",
                "request-additional-capability",
                "compute-requirements",
            ]),
        }
    }
}

impl VirtualMemory {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            size: f.decimal("size").unwrap_or(Decimal(10)),
            extra: f.rest(&["over-subscription-policy", "vdu-mem-requirements", "numa-enabled"]),
        }
    }
}

impl VirtualCpu {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let unused = [
            "cpu-architecture",
            "clock",
            "oversubscription-policy",
            "vdu-cpu-requirements",
            "pinning",
        ];
        Self {
            num_virtual_cpu: Vcpu(f.number_or("num-virtual-cpu", MANY, 1).into()),
            extra: f.rest(&unused),
        }
    }
}

fn gigabytes(f: &mut Fields<'_, '_>, name: &'static str) -> Gibibytes {
    Gibibytes(f.number(name, u64::MAX).unwrap_or(0))
}

/// The fields of `block-storage-data`: size and image.
fn block(f: &mut Fields<'_, '_>) -> (Gibibytes, Option<String>) {
    (gigabytes(f, "size-of-storage"), f.text("sw-image-desc"))
}

const BLOCK_UNUSED: &[&str] = &["vdu-storage-requirements", "rdma-enabled"];

impl VirtualDisk {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let id = f.required_text("id");
        let (size_of_storage, sw_image_desc) = block(f);
        Self { id, size_of_storage, sw_image_desc, extra: f.rest(BLOCK_UNUSED) }
    }
}

impl VirtualStorageDesc {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let id = f.required_text("id");
        let beside = block(f);
        let within = [
            f.object("block-storage-data", Self::read_block),
            f.object("object-storage-data", Self::read_object),
            f.object("file-storage-data", Self::read_file),
        ];
        let (size_of_storage, sw_image_desc) =
            within.into_iter().flatten().next().unwrap_or(beside);
        Self {
            id,
            type_of_storage: f.word("type-of-storage", STORAGE_TYPES).unwrap_or(StorageType::Block),
            size_of_storage,
            sw_image_desc,
            extra: f.rest(BLOCK_UNUSED),
        }
    }

    fn read_block(f: &mut Fields<'_, '_>) -> (Gibibytes, Option<String>) {
        let data = block(f);
        f.rest(BLOCK_UNUSED);
        data
    }

    fn read_object(f: &mut Fields<'_, '_>) -> (Gibibytes, Option<String>) {
        let size = gigabytes(f, "max-size-of-storage");
        f.rest(&[]);
        (size, None)
    }

    fn read_file(f: &mut Fields<'_, '_>) -> (Gibibytes, Option<String>) {
        let size = gigabytes(f, "size-of-storage");
        f.rest(&["file-system-protocol", "int-virtual-link-desc"]);
        (size, None)
    }
}

impl SwImageDesc {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        for name in ["version", "checksum", "min-disk", "size"] {
            f.expect(name);
        }
        Self {
            id: f.required_text("id"),
            name: f.required_text("name"),
            version: f.text("version"),
            image: f.text("image"),
            min_disk: gigabytes(f, "min-disk"),
            min_ram: f.decimal("min-ram").unwrap_or_default(),
            size: gigabytes(f, "size"),
            extra: f.rest(IMAGE_UNUSED),
        }
    }
}

impl IntVirtualLinkDesc {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            flavour: f.list("flavour", ID, VirtualLinkFlavour::read),
            connectivity_type: f.object("connectivity-type", ConnectivityType::read),
            description: f.text("description"),
            extra: f.rest(LINK_UNUSED),
        }
    }
}

impl ExtCpd {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            cpd: ConnectionPoint::read(f),
            int_virtual_link_desc: f.text("int-virtual-link-desc"),
            int_cpd: f.object("int-cpd", IntCpdRef::read),
            vip_cpd: f.text("vip-cpd"),
            extra: f.rest(CPD_UNUSED),
        }
    }
}

impl IntCpdRef {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let reference = Self { vdu_id: f.required_text("vdu-id"), cpd: f.required_text("cpd") };
        f.rest(&[]);
        reference
    }
}

impl Df {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let group = AffinityGroup::read_list(f);
        Self {
            id: f.required_text("id"),
            description: f.text("description"),
            vdu_profile: f.required_list("vdu-profile", ID, VduProfile::read),
            instantiation_level: f.required_list(
                "instantiation-level",
                ID,
                InstantiationLevel::read,
            ),
            default_instantiation_level: f.text("default-instantiation-level"),
            affinity_or_anti_affinity_group: group,
            extra: f.rest(DF_UNUSED),
        }
    }
}

impl VduProfile {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            min_number_of_instances: f.number_or("min-number-of-instances", MANY, 1),
            max_number_of_instances: f.number_or("max-number-of-instances", MANY, 1),
            local_affinity_or_anti_affinity_rule: LocalRule::read_list(f),
            affinity_or_anti_affinity_group_id: f.texts("affinity-or-anti-affinity-group-id"),
            extra: f.rest(&["nfvi-maintenance-info"]),
        }
    }
}

impl InstantiationLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        Self {
            id: f.required_text("id"),
            description: f.text("description"),
            vdu_level: f.required_list("vdu-level", Key::Leaf("vdu-id"), VduLevel::read),
            extra: f.rest(&["vip-cp-level", "scaling-info"]),
        }
    }
}

impl VduLevel {
    fn read(f: &mut Fields<'_, '_>) -> Self {
        let level = Self {
            vdu_id: f.required_text("vdu-id"),
            number_of_instances: f.number_or("number-of-instances", MANY, 1),
        };
        f.rest(&[]);
        level
    }
}
