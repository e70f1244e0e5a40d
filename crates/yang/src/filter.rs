//! Subtree filters (RFC 6241 §6) on an instance tree.

use crate::DataError;
use crate::path::{Path, Step};
use crate::schema::{Kind, Schema, SchemaNode};
use crate::tree::Tree;
use crate::xml::{Element, child_of, parse};

impl Tree {
    /// What a subtree filter selects. An empty filter selects nothing.
    ///
    /// # Errors
    /// Where the filter is not well-formed XML.
    pub fn filtered(&self, schema: &Schema, filter: &str) -> Result<Self, DataError> {
        let mut selected = Self::new();
        for element in parse(filter)? {
            self.select(schema, schema.root(), &Path::root(), &element, &mut selected);
        }
        Ok(selected)
    }

    fn select(
        &self,
        schema: &Schema,
        parent: &SchemaNode,
        at: &Path,
        filter: &Element,
        into: &mut Self,
    ) {
        let Some(node) = child_of(parent, filter) else { return };
        for instance in self.instances(at, node) {
            self.select_instance(schema, node, &instance, filter, into);
        }
    }

    fn select_instance(
        &self,
        schema: &Schema,
        node: &SchemaNode,
        at: &Path,
        filter: &Element,
        into: &mut Self,
    ) {
        if matches!(node.kind, Kind::Leaf | Kind::LeafList) {
            let wanted = filter.text.trim();
            if wanted.is_empty() || self.get(at) == Some(wanted) {
                into.merge(&self.only(std::slice::from_ref(at)));
            }
            return;
        }
        let (matches, others): (Vec<&Element>, Vec<&Element>) =
            filter.children.iter().partition(|child| is_content_match(node, child));
        if !matches.iter().all(|child| self.content_matches(schema, node, at, child)) {
            return;
        }
        if others.is_empty() {
            into.merge(&self.only(std::slice::from_ref(at)));
            return;
        }
        let leaves = matches.iter().map(|child| at.child(Step::new(child.name.clone())));
        into.merge(&self.only(&leaves.collect::<Vec<_>>()));
        for child in others {
            self.select(schema, node, at, child, into);
        }
    }

    /// Equality after trimming (RFC 6241 §6.2.5), by the leaf's type.
    fn content_matches(
        &self,
        schema: &Schema,
        node: &SchemaNode,
        at: &Path,
        filter: &Element,
    ) -> bool {
        let Some(leaf) = child_of(node, filter) else { return false };
        let wanted = schema.canonical(leaf, filter.text.trim());
        let held = self.instances(at, leaf);
        held.iter().any(|path| self.get(path).map(str::to_owned) == wanted.clone().ok())
    }

    /// The instances of a schema node below a path.
    fn instances(&self, at: &Path, node: &SchemaNode) -> Vec<Path> {
        let plain = at.child(Step::new(node.name.clone()));
        if !matches!(node.kind, Kind::List | Kind::LeafList) {
            return if self.contains(&plain) { vec![plain] } else { Vec::new() };
        }
        let depth = plain.steps.len();
        let mut found: Vec<Path> = Vec::new();
        let under = self.below(at).filter(|(path, _)| {
            path.steps.len() == depth && path.last().is_some_and(|step| step.name == node.name)
        });
        found.extend(under.map(|(path, _)| path.clone()));
        found
    }

    /// The paths that a path with wildcards stands for: keys left out or `*`, a name `*` for one
    /// level (gNMI path conventions). A list without keys stands for every entry.
    #[must_use]
    pub fn expand(&self, schema: &Schema, pattern: &Path) -> Vec<Path> {
        let mut found = vec![(Path::root(), schema.root())];
        for step in &pattern.steps {
            let mut next = Vec::new();
            for (at, node) in found {
                let named =
                    node.children.values().filter(|c| step.name == "*" || c.name == step.name);
                for child in named {
                    let here = self.instances(&at, child).into_iter();
                    next.extend(
                        here.filter(|path| keys_match(path, step)).map(|path| (path, child)),
                    );
                }
            }
            found = next;
        }
        found.into_iter().map(|(path, _)| path).collect()
    }
}

fn keys_match(path: &Path, pattern: &Step) -> bool {
    let step = path.last();
    pattern.keys.iter().all(|(key, wanted)| {
        wanted == "*" || step.and_then(|step| step.key(key)) == Some(wanted.as_str())
    })
}

fn is_content_match(node: &SchemaNode, filter: &Element) -> bool {
    let leaf =
        child_of(node, filter).is_some_and(|c| matches!(c.kind, Kind::Leaf | Kind::LeafList));
    leaf && !filter.text.trim().is_empty()
}
