//! Why the plan is what it is: each choice is held against what else there was.

mod functions;
mod links;

use crate::error::Error;
use crate::network::{Carrier, Network};
use crate::planner::Planner;
use crate::report::PlanReport;
use crate::wanted::Wanted;
use model::{Mbps, Micros};
use solver::{ArcId, End, Finder, Link, NoPath, NodeId, Query, Residuals, Route, Solution};

pub(crate) struct Explanation<'p, 'n> {
    network: &'n Network,
    finder: &'p mut Finder<'n>,
    wanted: &'p Wanted<'p>,
    solution: &'p Solution,
    /// What the books and the solution leave.
    left: &'p mut Residuals,
}

impl<'p, 'n> Explanation<'p, 'n> {
    /// # Errors
    /// Where the solution does not fit what it was made for.
    pub(crate) fn new(
        planner: &'p mut Planner<'n>,
        wanted: &'p Wanted<'p>,
        solution: &'p Solution,
        left: &'p mut Residuals,
    ) -> Result<Self, Error> {
        let network = planner.network;
        solution
            .reserve(&network.graph, &wanted.problem, left)
            .map_err(|flaw| Error::Bug(format!("the solver's answer does not fit: {flaw}")))?;
        Ok(Self { network, finder: &mut planner.finder, wanted, solution, left })
    }

    pub(crate) fn report(mut self) -> PlanReport {
        let functions = 0..self.wanted.problem.functions.len();
        let mut decisions: Vec<_> = functions.map(|function| self.function(function)).collect();
        decisions.extend(self.links());
        PlanReport { decisions, warnings: self.wanted.demand.notes.clone() }
    }

    fn node_of(&self, end: End) -> NodeId {
        match end {
            End::Function(function) => self.solution.hosts[function],
            End::Node(node) => node,
        }
    }

    fn give_back(&mut self, link: usize) {
        let (traffic, route) =
            (self.wanted.problem.links[link].traffic, &self.solution.routes[link]);
        let ways = [
            (&route.forward, traffic.forward()),
            (&route.backward, traffic.backward().unwrap_or_default()),
        ];
        for (arcs, amount) in ways {
            for arc in arcs {
                self.left.give_bandwidth(self.network.graph.arc(*arc).pool, amount);
            }
        }
    }

    /// Bandwidth × metric over the arcs of a path, both ways.
    fn cost(&self, link: &Link, route: &Route) -> u128 {
        let graph = &self.network.graph;
        let there = u128::from(link.traffic.forward()) * u128::from(graph.cost_of(&route.forward));
        let back = link.traffic.backward().unwrap_or_default();
        there + u128::from(back) * u128::from(graph.cost_of(&route.backward))
    }

    fn query(&self, link: &Link, from: NodeId, to: NodeId) -> Query {
        let mut query = Query::new(from, to).bandwidth(link.traffic.forward());
        query.backward = link.traffic.backward();
        query.max_latency = link.max_latency;
        query
    }

    /// Why there is no path, in the words of the topology.
    fn in_words(&self, no_path: &NoPath) -> String {
        match *no_path {
            NoPath::Bandwidth { arc, needed, available } => {
                let (needed, available) = (Mbps(needed), Mbps(available));
                format!("{} has {available} left of the {needed} needed", self.carrier(arc))
            }
            NoPath::Latency { bound, best } => {
                format!(
                    "the fastest path with room takes {}, {} are allowed",
                    Micros(best),
                    Micros(bound)
                )
            }
            NoPath::Disconnected => "no path leads there".to_owned(),
            other => other.to_string(),
        }
    }

    fn carrier(&self, arc: ArcId) -> String {
        match self.network.carrier(arc) {
            Carrier::Link(link) => format!("link {link}"),
            Carrier::Port(port) => format!("port {port}"),
        }
    }

    /// `par1 → fra1`, over the devices of a path.
    fn devices(&self, start: NodeId, arcs: &[ArcId]) -> String {
        let nodes = self.network.graph.nodes_of(start, arcs);
        let mut devices: Vec<_> =
            nodes.iter().map(|node| self.network.node(*node).device.as_str()).collect();
        devices.dedup();
        devices.join(" → ")
    }
}
