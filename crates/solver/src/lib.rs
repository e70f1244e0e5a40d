//! Where functions run and which way links go. Pure: integers in, integers out; no I/O, no clock,
//! no randomness that the caller did not seed.

pub mod embed;
pub mod graph;
mod ids;
pub mod networks;
pub mod paths;
mod random;
pub mod replay;
mod residual;

pub use embed::{
    Binding, Certainty, Detours, Effort, Embedder, End, Function, Group, Hosts, Infeasible, Link,
    Places, Problem, Refusal, Relaxation, Route, Rule, Scope, Sharing, Solution, Traffic,
};
pub use graph::{Arc, ArcSpec, BadArc, Graph, GraphBuilder, Step};
pub use ids::{ArcId, NodeId, PoolId};
pub use paths::{
    Approach, Disjointness, Finder, Landmarks, NoPair, NoPath, Optimality, Pair, Path, Query,
};
pub use residual::{Checkpoint, Residuals, ShapeMismatch, Short};
