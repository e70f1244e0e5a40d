//! A problem made ready for searching: ends of one kind, weights, and rules by pair.

use super::problem::{End, Hosts, Link, Places, Problem, Rule, Scope, Sharing, Traffic};
use super::spare::Spare;
use crate::graph::Graph;
use crate::ids::NodeId;
use crate::residual::Residuals;

/// A function, or a fixed node at the end of a link; functions come first.
pub(super) type Part = usize;

#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) graph: &'a Graph,
    pub(super) places: &'a Places,
    pub(super) problem: &'a Problem,
    /// Nodes that can run at least one function.
    pub(super) pool: Vec<NodeId>,
    /// The length of rows by host: a little longer than the pool, so that they go in whole lanes.
    pub(super) stride: usize,
    /// By function, then by index into the pool: what it costs to run there, links aside;
    /// infinite where it could not even run alone.
    pub(super) base: Vec<Vec<f32>>,
    /// Nodes of the parts that are fixed, by part less the number of functions.
    pub(super) fixed: Vec<NodeId>,
    pub(super) links: Vec<Wire>,
    /// Links by part.
    pub(super) wires_of: Vec<Vec<usize>>,
    /// How far it is taken to be where there is no way.
    pub(super) far: f32,
    /// The weight of the heaviest link.
    pub(super) heaviest: f32,
    /// The links of no placement cost less.
    pub(super) least: f64,
    /// What the mean link costs over the mean arc: the scale of temperatures.
    pub(super) mean_hop: f32,
    rules: Option<Vec<u8>>,
}

/// A link as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    pub(super) a: Part,
    pub(super) b: Part,
    pub(super) forward: u64,
    pub(super) backward: u64,
    /// What a unit of path cost is worth from a to b, and back.
    pub(super) weight: (f32, f32),
    pub(super) max_latency: f32,
    pub(super) two_way: bool,
    /// Whether the way back is looked for by itself.
    pub(super) separate: bool,
}

impl Wire {
    pub(super) fn peer(&self, part: Part) -> Part {
        if self.a == part { self.b } else { self.a }
    }

    pub(super) fn weight(&self) -> f32 {
        self.weight.0 + self.weight.1
    }

    /// The smaller weight of its ways.
    pub(super) fn lighter(&self) -> f32 {
        if self.separate { self.weight.0.min(self.weight.1) } else { self.weight.0 }
    }

    /// Whether all that its row says is how far it is.
    pub(super) fn is_plain(&self) -> bool {
        !self.separate && self.max_latency == f32::INFINITY
    }
}

/// Together and apart, by scope: one bit each.
const APART: [u8; 3] = [1, 2, 4];
const TOGETHER: [u8; 3] = [8, 16, 32];
const SCOPES: [Scope; 3] = [Scope::Host, Scope::Pop, Scope::Zone];

/// In mean arcs.
const FAR: f32 = 1000.0;
/// Rows are as long as a multiple of this.
pub(super) const LANES: usize = 8;

impl<'a> Instance<'a> {
    #[expect(clippy::cast_precision_loss, reason = "temperatures need no precision")]
    pub(super) fn new(
        graph: &'a Graph,
        places: &'a Places,
        residuals: &Residuals,
        problem: &'a Problem,
    ) -> Self {
        let mut fixed = Vec::new();
        let links: Vec<_> =
            problem.links.iter().map(|link| wire(problem, &mut fixed, link)).collect();
        let mut wires_of = vec![Vec::new(); problem.functions.len() + fixed.len()];
        for (index, wire) in links.iter().enumerate() {
            wires_of[wire.a].push(index);
            wires_of[wire.b].push(index);
        }
        let pool = pool(graph, residuals, problem);
        let move_cost = if problem.previous.is_empty() { 0.0 } else { move_cost(graph, &links) };
        let functions = 0..problem.functions.len();
        let stride = pool.len().next_multiple_of(LANES);
        let mut base: Vec<_> =
            functions.map(|f| base(residuals, &pool, problem, f, move_cost)).collect();
        let weights = links.iter().map(Wire::weight);
        let mean_weight = weights.clone().sum::<f32>() / links.len().max(1) as f32;
        let mean_hop = (mean_weight * mean_cost(graph)).max(0.01);
        Spare::new(graph, residuals, &pool).price(problem, &links, &mut base, mean_hop);
        base.iter_mut().for_each(|row| row.resize(stride, f32::INFINITY));
        let heaviest = weights.fold(0.0, f32::max);
        Self {
            graph,
            places,
            problem,
            stride,
            far: FAR * mean_cost(graph).max(0.01),
            mean_hop,
            heaviest,
            rules: rules(problem),
            least: least(graph, problem, &links),
            pool,
            base,
            fixed,
            links,
            wires_of,
        }
    }

