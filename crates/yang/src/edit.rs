//! `edit-config` on an instance tree (RFC 6241 §7.2, RFC 7950 §7.5.8 and following).

use crate::DataError;
use crate::path::{Path, Step};
use crate::schema::{Kind, Schema, SchemaNode};
use crate::tree::Tree;
use crate::xml::{Element, child_of, leaf_text, parse, step_of};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultOperation {
    #[default]
    Merge,
    Replace,
    None,
}

/// The error-tags of RFC 6241 appendix A that an edit can end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditTag {
    DataExists,
    DataMissing,
    BadAttribute,
    UnknownAttribute,
    UnknownElement,
    UnknownNamespace,
    MissingElement,
    InvalidValue,
    OperationFailed,
    MalformedMessage,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct EditError {
    pub tag: EditTag,
    pub path: String,
    pub message: String,
    /// The element or attribute that is bad, where the tag wants it named.
    pub bad: Option<String>,
    /// The namespace of the bad element, where it is that which is not known.
    pub namespace: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Merge,
    Replace,
    Create,
    Delete,
    Remove,
    None,
}

impl Tree {
    /// What the tree becomes by an edit: the content of `config`, with `nc:operation` attributes.
    ///
    /// # Errors
    /// With the tag of the first thing that is wrong; the tree itself is untouched in any case.
    pub fn edited(
        &self,
        schema: &Schema,
        config: &str,
        default: DefaultOperation,
    ) -> Result<Self, EditError> {
        let elements = parse(config).map_err(EditError::from)?;
        let mut tree = match default {
            DefaultOperation::Replace => Self::new(),
            DefaultOperation::Merge | DefaultOperation::None => self.clone(),
        };
        let default = match default {
            DefaultOperation::None => Operation::None,
            DefaultOperation::Merge | DefaultOperation::Replace => Operation::Merge,
        };
        let mut edit = Edit { schema, tree: &mut tree };
        for element in &elements {
            edit.element(schema.root(), &Path::root(), element, default)?;
        }
        Ok(tree)
    }
}

struct Edit<'a> {
    schema: &'a Schema,
    tree: &'a mut Tree,
}

impl Edit<'_> {
    fn element(
        &mut self,
        parent: &SchemaNode,
        at: &Path,
        element: &Element,
        inherited: Operation,
    ) -> Result<(), EditError> {
        let here = at.child(Step::new(element.name.clone()));
        let node = child_of(parent, element).ok_or_else(|| unknown(parent, &here, element))?;
        if !node.config {
            return Err(bad_element(&here, element, "it is state, and cannot be configured"));
        }
        let operation = operation(&here, element, inherited)?;
        let path = at.child(step_of(self.schema, node, at, element)?);
        match operation {
            Operation::Delete | Operation::Remove => self.remove(&path, element, operation),
            Operation::Create if self.tree.contains(&path) => {
                Err(failed(EditTag::DataExists, &path, "it is already there"))
            }
            Operation::Replace => {
                self.tree.delete(&path);
                self.put(node, at, &path, element, Operation::Merge)
            }
            Operation::None => self.locate(node, &path, element),
            Operation::Merge | Operation::Create => {
                self.put(node, at, &path, element, Operation::Merge)
            }
        }
    }

    /// Deleting an absent node is an error, removing it is not. What is inside the element only
    /// locates, unless it asks for something else, which is refused.
    fn remove(
        &mut self,
        path: &Path,
        element: &Element,
        operation: Operation,
    ) -> Result<(), EditError> {
        if let Some(child) = element.children.iter().find(|child| contradicts(child)) {
            let path = path.child(Step::new(child.name.clone()));
            return Err(failed(EditTag::OperationFailed, &path, "its parent is being deleted"));
        }
        let found = self.tree.delete(path);
        if !found && operation == Operation::Delete {
            return Err(failed(EditTag::DataMissing, path, "it is not there"));
        }
        Ok(())
    }

    fn put(
        &mut self,
        node: &SchemaNode,
        at: &Path,
        path: &Path,
        element: &Element,
        inherited: Operation,
    ) -> Result<(), EditError> {
        match node.kind {
            Kind::Leaf | Kind::LeafList => {
                let value = leaf_text(self.schema, node, at, element)?;
                self.tree.set(path, Some(value));
                return Ok(());
            }
            Kind::List | Kind::Presence => self.tree.set(path, None),
            Kind::Container => {}
        }
        self.children(node, path, element, inherited)
    }

    fn locate(
        &mut self,
        node: &SchemaNode,
        path: &Path,
        element: &Element,
    ) -> Result<(), EditError> {
        let missing = node.kind != Kind::Container && !self.tree.contains(path);
        if missing && !element.children.iter().any(|child| child.operation.is_some()) {
            return Err(failed(EditTag::DataMissing, path, "it is not there"));
        }
        self.children(node, path, element, Operation::None)
    }

    fn children(
        &mut self,
        node: &SchemaNode,
        path: &Path,
        element: &Element,
        inherited: Operation,
    ) -> Result<(), EditError> {
        let is_key = |child: &&Element| node.keys.contains(&child.name);
        let others = element.children.iter().filter(|child| !is_key(child));
        others.into_iter().try_for_each(|child| self.element(node, path, child, inherited))
    }
}

