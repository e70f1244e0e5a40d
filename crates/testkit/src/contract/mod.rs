//! What the engine relies on, as tests that run against any implementation of a port.
//!
//! Each function panics at the first thing that does not hold. It is given a way to make a fresh
//! bench, and uses one for each thing that it looks at.

pub mod devices;
pub mod store;
pub mod vims;

pub use devices::devices;
pub use store::store;
pub use vims::vims;
