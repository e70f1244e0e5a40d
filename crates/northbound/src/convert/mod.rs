//! From what the engine shows to messages.

mod catalogue;
mod change;
mod device;
mod intent;
mod operation;
mod plan;
mod topology;

pub(crate) use catalogue::{brief, descriptor, diagnostic};
pub(crate) use change::{Seen, seen};
pub(crate) use device::{blamed, device_diff, device_status, vim_status};
pub(crate) use intent::intent;
pub(crate) use operation::operation;
pub(crate) use plan::{dry_run, in_force};
pub(crate) use topology::usage;
