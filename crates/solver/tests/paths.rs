//! Paths held against every path there is.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use solver::*;
use std::sync::Arc;

#[derive(Clone, Debug)]
struct Case {
    nodes: u32,
    arcs: Vec<(u32, u32, u64, u64, u64, u64)>,
    bandwidth: u64,
    max_latency: u64,
    max_hops: u32,
    exclude: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    (2u32..8).prop_flat_map(|nodes| {
        let arc = (0..nodes, 0..nodes, 1u64..5, 0u64..6, 0u64..6, 0u64..4);
        let arcs = prop::collection::vec(arc, 0..24);
        (Just(nodes), arcs, 0u64..4, 0u64..16, 1u32..7, prop::sample::select(vec![0u64, 0, 1]))
            .prop_map(|(nodes, arcs, bandwidth, max_latency, max_hops, exclude)| Case {
                nodes,
                arcs: arcs.into_iter().filter(|arc| arc.0 != arc.1).collect(),
                bandwidth,
                max_latency,
                max_hops,
                exclude,
            })
    })
}

fn build(case: &Case) -> Graph {
    let mut builder = GraphBuilder::new(case.nodes as usize);
    for &(from, to, capacity, cost, latency, admin) in &case.arcs {
        let spec = ArcSpec::new(NodeId(from), NodeId(to), capacity);
        let spec = spec.cost(cost).latency(latency).admin(admin);
        let spec =
            spec.srlgs(if latency > 3 { vec![u32::try_from(cost).unwrap()] } else { vec![] });
        // Links of each kind: one way, both ways, and with one capacity for both.
        match (cost + latency) % 3 {
            0 => drop(builder.arc(&spec)),
            1 => drop(builder.duplex(&spec)),
            _ => drop(builder.edge(&spec)),
        }
    }
    builder.build().unwrap()
}

/// Finders that look for paths in each of the ways there are.
fn finders(graph: &Graph) -> Vec<Finder<'_>> {
    let approaches = [Approach::Plain, Approach::Bidirectional, Approach::Landmarks];
    let finder = |approach| {
        let landmarks = Landmarks::for_approach(graph, approach);
        Finder::with_landmarks(graph, Arc::new(landmarks))
    };
    approaches.map(finder).into_iter().chain([Finder::new(graph)]).collect()
}

/// The least cost of a pair of paths that share nothing.
fn cheapest_pair(graph: &Graph, paths: &[Vec<ArcId>], what: Disjointness) -> Option<u64> {
    let apart = |a: &Vec<ArcId>, b: &Vec<ArcId>| disjoint(graph, what, a, b);
    let pairs = paths.iter().flat_map(|a| paths.iter().map(move |b| (a, b)));
    let costs =
        pairs.filter(|(a, b)| apart(a, b)).map(|(a, b)| graph.cost_of(a) + graph.cost_of(b));
    costs.min()
}

fn disjoint(graph: &Graph, what: Disjointness, a: &[ArcId], b: &[ArcId]) -> bool {
    let inner = |arcs: &[ArcId]| graph.nodes_of(NodeId(0), arcs)[1..arcs.len()].to_vec();
    let risks = |arcs: &[ArcId]| -> Vec<u32> {
        arcs.iter().flat_map(|arc| graph.srlgs(*arc)).copied().collect()
    };
    let links = a
        .iter()
        .all(|arc| !b.contains(arc) && graph.arc(*arc).twin.is_none_or(|twin| !b.contains(&twin)));
    links
        && match what {
            Disjointness::Link => true,
            Disjointness::Node => inner(a).iter().all(|node| !inner(b).contains(node)),
            Disjointness::Srlg => risks(a).iter().all(|risk| !risks(b).contains(risk)),
        }
}

/// Every loopless path from `here` to the target, over arcs that pass.
fn all_paths(graph: &Graph, query: &Query) -> Vec<Vec<ArcId>> {
    let mut found = Vec::new();
    extend(graph, query, &mut vec![query.from], &mut Vec::new(), &mut found);
    found
}

