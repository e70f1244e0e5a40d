//! Looks for the constraint that binds: first what holds by itself, then what holds together.

use super::effort::Effort;
use super::embedder::Embedder;
use super::instance::Instance;
use super::problem::{End, Hosts, Problem, Sharing};
use super::refusal::{Binding, Certainty, Infeasible};
use super::trial;
use crate::ids::NodeId;
use crate::paths::NoPath;
use crate::residual::Residuals;

/// Pairs of hosts that are tried for a link before it is taken to fit.
const PAIRS: usize = 4096;

pub(super) fn explain(
    embedder: &mut Embedder,
    residuals: &mut Residuals,
    problem: &Problem,
    _effort: Effort,
) -> Infeasible {
    let proven = by_itself(embedder, residuals, problem);
    let certainty = if proven.is_some() { Certainty::Proven } else { Certainty::NotFound };
    let binding = proven.unwrap_or_else(|| heaviest(problem));
    Infeasible { binding, relaxation: None, certainty }
}

/// A constraint that no solution could meet, whatever the others were.
fn by_itself(
    embedder: &mut Embedder,
    residuals: &mut Residuals,
    problem: &Problem,
) -> Option<Binding> {
    let functions = 0..problem.functions.len();
    let hosts: Vec<_> =
        functions.clone().map(|f| allowed(embedder, residuals, problem, f)).collect();
    functions
        .clone()
        .find_map(|function| resources(embedder, residuals, problem, function, &hosts[function]))
        .or_else(|| totals(embedder, residuals, problem))
        .or_else(|| too_few(problem, &hosts))
        .or_else(|| {
            (0..problem.links.len()).find_map(|l| link(embedder, residuals, problem, l, &hosts))
        })
}

/// The nodes that may run a function and have room for it.
fn allowed(
    embedder: &Embedder,
    residuals: &Residuals,
    problem: &Problem,
    function: usize,
) -> Vec<NodeId> {
    let demand = &problem.functions[function].demand;
    permitted(embedder, problem, function).filter(|node| residuals.fits(*node, demand)).collect()
}

fn permitted<'p>(
    embedder: &Embedder,
    problem: &'p Problem,
    function: usize,
) -> Box<dyn Iterator<Item = NodeId> + 'p> {
    match &problem.functions[function].hosts {
        Hosts::Any => Box::new(embedder.graph().nodes()),
        Hosts::Only(hosts) => Box::new(hosts.iter().copied()),
    }
}

/// When no node has room: the one that lacks least, and of what.
fn resources(
    embedder: &Embedder,
    residuals: &Residuals,
    problem: &Problem,
    function: usize,
    hosts: &[NodeId],
) -> Option<Binding> {
    if !hosts.is_empty() {
        return None;
    }
    let demand = &problem.functions[function].demand;
    let lack = |node: NodeId| {
        let free = residuals.resources(node).iter().zip(demand).enumerate();
        free.map(|(dimension, (have, need))| (need.saturating_sub(*have), dimension)).max()
    };
    let nodes = permitted(embedder, problem, function);
    let ((_, dimension), nearest) = nodes
        .filter_map(|node| Some((lack(node)?, node)))
        .min_by_key(|((lack, _), node)| (*lack, *node))?;
    let available = residuals.resources(nearest)[dimension];
    Some(Binding::Resources { function, dimension, needed: demand[dimension], available, nearest })
}

fn totals(embedder: &Embedder, residuals: &Residuals, problem: &Problem) -> Option<Binding> {
    let instance = Instance::new(embedder.graph(), embedder.places(), residuals, problem);
    (0..residuals.dimensions()).find_map(|dimension| {
        let sum = |total: u64, value: u64| total.saturating_add(value);
        let needed = problem.functions.iter().map(|f| f.demand[dimension]).fold(0, sum);
        let free = |node: &NodeId| residuals.resources(*node)[dimension];
        let available = instance.pool.iter().map(free).fold(0, sum);
        (needed > available).then_some(Binding::TotalResources { dimension, needed, available })
    })
}

fn too_few(problem: &Problem, hosts: &[Vec<NodeId>]) -> Option<Binding> {
    let mut nodes: Vec<_> = hosts.iter().flatten().collect();
    nodes.sort_unstable();
    nodes.dedup();
    let (functions, nodes) = (problem.functions.len(), nodes.len());
    (problem.sharing == Sharing::OnePerHost && functions > nodes)
        .then_some(Binding::TooFewHosts { functions, nodes })
}

/// When no pair of hosts can be connected: what stands between the pair that lacks least.
fn link(
    embedder: &mut Embedder,
    residuals: &mut Residuals,
    problem: &Problem,
    index: usize,
    hosts: &[Vec<NodeId>],
) -> Option<Binding> {
    let link = &problem.links[index];
    let ends = |end: End| match end {
        End::Node(node) => vec![node],
        End::Function(function) => hosts[function].clone(),
    };
    let (left, right) = (ends(link.a), ends(link.b));
    if left.len() * right.len() > PAIRS {
        return None;
    }
    let mut least: Option<Binding> = None;
    for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))) {
        let no_path = trial::find(embedder.finder(), residuals, link, (a, b)).err()?;
        let binding = binding(index, (a, b), no_path);
        if least.is_none_or(|least| hardness(&binding) < hardness(&least)) {
            least = Some(binding);
        }
    }
    least
}

fn binding(link: usize, (from, to): (NodeId, NodeId), no_path: NoPath) -> Binding {
    match no_path {
        NoPath::Bandwidth { arc, needed, available } => {
            Binding::Bandwidth { link, arc, needed, available }
        }
        NoPath::Latency { bound, best } => Binding::Latency { link, bound, best },
        NoPath::Excluded => Binding::Excluded { link },
        NoPath::Combination | NoPath::Hops { .. } | NoPath::Budget(_) => Binding::Links { link },
        NoPath::Disconnected
        | NoPath::UnknownNode(_)
        | NoPath::UnknownArc(_)
        | NoPath::EndAvoided(_) => Binding::Disconnected { link, from, to },
    }
}

/// What would be easiest to change comes first.
fn hardness(binding: &Binding) -> (u8, u64) {
    match binding {
        Binding::Latency { bound, best, .. } => (0, best.saturating_sub(*bound)),
        Binding::Bandwidth { needed, available, .. } => (1, needed.saturating_sub(*available)),
        Binding::Excluded { .. } => (2, 0),
        Binding::Disconnected { .. } => (3, 0),
        _ => (4, 0),
    }
}

fn heaviest(problem: &Problem) -> Binding {
    let bandwidth = |index: &usize| {
        let traffic = problem.links[*index].traffic;
        traffic.forward().max(traffic.backward().unwrap_or(0))
    };
    match (0..problem.links.len()).max_by_key(bandwidth) {
        Some(link) => Binding::Links { link },
        None => Binding::Functions { function: 0 },
    }
}
