//! The lab: scenarios, many simulators in one process, and the frame tracer that judges the result.

pub mod audit;
pub mod scenario;
pub mod trace;
