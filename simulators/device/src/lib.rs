//! A switch: NETCONF and gNMI over one datastore, faults on demand, and a data plane.

pub mod datastore;
pub mod forwarding;
