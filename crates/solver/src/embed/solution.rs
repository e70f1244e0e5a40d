//! What a solver decided, and an independent look at whether it holds.

use super::problem::{End, Hosts, Link, Places, Problem, Rule, Sharing, Traffic};
use crate::graph::Graph;
use crate::ids::{ArcId, NodeId};
use crate::residual::{Residuals, Short};

/// Hosts and paths for a whole problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// By function.
    pub hosts: Vec<NodeId>,
    /// By link.
    pub routes: Vec<Route>,
    pub cost: Cost,
    pub effort: Spent,
}

/// The arcs of a link; both empty where its ends are on one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// From `a` to `b`.
    pub forward: Vec<ArcId>,
    /// From `b` to `a`; empty when nothing goes that way.
    pub backward: Vec<ArcId>,
}

/// The terms of the objective, the weightiest first: smaller is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Functions that are not where they were.
    pub moved: u64,
    /// Sum over links of bandwidth × path cost, both ways.
    pub transport: u128,
    /// Sum over links of path latency, both ways, in microseconds.
    pub latency: u64,
}

/// What a search spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Moves that were tried.
    pub moves: u64,
    pub end: SearchEnd,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchEnd {
    /// Nothing can be better, or nothing better was in sight.
    #[default]
    Converged,
    /// The budget of moves was used up.
    Budget,
    /// The caller's callback said so.
    Stopped,
}

/// A way in which a solution breaks its problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the solution has {hosts} hosts and {routes} routes; the problem wants another number")]
    Shape { hosts: usize, routes: usize },
    #[error("function {function} may not run on node {host}")]
    Host { function: usize, host: NodeId },
    #[error("functions {0} and {1} break a rule about being together or apart")]
    Placement(usize, usize),
    #[error("link {link}: its path does not lead from one end to the other without a loop")]
    Path { link: usize },
    #[error("link {link}: arc {arc} is excluded by admin groups")]
    Admin { link: usize, arc: ArcId },
    #[error("link {link} takes {latency} µs, {bound} µs are allowed")]
    Latency { link: usize, latency: u64, bound: u64 },
    #[error("node {host} cannot hold function {function}: {short}")]
    Resources { function: usize, host: NodeId, short: Short },
    #[error("arc {arc} cannot carry link {link}: {short}")]
    Bandwidth { link: usize, arc: ArcId, short: Short },
}

impl Solution {
    /// Takes what the solution uses. Nothing is taken when something is missing.
    ///
    /// # Errors
    /// The first thing that is missing.
    pub fn reserve(
        &self,
        graph: &Graph,
        problem: &Problem,
        residuals: &mut Residuals,
    ) -> Result<(), Flaw> {
        let checkpoint = residuals.checkpoint();
        let taken = self.take(graph, problem, residuals);
        match taken {
            Ok(()) => residuals.keep(checkpoint),
            Err(_) => residuals.abandon(checkpoint),
        }
        taken
    }

    /// Gives back what [`reserve`](Self::reserve) took.
    pub fn release(&self, graph: &Graph, problem: &Problem, residuals: &mut Residuals) {
        for (function, host) in problem.functions.iter().zip(&self.hosts) {
            residuals.give_resources(*host, &function.demand);
        }
        for (_, arc, amount) in self.uses(problem) {
            residuals.give_bandwidth(graph.arc(arc).pool, amount);
        }
    }

    fn take(
        &self,
        graph: &Graph,
        problem: &Problem,
        residuals: &mut Residuals,
    ) -> Result<(), Flaw> {
        for (function, (wants, host)) in problem.functions.iter().zip(&self.hosts).enumerate() {
            let taken = residuals.take_resources(*host, &wants.demand);
            taken.map_err(|short| Flaw::Resources { function, host: *host, short })?;
        }
        for (link, arc, amount) in self.uses(problem) {
            let taken = residuals.take_bandwidth(graph.arc(arc).pool, amount);
            taken.map_err(|short| Flaw::Bandwidth { link, arc, short })?;
        }
        Ok(())
    }

    /// Every arc that is used: the link that uses it, and how much of it.
    fn uses(&self, problem: &Problem) -> impl Iterator<Item = (usize, ArcId, u64)> {
        let links = problem.links.iter().zip(&self.routes).enumerate();
        links.flat_map(|(index, (link, route))| {
            let (there, back) = (link.traffic.forward(), link.traffic.backward().unwrap_or(0));
            let there = route.forward.iter().map(move |arc| (index, *arc, there));
            there.chain(route.backward.iter().map(move |arc| (index, *arc, back)))
        })
    }