fn extend(
    graph: &Graph,
    query: &Query,
    nodes: &mut Vec<NodeId>,
    arcs: &mut Vec<ArcId>,
    found: &mut Vec<Vec<ArcId>>,
) {
    let here = *nodes.last().unwrap();
    if here == query.to {
        found.push(arcs.clone());
        return;
    }
    for id in graph.arcs() {
        let arc = graph.arc(id);
        let room = graph.capacity(arc.pool) >= query.bandwidth;
        let admitted = arc.admin & query.admin.exclude_any == 0;
        if arc.from == here && room && admitted && !nodes.contains(&arc.to) {
            nodes.push(arc.to);
            arcs.push(id);
            extend(graph, query, nodes, arcs, found);
            nodes.pop();
            arcs.pop();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_cheapest_path_is_the_cheapest_of_all(case in cases()) {
        let graph = build(&case);
        let residuals = Residuals::of_links(&graph);
        let mut query = Query::new(NodeId(0), NodeId(1)).bandwidth(case.bandwidth)
            .max_latency(case.max_latency).max_hops(case.max_hops);
        query.admin.exclude_any = case.exclude;
        let all = all_paths(&graph, &query);
        let fits = |arcs: &&Vec<ArcId>| {
            graph.latency_of(arcs) <= case.max_latency && arcs.len() <= case.max_hops as usize
        };
        let best = all.iter().filter(fits).map(|arcs| graph.cost_of(arcs)).min();
        for mut finder in finders(&graph) { match finder.shortest(&residuals, &query) {
            Ok(path) => {
                prop_assert!(all.contains(&path.arcs));
                prop_assert!(fits(&&path.arcs));
                prop_assert_eq!(Some(path.cost), best);
                prop_assert_eq!(path.cost, graph.cost_of(&path.arcs));
                prop_assert_eq!(path.latency, graph.latency_of(&path.arcs));
            }
            Err(reason) => {
                prop_assert_eq!(best, None, "{}", reason);
                let fastest = all.iter().map(|arcs| graph.latency_of(arcs)).min();
                let fewest = all.iter().map(Vec::len).min();
                match reason {
                    NoPath::Latency { best, .. } => prop_assert_eq!(Some(best), fastest),
                    NoPath::Hops { best, .. } => prop_assert_eq!(Some(best as usize), fewest),
                    NoPath::Combination => prop_assert!(!all.is_empty()),
                    _ => prop_assert!(all.is_empty(), "{}", reason),
                }
            }
        } }
    }

    #[test]
    fn several_paths_are_the_cheapest_of_all_in_order(case in cases()) {
        let graph = build(&case);
        let residuals = Residuals::of_links(&graph);
        let mut query = Query::new(NodeId(0), NodeId(1)).bandwidth(case.bandwidth);
        if case.max_hops > 3 {
            query = query.max_latency(case.max_latency);
        }
        let bound = query.max_latency.unwrap_or(u64::MAX);
        let all = all_paths(&graph, &query);
        let within = all.iter().filter(|arcs| graph.latency_of(arcs) <= bound);
        let mut costs: Vec<_> = within.map(|arcs| graph.cost_of(arcs)).collect();
        costs.sort_unstable();
        costs.truncate(5);
        for mut finder in finders(&graph) {
            let found = finder.several(&residuals, &query, 5).unwrap_or_default();
            let mut arcs: Vec<_> = found.iter().map(|path| path.arcs.clone()).collect();
            prop_assert!(arcs.iter().all(|arcs| all.contains(arcs)));
            prop_assert_eq!(&found.iter().map(|path| path.cost).collect::<Vec<_>>(), &costs);
            arcs.sort_unstable();
            arcs.dedup();
            prop_assert_eq!(arcs.len(), costs.len());
        }
    }

    #[test]
    fn a_pair_of_paths_is_disjoint_and_the_cheapest(case in cases()) {
        let graph = build(&case);
        let residuals = Residuals::of_links(&graph);
        let query = Query::new(NodeId(0), NodeId(1)).bandwidth(case.bandwidth);
        let all = all_paths(&graph, &query);
        for what in [Disjointness::Link, Disjointness::Node, Disjointness::Srlg] {
            let best = cheapest_pair(&graph, &all, what);
            for mut finder in finders(&graph) {
                match finder.disjoint(&residuals, &query, what) {
                    Ok(pair) => {
                        let (a, b) = (&pair.first.arcs, &pair.second.arcs);
                        prop_assert!(all.contains(a) && all.contains(b), "{:?}", pair);
                        prop_assert!(disjoint(&graph, what, a, b), "{:?}", pair);
                        prop_assert_eq!(Some(pair.cost()), best);
                        prop_assert_eq!(pair.optimality, Optimality::Proven);
                    }
                    Err(NoPair::NoPath(_)) => prop_assert!(all.is_empty()),
                    Err(NoPair::Link(arc)) => {
                        prop_assert_eq!(best, None);
                        let over = |path: &Vec<ArcId>| disjoint(&graph, Disjointness::Link, path, &[arc]);
                        prop_assert!(!all.iter().any(over), "{} is no bridge", arc);
                    }
                    Err(NoPair::Node(node)) => {
                        prop_assert_eq!((best, what), (None, Disjointness::Node));
                        let around = |path: &Vec<ArcId>| !graph.nodes_of(NodeId(0), path).contains(&node);
                        prop_assert!(!all.iter().any(around), "{} is not on every path", node);
                    }
                    Err(NoPair::Risk) => prop_assert_eq!((best, what), (None, Disjointness::Srlg)),
                    Err(other) => prop_assert!(false, "{}", other),
                }
            }
        }
    }

    #[test]
    fn the_widest_path_is_the_widest_of_all(case in cases()) {
        let graph = build(&case);
        let residuals = Residuals::of_links(&graph);
        let query = Query::new(NodeId(0), NodeId(1));
        let width = |arcs: &Vec<ArcId>| {
            arcs.iter().map(|arc| graph.capacity(graph.arc(*arc).pool)).min().unwrap()
        };
        let widest = all_paths(&graph, &query).iter().map(width).max();
        let found = Finder::new(&graph).widest(&residuals, &query);
        prop_assert_eq!(found.as_ref().ok().map(|found| found.width), widest);
        if let Ok(found) = found {
            prop_assert_eq!(width(&found.path.arcs), found.width);
        }
    }

    #[test]
    fn too_little_room_is_told_by_how_much(case in cases()) {
        let graph = build(&case);
        let residuals = Residuals::of_links(&graph);
        let query = Query::new(NodeId(0), NodeId(1)).bandwidth(100);
        let free = Query { bandwidth: 0, ..query.clone() };
        let width = |arcs: &Vec<ArcId>| {
            arcs.iter().map(|arc| graph.capacity(graph.arc(*arc).pool)).min().unwrap()
        };
        let widest = all_paths(&graph, &free).iter().map(width).max();
        match Finder::new(&graph).shortest(&residuals, &query).unwrap_err() {
            NoPath::Bandwidth { needed, available, arc } => {
                prop_assert_eq!((needed, Some(available)), (100, widest));
                prop_assert_eq!(graph.capacity(graph.arc(arc).pool), available);
            }
            other => prop_assert_eq!((other, widest), (NoPath::Disconnected, None)),
        }
    }
}
