//! A problem made ready for searching: ends of one kind, weights, and rules by pair.

use super::problem::{End, Hosts, Link, Places, Problem, Rule, Scope, Sharing, Traffic};
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
    /// By function, then by index into the pool: whether it could run there alone.
    pub(super) fits: Vec<Vec<bool>>,
    /// Nodes of the parts that are fixed, by part less the number of functions.
    pub(super) fixed: Vec<NodeId>,
    pub(super) links: Vec<Wire>,
    /// Links by part.
    pub(super) wires_of: Vec<Vec<usize>>,
    /// What a move away from the previous host is taken to cost: more than what a link can save.
    pub(super) move_cost: f32,
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
}

impl Wire {
    pub(super) fn peer(&self, part: Part) -> Part {
        if self.a == part { self.b } else { self.a }
    }

    pub(super) fn weight(&self) -> f32 {
        self.weight.0 + self.weight.1
    }

    /// What a unit of path cost is worth away from `part` and towards it.
    pub(super) fn weights_at(&self, part: Part) -> (f32, f32) {
        if self.a == part { self.weight } else { (self.weight.1, self.weight.0) }
    }

    /// Bandwidth away from `part` and towards it.
    pub(super) fn needs_at(&self, part: Part) -> (u64, u64) {
        if self.a == part { (self.forward, self.backward) } else { (self.backward, self.forward) }
    }
}

/// Together and apart, by scope: one bit each.
const APART: [u8; 3] = [1, 2, 4];
const TOGETHER: [u8; 3] = [8, 16, 32];
const SCOPES: [Scope; 3] = [Scope::Host, Scope::Pop, Scope::Zone];

impl<'a> Instance<'a> {
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
        let fits = problem.functions.iter().map(|f| mask(residuals, &pool, f)).collect();
        let rules = rules(problem);
        let move_cost = move_cost(graph, &links);
        Self { graph, places, problem, pool, fits, fixed, links, wires_of, move_cost, rules }
    }

    /// Whether every function could run somewhere, looked at alone.
    pub(super) fn may_fit(&self) -> bool {
        self.fits.iter().all(|mask| mask.contains(&true))
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

    /// What it is taken to cost that a function runs on `node`, whatever its links cost.
    pub(super) fn stay_cost(&self, function: Part, node: NodeId) -> f32 {
        match self.previous(function) {
            Some(previous) if previous != node => self.move_cost,
            _ => 0.0,
        }
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
    Wire {
        a: part(link.a),
        b: part(link.b),
        forward,
        backward,
        weight: (weight(forward), if two_way { weight(backward) } else { 0.0 }),
        // A little more than the bound: rounding must not rule a host out.
        max_latency: link.max_latency.map_or(f32::INFINITY, |bound| bound as f32 * 1.000_001),
        two_way,
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

fn mask(residuals: &Residuals, pool: &[NodeId], function: &super::Function) -> Vec<bool> {
    let mut mask: Vec<bool> =
        pool.iter().map(|node| residuals.fits(*node, &function.demand)).collect();
    if let Hosts::Only(hosts) = &function.hosts {
        let mut allowed = hosts.clone();
        allowed.sort_unstable();
        let barred = |node: &NodeId| allowed.binary_search(node).is_err();
        mask.iter_mut()
            .zip(pool)
            .filter(|(_, node)| barred(node))
            .for_each(|(fit, _)| *fit = false);
    }
    mask
}

#[expect(clippy::cast_precision_loss, reason = "estimates only guide the search")]
fn move_cost(graph: &Graph, links: &[Wire]) -> f32 {
    let dearest = graph.arcs().map(|arc| graph.arc(arc).cost).max().unwrap_or(1);
    1.0 + 4.0 * dearest as f32 * links.iter().map(Wire::weight).sum::<f32>()
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
