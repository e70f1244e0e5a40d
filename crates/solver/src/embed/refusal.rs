//! Why there is no solution: which constraint binds, where, and by how much.

use super::defects::Defect;
use super::problem::Scope;
use crate::ids::{ArcId, NodeId};

/// No solution. Either the problem makes no sense, or it does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the problem has {} defects, the first: {}", .0.len(), .0[0])]
    Rejected(Vec<Defect>),
    #[error("infeasible: {0}")]
    Infeasible(Infeasible),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{binding}{}", .relaxation.map(|r| format!("; it fits when {r}")).unwrap_or_default())]
pub struct Infeasible {
    pub binding: Binding,
    /// The smallest single change that was found to make it fit, verified by solving again; what
    /// [`Embedder::relax`](crate::Embedder::relax) finds.
    pub relaxation: Option<Relaxation>,
    pub certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// There is no solution.
    Proven,
    /// None was found with the effort that was allowed.
    NotFound,
}

/// The constraint that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Binding {
    #[error(
        "function {function} needs {needed} of resource {dimension}; node {nearest}, which \
             lacks least of those allowed, has {available} left"
    )]
    Resources { function: usize, dimension: usize, needed: u64, available: u64, nearest: NodeId },
    #[error(
        "all functions together need {needed} of resource {dimension}; the nodes that may run \
             them have {available} left"
    )]
    TotalResources { dimension: usize, needed: u64, available: u64 },
    #[error("{functions} functions need a node each; {nodes} nodes may run them")]
    TooFewHosts { functions: usize, nodes: usize },
    #[error("functions {a} and {b} must be {what} by {scope:?}, which their allowed nodes cannot be", what = if *.together { "together" } else { "apart" })]
    Placement { a: usize, b: usize, scope: Scope, together: bool },
    #[error(
        "link {link} needs {needed}; arc {arc}, the narrowest of the way that lacks least, has \
             {available} left"
    )]
    Bandwidth { link: usize, arc: ArcId, needed: u64, available: u64 },
    #[error("link {link} may take {bound} µs; the fastest way with room takes {best} µs")]
    Latency { link: usize, bound: u64, best: u64 },
    #[error("link {link} has no way from node {from} to node {to}")]
    Disconnected { link: usize, from: NodeId, to: NodeId },
    #[error("link {link} has no way that its admin groups allow")]
    Excluded { link: usize },
    #[error("each part fits by itself, but not all together; link {link} was left over most often")]
    Links { link: usize },
    #[error("each part fits by itself, but not all together; function {function} was left over")]
    Functions { function: usize },
}

/// A single change to the problem or the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Relaxation {
    #[error("the latency bound of link {link} is {to} µs instead of {from} µs")]
    Latency { link: usize, from: u64, to: u64 },
    #[error("link {link} needs {to} instead of {from}")]
    Bandwidth { link: usize, from: u64, to: u64 },
    #[error("function {function} needs {to} of resource {dimension} instead of {from}")]
    Resources { function: usize, dimension: usize, from: u64, to: u64 },
    #[error("function {function} may run on any node")]
    AnyHost { function: usize },
    #[error("the rule of group {group} is dropped")]
    Group { group: usize },
    #[error("link {link} may use any admin group")]
    Admin { link: usize },
    #[error("functions may share a node")]
    Sharing,
}
