//! Descriptors from text to template: every form, every rule, and input that means harm.

#![allow(clippy::unwrap_used)]

mod forms;
mod hostile;
mod lowering;
mod references;
mod rules;
mod support;
