//! The public API as Rust: the messages, clients and servers that the build makes of
//! `proto/wayleave/v1`, and the way between them and the vocabulary of [`model`].
//!
//! - [`wire`] is generated.
//! - [`parse`] turns messages into checked values, or says *all* that is wrong with them.
//! - [`show`] turns values into messages.
//!
//! It knows nothing of servers, so a client that uses it builds without the engine.

pub mod parse;
pub mod show;

/// What the build makes of `proto/wayleave/v1`.
#[allow(
    clippy::all,
    clippy::pedantic,
    missing_debug_implementations,
    unreachable_pub,
    reason = "generated"
)]
pub mod wire {
    tonic::include_proto!("wayleave.v1");

    /// The encoded descriptors: for reflection and for the JSON form.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wayleave.bin"));
}

pub use parse::Violation;

/// The port of `wayleave serve` where none is given.
pub const DEFAULT_PORT: u16 = 7830;
/// The domain of the error codes in `google.rpc.ErrorInfo`.
pub const ERROR_DOMAIN: &str = "wayleave";
/// Longest descriptor file that is taken, in bytes.
pub const MAX_DESCRIPTOR_BYTES: usize = 4 * 1024 * 1024;
/// Longest message that a server takes, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