fn contradicts(element: &Element) -> bool {
    let own = element.operation.as_deref();
    own.is_some_and(|word| !matches!(word, "delete" | "remove"))
        || element.children.iter().any(contradicts)
}

fn operation(at: &Path, element: &Element, inherited: Operation) -> Result<Operation, EditError> {
    if element.stray_operation {
        // RFC 6241 §7.2: the attribute counts in NETCONF's namespace only (pitfall P-28).
        let message = "the attribute operation has no namespace; qualify it with NETCONF's";
        let mut error = failed(EditTag::UnknownAttribute, at, message);
        error.bad = Some("operation".to_owned());
        return Err(error);
    }
    Ok(match element.operation.as_deref() {
        None => inherited,
        Some("merge") => Operation::Merge,
        Some("replace") => Operation::Replace,
        Some("create") => Operation::Create,
        Some("delete") => Operation::Delete,
        Some("remove") => Operation::Remove,
        Some(other) => {
            let message = format!("{other:?} is not an operation");
            let mut error = failed(EditTag::BadAttribute, at, &message);
            error.bad = Some("operation".to_owned());
            return Err(error);
        }
    })
}

fn unknown(parent: &SchemaNode, at: &Path, element: &Element) -> EditError {
    let known = parent.children.contains_key(&element.name);
    let (tag, message) = if known {
        (EditTag::UnknownNamespace, "no such element in this namespace")
    } else {
        (EditTag::UnknownElement, "the schema has no such node")
    };
    let mut error = failed(tag, at, message);
    error.bad = Some(element.name.clone());
    error.namespace = element.namespace.clone().filter(|_| known);
    error
}

fn bad_element(at: &Path, element: &Element, message: &str) -> EditError {
    let mut error = failed(EditTag::UnknownElement, at, message);
    error.bad = Some(element.name.clone());
    error
}

fn failed(tag: EditTag, at: &Path, message: &str) -> EditError {
    let message = message.to_owned();
    EditError { tag, path: at.to_string(), message, bad: None, namespace: None }
}

impl From<DataError> for EditError {
    fn from(error: DataError) -> Self {
        let message = error.to_string();
        let (tag, path, bad) = match error {
            DataError::Syntax(_) => (EditTag::MalformedMessage, "/".to_owned(), None),
            DataError::UnknownNode { path } => (EditTag::UnknownElement, path, None),
            DataError::BadValue { path, .. } => (EditTag::InvalidValue, path, None),
            DataError::MissingKey { path, key } => (EditTag::MissingElement, path, Some(key)),
            DataError::Structure { path, .. } => (EditTag::OperationFailed, path, None),
        };
        Self { tag, path, message, bad, namespace: None }
    }
}
