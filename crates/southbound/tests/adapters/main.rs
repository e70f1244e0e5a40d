//! The adapters against simulators on sockets.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod bench;
mod cloud;
mod contract;
mod over_gnmi;
mod over_netconf;
mod transactions;
mod trust;
mod vims;
