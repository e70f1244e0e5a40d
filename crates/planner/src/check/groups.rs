//! What belongs together is together, and what belongs apart is apart.

use super::Run;
use crate::demand::{GroupRule, GroupScope};
use model::plan::PlacedFunction;
use std::collections::BTreeSet;

impl Run<'_> {
    pub(super) fn groups(&mut self) {
        for group in &self.demand.groups {
            let mut places = Vec::new();
            for &member in &group.members {
                let id = &self.demand.functions[member].id;
                let placed = self.plan.functions.iter().find(|placed| placed.id == *id);
                places.extend(placed.and_then(|placed| self.place(placed, group.scope)));
            }
            let distinct: BTreeSet<_> = places.iter().collect();
            let holds = match group.rule {
                GroupRule::Affinity => distinct.len() <= 1,
                // Within one PoP, hosts are the VIM's business.
                GroupRule::AntiAffinity if group.scope == GroupScope::Node => true,
                GroupRule::AntiAffinity => distinct.len() == places.len(),
            };
            self.expect(holds, &format!("groups[{}]", group.id), || {
                format!("{:?} over {:?} does not hold: {places:?}", group.rule, group.scope)
            });
        }
    }

    fn place(&self, placed: &PlacedFunction, scope: GroupScope) -> Option<String> {
        match scope {
            // A PoP without a zone is a zone of its own.
            GroupScope::Zone => {
                let pop = self.world.topology.pops.get(&placed.pop)?;
                Some(match &pop.zone {
                    Some(zone) => format!("zone {zone}"),
                    None => format!("PoP {}", pop.id),
                })
            }
            GroupScope::Pop => Some(placed.pop.to_string()),
            // One host is in one VIM.
            GroupScope::Node => Some(placed.vim.to_string()),
        }
    }
}
