//! Large networks of our own making, for tests and measurements: seeded, so that a number names one.

use crate::graph::{ArcSpec, Graph, GraphBuilder};
use crate::ids::NodeId;
use crate::random::Random;

/// How nodes are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// New nodes link to old ones, the more readily the more links these have (Barabási, Albert
    /// 1999): a few nodes have very many links.
    ScaleFree,
    /// Nodes lie in a square and are linked to those within a radius.
    Geometric,
}

/// Undirected links of random capacity (100 to 1000), cost (1 to 100), and latency (1 to 1000 µs).
///
/// # Panics
/// Below 16 nodes.
#[must_use]
pub fn network(kind: Kind, nodes: u32, links_each: u32, seed: u64) -> Graph {
    assert!(nodes >= 16, "a network of {nodes} nodes is no large one");
    let mut random = Random::new(seed);
    let pairs = match kind {
        Kind::ScaleFree => scale_free(&mut random, nodes, links_each),
        Kind::Geometric => geometric(&mut random, nodes, links_each),
    };
    let mut builder = GraphBuilder::new(nodes as usize);
    let mut within = |least: u64, most: u64| {
        let span = usize::try_from(most - least + 1).expect("a small range");
        least + random.below(span) as u64
    };
    for (u, v) in pairs {
        let spec = ArcSpec::new(NodeId(u), NodeId(v), within(100, 1000));
        builder.edge(&spec.cost(within(1, 100)).latency(within(1, 1000)));
    }
    builder.build().expect("links of a made network are sound")
}

fn scale_free(random: &mut Random, nodes: u32, links_each: u32) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut ends: Vec<u32> = (0..=links_each).collect();
    for node in links_each + 1..nodes {
        let begin = pairs.len();
        while pairs.len() < begin + links_each as usize {
            let other = ends[random.below(ends.len())];
            if !pairs[begin..].contains(&(other, node)) {
                pairs.push((other, node));
            }
        }
        ends.extend(pairs[begin..].iter().flat_map(|(u, v)| [*u, *v]));
    }
    pairs
}

/// A grid of cells as wide as the radius finds the neighbours.
fn geometric(random: &mut Random, nodes: u32, links_each: u32) -> Vec<(u32, u32)> {
    let radius = (2.0 * f64::from(links_each) / (std::f64::consts::PI * f64::from(nodes))).sqrt();
    let mut at = || (f64::from(random.fraction()), f64::from(random.fraction()));
    let places: Vec<(f64, f64)> = (0..nodes).map(|_| at()).collect();
    let cells = (1..).take_while(|cells| f64::from(*cells) * radius <= 1.0).count().max(1);
    let cell = |x: f64| (0..cells).rfind(|c| *c as f64 / cells as f64 <= x).unwrap_or(0);
    let cells_of: Vec<_> = places.iter().map(|(x, y)| (cell(*x), cell(*y))).collect();
    let mut grid = vec![Vec::new(); cells * cells];
    let mut pairs = Vec::new();
    for (node, (x, y)) in (0u32..).zip(&cells_of) {
        for (a, b) in (x.saturating_sub(1)..cells.min(x + 2))
            .flat_map(|a| (y.saturating_sub(1)..cells.min(y + 2)).map(move |b| (a, b)))
        {
            let near = |other: &&u32| {
                let (here, there) = (places[node as usize], places[**other as usize]);
                (here.0 - there.0).hypot(here.1 - there.1) <= radius
            };
            pairs.extend(grid[a * cells + b].iter().filter(near).map(|other: &u32| (*other, node)));
        }
        grid[x * cells + y].push(node);
    }
    pairs
}
