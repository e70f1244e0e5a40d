//! A switch: NETCONF and gNMI over one datastore, faults on demand, and a data plane.

pub mod datastore;
mod fault;
pub mod forwarding;
mod gnmi_side;
mod netconf_errors;
mod netconf_side;
mod state;
mod switch;

pub use fault::{FAULT_FORMS, Fault, Faults, UnknownFault};
pub use netconf::server::{NoSeed, host_key_seed};
pub use switch::{Config, Device, StartError};
