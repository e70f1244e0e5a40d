//! NETCONF 1.0 and 1.1: one session core without I/O, and a client and a server around it.

pub mod client;
pub mod error;
pub mod framing;
pub mod message;
pub mod operation;
pub mod server;
pub mod session;
mod ssh;
pub mod xml;

pub use client::{Client, ClientError, Deadlines, Edit, Reply};
pub use error::{ErrorTag, ErrorType, RpcError, Severity};
pub use ssh::{Credentials, HostKeyPolicy, Target};
pub use xml::Element;

/// The namespace of NETCONF's own elements (RFC 6241), the same for base:1.0 and base:1.1.
pub const BASE: &str = "urn:ietf:params:xml:ns:netconf:base:1.0";
pub const BASE_1_0: &str = "urn:ietf:params:netconf:base:1.0";
pub const BASE_1_1: &str = "urn:ietf:params:netconf:base:1.1";
/// RFC 6242 §6.
pub const DEFAULT_PORT: u16 = 830;