    /// Whether every function could run somewhere, looked at alone.
    pub(super) fn may_fit(&self) -> bool {
        self.base.iter().all(|base| base.iter().any(|cost| *cost < f32::INFINITY))
    }

    pub(super) fn functions(&self) -> usize {
        self.problem.functions.len()
    }

    pub(super) fn is_function(&self, part: Part) -> bool {
        part < self.functions()
    }

    pub(super) fn one_per_host(&self) -> bool {
        self.problem.sharing == Sharing::OnePerHost
    }

    pub(super) fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// Whether the groups let `a` run on `at_a` while `b` runs on `at_b`.
    pub(super) fn agree(&self, (a, at_a): (Part, NodeId), (b, at_b): (Part, NodeId)) -> bool {
        let Some(rules) = &self.rules else { return true };
        let rule = rules[a * self.functions() + b];
        rule == 0
            || (0..3).all(|scope| {
                let same = self.places.same(SCOPES[scope], at_a, at_b);
                let barred = if same { APART[scope] } else { TOGETHER[scope] };
                rule & barred == 0
            })
    }

    /// Where the function runs now, if it does.
    pub(super) fn previous(&self, function: Part) -> Option<NodeId> {
        self.problem.previous.get(function).copied().flatten()
    }

    /// Places that an end of a link can have: hosts of the pool, then fixed parts.
    pub(super) fn spots(&self) -> usize {
        self.pool.len() + self.fixed.len()
    }

    pub(super) fn spot(&self, spot: u32) -> NodeId {
        let spot = spot as usize;
        let fixed = || self.fixed[spot - self.pool.len()];
        self.pool.get(spot).copied().unwrap_or_else(fixed)
    }

    /// The index into the pool of a spot that is in it.
    pub(super) fn host_of(&self, spot: u32) -> Option<usize> {
        Some(spot as usize).filter(|spot| *spot < self.pool.len())
    }

    pub(super) fn fixed_spot(&self, part: Part) -> u32 {
        let spot = self.pool.len() + part - self.functions();
        u32::try_from(spot).expect("a pool is no larger than a graph")
    }
}

#[expect(clippy::cast_precision_loss, reason = "weights only guide the search")]
fn wire(problem: &Problem, fixed: &mut Vec<NodeId>, link: &Link) -> Wire {
    let mut part = |end: End| match end {
        End::Function(function) => function,
        End::Node(node) => {
            let known = fixed.iter().position(|fixed| *fixed == node);
            problem.functions.len()
                + known.unwrap_or_else(|| {
                    fixed.push(node);
                    fixed.len() - 1
                })
        }
    };
    let (forward, backward) = (link.traffic.forward(), link.traffic.backward().unwrap_or(0));
    let two_way = !matches!(link.traffic, Traffic::OneWay(_));
    // Never 0: an idle link still wants a short path, and infinity × 0 is not a number.
    let weight = |bandwidth: u64| bandwidth as f32 + 0.01;
    let (there, back) = (weight(forward), if two_way { weight(backward) } else { 0.0 });
    let separate = matches!(link.traffic, Traffic::Separate { .. });
    Wire {
        a: part(link.a),
        b: part(link.b),
        forward,
        backward,
        // Co-routed traffic is measured once for both ways.
        weight: if separate { (there, back) } else { (there + back, 0.0) },
        // A little more than the bound: rounding must not rule a host out.
        max_latency: link.max_latency.map_or(f32::INFINITY, |bound| bound as f32 * 1.000_001),
        two_way,
        separate,
    }
}

