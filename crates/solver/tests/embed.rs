//! Problems of a few functions on a network that can be drawn on a napkin.

#![allow(clippy::unwrap_used)]

use solver::embed::{Fault, Part};
use solver::*;

/// A ring of six switches, 10 of bandwidth and 100 µs a link each way; room at 1, 3 and 5.
fn ring() -> (Graph, Residuals) {
    let mut builder = GraphBuilder::new(6);
    for node in 0..6 {
        let spec = ArcSpec::new(NodeId(node), NodeId((node + 1) % 6), 10).latency(100);
        builder.duplex(&spec);
    }
    let graph = builder.build().unwrap();
    let resources = [[0, 0], [4, 8], [0, 0], [8, 8], [0, 0], [4, 16]].concat();
    let residuals = Residuals::new(&graph, 2, resources).unwrap();
    (graph, residuals)
}

fn function(demand: [u64; 2]) -> Function {
    Function { demand: demand.to_vec(), hosts: Hosts::Any }
}

fn link(a: End, b: End, bandwidth: u64) -> Link {
    let traffic = Traffic::CoRouted { forward: bandwidth, backward: bandwidth };
    Link { a, b, traffic, max_latency: None, admin: Default::default() }
}

/// From node 0 through two functions to node 3.
fn chain() -> Problem {
    let ends = [End::Node(NodeId(0)), End::Function(0), End::Function(1), End::Node(NodeId(3))];
    Problem {
        functions: vec![function([2, 2]), function([3, 2])],
        links: ends.windows(2).map(|pair| link(pair[0], pair[1], 4)).collect(),
        ..Problem::default()
    }
}

fn solve(problem: &Problem) -> Result<Solution, Refusal> {
    let (graph, mut residuals) = ring();
    let before = residuals.clone();
    let places = Places::distinct(6);
    let mut embedder = Embedder::new(&graph, places.clone()).unwrap();
    let solved = embedder.solve(&mut residuals, problem, Effort::FAST);
    assert_eq!(residuals, before, "solving takes nothing");
    if let Ok(solution) = &solved {
        solution.check(&graph, &places, &residuals, problem).unwrap();
    }
    solved
}

fn infeasible(problem: &Problem) -> Infeasible {
    match solve(problem).unwrap_err() {
        Refusal::Infeasible(reason) => reason,
        Refusal::Rejected(defects) => panic!("{defects:?}"),
    }
}

#[test]
fn functions_share_a_host_and_their_link_stays_inside() {
    let solution = solve(&chain()).unwrap();
    assert_eq!(solution.hosts[0], solution.hosts[1]);
    assert_eq!(solution.routes[1], Route::default());
    // Three hops in all, 4 each way.
    assert_eq!(solution.cost.transport, 3 * 8);
    assert_eq!(solution.cost.latency, 600);
}

#[test]
fn functions_that_belong_apart_are_apart() {
    let members = vec![0, 1];
    let apart = Group { rule: Rule::AntiAffinity, scope: Scope::Host, members };
    let solution = solve(&Problem { groups: vec![apart], ..chain() }).unwrap();
    assert_ne!(solution.hosts[0], solution.hosts[1]);
    assert_eq!(solution.cost.transport, 3 * 8);
}

#[test]
fn a_pinned_function_stays_where_it_is_pinned() {
    let mut problem = chain();
    problem.functions[0].hosts = Hosts::Only(vec![NodeId(5)]);
    assert_eq!(solve(&problem).unwrap().hosts[0], NodeId(5));
}

#[test]
fn what_runs_already_does_not_move_for_a_shorter_path() {
    let problem = Problem { previous: vec![Some(NodeId(5)), None], ..chain() };
    let solution = solve(&problem).unwrap();
    assert_eq!((solution.hosts[0], solution.cost.moved), (NodeId(5), 0));
}

#[test]
fn a_latency_bound_keeps_functions_near() {
    let mut problem = chain();
    problem.links[2].max_latency = Some(0);
    assert_eq!(solve(&problem).unwrap().hosts[1], NodeId(3));
}

#[test]
fn reasons_name_what_is_short_where_and_by_how_much() {
    let mut large = chain();
    large.functions[1].demand = vec![9, 1];
    let nearest = NodeId(3);
    let binding =
        Binding::Resources { function: 1, dimension: 0, needed: 9, available: 8, nearest };
    assert_eq!(infeasible(&large).binding, binding);

    let mut wide = chain();
    wide.links[0].traffic = Traffic::CoRouted { forward: 12, backward: 12 };
    wide.functions[0].hosts = Hosts::Only(vec![NodeId(1)]);
    let reason = infeasible(&wide);
    assert_eq!(reason.certainty, Certainty::Proven);
    let Binding::Bandwidth { link: 0, needed: 12, available: 10, .. } = reason.binding else {
        panic!("{reason}");
    };

    let mut fast = chain();
    fast.links[0].max_latency = Some(99);
    let binding = Binding::Latency { link: 0, bound: 99, best: 100 };
    assert_eq!(infeasible(&fast).binding, binding);

    let total = Problem { functions: vec![function([4, 1]); 5], ..Problem::default() };
    let binding = Binding::TotalResources { dimension: 0, needed: 20, available: 16 };
    assert_eq!(infeasible(&total).binding, binding);

    let many = vec![function([1, 1]); 4];
    let many = Problem { functions: many, sharing: Sharing::OnePerHost, ..Problem::default() };
    let binding = Binding::TooFewHosts { functions: 4, nodes: 3 };
    assert_eq!(infeasible(&many).binding, binding);
}

