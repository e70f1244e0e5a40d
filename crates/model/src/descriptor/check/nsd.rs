//! The integrity of an NSD.

use super::{Known, check_bounds, check_count, check_default};
use crate::Mbps;
use crate::descriptor::common::Bitrates;
use crate::descriptor::nsd::{
    Connectivity, Df, NsLevel, NsProfile, Nsd, Sapd, VirtualLinkProfile, VnfProfile,
};
use crate::descriptor::source::Sink;

pub(super) fn check(sink: &mut Sink, path: &str, nsd: &Nsd) {
    if !nsd.id.is_empty() && nsd.nested_nsd_id.contains(&nsd.id) {
        sink.error(
            &format!("{path}/nested-nsd-id[{}]", nsd.id),
            "a network service cannot be nested in itself",
            "remove it from nested-nsd-id",
        );
    }
    for sap in &nsd.sapd {
        check_sap(sink, &format!("{path}/sapd[{}]", sap.cpd.id), nsd, sap);
    }
    for df in &nsd.df {
        check_flavour(sink, &format!("{path}/df[{}]", df.id), nsd, df);
    }
}

fn listed(nsd: &Nsd) -> Known<'_> {
    Known::new("vnfd-id in the list of the nsd", nsd.vnfd_id.iter().map(String::as_str))
}

fn check_sap(sink: &mut Sink, path: &str, nsd: &Nsd, sap: &Sapd) {
    let links = nsd.virtual_link_desc.iter().map(|l| l.id.as_str());
    let links = Known::new("virtual-link-desc", links);
    let link = format!("{path}/virtual-link-desc");
    links.check_some(sink, &link, sap.virtual_link_desc.as_ref());
    if let Some(to) = &sap.associated_cpd {
        let path = format!("{path}/associated-cpd/vnfd-id");
        listed(nsd).check_some(sink, &path, to.vnfd_id.as_ref());
    }
    if sap.virtual_link_desc.is_some() == sap.associated_cpd.is_some() {
        sink.error(
            path,
            "a sapd leads to exactly one of a virtual link and a connection point",
            "give either virtual-link-desc or associated-cpd",
        );
    }
}

/// The ids that the parts of a flavour may name.
struct Names<'d> {
    vnfs: Known<'d>,
    nested: Known<'d>,
    links: Known<'d>,
    groups: Known<'d>,
    levels: Known<'d>,
}

impl<'d> Names<'d> {
    fn of(df: &'d Df) -> Self {
        Self {
            vnfs: Known::new("vnf-profile", df.vnf_profile.iter().map(|p| p.id.as_str())),
            nested: Known::new("ns-profile", df.ns_profile.iter().map(|p| p.id.as_str())),
            links: Known::new(
                "virtual-link-profile",
                df.virtual_link_profile.iter().map(|p| p.id.as_str()),
            ),
            groups: Known::new(
                "affinity-or-anti-affinity-group",
                df.affinity_or_anti_affinity_group.iter().map(|g| g.id.as_str()),
            ),
            levels: Known::new(
                "ns-instantiation-level",
                df.ns_instantiation_level.iter().map(|l| l.id.as_str()),
            ),
        }
    }
}

fn check_flavour(sink: &mut Sink, path: &str, nsd: &Nsd, df: &Df) {
    let names = Names::of(df);
    for profile in &df.vnf_profile {
        let path = format!("{path}/vnf-profile[{}]", profile.id);
        check_function(sink, &path, nsd, &names, profile);
    }
    for profile in &df.ns_profile {
        let path = format!("{path}/ns-profile[{}]", profile.id);
        check_nested(sink, &path, nsd, &names, profile);
    }
    for profile in &df.virtual_link_profile {
        let path = format!("{path}/virtual-link-profile[{}]", profile.id);
        check_link(sink, &path, nsd, &names, profile);
    }
    for level in &df.ns_instantiation_level {
        let path = format!("{path}/ns-instantiation-level[{}]", level.id);
        check_level(sink, &path, df, &names, level);
    }
    for aspect in &df.scaling_aspect {
        let path = format!("{path}/scaling-aspect[{}]/scaling-level", aspect.id);
        names.levels.check_each(sink, &path, &aspect.scaling_level);
    }
    check_default(sink, path, df.default_instantiation_level.as_ref(), &names.levels);
}

fn check_function(sink: &mut Sink, path: &str, nsd: &Nsd, names: &Names<'_>, p: &VnfProfile) {
    listed(nsd).check(sink, &format!("{path}/vnfd-id"), &p.vnfd_id);
    check_bounds(sink, path, p.min_number_of_instances, p.max_number_of_instances);
    let groups = format!("{path}/affinity-or-anti-affinity-group-id");
    names.groups.check_each(sink, &groups, &p.affinity_or_anti_affinity_group_id);
    check_connectivity(sink, path, names, &p.id, &p.virtual_link_connectivity);
}

