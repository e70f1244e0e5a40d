//! Which hosts a function cannot use for want of bandwidth about them, and which it had better leave
//! to others: of placements whose links cost nearly the same, the one that takes little of what is
//! scarce.

use super::instance::{Part, Wire};
use super::problem::{Problem, Sharing};
use crate::graph::Graph;
use crate::ids::NodeId;
use crate::residual::Residuals;

/// What taking all of the best host's resources is worth, in mean links over mean arcs.
const CROWDING: f32 = 1.0;
/// What the widest surroundings are worth, in mean links over mean arcs.
const WIDTH: f32 = 0.4;
/// Hosts have room to spare when there is this much more about them than a function needs …
const SPARE: f32 = 2.0;
/// … and plenty of it at this much more still.
const PLENTY: f32 = 6.0;

/// Bandwidth about a node, or what a function needs of it: in all, and for its largest part.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    all: f32,
    best: f32,
}

impl Room {
    fn add(&mut self, bandwidth: u64) {
        let bandwidth = real(bandwidth);
        self.all += bandwidth;
        self.best = self.best.max(bandwidth);
    }
}

#[derive(Debug)]
pub(super) struct Spare<'a> {
    residuals: &'a Residuals,
    pool: &'a [NodeId],
    rooms: Vec<Room>,
    widest: f32,
    /// The most that any host has left, by dimension.
    most: Vec<f32>,
}

impl<'a> Spare<'a> {
    pub(super) fn new(graph: &Graph, residuals: &'a Residuals, pool: &'a [NodeId]) -> Self {
        let rooms: Vec<_> = pool.iter().map(|node| about(graph, residuals, *node)).collect();
        let widest = rooms.iter().map(|room| room.all).fold(1.0, f32::max);
        let mut most = vec![1.0f32; residuals.dimensions()];
        for node in pool {
            let free = residuals.resources(*node);
            most.iter_mut().zip(free).for_each(|(most, free)| *most = most.max(real(*free)));
        }
        Self { residuals, pool, rooms, widest, most }
    }

    /// Adds to what hosts cost, by function and index into the pool.
    pub(super) fn price(
        &self,
        problem: &Problem,
        links: &[Wire],
        base: &mut [Vec<f32>],
        mean_hop: f32,
    ) {
        let needs: Vec<_> = (0..base.len()).map(|f| need(links, f, base.len())).collect();
        let unit = mean_hop * self.plenty(&needs);
        for (function, row) in base.iter_mut().enumerate() {
            if problem.sharing == Sharing::OnePerHost {
                self.bar(row, needs[function]);
            }
            if unit > 0.0 {
                self.add(row, &problem.functions[function].demand, unit);
            }
        }
    }

    /// Rules out hosts about which there is less than the function needs.
    fn bar(&self, row: &mut [f32], need: Room) {
        for (cost, room) in row.iter_mut().zip(&self.rooms) {
            if room.all < need.all || room.best < need.best {
                *cost = f32::INFINITY;
            }
        }
    }

    fn add(&self, row: &mut [f32], demand: &[u64], unit: f32) {
        for ((cost, room), node) in row.iter_mut().zip(&self.rooms).zip(self.pool) {
            *cost += unit * (WIDTH * room.all / self.widest + self.crowding(*node, demand));
        }
    }

    /// How much is asked of what the host is short of.
    fn crowding(&self, node: NodeId, demand: &[u64]) -> f32 {
        let free = self.residuals.resources(node).iter().zip(demand).zip(&self.most);
        let shares =
            free.map(|((free, demand), most)| real(*demand) / most * (1.0 - real(*free) / most));
        CROWDING * shares.fold(0.0, f32::max)
    }

    /// From 0, where functions need most of what is about a host, to 1. Where it is scarce, a short
    /// way for this problem is all that counts.
    fn plenty(&self, needs: &[Room]) -> f32 {
        let mean = |rooms: &[Room]| {
            rooms.iter().map(|room| room.all).sum::<f32>() / real(rooms.len().max(1) as u64)
        };
        let times = mean(&self.rooms) / mean(needs).max(0.01);
        ((times - SPARE) / PLENTY).clamp(0.0, 1.0)
    }
}

/// Bandwidth of the pools about a node.
fn about(graph: &Graph, residuals: &Residuals, node: NodeId) -> Room {
    let mut room = Room::default();
    graph.outgoing(node).iter().for_each(|step| room.add(residuals.bandwidth(step.pool)));
    for step in graph.incoming(node) {
        let twin = graph.arc(step.arc).twin;
        if twin.is_none_or(|twin| graph.arc(twin).pool != step.pool) {
            room.add(residuals.bandwidth(step.pool));
        }
    }
    room
}

/// What the links of a function to other functions need of the pools about its host.
fn need(links: &[Wire], function: Part, functions: usize) -> Room {
    let mut room = Room::default();
    for wire in links.iter().filter(|wire| wire.a.max(wire.b) < functions) {
        if wire.a == function || wire.b == function {
            room.add(wire.forward);
            room.add(wire.backward);
        }
    }
    room
}

#[expect(clippy::cast_precision_loss, reason = "prices need no precision")]
fn real(value: u64) -> f32 {
    value as f32
}
