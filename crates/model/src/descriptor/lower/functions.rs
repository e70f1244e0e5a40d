//! Functions and their servers.

use super::Lowering;
use crate::descriptor::Decimal;
use crate::descriptor::common::AffinityRule;
use crate::descriptor::nsd::VnfProfile;
use crate::descriptor::template::{Function, Port, PortNetwork, Server, Volume};
use crate::descriptor::vnfd::{Df, InstantiationLevel, StorageType, Vdu, VduProfile, Vnfd};
use crate::{DescriptorId, FunctionId, Gibibytes, Mebibytes, Resources, Vcpu};

/// Servers of one service. A wrong digit in a count must not become a million servers.
const MAX_SERVERS: u64 = 10_000;

impl<'d> Lowering<'d> {
    pub(super) fn functions(&mut self) -> Vec<Function> {
        let mut functions = Vec::new();
        let mut servers = 0_u64;
        for profile in &self.df.vnf_profile {
            let path = format!("{}/vnf-profile[{}]", self.path, profile.id);
            let count = self.instances(profile);
            let Some(one) = self.function(&path, profile) else {
                continue;
            };
            let each = u64::try_from(one.servers.len()).unwrap_or(u64::MAX).max(1);
            servers = servers.saturating_add(each.saturating_mul(count.into()));
            if servers > MAX_SERVERS {
                let message = format!("the service has more than {MAX_SERVERS} servers");
                self.refuse(path, message, "lower number-of-instances");
                break;
            }
            functions.extend((1..=count).filter_map(|n| self.copy(&path, &one, n)));
        }
        functions
    }

    /// As the level says; a profile that the level does not map runs at its minimum.
    fn instances(&self, profile: &VnfProfile) -> u32 {
        let mapping = &self.level.vnf_to_level_mapping;
        mapping
            .iter()
            .find(|m| m.vnf_profile_id == profile.id)
            .map_or(profile.min_number_of_instances, |m| m.number_of_instances)
    }

    fn copy(&mut self, path: &str, one: &Function, instance: u32) -> Option<Function> {
        let id = FunctionId::new(format!("{}-{instance}", one.profile));
        Some(Function { id: self.name(&format!("{path}/id"), id)?, instance, ..one.clone() })
    }

    /// The first instance of a profile.
    fn function(&mut self, path: &str, profile: &VnfProfile) -> Option<Function> {
        let (vnfd, df, level) = self.variant(path, profile)?;
        let mut servers = Vec::new();
        for unit in &df.vdu_profile {
            servers.extend(self.servers(path, vnfd, df, level, unit));
        }
        let resources = sum(servers.iter().map(|s| s.resources));
        if resources.is_none() {
            self.refuse(path, "its resources add up to more than 64 bits hold", "lower its sizes");
        }
        let id = self.name(&format!("{path}/id"), FunctionId::new(format!("{}-1", profile.id)))?;
        let name = DescriptorId::new(&vnfd.id);
        Some(Function {
            id,
            vnfd: self.name(&format!("{path}/vnfd-id"), name)?,
            profile: profile.id.clone(),
            instance: 1,
            resources: resources?,
            servers,
            connection_points: vnfd.ext_cpd.iter().map(|c| c.cpd.id.clone()).collect(),
        })
    }

    fn variant(
        &mut self,
        path: &str,
        profile: &VnfProfile,
    ) -> Option<(&'d Vnfd, &'d Df, &'d InstantiationLevel)> {
        let Some(vnfd) = self.catalogue.vnfd(&profile.vnfd_id) else {
            let message = format!("there is no usable VNFD {}", profile.vnfd_id);
            self.refuse(format!("{path}/vnfd-id"), message, "onboard it first");
            return None;
        };
        let Some(df) = vnfd.flavour(&profile.flavour_id) else {
            let message = format!("VNFD {} has no flavour {}", vnfd.id, profile.flavour_id);
            self.refuse(format!("{path}/flavour-id"), message, "name a df of the VNFD");
            return None;
        };
        let level = match &profile.instantiation_level {
            Some(id) => df.level(id),
            None => df.default_level(),
        };
        if level.is_none() {
            let message = format!("VNFD {} has no such level in flavour {}", vnfd.id, df.id);
            self.refuse(format!("{path}/instantiation-level"), message, "name a level of the VNFD");
        }
        Some((vnfd, df, level?))
    }

    fn servers(
        &mut self,
        path: &str,
        vnfd: &Vnfd,
        df: &Df,
        level: &InstantiationLevel,
        unit: &VduProfile,
    ) -> Vec<Server> {
        let Some(vdu) = vnfd.unit(&unit.id) else {
            return Vec::new();
        };
        let named = level.vdu_level.iter().find(|l| l.vdu_id == unit.id);
        let count = named.map_or(unit.min_number_of_instances, |l| l.number_of_instances);
        if u64::from(count) > MAX_SERVERS {
            let message = format!("VDU {} has {count} instances, more than {MAX_SERVERS}", vdu.id);
            self.refuse(path, message, "lower number-of-instances");
            return Vec::new();
        }
        let Some(resources) = resources(vnfd, vdu) else {
            let message = format!("the resources of VDU {} do not fit in 64 bits", vdu.id);
            self.refuse(path, message, "lower its memory or storage");
            return Vec::new();
        };
        let server = |instance| Server {
            vdu: vdu.id.clone(),
            instance,
            resources,
            image: image(vnfd, vdu),
            volumes: volumes(vnfd, vdu),
            ports: ports(vnfd, vdu),
            anti_affinity: anti_affinity(df, unit),
        };
        (1..=count).map(server).collect()
    }
}

