//! Clients of virtual infrastructure managers: OpenStack.

mod http;
mod openstack;
mod quota;
mod workload;

pub use http::{Config, Secret, VimError};
pub use openstack::OpenStack;
pub use quota::Quota;
pub use workload::{Inventory, Network, Server, Volume, Workload};
