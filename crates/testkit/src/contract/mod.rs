//! What the engine relies on, as tests that run against any implementation of a port.
//!
//! Each function panics at the first thing that does not hold. It is given a way to make a fresh
//! bench, and uses one for each thing that it looks at.

pub mod store;

pub use store::store;
