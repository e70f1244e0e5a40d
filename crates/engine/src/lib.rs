//! The engine: a pure state, four ports, and the driver between them.

pub mod api;
mod config;
mod driver;
pub mod error;
pub mod ports;
mod records;
mod state;
mod workload;

pub use driver::{Engine, Parts, Planning};
pub use error::Error;
