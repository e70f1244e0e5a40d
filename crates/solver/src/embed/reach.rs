//! How far it is between hosts for one link, over arcs that have room for it now.

use super::bits::BitGraph;
use super::instance::Instance;
use super::landscape::Landscape;
use crate::ids::NodeId;
use crate::paths::tree::{Direction, UNREACHED};
use crate::paths::{Finder, Query};
use crate::residual::Residuals;

const UNKNOWN: u32 = u32::MAX;

/// The end of a link whose place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    A,
    B,
}

/// Rows of costs by host of the pool, one a link, end and place of that end, made when needed.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    instance: &'a Instance<'a>,
    /// Where a row begins in `values`, by link, end, and place.
    begin: Vec<u32>,
    values: Vec<f32>,
    bits: Vec<[Option<Box<BitGraph>>; 2]>,
    nodes: Vec<f32>,
}

/// What rows are made from; nothing of it changes while a placement is looked for.
#[derive(Debug)]
pub(super) struct Ground<'a, 'g> {
    pub(super) landscape: &'a mut Landscape,
    pub(super) finder: &'a mut Finder<'g>,
    pub(super) residuals: &'a mut Residuals,
}

impl<'a> Reach<'a> {
    pub(super) fn new(instance: &'a Instance<'a>) -> Self {
        let links = instance.links.len();
        Self {
            instance,
            begin: vec![UNKNOWN; links * 2 * instance.spots()],
            values: Vec::new(),
            bits: vec![[None, None]; links],
            nodes: vec![0.0; instance.graph.node_count()],
        }
    }

    /// What the link costs with one end at `spot` and the other on each host of the pool.
    pub(super) fn row(
        &mut self,
        ground: &mut Ground,
        wire: usize,
        known: Known,
        spot: u32,
    ) -> &[f32] {
        let hosts = self.instance.pool.len();
        let side = if known == Known::A { 0 } else { 1 };
        let slot = (wire * 2 + side) * self.instance.spots() + spot as usize;
        if self.begin[slot] == UNKNOWN {
            self.begin[slot] = u32::try_from(self.values.len()).expect("rows fit in 16 GiB");
            self.make(ground, wire, known, self.instance.spot(spot));
        }
        let begin = self.begin[slot] as usize;
        &self.values[begin..begin + hosts]
    }

    fn make(&mut self, ground: &mut Ground, wire: usize, known: Known, place: NodeId) {
        let begin = self.values.len();
        self.values.resize(begin + self.instance.pool.len(), 0.0);
        let link = &self.instance.links[wire];
        // From a known end the row looks forward along the traffic, towards one it looks back.
        let (there, back) = match known {
            Known::A => (Direction::Forward, Direction::Backward),
            Known::B => (Direction::Backward, Direction::Forward),
        };
        self.add(ground, wire, Way::There, (place, there), link.weight.0, begin);
        if link.separate {
            self.add(ground, wire, Way::Back, (place, back), link.weight.1, begin);
        }
        if link.max_latency < f32::INFINITY {
            self.rule_out_far(ground, link.max_latency, (place, there), begin);
            if link.two_way {
                self.rule_out_far(ground, link.max_latency, (place, back), begin);
            }
        }
    }

    fn add(
        &mut self,
        ground: &mut Ground,
        wire: usize,
        way: Way,
        root: (NodeId, Direction),
        weight: f32,
        begin: usize,
    ) {
        let query = self.query(wire, way);
        let unit = ground.landscape.uniform_cost().filter(|_| BitGraph::holds(self.instance.graph));
        match unit {
            Some(unit) => self.measure_bits(ground, (wire, way), &query, root, unit),
            None => self.measure_tree(ground, &query, root),
        }
        let penalty = self.instance.penalty;
        let values = self.values[begin..].iter_mut();
        for (value, host) in values.zip(&self.instance.pool) {
            let distance = self.nodes[host.index()];
            *value += if distance < f32::INFINITY { weight * distance } else { penalty };
        }
    }

    /// Lower bounds on the cost from each node to `target` for one way of a link, where they are
    /// cheap to have.
    pub(super) fn ahead(
        &mut self,
        ground: &mut Ground,
        wire: usize,
        way: Way,
        target: NodeId,
    ) -> Option<&[f32]> {
        let unit =
            ground.landscape.uniform_cost().filter(|_| BitGraph::holds(self.instance.graph))?;
        let query = self.query(wire, way);
        self.measure_bits(ground, (wire, way), &query, (target, Direction::Backward), unit);
        Some(&self.nodes)
    }

    fn query(&self, wire: usize, way: Way) -> Query {
        let link = &self.instance.links[wire];
        let nowhere = NodeId(0);
        let mut query = Query::new(nowhere, nowhere);
        query.admin = self.instance.problem.links[wire].admin;
        match way {
            Way::There => {
                query.bandwidth = link.forward;
                query.backward = (link.two_way && !link.separate).then_some(link.backward);
            }
            Way::Back => query.bandwidth = link.backward,
        }
        query
    }

    fn measure_bits(
        &mut self,
        ground: &mut Ground,
        (wire, way): (usize, Way),
        query: &Query,
        (place, direction): (NodeId, Direction),
        unit: f32,
    ) {
        let slot = &mut self.bits[wire][way as usize];
        let bits =
            slot.get_or_insert_with(|| Box::new(ground.finder.bits(ground.residuals, query)));
        bits.measure(place, direction, unit, &mut self.nodes);
    }

    #[expect(clippy::cast_precision_loss, reason = "distances only guide the search")]
    fn measure_tree(
        &mut self,
        ground: &mut Ground,
        query: &Query,
        (place, direction): (NodeId, Direction),
    ) {
        let tree = ground.finder.measure(ground.residuals, query, (place, direction));
        for host in &self.instance.pool {
            self.nodes[host.index()] = match tree.distance(*host) {
                UNREACHED => f32::INFINITY,
                distance => distance as f32,
            };
        }
    }

    fn rule_out_far(
        &mut self,
        ground: &mut Ground,
        bound: f32,
        (place, direction): (NodeId, Direction),
        begin: usize,
    ) {
        ground.landscape.ensure(self.instance.graph, place);
        let row = ground.landscape.row(direction, place);
        for (value, host) in self.values[begin..].iter_mut().zip(&self.instance.pool) {
            if row[host.index()] > bound {
                *value += self.instance.penalty;
            }
        }
    }
}

/// Which traffic of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    There = 0,
    Back = 1,
}
