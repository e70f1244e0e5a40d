//! The integrity of a VNFD.

use super::{Known, check_bounds, check_count, check_default};
use crate::descriptor::source::Sink;
use crate::descriptor::vnfd::{Df, ExtCpd, StorageType, SwImageDesc, Vdu, VduLevel, Vnfd};

pub(super) fn check(sink: &mut Sink, path: &str, vnfd: &Vnfd) {
    check_storage(sink, path, vnfd);
    check_compute(sink, path, vnfd);
    for vdu in &vnfd.vdu {
        check_unit(sink, &format!("{path}/vdu[{}]", vdu.id), vnfd, vdu);
    }
    for cpd in &vnfd.ext_cpd {
        check_external(sink, &format!("{path}/ext-cpd[{}]", cpd.cpd.id), vnfd, cpd);
    }
    for df in &vnfd.df {
        check_flavour(sink, &format!("{path}/df[{}]", df.id), vnfd, df);
    }
}

fn links(vnfd: &Vnfd) -> Known<'_> {
    let ids = vnfd.int_virtual_link_desc.iter().map(|l| l.id.as_str());
    Known::new("int-virtual-link-desc", ids)
}

fn images(vnfd: &Vnfd) -> Known<'_> {
    Known::new("sw-image-desc", vnfd.sw_image_desc.iter().map(|i| i.id.as_str()))
}

fn units(vnfd: &Vnfd) -> Known<'_> {
    Known::new("vdu", vnfd.vdu.iter().map(|v| v.id.as_str()))
}

fn check_compute(sink: &mut Sink, path: &str, vnfd: &Vnfd) {
    for compute in &vnfd.virtual_compute_desc {
        let cpus = compute.virtual_cpu.num_virtual_cpu;
        if cpus.0 == 0 {
            let path =
                format!("{path}/virtual-compute-desc[{}]/virtual-cpu/num-virtual-cpu", compute.id);
            sink.error(&path, "a server cannot have 0 processors", "give 1 or more");
        }
    }
}

fn check_storage(sink: &mut Sink, path: &str, vnfd: &Vnfd) {
    let images = images(vnfd);
    for storage in &vnfd.virtual_storage_desc {
        let Some(image) = &storage.sw_image_desc else {
            continue;
        };
        let path = format!("{path}/virtual-storage-desc[{}]", storage.id);
        images.check(sink, &format!("{path}/sw-image-desc"), image);
        let size = storage.size_of_storage;
        if let Some(image) = vnfd.image(image).filter(|i| i.min_disk > size) {
            too_small(sink, &path, size.0, image);
        }
    }
}

fn too_small(sink: &mut Sink, path: &str, size: u64, image: &SwImageDesc) {
    let (id, need) = (&image.id, image.min_disk.0);
    sink.error(
        path,
        format!("its {size} GB are fewer than the {need} GB that image {id} needs (min-disk)"),
        "raise size-of-storage or use another image",
    );
}

fn check_unit(sink: &mut Sink, path: &str, vnfd: &Vnfd, vdu: &Vdu) {
    let computes = vnfd.virtual_compute_desc.iter().map(|c| c.id.as_str());
    let stores = vnfd.virtual_storage_desc.iter().map(|s| s.id.as_str());
    let compute = format!("{path}/virtual-compute-desc");
    let known = Known::new("virtual-compute-desc", computes);
    known.check_some(sink, &compute, vdu.virtual_compute_desc.as_ref());
    let known = Known::new("virtual-storage-desc", stores);
    known.check_each(sink, &format!("{path}/virtual-storage-desc"), &vdu.virtual_storage_desc);
    let image = format!("{path}/sw-image-desc");
    images(vnfd).check_some(sink, &image, vdu.sw_image_desc.as_ref());
    let links = links(vnfd);
    for cpd in &vdu.int_cpd {
        let path = format!("{path}/int-cpd[{}]/int-virtual-link-desc", cpd.cpd.id);
        links.check_some(sink, &path, cpd.int_virtual_link_desc.as_ref());
    }
    check_image(sink, path, vnfd, vdu);
}

