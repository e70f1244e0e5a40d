//! Schemas, instance trees and validation.
//!
//! libyang (through `yang5`) reads modules and validates; instance trees are values of our own,
//! because they have to be copied, compared and merged cheaply.

pub mod bundled;
mod edit;
mod filter;
mod json;
mod path;
mod request;
mod schema;
mod tree;
mod validate;
mod xml;

pub use edit::{DefaultOperation, EditError, EditTag};
pub use path::{Path, PathError, Step};
pub use schema::{Kind, LeafType, ModuleInfo, Schema, SchemaError, SchemaNode};
pub use tree::{Difference, DifferenceKind, Tree};
pub use validate::Violation;

/// Text that is not an instance of the schema: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    #[error("not well-formed: {0}")]
    Syntax(String),
    #[error("{path}: the schema has no such node")]
    UnknownNode { path: String },
    #[error("{path}: {value:?} is not a {expected}")]
    BadValue { path: String, value: String, expected: String },
    #[error("{path}: the key {key} is missing")]
    MissingKey { path: String, key: String },
    #[error("{path}: {reason}")]
    Structure { path: String, reason: String },
}
