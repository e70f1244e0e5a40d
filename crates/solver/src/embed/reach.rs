//! How far it is between hosts for a link, over arcs that have room for it now.

use super::bits::BitGraph;
use super::instance::{Instance, Wire};
use super::landscape::Landscape;
use crate::ids::NodeId;
use crate::paths::tree::{Direction, UNREACHED};
use crate::paths::{AdminPolicy, Finder, Query};
use crate::residual::Residuals;

const UNKNOWN: u32 = u32::MAX;

/// The end of a link whose place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    A,
    B,
}

/// Rows of distances by host of the pool, one a kind of link, end and place of that end, made when
/// needed. Links that may use the same arcs are of one kind.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    instance: &'a Instance<'a>,
    /// By link.
    kinds: Vec<Kind>,
    bits: Vec<BitGraph>,
    /// Where a row begins in `values`, by kind, end, and place.
    begin: Vec<u32>,
    values: Vec<f32>,
    nodes: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    index: usize,
    /// What a unit of a row is worth.
    weight: f32,
    /// Which of [`Reach::bits`] holds its arcs.
    bits: Option<usize>,
}

/// A row and what a unit of it is worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) begin: usize,
    pub(super) weight: f32,
}

/// What rows are made from; nothing of it changes while a placement is looked for.
#[derive(Debug)]
pub(super) struct Ground<'a, 'g> {
    pub(super) landscape: &'a mut Landscape,
    pub(super) finder: &'a mut Finder<'g>,
    pub(super) residuals: &'a mut Residuals,
    /// How much longer than the shortest with room a path may be, in arcs.
    pub(super) detour: f32,
}

impl<'a> Reach<'a> {
    pub(super) fn new(instance: &'a Instance<'a>, ground: &mut Ground) -> Self {
        let by_bits = ground.landscape.uniform_cost().is_some() && BitGraph::holds(instance.graph);
        let mut kinds = Kinds::default();
        for (index, wire) in instance.links.iter().enumerate() {
            kinds.add(wire, instance.problem.links[index].admin);
        }
        let kinds_found = kinds.seen.len();
        let mut reach = Self {
            instance,
            kinds: kinds.of_links,
            bits: Vec::new(),
            begin: vec![UNKNOWN; kinds_found * 2 * instance.spots()],
            values: Vec::new(),
            nodes: vec![0.0; instance.graph.node_count()],
        };
        if by_bits {
            reach.gather_bits(ground);
        }
        reach
    }

    /// The arcs that each kind of link may use.
    fn gather_bits(&mut self, ground: &mut Ground) {
        let bare = |wire: &Wire, admin: AdminPolicy| {
            wire.is_plain() && !wire.two_way && admin == AdminPolicy::default()
        };
        let links = self.instance.links.iter().zip(&self.instance.problem.links).enumerate();
        let (plain, other): (Vec<_>, Vec<_>) =
            links.partition(|(_, (wire, link))| bare(wire, link.admin));
        let mut bandwidths: Vec<_> = plain.iter().map(|(_, (wire, _))| wire.forward).collect();
        bandwidths.sort_unstable_by(|a, b| b.cmp(a));
        bandwidths.dedup();
        let (layers, whose) = BitGraph::layers(self.instance.graph, ground.residuals, &bandwidths);
        self.bits = layers;
        for (index, (wire, _)) in plain {
            let rank = bandwidths.partition_point(|bandwidth| *bandwidth > wire.forward);
            let bits = whose[rank];
            // Kinds with the same arcs are one.
            let weight = self.kinds[index].weight;
            self.kinds[index] =
                Kind { index: self.first_with(bits, index), weight, bits: Some(bits) };
        }
        for (index, (wire, _)) in other {
            if wire.is_plain() {
                let bits = ground.finder.bits(ground.residuals, &self.query(index, Way::There));
                self.bits.push(bits);
                self.kinds[index].bits = Some(self.bits.len() - 1);
            }
        }
    }

    /// The kind that already uses these arcs, or the link's own.
    fn first_with(&self, bits: usize, link: usize) -> usize {
        let kinds = self.kinds.iter().find(|kind| kind.bits == Some(bits));
        kinds.map_or(self.kinds[link].index, |kind| kind.index)
    }