/// An image starts only where its memory and its disk are met.
fn check_image(sink: &mut Sink, path: &str, vnfd: &Vnfd, vdu: &Vdu) {
    let booted = vdu.virtual_storage_desc.iter().filter_map(|id| vnfd.storage(id));
    let booted = booted.filter_map(|store| store.sw_image_desc.as_ref());
    let Some(image) = vdu.sw_image_desc.iter().chain(booted).find_map(|id| vnfd.image(id)) else {
        return;
    };
    let compute = vdu.virtual_compute_desc.as_ref().and_then(|id| vnfd.compute(id));
    let memory = compute.map(|c| c.virtual_memory.size);
    if let Some(memory) = memory.filter(|size| *size < image.min_ram) {
        let need = image.min_ram;
        sink.error(
            &format!("{path}/virtual-compute-desc"),
            format!(
                "its memory of {memory} GB is below the {need} GB of image {} (min-ram)",
                image.id
            ),
            "raise virtual-memory/size or use another image",
        );
    }
    let stores = vdu.virtual_storage_desc.iter().filter_map(|id| vnfd.storage(id));
    let blocks = stores.filter(|s| s.type_of_storage == StorageType::Block);
    let largest = blocks.map(|s| s.size_of_storage).max();
    if let Some(size) = largest.filter(|size| *size < image.min_disk) {
        too_small(sink, &format!("{path}/virtual-storage-desc"), size.0, image);
    }
}

fn check_external(sink: &mut Sink, path: &str, vnfd: &Vnfd, cpd: &ExtCpd) {
    let link = format!("{path}/int-virtual-link-desc");
    links(vnfd).check_some(sink, &link, cpd.int_virtual_link_desc.as_ref());
    if let Some(to) = &cpd.int_cpd {
        units(vnfd).check(sink, &format!("{path}/int-cpd/vdu-id"), &to.vdu_id);
        if let Some(vdu) = vnfd.unit(&to.vdu_id) {
            let ports = Known::new("int-cpd", vdu.int_cpd.iter().map(|c| c.cpd.id.as_str()));
            ports.check(sink, &format!("{path}/int-cpd/cpd"), &to.cpd);
        }
    }
    let ways = [cpd.int_virtual_link_desc.is_some(), cpd.int_cpd.is_some(), cpd.vip_cpd.is_some()];
    if ways.into_iter().filter(|way| *way).count() != 1 {
        sink.error(
            path,
            "it must lead to exactly one thing inside the function",
            "give one of int-cpd, int-virtual-link-desc and vip-cpd",
        );
    }
}

fn check_flavour(sink: &mut Sink, path: &str, vnfd: &Vnfd, df: &Df) {
    let groups = df.affinity_or_anti_affinity_group.iter().map(|g| g.id.as_str());
    let groups = Known::new("affinity-or-anti-affinity-group", groups);
    let units = units(vnfd);
    for profile in &df.vdu_profile {
        let path = format!("{path}/vdu-profile[{}]", profile.id);
        units.check(sink, &format!("{path}/id"), &profile.id);
        check_bounds(sink, &path, profile.min_number_of_instances, profile.max_number_of_instances);
        let ids = &profile.affinity_or_anti_affinity_group_id;
        groups.check_each(sink, &format!("{path}/affinity-or-anti-affinity-group-id"), ids);
    }
    for level in &df.instantiation_level {
        for count in &level.vdu_level {
            let path =
                format!("{path}/instantiation-level[{}]/vdu-level[{}]", level.id, count.vdu_id);
            check_level(sink, &path, df, &units, count);
        }
    }
    let levels = df.instantiation_level.iter().map(|l| l.id.as_str());
    let levels = Known::new("instantiation-level", levels);
    check_default(sink, path, df.default_instantiation_level.as_ref(), &levels);
}

fn check_level(sink: &mut Sink, path: &str, df: &Df, units: &Known<'_>, count: &VduLevel) {
    let vdu = format!("{path}/vdu-id");
    units.check(sink, &vdu, &count.vdu_id);
    match df.profile(&count.vdu_id) {
        Some(p) => {
            let bounds = (p.min_number_of_instances, p.max_number_of_instances);
            check_count(sink, path, count.number_of_instances, bounds);
        }
        None if !count.vdu_id.is_empty() => sink.error(
            &vdu,
            format!("vdu {} has no vdu-profile in this flavour", count.vdu_id),
            "add a vdu-profile with this id",
        ),
        None => {}
    }
}
