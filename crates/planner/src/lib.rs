//! From an intent and a snapshot to a plan with its reasons; and the independent check. Pure.

mod assemble;
pub mod books;
pub mod check;
pub mod demand;
mod error;
mod explain;
mod keep;
mod names;
mod network;
mod planner;
pub mod pools;
mod reasons;
pub mod report;
mod request;
mod wanted;

pub use books::{BookError, Books};
pub use check::{Broken, World, check};
pub use demand::{Demand, demand_of};
pub use error::{Error, Rejection};
pub use network::Network;
pub use planner::{Planner, Request, plan};
pub use pools::Pools;
pub use report::{Decision, PlanReport};
