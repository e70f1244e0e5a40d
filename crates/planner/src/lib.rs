//! From an intent and a snapshot to a plan with its reasons; and the independent check. Pure.

mod assemble;
pub mod books;
pub mod check;
pub mod demand;
pub mod pools;
pub mod report;

pub use books::{BookError, Books};
pub use check::{Broken, World, check};
pub use demand::Demand;
pub use pools::Pools;
pub use report::{Decision, PlanReport};
