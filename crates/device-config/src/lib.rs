//! What a plan means on each device: abstract fragments, the profiles that turn them into leaves
//! of real models, ownership of those leaves, and the smallest change between two wishes. Pure.

pub mod change;
pub mod desired;
pub mod fragment;
pub mod profile;
mod template;

pub use change::{Change, Edit};
pub use desired::{Conflict, Desired, Deviation, Rendered};
pub use fragment::{Fragment, fragments};
pub use profile::{Profile, ProfileError};
