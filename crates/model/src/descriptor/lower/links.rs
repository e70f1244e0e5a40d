//! Virtual links and their ends.

use super::Lowering;
use crate::descriptor::common::{Bitrates, FlowPattern, VirtualLinkFlavour};
use crate::descriptor::nsd::VirtualLinkProfile;
use crate::descriptor::template::{Function, Link, Sap};
use crate::plan::LinkEnd;
use crate::{Micros, SapId, VirtualLinkId};
use std::collections::BTreeMap;

/// The ends that functions give to each virtual-link profile.
type Ends<'d> = BTreeMap<&'d str, Vec<LinkEnd>>;

impl<'d> Lowering<'d> {
    pub(super) fn links(&mut self, functions: &[Function]) -> (Vec<Sap>, Vec<Link>) {
        let mut ends = self.function_ends(functions);
        let mut saps = self.saps();
        let mut links = Vec::new();
        for profile in &self.df.virtual_link_profile {
            let path = format!("{}/virtual-link-profile[{}]", self.path, profile.id);
            let name = VirtualLinkId::new(&profile.id);
            let Some(id) = self.name(&format!("{path}/id"), name) else {
                continue;
            };
            let mut all = attach(&mut saps, profile, &id);
            all.extend(ends.remove(profile.id.as_str()).unwrap_or_default());
            links.push(self.link(&path, profile, id, all));
        }
        (saps.into_iter().map(|(sap, _)| sap).collect(), links)
    }

    /// Each SAP with the virtual-link-desc that it ends.
    fn saps(&mut self) -> Vec<(Sap, &'d str)> {
        let mut saps = Vec::new();
        for sapd in &self.nsd.sapd {
            let path = format!("nsd[{}]/sapd[{}]", self.nsd.id, sapd.cpd.id);
            let Some(id) = self.name(&format!("{path}/id"), SapId::new(&sapd.cpd.id)) else {
                continue;
            };
            let links = Vec::new();
            match &sapd.virtual_link_desc {
                Some(link) => saps.push((Sap { id, links }, link.as_str())),
                None => self.refuse(
                    path,
                    "a SAP without a virtual link cannot be planned",
                    "put a virtual-link-desc between the SAP and the function",
                ),
            }
        }
        saps
    }

    fn function_ends(&mut self, functions: &[Function]) -> Ends<'d> {
        let mut ends = Ends::new();
        for profile in &self.df.vnf_profile {
            let mut used = BTreeMap::new();
            for connectivity in &profile.virtual_link_connectivity {
                let link = connectivity.virtual_link_profile_id.as_str();
                for cpd in connectivity.constituent_cpd_id.iter().map(|c| &c.constituent_cpd_id) {
                    if let Some(other) = used.insert(cpd, link) {
                        self.used_twice(&profile.id, cpd, [other, link]);
                        continue;
                    }
                    let mine = functions.iter().filter(|f| f.profile == profile.id);
                    ends.entry(link).or_default().extend(
                        mine.map(|f| LinkEnd::Function {
                            function: f.id.clone(),
                            cpd: cpd.clone(),
                        }),
                    );
                }
            }
        }
        ends
    }

    fn used_twice(&mut self, profile: &str, cpd: &str, [one, two]: [&str; 2]) {
        self.refuse(
            format!("{}/vnf-profile[{profile}]/virtual-link-connectivity[{two}]", self.path),
            format!("connection point {cpd} is already an end of {one}"),
            "give each virtual link its own connection point",
        );
    }

    fn link(
        &mut self,
        path: &str,
        profile: &VirtualLinkProfile,
        id: VirtualLinkId,
        ends: Vec<LinkEnd>,
    ) -> Link {
        let desc = self.nsd.virtual_link(&profile.virtual_link_desc_id);
        let pattern = desc
            .and_then(|d| d.connectivity_type.as_ref())
            .and_then(|c| c.flow_pattern)
            .unwrap_or(if ends.len() == 2 { FlowPattern::Line } else { FlowPattern::Mesh });
        self.check_ends(path, pattern, ends.len());
        let flavour = desc.and_then(|d| d.flavour(&profile.flavour_id));
        let qos = flavour.and_then(|f: &VirtualLinkFlavour| f.qos.as_ref());
        Link {
            pattern,
            ends,
            bitrates: self.bitrates(profile),
            max_bitrates: profile.max_bitrate_requirements,
            latency: qos.map(|q| Micros(u64::from(q.latency) * 1000)),
            priority: qos.and_then(|q| q.priority),
            availability: flavour.and_then(|f| f.service_availability_level),
            id,
        }
    }

    fn check_ends(&mut self, path: &str, pattern: FlowPattern, ends: usize) {
        let hint = "name it in virtual-link-connectivity of a vnf-profile, or in a sapd";
        if ends < 2 {
            self.refuse(path, format!("the link has {ends} ends, 2 are needed"), hint);
        } else if pattern == FlowPattern::Line && ends > 2 {
            let message = format!("the link is a line and has {ends} ends");
            self.refuse(path, message, "make it a mesh or a tree, or give each pair its own link");
        }
    }

    /// The level's; else the least that must be kept; else nothing is set aside.
    fn bitrates(&self, profile: &VirtualLinkProfile) -> Bitrates {
        let mut mapping = self.level.virtual_link_to_level_mapping.iter();
        mapping
            .find(|m| m.virtual_link_profile_id == profile.id)
            .map(|m| m.bitrates)
            .or(profile.min_bitrate_requirements)
            .unwrap_or_default()
    }
}

/// The SAPs of a link, which learn of it.
fn attach(
    saps: &mut [(Sap, &str)],
    profile: &VirtualLinkProfile,
    id: &VirtualLinkId,
) -> Vec<LinkEnd> {
    let mine = saps.iter_mut().filter(|(_, link)| *link == profile.virtual_link_desc_id);
    mine.map(|(sap, _)| {
        sap.links.push(id.clone());
        LinkEnd::Sap(sap.id.clone())
    })
    .collect()
}
