//! Embeddings held against every embedding there is, on networks that are small enough for that.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use solver::*;

const NODES: u32 = 5;

#[derive(Clone, Debug)]
struct Case {
    links: Vec<(u32, u32, u64, u64, bool)>,
    rooms: Vec<u64>,
    problem: Problem,
}

fn traffic() -> impl Strategy<Value = Traffic> {
    (0u64..7, 0u64..7, 0..3).prop_map(|(forward, backward, kind)| match kind {
        0 => Traffic::OneWay(forward),
        1 => Traffic::CoRouted { forward, backward },
        _ => Traffic::Separate { forward, backward },
    })
}

fn end(functions: usize) -> impl Strategy<Value = End> {
    prop_oneof![4 => (0..functions).prop_map(End::Function), 1 => (0..NODES).prop_map(|n| End::Node(NodeId(n)))]
}

fn link(functions: usize) -> impl Strategy<Value = Link> {
    let latency = prop::option::weighted(0.3, 0u64..12);
    (end(functions), end(functions), traffic(), latency)
        .prop_filter("two ends", |(a, b, ..)| a != b)
        .prop_map(|(a, b, traffic, max_latency)| Link {
            a,
            b,
            traffic,
            max_latency,
            admin: Default::default(),
        })
}

fn function() -> impl Strategy<Value = Function> {
    let hosts = prop_oneof![
        3 => Just(Hosts::Any),
        1 => prop::collection::vec((0..NODES).prop_map(NodeId), 1..4).prop_map(Hosts::Only),
    ];
    (0u64..6, hosts).prop_map(|(demand, hosts)| Function { demand: vec![demand], hosts })
}

fn group(functions: usize) -> impl Strategy<Value = Group> {
    let rule = prop::sample::select(vec![Rule::Affinity, Rule::AntiAffinity]);
    let scope = prop::sample::select(vec![Scope::Host, Scope::Pop, Scope::Zone]);
    (rule, scope, prop::collection::vec(0..functions, 2..=3))
        .prop_map(|(rule, scope, members)| Group { rule, scope, members })
}

