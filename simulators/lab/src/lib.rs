//! The lab: scenarios, many simulators in one process, and the frame tracer that judges the result.

pub mod audit;
mod boot;
pub mod control;
pub mod daemon;
pub mod folder;
mod lab;
pub mod pki;
pub mod scenario;
pub mod secret;
pub mod trace;

pub use lab::{Lab, LabError};
pub use sim_vim::NetworkView;
