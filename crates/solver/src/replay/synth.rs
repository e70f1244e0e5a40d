//! Workloads of our own making, for tests and measurements: seeded, so that a number names one.

use super::trace::{Event, PhysicalLink, Request, Trace};
use crate::random::Random;

/// What kind of network and how much is asked of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    pub topology: Topology,
    pub nodes: u32,
    pub requests: usize,
    /// Mean time between arrivals; requests stay for 500 on average.
    pub gap: f64,
    /// Largest number of virtual nodes; the smallest is 2.
    pub size: usize,
    /// How likely two virtual nodes are linked.
    pub density: f64,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// Near nodes are linked more often than far ones (Waxman 1988), about 10 links a node.
    Waxman,
    /// A tree of short links and some shortcuts, about 3 links a node, like a carrier's network.
    WideArea,
}

type Point = (f64, f64);

impl Workload {
    #[must_use]
    pub fn trace(&self) -> Trace {
        let mut random = Random::new(self.seed);
        let points: Vec<Point> =
            (0..self.nodes).map(|_| (fraction(&mut random), fraction(&mut random))).collect();
        let pairs = match self.topology {
            Topology::Waxman => waxman(&mut random, &points),
            Topology::WideArea => wide_area(&mut random, &points),
        };
        let mut capacity = || 50 + random.below(51) as u64;
        let nodes = points.iter().map(|_| capacity()).collect();
        let link = |(u, v)| PhysicalLink { u, v, bandwidth: capacity() };
        let links = pairs.into_iter().map(link).collect();
        let requests = self.requests(&mut random);
        let events = events(&requests);
        Trace { nodes, links, requests, events }
    }

    fn requests(&self, random: &mut Random) -> Vec<Request> {
        let mut arrival = 0.0;
        let mut request = || {
            arrival += (exponential(random) * self.gap).round();
            let size = 2 + random.below(self.size - 1);
            let nodes = (0..size).map(|_| random.below(21) as u64).collect();
            let lifetime = exponential(random) * 500.0;
            Request { arrival, lifetime, nodes, links: self.shape(random, size) }
        };
        (0..self.requests).map(|_| request()).collect()
    }

    /// Each node is tied to an earlier one, so that the whole hangs together; others by chance.
    fn shape(&self, random: &mut Random, size: usize) -> Vec<(usize, usize, u64)> {
        let mut links = Vec::new();
        for b in 1..size {
            let tie = random.below(b);
            for a in 0..b {
                if a == tie || fraction(random) < self.density {
                    links.push((a, b, random.below(51) as u64));
                }
            }
        }
        links
    }
}

fn events(requests: &[Request]) -> Vec<Event> {
    let mut events = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        events.push((request.arrival, Event::Arrival { request: index }));
        let departure = request.arrival + request.lifetime;
        events.push((departure, Event::Departure { request: index }));
    }
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    events.into_iter().map(|(_, event)| event).collect()
}

fn waxman(random: &mut Random, points: &[Point]) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for (v, there) in (0u32..).zip(points) {
        for (u, here) in (0..v).zip(points) {
            let likely = 0.5 * (-distance(*here, *there) / (0.2 * 2f64.sqrt())).exp();
            if fraction(random) < likely {
                pairs.push((u, v));
            }
        }
    }
    join(points, &mut pairs);
    pairs
}

fn wide_area(random: &mut Random, points: &[Point]) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    join(points, &mut pairs);
    for (v, there) in (0u32..).zip(points) {
        let mut near: Vec<_> =
            (0u32..).zip(points).map(|(u, here)| (distance(*here, *there), u)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (_, u) = near[1 + random.below(near.len().min(6) - 1)];
        let pair = (u.min(v), u.max(v));
        if fraction(random) < 0.6 && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Adds the shortest links that make one network of all parts (Prim).
fn join(points: &[Point], pairs: &mut Vec<(u32, u32)>) {
    let mut part: Vec<u32> = (0u32..).zip(points).map(|(index, _)| index).collect();
    for &(u, v) in pairs.iter() {
        merge(&mut part, u, v);
    }
    loop {
        let mut best: Option<(f64, u32, u32)> = None;
        for (v, there) in (0u32..).zip(points) {
            for (u, here) in (0..v).zip(points) {
                let length = distance(*here, *there);
                let apart = part[u as usize] != part[v as usize];
                if apart && best.is_none_or(|(least, ..)| length < least) {
                    best = Some((length, u, v));
                }
            }
        }
        let Some((_, u, v)) = best else { return };
        pairs.push((u, v));
        merge(&mut part, u, v);
    }
}

fn merge(part: &mut [u32], u: u32, v: u32) {
    let (keep, drop) = (part[u as usize], part[v as usize]);
    part.iter_mut().filter(|p| **p == drop).for_each(|p| *p = keep);
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn fraction(random: &mut Random) -> f64 {
    f64::from(random.fraction())
}

fn exponential(random: &mut Random) -> f64 {
    -(1.0 - fraction(random)).ln()
}
