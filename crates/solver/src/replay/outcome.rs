//! What came of a replay, and how it is scored.

use super::trace::{Event, Request, Trace};
use crate::embed::Solution;
use crate::graph::Graph;
use crate::ids::NodeId;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// In order of arrival.
    pub answers: Vec<Answer>,
    revenue: u64,
    cost: u64,
    revenue_time: f64,
}

/// What was decided on one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub request: usize,
    /// By virtual node; empty when the request was rejected.
    pub hosts: Vec<NodeId>,
    /// By virtual link: the nodes of its path.
    pub paths: Vec<Vec<NodeId>>,
    pub accepted: bool,
    /// How long the decision took.
    pub nanos: u64,
}

/// The scores of a replay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    pub requests: usize,
    pub accepted: usize,
    /// Accepted requests over all requests.
    pub acceptance: f64,
    /// Revenue over cost of what was accepted; 1 when every link takes one hop.
    pub revenue_to_cost: f64,
    /// Revenue × lifetime of what was accepted, by unit of time up to the last arrival.
    pub revenue_time: f64,
    pub mean_micros: f64,
    pub p50_micros: f64,
    pub p99_micros: f64,
}

impl Outcome {
    pub(super) fn reject(&mut self, request: usize, nanos: u64) {
        let (hosts, paths) = (Vec::new(), Vec::new());
        self.answers.push(Answer { request, hosts, paths, accepted: false, nanos });
    }

    #[expect(clippy::cast_precision_loss, reason = "scores are ratios")]
    pub(super) fn accept(
        &mut self,
        graph: &Graph,
        index: usize,
        request: &Request,
        solution: &Solution,
        nanos: u64,
    ) {
        let cpu: u64 = request.nodes.iter().sum();
        let revenue = cpu + request.links.iter().map(|link| link.2).sum::<u64>();
        let routes = request.links.iter().zip(&solution.routes);
        let hops: u64 = routes.map(|(link, route)| link.2 * route.forward.len() as u64).sum();
        self.revenue += revenue;
        self.cost += cpu + hops;
        self.revenue_time += revenue as f64 * request.lifetime;
        let links = request.links.iter().zip(&solution.routes);
        let paths =
            links.map(|(link, route)| graph.nodes_of(solution.hosts[link.0], &route.forward));
        let (hosts, paths) = (solution.hosts.clone(), paths.collect());
        self.answers.push(Answer { request: index, hosts, paths, accepted: true, nanos });
    }

    /// # Panics
    /// When the outcome is of another trace.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "scores are ratios")]
    pub fn totals(&self, trace: &Trace) -> Totals {
        let arrivals = trace.events.iter().filter_map(|event| match event {
            Event::Arrival { request } => Some(trace.requests[*request].arrival),
            Event::Departure { .. } => None,
        });
        let last = arrivals.fold(0.0, f64::max);
        let accepted = self.answers.iter().filter(|answer| answer.accepted).count();
        let mut nanos: Vec<_> = self.answers.iter().map(|answer| answer.nanos).collect();
        nanos.sort_unstable();
        let at =
            |share: usize| nanos.get(nanos.len() * share / 100).map_or(0.0, |n| *n as f64 / 1e3);
        let requests = self.answers.len();
        let of = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Totals {
            requests,
            accepted,
            acceptance: of(accepted as f64, requests as f64),
            revenue_to_cost: of(self.revenue as f64, self.cost as f64),
            revenue_time: of(self.revenue_time, last),
            mean_micros: of(nanos.iter().sum::<u64>() as f64 / 1e3, requests as f64),
            p50_micros: at(50),
            p99_micros: at(99),
        }
    }
}
