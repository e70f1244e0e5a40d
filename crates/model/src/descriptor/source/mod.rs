//! From text to a tree in which every value knows its line and column, and from the tree to fields.

mod decimal;
mod fields;
mod node;
mod yaml;

pub use decimal::Decimal;
pub(super) use fields::{Fields, Key, Sink};
pub(super) use node::{Entry, Node, Value};
pub(super) use yaml::read;
pub use yaml::{MAX_BYTES, MAX_DEPTH};

use std::collections::BTreeMap;

/// Fields that SOL006 does not have or that Wayleave does not use, kept as they were.
pub type Extra = BTreeMap<String, serde_json::Value>;

/// A place in a file; both numbers count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Where each path of a document stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions(BTreeMap<String, Position>);

impl Positions {
    /// The first one stays, so that a duplicate does not move the place of the original.
    fn insert(&mut self, path: &str, at: Position) {
        self.0.entry(path.to_owned()).or_insert(at);
    }

    /// The place of `path`, or of the nearest thing around it.
    #[must_use]
    pub fn of(&self, path: &str) -> Position {
        let mut path = path;
        loop {
            if let Some(at) = self.0.get(path) {
                return *at;
            }
            match path.rfind('/') {
                Some(cut) => path = &path[..cut],
                None => return Position::default(),
            }
        }
    }
}
