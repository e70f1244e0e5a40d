//! gNMI: the wire, paths, values, and both halves of the protocol.

pub mod client;
pub mod path;
pub mod server;
mod stoppable;
pub mod value;

/// What the build makes of `proto/gnmi`.
#[allow(
    clippy::all,
    clippy::pedantic,
    missing_debug_implementations,
    unreachable_pub,
    deprecated,
    reason = "generated"
)]
pub mod proto {
    pub mod gnmi {
        tonic::include_proto!("gnmi");
    }

    pub mod gnmi_ext {
        tonic::include_proto!("gnmi_ext");
    }

    /// For gRPC reflection.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gnmi.bin"));
}

pub use proto::{gnmi as wire, gnmi_ext as ext};

pub use client::{Client, ClientError, Connection, SetChange, Subscribed};
pub use path::{Elem, GnmiPath};

/// IANA's port for gNMI.
pub const DEFAULT_PORT: u16 = 9339;
/// The version of the service that the messages are of.
pub const VERSION: &str = "0.10.0";
