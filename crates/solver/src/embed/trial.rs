//! Paths for a placement: what is really taken of the links.

use super::instance::Instance;
use super::problem::{Link, Traffic};
use super::reach::{Ground, Reach};
use super::solution::Route;
use crate::ids::NodeId;
use crate::paths::{Finder, NoPath, Path, Query};
use crate::residual::Residuals;

/// Routes that hold bandwidth of the residuals that are passed to each call.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    instance: &'a Instance<'a>,
    /// By link.
    pub(super) routes: Vec<Option<Route>>,
    pub(super) transport: u128,
    pub(super) missing: usize,
}

impl<'a> Trial<'a> {
    pub(super) fn new(instance: &'a Instance<'a>) -> Self {
        let links = instance.links.len();
        Self { instance, routes: vec![None; links], transport: 0, missing: links }
    }

    /// Finds and takes paths for a link that has none; false where there are none.
    pub(super) fn connect(
        &mut self,
        ground: &mut Ground,
        reach: &mut Reach,
        index: usize,
        ends: (NodeId, NodeId),
    ) -> bool {
        let route = self.route(ground, reach, index, ends);
        if let Some(route) = route {
            self.adopt(ground.residuals, index, route);
            return true;
        }
        false
    }

    fn route(
        &self,
        ground: &mut Ground,
        reach: &mut Reach,
        index: usize,
        ends: (NodeId, NodeId),
    ) -> Option<Route> {
        let link = &self.instance.problem.links[index];
        if ends.0 == ends.1 {
            return Some(Route::default());
        }
        if ground.landscape.uniform_cost().is_some() {
            let (finder, residuals) = (&mut *ground.finder, &mut *ground.residuals);
            let direct = joint(finder, link, ends, |finder, query| finder.direct(residuals, query));
            if direct.is_some() {
                return direct;
            }
        }
        let (unit, ahead) = (ground.landscape.uniform_cost(), reach.ahead(ground, index, ends.1));
        let (finder, residuals) = (&mut *ground.finder, &mut *ground.residuals);
        match ahead.zip(unit) {
            Some(ahead) => joint(finder, link, ends, |finder, query| {
                finder.guided(residuals, query, ahead, ground.detour)
            }),
            None => find(finder, residuals, link, ends).ok(),
        }
    }

    /// Gives up the paths of a link.
    pub(super) fn disconnect(&mut self, residuals: &mut Residuals, index: usize) -> Option<Route> {
        let route = self.routes[index].take()?;
        self.for_each_use(index, &route, |pool, amount| residuals.give_bandwidth(pool, amount));
        self.transport -= self.transport_of(index, &route);
        self.missing += 1;
        Some(route)
    }

    fn adopt(&mut self, residuals: &mut Residuals, index: usize, route: Route) {
        self.for_each_use(index, &route, |pool, amount| {
            residuals.take_bandwidth(pool, amount).expect("a path is found where there is room");
        });
        self.restore(index, route);
    }

    /// Notes a route whose bandwidth is taken already.
    pub(super) fn restore(&mut self, index: usize, route: Route) {
        self.transport += self.transport_of(index, &route);
        self.missing -= 1;
        self.routes[index] = Some(route);
    }

    /// Forgets a route, leaving its bandwidth to a rollback.
    pub(super) fn forget(&mut self, index: usize) {
        if let Some(route) = self.routes[index].take() {
            self.transport -= self.transport_of(index, &route);
            self.missing += 1;
        }
    }

    fn for_each_use(&self, index: usize, route: &Route, mut visit: impl FnMut(crate::PoolId, u64)) {
        let wire = &self.instance.links[index];
        let graph = self.instance.graph;
        route.forward.iter().for_each(|arc| visit(graph.arc(*arc).pool, wire.forward));
        route.backward.iter().for_each(|arc| visit(graph.arc(*arc).pool, wire.backward));
    }

    pub(super) fn transport_of(&self, index: usize, route: &Route) -> u128 {
        let (graph, wire) = (self.instance.graph, &self.instance.links[index]);
        let there = u128::from(wire.forward) * u128::from(graph.cost_of(&route.forward));
        there + u128::from(wire.backward) * u128::from(graph.cost_of(&route.backward))
    }
}

/// Paths for a link between two nodes, taking nothing.
pub(super) fn find(
    finder: &mut Finder,
    residuals: &mut Residuals,
    link: &Link,
    (a, b): (NodeId, NodeId),
) -> Result<Route, NoPath> {
    if a == b {
        return Ok(Route::default());
    }
    match link.traffic {
        Traffic::OneWay(_) | Traffic::CoRouted { .. } => {
            let mut reason = None;
            let found = joint(finder, link, (a, b), |finder, query| {
                finder.shortest(residuals, query).map_err(|no_path| reason = Some(no_path)).ok()
            });
            found.ok_or_else(|| reason.expect("a search finds a path or says why not"))
        }
        Traffic::Separate { backward, .. } => {
            separate(finder, residuals, query(link, (a, b)), backward)
        }
    }
}

fn query(link: &Link, (a, b): (NodeId, NodeId)) -> Query {
    let mut query = Query::new(a, b).bandwidth(link.traffic.forward());
    query.max_latency = link.max_latency;
    query.admin = link.admin;
    query
}

/// One path for all the traffic of a link.
fn joint<'g>(
    finder: &mut Finder<'g>,
    link: &Link,
    ends: (NodeId, NodeId),
    search: impl FnOnce(&mut Finder<'g>, &Query) -> Option<Path>,
) -> Option<Route> {
    let mut query = query(link, ends);
    query.backward = link.traffic.backward();
    let path = search(finder, &query)?;
    let backward = query.backward.map(|_| {
        let backward = path.backward(finder.graph());
        backward.expect("a co-routed path uses arcs with twins only")
    });
    Some(Route { forward: path.arcs, backward: backward.unwrap_or_default() })
}

/// The way back is looked for in what the way there leaves.
fn separate(
    finder: &mut Finder,
    residuals: &mut Residuals,
    query: Query,
    backward: u64,
) -> Result<Route, NoPath> {
    let there = finder.shortest(residuals, &query)?.arcs;
    let checkpoint = residuals.checkpoint();
    for arc in &there {
        let pool = finder.graph().arc(*arc).pool;
        residuals
            .take_bandwidth(pool, query.bandwidth)
            .expect("a path is found where there is room");
    }
    let query = Query { from: query.to, to: query.from, bandwidth: backward, ..query };
    let back = finder.shortest(residuals, &query);
    residuals.abandon(checkpoint);
    Ok(Route { forward: there, backward: back?.arcs })
}
