//! The engine: one core state machine, four ports, and the driver between them.

pub mod api;
pub mod error;
pub mod ports;
