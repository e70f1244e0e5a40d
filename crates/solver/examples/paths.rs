//! Times path searches in a large network: `paths scale-free|geometric [NODES [SEED]]`.

use solver::networks::{Kind, network};
use solver::{Approach, Disjointness, Finder, Landmarks, NodeId, Query, Residuals};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let kind = match arguments.first().map(String::as_str) {
        Some("scale-free") => Kind::ScaleFree,
        Some("geometric") => Kind::Geometric,
        _ => return Err("usage: paths scale-free|geometric [NODES [SEED]]".into()),
    };
    let nodes = arguments.get(1).map_or(Ok(100_000), |text| text.parse())?;
    let seed = arguments.get(2).map_or(Ok(1), |text| text.parse())?;
    let begin = Instant::now();
    let graph = network(kind, nodes, 4, seed);
    println!("{nodes} nodes, {} links, made in {:?}", graph.arc_count() / 2, begin.elapsed());
    let begin = Instant::now();
    let landmarks = Arc::new(Landmarks::new(&graph));
    println!("measured in {:?}: {:?}", begin.elapsed(), landmarks.approach());
    let residuals = Residuals::of_links(&graph);
    let queries: Vec<_> = (0..60u32).map(|index| query(nodes, index)).collect();
    let mut finder = Finder::with_landmarks(&graph, landmarks);
    let mut plain =
        Finder::with_landmarks(&graph, Arc::new(Landmarks::for_approach(&graph, Approach::Plain)));
    time("cheapest, plain", &queries[..20], |query| drop(plain.shortest(&residuals, query)));
    time("cheapest", &queries, |query| drop(finder.shortest(&residuals, query)));
    let slow: Vec<_> = queries
        .iter()
        .filter_map(|query| {
            let path = finder.shortest(&residuals, query).ok()?;
            Some(query.clone().max_latency(path.latency * 4 / 5))
        })
        .collect();
    time("cheapest within a latency", &slow, |query| drop(finder.shortest(&residuals, query)));
    time("4 cheapest", &queries, |query| drop(finder.several(&residuals, query, 4)));
    for what in [Disjointness::Link, Disjointness::Node] {
        let name = format!("disjoint by {what:?}");
        time(&name, &queries, |query| drop(finder.disjoint(&residuals, query, what)));
    }
    time("widest", &queries[..20], |query| drop(finder.widest(&residuals, query)));
    Ok(())
}

/// Between two nodes that a multiplicative hash picks.
fn query(nodes: u32, index: u32) -> Query {
    let pick = |salt: u32| NodeId((index * 2 + salt).wrapping_mul(2_654_435_761) % nodes);
    Query::new(pick(1), pick(2)).bandwidth(200)
}

const REPEATS: usize = 5;

fn time(name: &str, queries: &[Query], mut work: impl FnMut(&Query)) {
    let mut micros: Vec<_> = queries
        .iter()
        .map(|query| {
            let mut once = || {
                let begin = Instant::now();
                work(query);
                begin.elapsed().as_nanos() / 100
            };
            // On a machine that others use too, the best of a few says most.
            (0..REPEATS).map(|_| once()).min().unwrap_or(0)
        })
        .collect();
    micros.sort_unstable();
    let at = |share: usize| micros[micros.len() * share / 100] as f64 / 1e4;
    println!("{name}: median {:.3} ms, p90 {:.3} ms", at(50), at(90));
}
