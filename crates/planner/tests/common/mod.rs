//! Small worlds for tests.

#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod script;
pub(crate) mod show;
pub(crate) mod world;
