//! The vocabulary of Wayleave: units, identifiers, descriptors, intents, topology and plans.
//!
//! Everything here is a plain value. Nothing here does I/O, reads a clock or draws a random
//! number; parsing happens at the edge and the types carry what was established there.

pub mod descriptor;
pub mod ids;
pub mod intent;
pub mod plan;
pub mod topology;
pub mod units;

pub use ids::*;
pub use units::*;
