//! Instance data in JSON (RFC 7951).

use crate::path::{Path, Step};
use crate::schema::{Kind, LeafType, Schema, SchemaNode};
use crate::tree::{Tree, value_step};
use crate::{DataError, schema};
use serde_json::{Map, Value};

impl Tree {
    /// The whole tree as one JSON object.
    #[must_use]
    pub fn to_json(&self, schema: &Schema) -> Value {
        self.json_below(schema, &Path::root()).unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// What is at a path: a leaf's value, or an object of what is below. `None` where nothing is.
    #[must_use]
    pub fn json_below(&self, schema: &Schema, at: &Path) -> Option<Value> {
        let node = schema.node(at)?;
        if matches!(node.kind, Kind::Leaf) {
            return self.get(at).map(|value| leaf_value(node, value));
        }
        let mut object = Value::Object(Map::new());
        if node.kind == Kind::List && !self.contains(at) {
            return None;
        }
        put_keys(&mut object, node, at.last());
        for (path, value) in self.below(at) {
            insert(&mut object, node, &path.steps[at.steps.len()..], value);
        }
        let empty = object.as_object().is_some_and(Map::is_empty);
        (!empty || at.steps.is_empty() || self.contains(at)).then_some(object)
    }

    /// Reads a JSON object that stands at a path.
    ///
    /// # Errors
    /// Where a member is not in the schema or a value is not of its type.
    pub fn from_json(schema: &Schema, at: &Path, value: &Value) -> Result<Self, DataError> {
        Reader { tree: Self::new(), schema, take: Take::All }.start(at, value)
    }

    /// The same, and what the schema does not know, or knows as state, is left out.
    ///
    /// # Errors
    /// Where a known member has a value that is not of its type.
    pub fn from_json_config(schema: &Schema, at: &Path, value: &Value) -> Result<Self, DataError> {
        Reader { tree: Self::new(), schema, take: Take::KnownConfig }.start(at, value)
    }
}

/// Puts one node into the object, making what leads to it. Nodes come in the order of their paths,
/// so the entry that a step belongs to is always the last one of its list.
fn insert(object: &mut Value, parent: &SchemaNode, steps: &[Step], value: Option<&str>) {
    let Some((step, rest)) = steps.split_first() else { return };
    let Some(node) = parent.children.get(&step.name) else { return };
    let Some(members) = object.as_object_mut() else { return };
    let name = qualified(parent, node);
    match node.kind {
        Kind::Leaf => {
            members.insert(name, leaf_value(node, value.unwrap_or_default()));
        }
        Kind::LeafList => {
            let list = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(leaf_value(node, value.unwrap_or_default()));
            }
        }
        Kind::Container | Kind::Presence => {
            let inner = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
            insert(inner, node, rest, value);
        }
        Kind::List => {
            let list = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(list) = list else { return };
            if rest.is_empty() {
                let mut entry = Value::Object(Map::new());
                put_keys(&mut entry, node, Some(step));
                list.push(entry);
            } else if let Some(entry) = list.last_mut() {
                insert(entry, node, rest, value);
            }
        }
    }
}

fn put_keys(entry: &mut Value, list: &SchemaNode, step: Option<&Step>) {
    let (Some(members), Some(step)) = (entry.as_object_mut(), step) else { return };
    for key in &list.keys {
        if let (Some(value), Some(leaf)) = (step.key(key), list.children.get(key)) {
            members.insert(key.clone(), leaf_value(leaf, value));
        }
    }
}

/// With its module where that is not the parent's (RFC 7951 §4).
fn qualified(parent: &SchemaNode, node: &SchemaNode) -> String {
    if parent.module == node.module {
        node.name.clone()
    } else {
        format!("{}:{}", node.module, node.name)
    }
}

pub(crate) fn leaf_value(leaf: &SchemaNode, text: &str) -> Value {
    let number = || match text.parse::<i64>() {
        Ok(number) => Value::from(number),
        Err(_) => Value::from(text),
    };
    match leaf.leaf {
        LeafType::Bool => Value::Bool(text == "true"),
        LeafType::Signed(_) | LeafType::Unsigned(_) | LeafType::Union => number(),
        LeafType::Empty => Value::Array(vec![Value::Null]),
        _ => Value::from(text),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    All,
    KnownConfig,
}

/// Reads members into a tree.
struct Reader<'s> {
    tree: Tree,
    schema: &'s Schema,
    take: Take,
}

