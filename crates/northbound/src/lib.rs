//! The gRPC services of `wayleave.v1` over the engine's one door, [`engine::api::Orchestrator`].
//!
//! A request is checked whole at the edge (`api::parse`), carried out under a deadline, and
//! answered; every failure goes through one table ([`status`]). Nothing is decided here.

mod convert;
mod deadline;
#[cfg(feature = "fake")]
pub mod fake;
mod list;
mod security;
mod server;
mod service;
pub mod status;
mod write;

pub use security::{Security, TlsIdentity};
pub use server::{ServeError, serve};
