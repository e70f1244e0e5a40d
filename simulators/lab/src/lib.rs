//! The lab: scenarios, many simulators in one process, and the frame tracer that judges the result.

pub mod audit;
mod boot;
pub mod control;
pub mod daemon;
pub mod folder;
mod lab;
mod modules;
mod pki;
pub mod scenario;
mod secret;
pub mod trace;

pub use lab::{Lab, LabError};
pub use sim_vim::NetworkView;