impl Reader<'_> {
    fn start(mut self, at: &Path, value: &Value) -> Result<Tree, DataError> {
        let node = self.schema.node(at).ok_or_else(|| unknown(at))?;
        self.read(node, at, value)?;
        Ok(self.tree)
    }

    fn read(&mut self, node: &SchemaNode, at: &Path, value: &Value) -> Result<(), DataError> {
        match node.kind {
            Kind::Leaf => {
                let text = read_leaf(self.schema, node, at, value)?;
                self.tree.set(at, Some(text));
                Ok(())
            }
            Kind::LeafList => self.leaf_list(node, at, value),
            Kind::List if at.last().is_some_and(|step| step.keys.is_empty()) => {
                self.list(node, at, value)
            }
            Kind::Container | Kind::Presence | Kind::List => {
                if node.kind != Kind::Container {
                    self.tree.set(at, None);
                }
                self.members(node, at, value)
            }
        }
    }

    fn members(&mut self, node: &SchemaNode, at: &Path, value: &Value) -> Result<(), DataError> {
        let members = value.as_object().ok_or_else(|| structure(at, "an object is expected"))?;
        for (name, value) in members {
            let (module, local) =
                name.split_once(':').map_or((None, name.as_str()), |(m, n)| (Some(m), n));
            let child = node.children.get(local);
            let child = child.filter(|child| module.is_none_or(|module| module == child.module));
            if self.take == Take::KnownConfig && child.is_none_or(|child| !child.config) {
                continue;
            }
            let path = at.child(Step::new(local));
            let child = child.ok_or_else(|| unknown(&path))?;
            if let (Kind::List, Some(key)) = (node.kind, at.last().and_then(|s| s.key(local))) {
                let text = read_leaf(self.schema, child, &path, value)?;
                if text != key {
                    return Err(structure(&path, "the key differs from the one in the path"));
                }
                continue;
            }
            self.read(child, &path, value)?;
        }
        Ok(())
    }

    fn list(&mut self, node: &SchemaNode, at: &Path, value: &Value) -> Result<(), DataError> {
        let entries = value.as_array().ok_or_else(|| structure(at, "an array is expected"))?;
        let parent = at.parent().unwrap_or_default();
        for entry in entries {
            let mut keys = Vec::new();
            for key in &node.keys {
                let member = entry.as_object().and_then(|members| {
                    members.iter().find(|(name, _)| local(name) == key).map(|(_, value)| value)
                });
                let missing = || DataError::MissingKey { path: at.to_string(), key: key.clone() };
                let leaf = node.children.get(key).ok_or_else(missing)?;
                let member = member.ok_or_else(missing)?;
                keys.push((key.clone(), read_leaf(self.schema, leaf, at, member)?));
            }
            let path = parent.child(Step::with_keys(node.name.clone(), keys));
            self.read(node, &path, entry)?;
        }
        Ok(())
    }

    fn leaf_list(&mut self, node: &SchemaNode, at: &Path, value: &Value) -> Result<(), DataError> {
        let values = value.as_array().ok_or_else(|| structure(at, "an array is expected"))?;
        let parent = at.parent().unwrap_or_default();
        for value in values {
            let text = read_leaf(self.schema, node, at, value)?;
            self.tree.set(&parent.child(value_step(&node.name, &text)), Some(text));
        }
        Ok(())
    }
}

fn read_leaf(
    schema: &Schema,
    leaf: &SchemaNode,
    at: &Path,
    value: &Value,
) -> Result<String, DataError> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(list) if list.as_slice() == [Value::Null] => String::new(),
        _ => return Err(structure(at, "a single value is expected")),
    };
    check_form(leaf, at, value)?;
    schema.canonical(leaf, &text).map_err(|expected| bad_value(at, &text, expected))
}

/// A boolean is a JSON boolean and a small number a JSON number (RFC 7951 §6.1, §6.3).
fn check_form(leaf: &SchemaNode, at: &Path, value: &Value) -> Result<(), DataError> {
    let fits = match leaf.leaf {
        LeafType::Bool => value.is_boolean(),
        LeafType::Signed(_) | LeafType::Unsigned(_) => value.is_number(),
        LeafType::Text | LeafType::Identity => value.is_string(),
        _ => true,
    };
    let word = format!("{:?}", leaf.leaf).to_lowercase();
    if fits { Ok(()) } else { Err(bad_value(at, &value.to_string(), &word)) }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

pub(crate) fn unknown(at: &Path) -> DataError {
    DataError::UnknownNode { path: at.to_string() }
}

pub(crate) fn bad_value(at: &Path, value: &str, expected: &str) -> DataError {
    let (path, value, expected) = (at.to_string(), value.to_owned(), expected.to_owned());
    DataError::BadValue { path, value, expected }
}

fn structure(at: &Path, reason: &str) -> DataError {
    DataError::Structure { path: at.to_string(), reason: reason.to_owned() }
}

impl schema::SchemaNode {
    /// A leaf's canonical text as a JSON value.
    #[must_use]
    pub fn json_value(&self, text: &str) -> Value {
        leaf_value(self, text)
    }
}
