//! The tree of a document.

use super::Position;
use serde_json::Value as Json;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    /// As it is written, so that version `1.10` stays `1.10`, and as YAML understands it.
    Scalar {
        text: String,
        json: Json,
    },
    Sequence(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) at: Position,
    pub(crate) node: Node,
}

impl Entry {
    /// The name without the module that RFC 7951 §4 lets stand before it.
    pub(crate) fn local_name(&self) -> &str {
        self.name.rsplit_once(':').map_or(&self.name, |(_, local)| local)
    }
}

impl Node {
    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.local_name() == name).map(|e| &e.node),
            _ => None,
        }
    }

    /// What it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "empty",
            Value::Scalar { .. } => "a single value",
            Value::Sequence(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Scalar { json, .. } => json.clone(),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|e| (e.name.clone(), e.node.to_json())).collect()
            }
        }
    }
}