fn check_nested(sink: &mut Sink, path: &str, nsd: &Nsd, names: &Names<'_>, p: &NsProfile) {
    let listed = nsd.nested_nsd_id.iter().map(String::as_str);
    let listed = Known::new("nested-nsd-id in the list of the nsd", listed);
    listed.check(sink, &format!("{path}/nsd-id"), &p.nsd_id);
    check_bounds(sink, path, p.min_number_of_instances, p.max_number_of_instances);
    check_connectivity(sink, path, names, &p.id, &p.virtual_link_connectivity);
}

fn check_connectivity(
    sink: &mut Sink,
    path: &str,
    names: &Names<'_>,
    profile: &str,
    all: &[Connectivity],
) {
    for one in all {
        let link = &one.virtual_link_profile_id;
        let path = format!("{path}/virtual-link-connectivity[{link}]");
        names.links.check(sink, &format!("{path}/virtual-link-profile-id"), link);
        for end in &one.constituent_cpd_id {
            let (element, cpd) = (&end.constituent_base_element_id, &end.constituent_cpd_id);
            if !element.is_empty() && element != profile {
                sink.error(
                    &format!(
                        "{path}/constituent-cpd-id[{element},{cpd}]/constituent-base-element-id"
                    ),
                    format!("the element {element} is not the profile {profile} around it"),
                    format!("write {profile}"),
                );
            }
        }
    }
}

fn check_link(sink: &mut Sink, path: &str, nsd: &Nsd, names: &Names<'_>, p: &VirtualLinkProfile) {
    let links = nsd.virtual_link_desc.iter().map(|l| l.id.as_str());
    let links = Known::new("virtual-link-desc", links);
    links.check(sink, &format!("{path}/virtual-link-desc-id"), &p.virtual_link_desc_id);
    if let Some(link) = nsd.virtual_link(&p.virtual_link_desc_id) {
        let flavours = link.df.iter().map(|df| df.id.as_str());
        let flavours = Known::new("df of the virtual-link-desc", flavours);
        flavours.check(sink, &format!("{path}/flavour-id"), &p.flavour_id);
    }
    let groups = format!("{path}/affinity-or-anti-affinity-group-id");
    names.groups.check_each(sink, &groups, &p.affinity_or_anti_affinity_group_id);
    if let (Some(min), Some(max)) = (p.min_bitrate_requirements, p.max_bitrate_requirements) {
        check_rates(sink, &format!("{path}/min-bitrate-requirements"), min, max);
    }
}

fn check_rates(sink: &mut Sink, path: &str, rates: Bitrates, max: Bitrates) {
    let pairs = [("root", Some(rates.root), Some(max.root)), ("leaf", rates.leaf, max.leaf)];
    for (name, rate, max) in pairs {
        if let Some((rate, max)) = rate.zip(max).filter(|(rate, max)| rate > max) {
            above(sink, &format!("{path}/{name}"), rate, max);
        }
    }
}

fn above(sink: &mut Sink, path: &str, rate: Mbps, max: Mbps) {
    sink.error(
        path,
        format!("{rate} is more than the {max} of max-bitrate-requirements"),
        "lower it or raise the maximum",
    );
}

fn check_level(sink: &mut Sink, path: &str, df: &Df, names: &Names<'_>, level: &NsLevel) {
    for count in &level.vnf_to_level_mapping {
        let id = &count.vnf_profile_id;
        let path = format!("{path}/vnf-to-level-mapping[{id}]");
        names.vnfs.check(sink, &format!("{path}/vnf-profile-id"), id);
        if let Some(p) = df.vnf_profile.iter().find(|p| p.id == *id) {
            let bounds = (p.min_number_of_instances, p.max_number_of_instances);
            check_count(sink, &path, count.number_of_instances, bounds);
        }
    }
    for count in &level.ns_to_level_mapping {
        let path = format!("{path}/ns-to-level-mapping[{}]/ns-profile-id", count.ns_profile_id);
        names.nested.check(sink, &path, &count.ns_profile_id);
    }
    for rate in &level.virtual_link_to_level_mapping {
        let id = &rate.virtual_link_profile_id;
        let path = format!("{path}/virtual-link-to-level-mapping[{id}]");
        names.links.check(sink, &format!("{path}/virtual-link-profile-id"), id);
        let profile = df.virtual_link_profile.iter().find(|p| p.id == *id);
        if let Some(max) = profile.and_then(|p| p.max_bitrate_requirements) {
            check_rates(sink, &path, rate.bitrates, max);
        }
    }
    let mappings = level.vnf_to_level_mapping.len()
        + level.virtual_link_to_level_mapping.len()
        + level.ns_to_level_mapping.len();
    if mappings == 0 {
        let hint = "map at least one VNF, virtual link or nested network service";
        sink.error(path, "the level maps nothing", hint);
    }
}
