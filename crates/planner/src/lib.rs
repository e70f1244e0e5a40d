//! From an intent and a snapshot to a plan with its reasons; and the independent check. Pure.

pub mod books;
pub mod check;
pub mod demand;
pub mod pools;

pub use books::{BookError, Books};
pub use check::{Broken, World, check};
pub use demand::Demand;
pub use pools::Pools;