fn sum(mut all: impl Iterator<Item = Resources>) -> Option<Resources> {
    all.try_fold(Resources::ZERO, Resources::checked_add)
}

fn resources(vnfd: &Vnfd, vdu: &Vdu) -> Option<Resources> {
    let compute = vdu.virtual_compute_desc.as_ref().and_then(|id| vnfd.compute(id));
    let (vcpu, memory) = match compute {
        Some(c) => (c.virtual_cpu.num_virtual_cpu, mebibytes(c.virtual_memory.size)?),
        None => (Vcpu::ZERO, Mebibytes::ZERO),
    };
    let disks = compute.into_iter().flat_map(|c| &c.virtual_disk);
    let disks = disks.map(|disk| disk.size_of_storage);
    let stores = volumes(vnfd, vdu).into_iter().map(|v| v.size);
    let storage = disks.chain(stores).try_fold(Gibibytes::ZERO, Gibibytes::checked_add)?;
    Some(Resources { vcpu, memory, storage, accelerators: 0 })
}

/// Tenths of a gigabyte, rounded up. `None` where they are too many.
fn mebibytes(size: Decimal<1>) -> Option<Mebibytes> {
    size.0.checked_mul(1024).map(|n| Mebibytes(n.div_ceil(10)))
}

/// The block stores of a VDU. Object and file stores are no volumes of a server.
fn volumes(vnfd: &Vnfd, vdu: &Vdu) -> Vec<Volume> {
    let stores = vdu.virtual_storage_desc.iter().filter_map(|id| vnfd.storage(id));
    stores
        .filter(|s| s.type_of_storage == StorageType::Block)
        .map(|s| Volume { id: s.id.clone(), size: s.size_of_storage })
        .collect()
}

/// The VDU's image, or that of the first store or disk that has one: the server boots from it.
/// SOL006 writes `.` for an image that lies in the package; that one goes by its name.
fn image(vnfd: &Vnfd, vdu: &Vdu) -> Option<String> {
    let compute = vdu.virtual_compute_desc.as_ref().and_then(|id| vnfd.compute(id));
    let disks = compute.into_iter().flat_map(|c| &c.virtual_disk);
    let stores = vdu.virtual_storage_desc.iter().filter_map(|id| vnfd.storage(id));
    let named = stores.filter_map(|store| store.sw_image_desc.as_ref());
    let named = named.chain(disks.filter_map(|disk| disk.sw_image_desc.as_ref()));
    let image = vdu.sw_image_desc.iter().chain(named).find_map(|id| vnfd.image(id))?;
    let given = image.image.as_ref().filter(|text| *text != ".");
    Some(given.unwrap_or(&image.name).clone())
}

/// In their `order`, those without one last. A port that leads nowhere has no network and is none.
fn ports(vnfd: &Vnfd, vdu: &Vdu) -> Vec<Port> {
    let mut cpds: Vec<_> = vdu.int_cpd.iter().collect();
    cpds.sort_by_key(|cpd| cpd.order.unwrap_or(u32::MAX));
    let port = |network, id: &str| Port { id: id.to_owned(), network };
    cpds.into_iter()
        .filter_map(|cpd| {
            let link = cpd.int_virtual_link_desc.as_deref();
            network(vnfd, &vdu.id, &cpd.cpd.id, link).map(|n| port(n, &cpd.cpd.id))
        })
        .collect()
}

fn network(vnfd: &Vnfd, vdu: &str, cpd: &str, link: Option<&str>) -> Option<PortNetwork> {
    let shown = vnfd.ext_cpd.iter().find(|ext| {
        let direct = ext.int_cpd.as_ref().is_some_and(|to| to.vdu_id == vdu && to.cpd == cpd);
        let by_link = link.is_some() && ext.int_virtual_link_desc.as_deref() == link;
        direct || by_link
    });
    let outside = shown.map(|ext| PortNetwork::External { cpd: ext.cpd.id.clone() });
    let inside = link.map(|link| PortNetwork::Internal { link: link.to_owned() });
    outside.or(inside)
}

/// Apart among themselves, or apart from the VDUs of the same group.
fn anti_affinity(df: &Df, unit: &VduProfile) -> Option<String> {
    let apart = |rule: AffinityRule| rule == AffinityRule::AntiAffinity;
    let group = df.affinity_or_anti_affinity_group.iter().find(|group| {
        apart(group.rule) && unit.affinity_or_anti_affinity_group_id.contains(&group.id)
    });
    let mut local = unit.local_affinity_or_anti_affinity_rule.iter();
    group.map(|g| g.id.clone()).or_else(|| local.any(|r| apart(r.rule)).then(|| unit.id.clone()))
}
