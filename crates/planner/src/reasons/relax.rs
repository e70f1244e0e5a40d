//! The smallest single change that would make a request fit. Each is verified by solving again.

use super::Refused;
use model::intent::PlacementRule;
use model::plan::Relaxation;
use model::{Mbps, Micros, Resources};
use solver::{Binding, Hosts, Link, NodeId, Problem, Rule, Traffic};
use std::collections::BTreeSet;

/// A change, and how large it is: the difference in thousandths of what was asked for.
type Change = (u64, Relaxation);

/// A latency bound is lowered at most so often, each time below the path that was found.
const LOWERINGS: usize = 8;

impl Refused<'_, '_> {
    pub(super) fn relax(&mut self, binding: &Binding) -> Option<Relaxation> {
        match *binding {
            Binding::Bandwidth { link, available, .. } => {
                let changes = [self.more_latency(link), self.less_bandwidth(link, available)];
                let smallest = changes.into_iter().flatten().min_by_key(|(size, _)| *size);
                smallest.map(|(_, change)| change)
            }
            Binding::Latency { link, .. } => self.more_latency(link).map(|(_, change)| change),
            Binding::Resources { function, dimension, needed, available, nearest } => {
                let short = (dimension, needed.saturating_sub(available));
                self.any_pop(function).or_else(|| self.more_capacity(function, nearest, short))
            }
            Binding::Placement { a, b, together, .. } => self.without_group(a, b, together),
            _ => None,
        }
    }

    fn with_link(&self, link: usize, change: impl FnOnce(&mut Link)) -> Problem {
        let mut problem = self.wanted.problem.clone();
        change(&mut problem.links[link]);
        problem
    }

    fn more_latency(&mut self, link: usize) -> Option<Change> {
        let bound = self.wanted.problem.links[link].max_latency?;
        let mut wider = self.with_link(link, |link| link.max_latency = None);
        let mut least = None;
        for _ in 0..LOWERINGS {
            let Some(solution) = self.try_out(&wider) else { break };
            let (graph, route) = (&self.planner.network.graph, &solution.routes[link]);
            let taken = graph.latency_of(&route.forward).max(graph.latency_of(&route.backward));
            least = Some(taken);
            wider.links[link].max_latency = taken.checked_sub(1).filter(|next| *next > bound);
            if wider.links[link].max_latency.is_none() {
                break;
            }
        }
        let least = least.filter(|least| *least > bound)?;
        let change = Relaxation {
            what: format!("the latency bound of virtual link {}", self.wanted.link(link).id),
            from: Micros(bound).to_string(),
            to: Micros(least).to_string(),
        };
        Some((thousandths(least - bound, bound), change))
    }

    fn less_bandwidth(&mut self, link: usize, available: u64) -> Option<Change> {
        let traffic = self.wanted.problem.links[link].traffic;
        let (there, back) = (traffic.forward(), traffic.backward().unwrap_or_default());
        let (forward, backward) = (there.min(available), back.min(available));
        if available == 0 {
            return None;
        }
        let thinner =
            self.with_link(link, |link| link.traffic = Traffic::CoRouted { forward, backward });
        self.try_out(&thinner)?;
        let change = Relaxation {
            what: format!("the bandwidth of virtual link {}", self.wanted.link(link).id),
            from: Mbps(there.max(back)).to_string(),
            to: Mbps(available).to_string(),
        };
        Some((thousandths(there.max(back) - available, there.max(back)), change))
    }

    /// Where the intent says where a function may run: the same without that.
    fn any_pop(&mut self, function: usize) -> Option<Relaxation> {
        let want = self.wanted.function(function);
        if want.placement == PlacementRule::default() {
            return None;
        }
        let mut problem = self.wanted.problem.clone();
        let all = self.planner.network.vims().map(|(.., node)| node).collect();
        problem.functions[function].hosts = Hosts::Only(all);
        let solution = self.try_out(&problem)?;
        let pop = self.planner.network.node(solution.hosts[function]).pop.clone();
        Some(Relaxation {
            what: format!("spec.placement[{}]", want.profile),
            from: placement_in_words(&want.placement),
            to: format!("PoP {pop}"),
        })
    }

    /// A VIM with as much more as the function lacks there; at least what is `short`, a dimension
    /// and how much of it, where others of the service take what there is.
    fn more_capacity(
        &mut self,
        function: usize,
        node: NodeId,
        short: (usize, u64),
    ) -> Option<Relaxation> {
        let need = &self.wanted.problem.functions[function].demand;
        let free = self.residuals.resources(node).iter();
        let mut lack: Vec<u64> =
            free.zip(need).map(|(free, need)| need.saturating_sub(*free)).collect();
        lack[short.0] = lack[short.0].max(short.1);
        let checkpoint = self.residuals.checkpoint();
        self.residuals.give_resources(node, &lack);
        let fits = self.try_out(&self.wanted.problem);
        self.residuals.abandon(checkpoint);
        fits?;
        let network = self.planner.network;
        let vim = network.node(node).vim.as_ref()?;
        let capacity = network.capacity(node);
        let grown = capacity.iter().zip(&lack).map(|(have, lack)| have.saturating_add(*lack));
        let grown: Vec<u64> = grown.collect();
        let short: Vec<usize> = (0..lack.len()).filter(|dimension| lack[*dimension] > 0).collect();
        let words = |amounts: &[u64]| {
            let each =
                short.iter().map(|d| format!("{} {}", amounts[*d], Resources::DIMENSIONS[*d]));
            each.collect::<Vec<_>>().join(", ")
        };
        Some(Relaxation {
            what: format!("the capacity of VIM {vim}"),
            from: words(capacity),
            to: words(&grown),
        })
    }

    fn without_group(&mut self, a: usize, b: usize, together: bool) -> Option<Relaxation> {
        let index = self.wanted.problem.groups.iter().position(|group| {
            (group.rule == Rule::Affinity) == together
                && group.members.contains(&a)
                && group.members.contains(&b)
        })?;
        let mut problem = self.wanted.problem.clone();
        problem.groups.remove(index);
        self.try_out(&problem)?;
        Some(Relaxation {
            what: format!("group {}", self.wanted.group(index).id),
            from: if together { "together" } else { "apart" }.to_owned(),
            to: "anywhere".to_owned(),
        })
    }
}

fn thousandths(difference: u64, of: u64) -> u64 {
    u64::try_from(u128::from(difference) * 1000 / u128::from(of.max(1))).unwrap_or(u64::MAX)
}

pub(super) fn placement_in_words(rule: &PlacementRule) -> String {
    let list = |pops: &BTreeSet<model::PopId>| {
        pops.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    match (rule.pops.is_empty(), rule.excluded_pops.is_empty()) {
        (true, true) => "any PoP".to_owned(),
        (true, false) => format!("any PoP but {}", list(&rule.excluded_pops)),
        (false, _) => format!("PoP {}", list(&rule.pops)),
    }
}