    /// Looks at every constraint of the problem anew, sharing no code with the search.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn check(
        &self,
        graph: &Graph,
        places: &Places,
        residuals: &Residuals,
        problem: &Problem,
    ) -> Result<(), Flaw> {
        let (hosts, routes) = (self.hosts.len(), self.routes.len());
        if (hosts, routes) != (problem.functions.len(), problem.links.len()) {
            return Err(Flaw::Shape { hosts, routes });
        }
        self.check_hosts(problem)?;
        self.check_rules(places, problem)?;
        for (index, link) in problem.links.iter().enumerate() {
            self.check_link(graph, index, link)?;
        }
        self.take(graph, problem, &mut residuals.clone())
    }

    fn check_hosts(&self, problem: &Problem) -> Result<(), Flaw> {
        for (function, (wants, host)) in problem.functions.iter().zip(&self.hosts).enumerate() {
            match &wants.hosts {
                Hosts::Only(allowed) if !allowed.contains(host) => {
                    return Err(Flaw::Host { function, host: *host });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_rules(&self, places: &Places, problem: &Problem) -> Result<(), Flaw> {
        let mut hosts: Vec<_> = self.hosts.iter().enumerate().map(|(f, host)| (*host, f)).collect();
        hosts.sort_unstable();
        let twice = hosts.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let (Sharing::OnePerHost, Some(pair)) = (problem.sharing, twice) {
            return Err(Flaw::Placement(pair[0].1, pair[1].1));
        }
        for group in &problem.groups {
            for (index, a) in group.members.iter().enumerate() {
                for b in group.members[index + 1..].iter().filter(|b| *b != a) {
                    let together = places.same(group.scope, self.hosts[*a], self.hosts[*b]);
                    if together != (group.rule == Rule::Affinity) {
                        return Err(Flaw::Placement(*a, *b));
                    }
                }
            }
        }
        Ok(())
    }

    fn check_link(&self, graph: &Graph, index: usize, link: &Link) -> Result<(), Flaw> {
        let route = &self.routes[index];
        let (a, b) = (self.node_of(link.a), self.node_of(link.b));
        let sound = leads(graph, a, b, &route.forward)
            && match link.traffic {
                Traffic::OneWay(_) => route.backward.is_empty(),
                Traffic::Separate { .. } => leads(graph, b, a, &route.backward),
                Traffic::CoRouted { .. } => mirrored(graph, route),
            };
        if !sound {
            return Err(Flaw::Path { link: index });
        }
        for arc in route.forward.iter().chain(&route.backward) {
            if !link.admin.admits(graph.arc(*arc).admin) {
                return Err(Flaw::Admin { link: index, arc: *arc });
            }
        }
        let latency = graph.latency_of(&route.forward).max(graph.latency_of(&route.backward));
        match link.max_latency {
            Some(bound) if latency > bound => Err(Flaw::Latency { link: index, latency, bound }),
            _ => Ok(()),
        }
    }

    fn node_of(&self, end: End) -> NodeId {
        match end {
            End::Function(function) => self.hosts[function],
            End::Node(node) => node,
        }
    }
}

/// Whether the arcs are a loopless path from `from` to `to`.
fn leads(graph: &Graph, from: NodeId, to: NodeId, arcs: &[ArcId]) -> bool {
    let joined = arcs.windows(2).all(|pair| graph.arc(pair[0]).to == graph.arc(pair[1]).from);
    let starts = arcs.first().map_or(from, |arc| graph.arc(*arc).from);
    let ends = arcs.last().map_or(from, |arc| graph.arc(*arc).to);
    let mut nodes = graph.nodes_of(from, arcs);
    let visits = nodes.len();
    nodes.sort_unstable();
    nodes.dedup();
    joined && starts == from && ends == to && nodes.len() == visits
}

fn mirrored(graph: &Graph, route: &Route) -> bool {
    let twins: Option<Vec<_>> =
        route.forward.iter().rev().map(|arc| graph.arc(*arc).twin).collect();
    twins.is_some_and(|twins| twins == route.backward)
}