fn problem() -> impl Strategy<Value = Problem> {
    (1usize..4).prop_flat_map(|functions| {
        (
            prop::collection::vec(function(), functions),
            prop::collection::vec(link(functions), 0..4),
            prop::collection::vec(group(functions), 0..2),
            prop::sample::select(vec![Sharing::Allowed, Sharing::OnePerHost]),
        )
            .prop_map(|(functions, links, groups, sharing)| Problem {
                functions,
                links,
                groups,
                sharing,
                previous: Vec::new(),
            })
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let link = (0..NODES, 0..NODES, 1u64..12, 0u64..6, any::<bool>());
    (prop::collection::vec(link, 3..9), prop::collection::vec(0u64..9, NODES as usize), problem())
        .prop_map(|(links, rooms, problem)| Case {
            links: links.into_iter().filter(|link| link.0 != link.1).collect(),
            rooms,
            problem,
        })
}

fn places() -> Places {
    Places { pops: vec![0, 0, 1, 1, 2], zones: vec![0, 0, 0, 1, 1] }
}

fn build(case: &Case) -> (Graph, Residuals) {
    let mut builder = GraphBuilder::new(NODES as usize);
    for &(u, v, capacity, latency, shared) in &case.links {
        let spec = ArcSpec::new(NodeId(u), NodeId(v), capacity).latency(latency);
        if shared {
            builder.edge(&spec)
        } else {
            builder.duplex(&spec)
        };
    }
    let graph = builder.build().unwrap();
    let residuals = Residuals::new(&graph, 1, case.rooms.clone()).unwrap();
    (graph, residuals)
}

/// The least transport of any solution: tries all hosts and all paths.
struct Exhaustive<'a> {
    graph: &'a Graph,
    residuals: &'a Residuals,
    problem: &'a Problem,
    paths: Vec<Vec<Vec<ArcId>>>,
    best: Option<u128>,
}

impl<'a> Exhaustive<'a> {
    fn run(graph: &'a Graph, residuals: &'a Residuals, problem: &'a Problem) -> Option<u128> {
        let pairs = (0..NODES).flat_map(|a| (0..NODES).map(move |b| (NodeId(a), NodeId(b))));
        let paths = pairs.map(|(a, b)| simple_paths(graph, a, b)).collect();
        let mut all = Self { graph, residuals, problem, paths, best: None };
        all.hosts(&mut Vec::new());
        all.best
    }

    fn hosts(&mut self, hosts: &mut Vec<NodeId>) {
        if hosts.len() < self.problem.functions.len() {
            for node in 0..NODES {
                hosts.push(NodeId(node));
                self.hosts(hosts);
                hosts.pop();
            }
            return;
        }
        // Without its links, the checker judges hosts alone.
        let hosts_only = Problem { links: Vec::new(), ..self.problem.clone() };
        if solution(hosts.clone(), Vec::new())
            .check(self.graph, &places(), self.residuals, &hosts_only)
            .is_ok()
        {
            self.routes(hosts, &mut Vec::new());
        }
    }

    fn routes(&mut self, hosts: &[NodeId], routes: &mut Vec<Route>) {
        let Some(link) = self.problem.links.get(routes.len()).copied() else {
            let whole = solution(hosts.to_vec(), routes.clone());
            if whole.check(self.graph, &places(), self.residuals, self.problem).is_ok() {
                let cost = self.transport(routes);
                self.best = Some(self.best.map_or(cost, |best| best.min(cost)));
            }
            return;
        };
        let node = |end| match end {
            End::Function(function) => hosts[function],
            End::Node(node) => node,
        };
        let (a, b) = (node(link.a), node(link.b));
        let backs = match link.traffic {
            Traffic::Separate { .. } => self.between(b, a),
            _ => vec![Vec::new()],
        };
        for forward in self.between(a, b) {
            for back in &backs {
                let mirrored =
                    || forward.iter().rev().map(|arc| self.graph.arc(*arc).twin.unwrap());
                let backward = match link.traffic {
                    Traffic::CoRouted { .. } => mirrored().collect(),
                    _ => back.clone(),
                };
                routes.push(Route { forward: forward.clone(), backward });
                self.routes(hosts, routes);
                routes.pop();
            }
        }
    }

    fn between(&self, a: NodeId, b: NodeId) -> Vec<Vec<ArcId>> {
        self.paths[a.index() * NODES as usize + b.index()].clone()
    }

    fn transport(&self, routes: &[Route]) -> u128 {
        let sum = |bandwidth: u64, arcs: &[ArcId]| u128::from(bandwidth * self.graph.cost_of(arcs));
        let links = self.problem.links.iter().zip(routes);
        links
            .map(|(link, route)| {
                let back = link.traffic.backward().unwrap_or(0);
                sum(link.traffic.forward(), &route.forward) + sum(back, &route.backward)
            })
            .sum()
    }
}

fn solution(hosts: Vec<NodeId>, routes: Vec<Route>) -> Solution {
    Solution { hosts, routes, cost: Default::default(), effort: Default::default() }
}

fn simple_paths(graph: &Graph, a: NodeId, b: NodeId) -> Vec<Vec<ArcId>> {
    let mut found = Vec::new();
    let mut open = vec![(vec![a], Vec::new())];
    while let Some((nodes, arcs)) = open.pop() {
        let here = *nodes.last().unwrap();
        if here == b {
            found.push(arcs);
            continue;
        }
        for step in graph.outgoing(here).iter().filter(|step| !nodes.contains(&step.node)) {
            let (mut nodes, mut arcs) = (nodes.clone(), arcs.clone());
            nodes.push(step.node);
            arcs.push(step.arc);
            open.push((nodes, arcs));
        }
    }
    found
}

#[test]
fn the_search_finds_what_there_is_and_nearly_the_best() {
    const CASES: u32 = 400;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut feasible, mut missed, mut excess, mut least) = (0, 0, 0, 0);
    for _ in 0..CASES {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let defective = case.problem.links.iter().any(|link| link.a == link.b);
        assert!(!defective);
        let (graph, mut residuals) = build(&case);
        let before = residuals.clone();
        let mut embedder = Embedder::new(&graph, places()).unwrap();
        let effort = Effort { seed: 1, moves: 400 };
        let found = embedder.solve(&mut residuals, &case.problem, effort);
        assert_eq!(residuals, before);
        let best = Exhaustive::run(&graph, &residuals, &case.problem);
        match (found, best) {
            (Ok(found), Some(best)) => {
                found.check(&graph, &places(), &residuals, &case.problem).unwrap();
                assert!(found.cost.transport >= best, "{case:?}");
                feasible += 1;
                excess += found.cost.transport - best;
                least += best;
            }
            (Err(Refusal::Infeasible(reason)), Some(_)) => {
                assert_eq!(reason.certainty, Certainty::NotFound, "{reason} {case:?}");
                missed += 1;
            }
            (Err(Refusal::Infeasible(_)), None) => {}
            (found, best) => panic!("{found:?} {best:?} {case:?}"),
        }
    }
    println!("{feasible} solved, {missed} missed, {excess} above {least}");
    assert!(feasible > 50, "the cases are too hard to tell anything");
    assert!(missed * 50 <= feasible, "{missed} of {feasible} missed");
    assert!(excess * 33 <= least, "{excess} above {least}");
}