    /// What the link costs with one end at `spot` and the other on each host of the pool.
    pub(super) fn term(
        &mut self,
        ground: &mut Ground,
        wire: usize,
        known: Known,
        spot: u32,
    ) -> Term {
        let kind = self.kinds[wire];
        let symmetric = kind.bits.is_some_and(|bits| self.bits[bits].symmetric());
        let side = if symmetric || known == Known::A { 0 } else { 1 };
        let slot = (kind.index * 2 + side) * self.instance.spots() + spot as usize;
        if self.begin[slot] == UNKNOWN {
            self.begin[slot] = u32::try_from(self.values.len()).expect("rows fit in 16 GiB");
            self.make(ground, wire, known, self.instance.spot(spot));
        }
        Term { begin: self.begin[slot] as usize, weight: kind.weight }
    }

    /// Rows, one after the other, each as long as [`Instance::stride`].
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    fn make(&mut self, ground: &mut Ground, wire: usize, known: Known, place: NodeId) {
        let begin = self.values.len();
        self.values.resize(begin + self.instance.stride, 0.0);
        let link = &self.instance.links[wire];
        // From a known end the row looks forward along the traffic, towards one it looks back.
        let (there, back) = match known {
            Known::A => (Direction::Forward, Direction::Backward),
            Known::B => (Direction::Backward, Direction::Forward),
        };
        if link.is_plain() {
            self.add(ground, (wire, Way::There), (place, there), 1.0, begin);
            return;
        }
        self.add(ground, (wire, Way::There), (place, there), link.weight.0, begin);
        if link.separate {
            self.add(ground, (wire, Way::Back), (place, back), link.weight.1, begin);
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
        (wire, way): (usize, Way),
        root: (NodeId, Direction),
        weight: f32,
        begin: usize,
    ) {
        match (self.kinds[wire].bits, ground.landscape.uniform_cost()) {
            (Some(bits), Some(unit)) => {
                self.bits[bits].measure(root.0, root.1, unit, &mut self.nodes);
            }
            _ => self.measure_tree(ground, &self.query(wire, way), root),
        }
        let far = self.instance.far;
        let near = far * 0.99;
        let values = self.values[begin..].iter_mut();
        for (value, host) in values.zip(&self.instance.pool) {
            let distance = self.nodes[host.index()];
            *value += weight * if distance == f32::INFINITY { far } else { distance.min(near) };
        }
    }

    /// Whether a link that costs `cost` by its row has no way.
    pub(super) fn is_far(&self, wire: usize, cost: f32) -> bool {
        let link = &self.instance.links[wire];
        let weight = if link.is_plain() { 1.0 } else { link.lighter() };
        cost >= weight * self.instance.far
    }

    /// Lower bounds on the cost from each node to `target` for a link, where they are cheap to
    /// have.
    pub(super) fn ahead(
        &mut self,
        ground: &mut Ground,
        wire: usize,
        target: NodeId,
    ) -> Option<&[f32]> {
        let (bits, unit) = (self.kinds[wire].bits?, ground.landscape.uniform_cost()?);
        self.bits[bits].measure(target, Direction::Backward, unit, &mut self.nodes);
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
        let penalty = self.instance.far * self.instance.heaviest;
        for (value, host) in self.values[begin..].iter_mut().zip(&self.instance.pool) {
            if row[host.index()] > bound {
                *value += penalty;
            }
        }
    }
}

/// Which traffic of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

/// Finds links that ask for the same.
#[derive(Debug, Default)]
struct Kinds {
    seen: Vec<Option<(u64, Option<u64>, AdminPolicy)>>,
    of_links: Vec<Kind>,
}

impl Kinds {
    fn add(&mut self, wire: &Wire, admin: AdminPolicy) {
        let key =
            wire.is_plain().then(|| (wire.forward, wire.two_way.then_some(wire.backward), admin));
        let known = key.and_then(|key| self.seen.iter().position(|seen| *seen == Some(key)));
        let index = known.unwrap_or_else(|| {
            self.seen.push(key);
            self.seen.len() - 1
        });
        let weight = if wire.is_plain() { wire.weight.0 } else { 1.0 };
        self.of_links.push(Kind { index, weight, bits: None });
    }
}
