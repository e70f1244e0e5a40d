//! Affinity and anti-affinity.

use super::Lowering;
use crate::descriptor::common::AffinityGroup;
use crate::descriptor::template::{Function, Group};
use crate::{FunctionId, VirtualLinkId};

impl Lowering<'_> {
    /// The groups of the flavour, then the rules among the instances of each profile. A group of
    /// fewer than two members asks for nothing and is left out.
    pub(super) fn groups(&self, functions: &[Function]) -> Vec<Group> {
        let shared = self.df.affinity_or_anti_affinity_group.iter();
        let mut groups: Vec<Group> = shared.map(|g| self.shared(g, functions)).collect();
        for profile in &self.df.vnf_profile {
            for (n, rule) in profile.local_affinity_or_anti_affinity_rule.iter().enumerate() {
                groups.push(Group {
                    id: format!("{}-local-{}", profile.id, n + 1),
                    rule: rule.rule,
                    scope: rule.scope,
                    functions: instances(functions, &profile.id),
                    links: Vec::new(),
                });
            }
        }
        groups.retain(|g| g.functions.len() + g.links.len() > 1);
        groups
    }

    fn shared(&self, group: &AffinityGroup, functions: &[Function]) -> Group {
        let member = |ids: &[String]| ids.contains(&group.id);
        let profiles = self.df.vnf_profile.iter();
        let links = self.df.virtual_link_profile.iter();
        Group {
            id: group.id.clone(),
            rule: group.rule,
            scope: group.scope,
            functions: profiles
                .filter(|p| member(&p.affinity_or_anti_affinity_group_id))
                .flat_map(|p| instances(functions, &p.id))
                .collect(),
            links: links
                .filter(|l| member(&l.affinity_or_anti_affinity_group_id))
                .filter_map(|l| VirtualLinkId::new(&l.id).ok())
                .collect(),
        }
    }
}

fn instances(functions: &[Function], profile: &str) -> Vec<FunctionId> {
    let mine = functions.iter().filter(|f| f.profile == profile);
    mine.map(|f| f.id.clone()).collect()
}
