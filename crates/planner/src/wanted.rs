//! A demand in the solver's terms, and the way back from its indices.

use crate::demand::{Demand, End, FunctionDemand, GroupRule, GroupScope, LinkDemand};
use crate::keep;
use crate::network::Network;
use model::PopId;
use model::intent::PlacementRule;
use model::plan::{BindingConstraint, Plan};
use solver::{Function, Group, Hosts, Link, NodeId, Problem, Rule, Scope, Traffic};

#[derive(Debug)]
pub(crate) struct Wanted<'d> {
    pub(crate) demand: &'d Demand,
    pub(crate) problem: Problem,
    /// Which link of the demand each link of the problem is. Links between two ports of one device
    /// need no path and are left out.
    pub(crate) links: Vec<usize>,
    /// Which group of the demand each group of the problem is.
    groups: Vec<usize>,
}

impl<'d> Wanted<'d> {
    /// # Errors
    /// Where the placement rule of a function leaves no VIM.
    pub(crate) fn of(network: &Network, demand: &'d Demand) -> Result<Self, BindingConstraint> {
        let functions = demand.functions.iter().map(|f| function(network, f));
        let functions = functions.collect::<Result<Vec<_>, _>>()?;
        let problem = Problem { functions, ..Problem::default() };
        let mut wanted = Self { demand, problem, links: Vec::new(), groups: Vec::new() };
        for (index, link) in demand.links.iter().enumerate() {
            if let Some(link) = wire(network, link) {
                wanted.problem.links.push(link);
                wanted.links.push(index);
            }
        }
        for (index, want) in demand.groups.iter().enumerate() {
            if let Some(group) = group(want) {
                wanted.problem.groups.push(group);
                wanted.groups.push(index);
            }
        }
        Ok(wanted)
    }

    /// Functions stay where they are, if they can.
    pub(crate) fn after(mut self, network: &Network, previous: Option<&Plan>) -> Self {
        if let Some(plan) = previous {
            self.problem.previous = keep::hosts(network, self.demand, &self.problem, plan);
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.problem.functions.is_empty() && self.problem.links.is_empty()
    }

    /// The demand behind a link of the problem.
    pub(crate) fn link(&self, index: usize) -> &'d LinkDemand {
        &self.demand.links[self.links[index]]
    }

    pub(crate) fn group(&self, index: usize) -> &'d crate::demand::Group {
        &self.demand.groups[self.groups[index]]
    }

    pub(crate) fn function(&self, index: usize) -> &'d FunctionDemand {
        &self.demand.functions[index]
    }
}

pub(crate) fn allows(rule: &PlacementRule, pop: &PopId) -> bool {
    (rule.pops.is_empty() || rule.pops.contains(pop)) && !rule.excluded_pops.contains(pop)
}

fn function(network: &Network, want: &FunctionDemand) -> Result<Function, BindingConstraint> {
    let allowed = network.vims().filter(|(_, pop, _)| allows(&want.placement, pop));
    let hosts: Vec<NodeId> = allowed.map(|(.., node)| node).collect();
    if hosts.is_empty() {
        let (function, rule) = (want.id.clone(), rule_in_words(&want.placement));
        return Err(BindingConstraint::Placement { function, rule });
    }
    Ok(Function { demand: want.resources.as_array().to_vec(), hosts: Hosts::Only(hosts) })
}

fn rule_in_words(rule: &PlacementRule) -> String {
    let list = |pops: &std::collections::BTreeSet<PopId>| {
        pops.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    match (rule.pops.is_empty(), rule.excluded_pops.is_empty()) {
        (true, true) => "the topology has no VIM".to_owned(),
        (true, false) => {
            format!("the only VIMs are at {}, which are excluded", list(&rule.excluded_pops))
        }
        (false, _) => format!("no VIM is at {}", list(&rule.pops)),
    }
}

/// `None` for a link that no arc is needed for.
fn wire(network: &Network, want: &LinkDemand) -> Option<Link> {
    let (a, b) = (end(network, &want.a)?, end(network, &want.z)?);
    let traffic = Traffic::CoRouted { forward: want.a_to_z.0, backward: want.z_to_a.0 };
    let max_latency = want.latency.map(|bound| bound.0);
    (a != b).then(|| Link { a, b, traffic, max_latency, admin: Default::default() })
}

fn end(network: &Network, end: &End) -> Option<solver::End> {
    match end {
        End::Function { index, .. } => Some(solver::End::Function(*index)),
        End::Port { binding, .. } => network.device(&binding.port.device).map(solver::End::Node),
    }
}

/// `None` where hosts are to be kept apart: within a VIM that is the VIM's business.
fn group(group: &crate::demand::Group) -> Option<Group> {
    let (rule, scope) = match (group.rule, group.scope) {
        (GroupRule::AntiAffinity, GroupScope::Node) => return None,
        // One host is in one VIM.
        (GroupRule::Affinity, GroupScope::Node) => (Rule::Affinity, Scope::Host),
        (GroupRule::Affinity, GroupScope::Zone) => (Rule::Affinity, Scope::Zone),
        (GroupRule::Affinity, GroupScope::Pop) => (Rule::Affinity, Scope::Pop),
        (GroupRule::AntiAffinity, GroupScope::Zone) => (Rule::AntiAffinity, Scope::Zone),
        (GroupRule::AntiAffinity, GroupScope::Pop) => (Rule::AntiAffinity, Scope::Pop),
    };
    Some(Group { rule, scope, members: group.members.clone() })
}