/// Nodes that some function may run on and that have room for it.
fn pool(graph: &Graph, residuals: &Residuals, problem: &Problem) -> Vec<NodeId> {
    let mut pool = Vec::new();
    for function in &problem.functions {
        match &function.hosts {
            Hosts::Only(hosts) => pool.extend(hosts),
            Hosts::Any => {
                pool = graph.nodes().collect();
                break;
            }
        }
    }
    pool.sort_unstable();
    pool.dedup();
    let fits = |node: &NodeId| problem.functions.iter().any(|f| residuals.fits(*node, &f.demand));
    pool.retain(fits);
    pool
}

fn base(
    residuals: &Residuals,
    pool: &[NodeId],
    problem: &Problem,
    function: Part,
    move_cost: f32,
) -> Vec<f32> {
    let wants = &problem.functions[function];
    let previous = problem.previous.get(function).copied().flatten();
    let cost = |node: &NodeId| match previous {
        _ if !residuals.fits(*node, &wants.demand) => f32::INFINITY,
        Some(previous) if previous != *node => move_cost,
        _ => 0.0,
    };
    let mut base: Vec<f32> = pool.iter().map(cost).collect();
    if let Hosts::Only(hosts) = &wants.hosts {
        let mut allowed = hosts.clone();
        allowed.sort_unstable();
        let barred = |node: &NodeId| allowed.binary_search(node).is_err();
        let costs = base.iter_mut().zip(pool).filter(|(_, node)| barred(node));
        costs.for_each(|(cost, _)| *cost = f32::INFINITY);
    }
    base
}

/// What a move away from the previous host is taken to cost: more than what a link can save.
#[expect(clippy::cast_precision_loss, reason = "estimates only guide the search")]
fn move_cost(graph: &Graph, links: &[Wire]) -> f32 {
    let dearest = graph.arcs().map(|arc| graph.arc(arc).cost).max().unwrap_or(1);
    1.0 + 4.0 * dearest as f32 * links.iter().map(Wire::weight).sum::<f32>()
}

/// What the mean arc costs, from a sample.
#[expect(clippy::cast_precision_loss, reason = "temperatures need no precision")]
fn mean_cost(graph: &Graph) -> f32 {
    let arcs = graph.arc_count().clamp(1, 64);
    let sample = graph.arcs().take(arcs).map(|arc| graph.arc(arc).cost as f32);
    sample.sum::<f32>() / arcs as f32
}

/// Where no two functions share a host, every link between them takes an arc.
fn least(graph: &Graph, problem: &Problem, links: &[Wire]) -> f64 {
    let cheapest = graph.arcs().map(|arc| graph.arc(arc).cost).min().unwrap_or(0);
    if problem.sharing == Sharing::Allowed {
        return 0.0;
    }
    let functions = problem.functions.len();
    let between = links.iter().filter(|wire| wire.a < functions && wire.b < functions);
    between.map(|wire| f64::from(wire.weight())).sum::<f64>() * f64::from(cheapest)
}

fn rules(problem: &Problem) -> Option<Vec<u8>> {
    if problem.groups.is_empty() {
        return None;
    }
    let functions = problem.functions.len();
    let mut rules = vec![0; functions * functions];
    for group in &problem.groups {
        let bits = if group.rule == Rule::Affinity { TOGETHER } else { APART };
        let scope = SCOPES.iter().position(|scope| *scope == group.scope);
        let bit = bits[scope.expect("all scopes are listed")];
        for a in &group.members {
            for b in group.members.iter().filter(|b| *b != a) {
                rules[a * functions + b] |= bit;
            }
        }
    }
    Some(rules)
}
