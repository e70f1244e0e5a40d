//! Why a virtual link goes the way it does.

use super::Explanation;
use crate::demand::LinkDemand;
use crate::network::Carrier;
use crate::report::Decision;
use model::{Mbps, Micros};
use solver::{ArcId, Link, NodeId, Path, Query, Route};

impl Explanation<'_, '_> {
    /// In the order of the demand, those without a path included.
    pub(super) fn links(&mut self) -> Vec<Decision> {
        let mut routed = (0..self.wanted.links.len()).peekable();
        let mut decisions = Vec::new();
        for (index, want) in self.wanted.demand.links.iter().enumerate() {
            let mine = routed.next_if(|link| self.wanted.links[*link] == index);
            decisions.push(match mine {
                Some(link) => self.link(link, want),
                None => Decision {
                    subject: subject(want),
                    choice: "a cross-connection".to_owned(),
                    because: "both ends are on one device".to_owned(),
                    rejected: Vec::new(),
                },
            });
        }
        decisions
    }

    fn link(&mut self, index: usize, want: &LinkDemand) -> Decision {
        let (link, solution) = (self.wanted.problem.links[index], self.solution);
        let route = &solution.routes[index];
        let (from, to) = (self.node_of(link.a), self.node_of(link.b));
        if from == to {
            let vim = self.network.node(from).vim.as_ref().map(ToString::to_string);
            return Decision {
                subject: subject(want),
                choice: format!("inside VIM {}", vim.unwrap_or_default()),
                because: "both ends run there".to_owned(),
                rejected: Vec::new(),
            };
        }
        let checkpoint = self.left.checkpoint();
        self.give_back(index);
        let rejected = self.other_paths(&link, route, (from, to));
        self.left.abandon(checkpoint);
        Decision {
            subject: subject(want),
            choice: self.devices(from, &route.forward),
            because: self.why_this_path(want, route),
            rejected,
        }
    }

    fn why_this_path(&self, want: &LinkDemand, route: &Route) -> String {
        let graph = &self.network.graph;
        if self.network.links_of(&route.forward).is_empty() {
            return "both ends are at one device".to_owned();
        }
        let latency = graph.latency_of(&route.forward).max(graph.latency_of(&route.backward));
        let bound = want.latency.map(|bound| format!(" of the {bound} allowed"));
        format!(
            "it is the cheapest path with room for {}: metric {}, {}{}",
            rates(want.a_to_z, want.z_to_a),
            self.metric(&route.forward),
            Micros(latency),
            bound.unwrap_or_default()
        )
    }

    /// The sum over links; what the ports of VIMs count for is left out.
    fn metric(&self, arcs: &[ArcId]) -> u64 {
        let is_link = |arc: &&ArcId| matches!(self.network.carrier(**arc), Carrier::Link(_));
        arcs.iter().filter(is_link).map(|arc| u64::from(self.network.graph.arc(*arc).cost)).sum()
    }

    /// The path that an empty network would give, where that is another one, and the cheapest that
    /// shares no link with the one chosen.
    fn other_paths(&mut self, link: &Link, route: &Route, ends: (NodeId, NodeId)) -> Vec<String> {
        let mut others = Vec::new();
        let chosen = self.metric(&route.forward);
        let open = Query { backward: Some(0), ..Query::new(ends.0, ends.1) };
        if let Ok(path) = self.finder.shortest(self.left, &open)
            && self.metric(&path.arcs) < chosen
        {
            others.push(self.against_path(link, &path, ends.0));
        }
        let links = route.forward.iter().chain(&route.backward);
        let links = links.filter(|arc| matches!(self.network.carrier(**arc), Carrier::Link(_)));
        let links: Vec<ArcId> = links.copied().collect();
        if links.is_empty() {
            return others;
        }
        let query = self.query(link, ends.0, ends.1).avoid_arcs(links);
        if let Ok(path) = self.finder.shortest(self.left, &query) {
            others.push(format!(
                "{}: metric {}, {}",
                self.devices(ends.0, &path.arcs),
                self.metric(&path.arcs),
                Micros(path.latency)
            ));
        }
        others
    }

    fn against_path(&self, link: &Link, path: &Path, from: NodeId) -> String {
        let (there, back) = (link.traffic.forward(), link.traffic.backward().unwrap_or_default());
        let twin = |arc: &ArcId| self.network.graph.arc(*arc).twin.map(|twin| (twin, back));
        let uses = path.arcs.iter().flat_map(|arc| [Some((*arc, there)), twin(arc)]).flatten();
        let left = |arc: ArcId| self.left.bandwidth(self.network.graph.arc(arc).pool);
        let short = uses.into_iter().find(|(arc, need)| left(*arc) < *need);
        let reason = match short {
            Some((arc, need)) => format!(
                "{} has {} left of the {} needed",
                self.carrier(arc),
                Mbps(left(arc)),
                Mbps(need)
            ),
            None => format!("it takes {}, more than is allowed", Micros(path.latency)),
        };
        format!("{}: {reason}", self.devices(from, &path.arcs))
    }
}

fn subject(want: &LinkDemand) -> String {
    format!("virtual link {}", want.id)
}

fn rates(there: Mbps, back: Mbps) -> String {
    if there == back { format!("{there} each way") } else { format!("{there} and {back}") }
}
