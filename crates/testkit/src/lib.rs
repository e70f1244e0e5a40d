//! In-memory implementations of the engine's four ports, and the contract that every
//! implementation of a port must keep.
//!
//! The fakes have no clock, no thread and no randomness of their own: the same calls in the same
//! order give the same answers. Each is a handle; copies are the same one, so that a test keeps
//! one and the engine gets another.

mod clock;
pub mod contract;
mod devices;
pub mod fixture;
mod memory_store;
mod vims;
pub mod world;

pub use clock::ManualClock;
pub use devices::{DeviceCall, DeviceFault, DeviceStep, FakeDevices};
pub use memory_store::{MemoryStore, StoreFault, Unsynced};
pub use vims::{FakeVims, VimCall, VimFault, VimStep};
