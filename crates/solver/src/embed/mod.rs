//! Joint placement and routing of a whole service.

pub(crate) mod bits;
mod defects;
mod effort;
mod embedder;
mod instance;
mod landscape;
mod mend;
mod noise;
mod problem;
mod reach;
mod reasons;
mod refusal;
mod relax;
mod search;
mod sketch;
mod solution;
mod spare;
mod trial;

pub use defects::{Defect, Fault, Part};
pub use effort::{Detours, Effort};
pub use embedder::{Embedder, Memory, PlacesMismatch};
pub use problem::{
    End, Function, Group, Hosts, Link, MAX_FUNCTIONS, MAX_LINKS, Places, Problem, Rule, Scope,
    Sharing, Traffic,
};
pub use refusal::{Binding, Certainty, Infeasible, Refusal, Relaxation};
pub use solution::{Cost, Flaw, Route, SearchEnd, Solution, Spent};
