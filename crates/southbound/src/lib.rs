//! The engine's ports `Devices` and `Vims`, over NETCONF, gNMI and OpenStack.
//!
//! One session for each device, opened when it is needed and again when it breaks; one transaction
//! at a time on each device; a deadline for every step. What was sent and not answered is an
//! unknown outcome and never a guess.

mod deadlines;
mod devices;
mod gnmi_switch;
mod known;
mod local;
mod memory;
mod netconf_switch;
mod secrets;
mod trust;
mod vims;

pub use deadlines::Deadlines;
pub use devices::NetworkDevices;
pub use secrets::{Login, Secrets, SecretsError};
pub use vims::NetworkVims;
