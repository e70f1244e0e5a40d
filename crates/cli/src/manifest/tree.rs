//! YAML, and JSON as the subset of it that it is, into values that know where they stand. Bounded
//! in size, in depth and in what aliases unfold to.

use crate::failure::Detail;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_saphyr::options::{AliasLimits, DuplicateKeyPolicy};
use serde_saphyr::{Location, Options, Spanned};
use std::fmt;

/// A manifest needs no more than 8.
const DEPTH_MAX: usize = 48;
/// A topology of ten thousand devices fits.
const NODES_MAX: usize = 2_000_000;
const DOCUMENTS_MAX: usize = 10_000;
const REPLAYED_MAX: usize = 100_000;

/// A place in a file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Scalar(Json),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) at: Place,
    pub(crate) name: String,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.name == name).map(|entry| &entry.node)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Scalar(Json::Null)
    }

    /// What it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(Json::Null) => "empty",
            Value::Scalar(Json::Bool(_)) => "a truth value",
            Value::Scalar(Json::Number(_)) => "a number",
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(json) => json.clone(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|e| (e.name.clone(), e.node.to_json())).collect()
            }
        }
    }
}

/// The documents of a text; empty ones are left out.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Node>, Detail> {
    let raw = serde_saphyr::from_multiple_with_options::<Spanned<Raw>>(text, options());
    let raw = raw.map_err(|error| unreadable(file, text, &error))?;
    Ok(raw.into_iter().map(node).filter(|node| !node.is_null()).collect())
}

fn options() -> Options {
    let mut options = Options::default();
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = DEPTH_MAX;
    budget.max_nodes = NODES_MAX;
    budget.max_documents = DOCUMENTS_MAX;
    options.budget = Some(budget);
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    let mut limits = AliasLimits::default();
    limits.max_total_replayed_events = REPLAYED_MAX;
    options.alias_limits = limits;
    options.with_snippet = false;
    options.emit_comments = false;
    options
}

fn unreadable(file: &str, text: &str, error: &serde_saphyr::Error) -> Detail {
    let at = error.location().map(place).filter(|at| at.line > 0);
    let at = at.unwrap_or_else(|| end_of(text));
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or("unreadable");
    let text = format!("{reason}; correct it here, or restore the rest if the file was cut off");
    Detail::new(format!("{file}:{}:{}", at.line, at.column), text)
}

fn end_of(text: &str) -> Place {
    let lines = text.lines().count().max(1);
    Place { line: u64::try_from(lines).unwrap_or(u64::MAX), column: 1 }
}

fn place(at: Location) -> Place {
    Place { line: at.line(), column: at.column() }
}

fn node(raw: Spanned<Raw>) -> Node {
    let at = place(raw.referenced);
    let value = match raw.value {
        Raw::Scalar(json) => Value::Scalar(json),
        Raw::List(items) => Value::List(items.into_iter().map(node).collect()),
        Raw::Map(entries) => Value::Map(entries.into_iter().map(entry).collect()),
    };
    Node { at, value }
}

fn entry((key, value): (Spanned<String>, Spanned<Raw>)) -> Entry {
    Entry { at: place(key.referenced), name: key.value, node: node(value) }
}

enum Raw {
    Scalar(Json),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

macro_rules! scalars {
    ($($visit:ident: $type:ty),* $(,)?) => {
        $(fn $visit<E>(self, value: $type) -> Result<Raw, E> {
            Ok(Raw::Scalar(Json::from(value)))
        })*
    };
}

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a map")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Raw, D::Error> {
        Raw::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
