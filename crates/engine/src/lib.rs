//! The engine: a pure state, four ports, and the driver between them.

pub mod api;
pub mod error;
pub mod ports;

pub use error::Error;