#[test]
fn every_defect_is_named_at_once() {
    let mut problem = chain();
    problem.functions[0].demand = vec![1];
    problem.functions[1].hosts = Hosts::Only(vec![NodeId(77)]);
    problem.links[0].b = End::Function(9);
    problem.links[1].a = End::Function(1);
    problem.links[2].traffic = Traffic::OneWay(u64::MAX);
    let Refusal::Rejected(defects) = solve(&problem).unwrap_err() else { panic!() };
    let found: Vec<_> = defects.into_iter().map(|defect| (defect.part, defect.fault)).collect();
    let max = graph::MAX_CAPACITY;
    let expected = [
        (Part::Function(0), Fault::Dimensions { given: 1, dimensions: 2 }),
        (Part::Function(1), Fault::UnknownNode(NodeId(77))),
        (Part::Link(0), Fault::UnknownFunction(9)),
        (Part::Link(1), Fault::SameFunction),
        (Part::Link(2), Fault::TooLarge { value: u64::MAX, max }),
    ];
    assert_eq!(found, expected);
}

#[test]
fn too_large_and_empty_problems_are_refused() {
    let large = Problem { functions: vec![function([0, 0]); 10_000], ..Problem::default() };
    for (problem, text) in [
        (
            large,
            "the problem: it has 10000 functions, 512 are the most that is accepted; divide the service",
        ),
        (Problem::default(), "the problem: it asks for nothing; add a function or a link"),
    ] {
        let Refusal::Rejected(defects) = solve(&problem).unwrap_err() else { panic!() };
        assert_eq!(defects[0].to_string(), text);
    }
}

#[test]
fn a_link_between_two_fixed_nodes_needs_no_function() {
    let links = vec![link(End::Node(NodeId(0)), End::Node(NodeId(2)), 10)];
    let solution = solve(&Problem { links, ..Problem::default() }).unwrap();
    assert_eq!(solution.routes[0].forward.len(), 2);
    assert_eq!(solution.routes[0].backward.len(), 2);
}

#[test]
fn what_is_reserved_can_be_released() {
    let (graph, mut residuals) = ring();
    let before = residuals.clone();
    let solution = solve(&chain()).unwrap();
    solution.reserve(&graph, &chain(), &mut residuals).unwrap();
    assert_ne!(residuals, before);
    assert!(
        solution
            .clone()
            .reserve(
                &graph,
                &Problem { functions: vec![function([9, 9]); 2], ..chain() },
                &mut residuals
            )
            .is_err()
    );
    solution.release(&graph, &chain(), &mut residuals);
    assert_eq!(residuals, before);
}

fn relaxation(problem: &Problem) -> Option<Relaxation> {
    let (graph, mut residuals) = ring();
    let mut embedder = Embedder::new(&graph, Places::distinct(6)).unwrap();
    embedder.relax(&mut residuals, problem, Effort::FAST, &infeasible(problem))
}

#[test]
fn the_smallest_change_that_does_is_named() {
    let mut fast = chain();
    fast.links[0].max_latency = Some(99);
    let change = Relaxation::Latency { link: 0, from: 99, to: 100 };
    assert_eq!(relaxation(&fast), Some(change));

    let mut wide = chain();
    wide.links[0].traffic = Traffic::CoRouted { forward: 12, backward: 3 };
    let change = Relaxation::Bandwidth { link: 0, from: 12, to: 10 };
    assert_eq!(relaxation(&wide), Some(change));

    let mut large = chain();
    large.functions[1].demand = vec![9, 1];
    let change = Relaxation::Resources { function: 1, dimension: 0, from: 9, to: 8 };
    assert_eq!(relaxation(&large), Some(change));

    let many = vec![function([1, 1]); 4];
    let many = Problem { functions: many, sharing: Sharing::OnePerHost, ..Problem::default() };
    assert_eq!(relaxation(&many), Some(Relaxation::Sharing));

    // Nothing by itself is in the way of two functions that are told to be together and apart.
    let members = vec![0, 1];
    let rule = |rule| Group { rule, scope: Scope::Pop, members: members.clone() };
    let groups = vec![rule(Rule::Affinity), rule(Rule::AntiAffinity)];
    let torn = Problem { groups, ..chain() };
    assert_eq!(relaxation(&torn), Some(Relaxation::Group { group: 0 }));
}

#[test]
fn a_service_finds_its_place_in_a_large_network() {
    let graph = solver::networks::network(solver::networks::Kind::ScaleFree, 5000, 3, 1);
    let mut residuals = Residuals::new(&graph, 2, vec![10; 10_000]).unwrap();
    let places = Places::distinct(5000);
    let mut embedder = Embedder::new(&graph, places.clone()).unwrap();
    let problem = chain();
    let effort = Effort::FAST.moves(20);
    let solution = embedder.solve(&mut residuals, &problem, effort).unwrap();
    solution.check(&graph, &places, &residuals, &problem).unwrap();
    assert_eq!(solution, embedder.solve(&mut residuals, &problem, effort).unwrap());
}
