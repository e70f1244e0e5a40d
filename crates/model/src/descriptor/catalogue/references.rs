//! References from an NSD into other descriptors.

use super::Catalogue;
use crate::descriptor::check::choice_of;
use crate::descriptor::diagnostic::Problem;
use crate::descriptor::envelope::Descriptor;
use crate::descriptor::nsd::{Connectivity, Df, NsProfile, Nsd, Sapd, VnfProfile};
use crate::descriptor::vnfd::Vnfd;

pub(super) fn check(catalogue: &Catalogue, nsd: &Nsd) -> Vec<Problem> {
    let mut found = References { catalogue, problems: Vec::new() };
    let path = format!("nsd[{}]", nsd.id);
    found.lists(&path, nsd);
    for sap in &nsd.sapd {
        found.sap(&format!("{path}/sapd[{}]", sap.cpd.id), sap);
    }
    for df in &nsd.df {
        found.flavour(&format!("{path}/df[{}]", df.id), df);
    }
    found.problems
}

struct References<'c> {
    catalogue: &'c Catalogue,
    problems: Vec<Problem>,
}

impl<'c> References<'c> {
    fn missing<'i>(
        &mut self,
        path: String,
        what: &str,
        id: &str,
        known: impl Iterator<Item = &'i str>,
    ) {
        if !id.is_empty() {
            let message = format!("there is no {what} {id}");
            self.problems.push(Problem::new(path, message, choice_of(what, known)));
        }
    }

    /// Broken ones too: what is wrong with them has been said.
    fn vnfd(&self, id: &str) -> Option<&'c Vnfd> {
        match &self.catalogue.vnfds.get(id)?.descriptor {
            Descriptor::Vnfd(vnfd) => Some(vnfd),
            Descriptor::Nsd(_) => None,
        }
    }

    fn nested(&self, id: &str) -> Option<&'c Nsd> {
        match &self.catalogue.nsds.get(id)?.descriptor {
            Descriptor::Nsd(nsd) => Some(nsd),
            Descriptor::Vnfd(_) => None,
        }
    }

    fn lists(&mut self, path: &str, nsd: &Nsd) {
        let catalogue = self.catalogue;
        for id in nsd.vnfd_id.iter().filter(|id| !catalogue.vnfds.contains_key(*id)) {
            let known = catalogue.vnfds.keys().map(String::as_str);
            self.missing(format!("{path}/vnfd-id[{id}]"), "VNFD", id, known);
        }
        for id in nsd.nested_nsd_id.iter().filter(|id| !catalogue.nsds.contains_key(*id)) {
            let others = catalogue.nsds.keys().map(String::as_str);
            let known = others.filter(|other| *other != nsd.id);
            self.missing(format!("{path}/nested-nsd-id[{id}]"), "NSD", id, known);
        }
    }

    fn sap(&mut self, path: &str, sap: &Sapd) {
        let Some(to) = &sap.associated_cpd else {
            return;
        };
        let vnfd = to.vnfd_id.as_deref().and_then(|id| self.vnfd(id));
        if let (Some(vnfd), Some(cpd)) = (vnfd, &to.vnf_ext_cpd) {
            self.external(format!("{path}/associated-cpd/vnf-ext-cpd"), vnfd, cpd);
        }
    }

    fn external(&mut self, path: String, vnfd: &Vnfd, cpd: &str) {
        if vnfd.external(cpd).is_none() {
            let what = format!("ext-cpd of VNFD {}", vnfd.id);
            let known = vnfd.ext_cpd.iter().map(|c| c.cpd.id.as_str());
            self.missing(path, &what, cpd, known);
        }
    }

    fn flavour(&mut self, path: &str, df: &Df) {
        for profile in &df.vnf_profile {
            self.function(&format!("{path}/vnf-profile[{}]", profile.id), profile);
        }
        for profile in &df.ns_profile {
            self.service(&format!("{path}/ns-profile[{}]", profile.id), profile);
        }
    }

    fn function(&mut self, path: &str, profile: &VnfProfile) {
        let Some(vnfd) = self.vnfd(&profile.vnfd_id) else {
            return;
        };
        for (path, cpd) in ends(path, &profile.virtual_link_connectivity) {
            self.external(path, vnfd, cpd);
        }
        let Some(df) = vnfd.flavour(&profile.flavour_id) else {
            let what = format!("df of VNFD {}", vnfd.id);
            let known = vnfd.df.iter().map(|df| df.id.as_str());
            let path = format!("{path}/flavour-id");
            return self.missing(path, &what, &profile.flavour_id, known);
        };
        if let Some(id) = profile.instantiation_level.as_ref().filter(|id| df.level(id).is_none()) {
            let what = format!("instantiation-level of VNFD {}, df {}", vnfd.id, df.id);
            let known = df.instantiation_level.iter().map(|l| l.id.as_str());
            self.missing(format!("{path}/instantiation-level"), &what, id, known);
        }
    }

    fn service(&mut self, path: &str, profile: &NsProfile) {
        let Some(nsd) = self.nested(&profile.nsd_id) else {
            return;
        };
        for (path, id) in ends(path, &profile.virtual_link_connectivity) {
            if !nsd.sapd.iter().any(|sap| sap.cpd.id == id) {
                let known = nsd.sapd.iter().map(|sap| sap.cpd.id.as_str());
                self.missing(path, &format!("sapd of NSD {}", nsd.id), id, known);
            }
        }
        let Some(df) = nsd.flavour(&profile.ns_df_id) else {
            let known = nsd.df.iter().map(|df| df.id.as_str());
            let (path, what) = (format!("{path}/ns-df-id"), format!("df of NSD {}", nsd.id));
            return self.missing(path, &what, &profile.ns_df_id, known);
        };
        let level = profile.instantiation_level_id.as_ref();
        if let Some(id) = level.filter(|id| df.level(id).is_none()) {
            let what = format!("ns-instantiation-level of NSD {}, df {}", nsd.id, df.id);
            let known = df.ns_instantiation_level.iter().map(|l| l.id.as_str());
            self.missing(format!("{path}/instantiation-level-id"), &what, id, known);
        }
    }
}

/// Each connection point of a profile, with its path.
fn ends<'d>(path: &str, all: &'d [Connectivity]) -> Vec<(String, &'d str)> {
    let mut ends = Vec::new();
    for one in all {
        let link = &one.virtual_link_profile_id;
        for end in &one.constituent_cpd_id {
            let (element, cpd) = (&end.constituent_base_element_id, &end.constituent_cpd_id);
            let key = format!("constituent-cpd-id[{element},{cpd}]/constituent-cpd-id");
            let path = format!("{path}/virtual-link-connectivity[{link}]/{key}");
            ends.push((path, cpd.as_str()));
        }
    }
    ends
}
