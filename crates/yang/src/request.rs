//! What a client sends: an edit (RFC 6241 §7.2) and a subtree filter (RFC 6241 §6).

use crate::path::Path;
use crate::schema::{Kind, Schema};
use crate::xml::Writer;
use std::collections::BTreeMap;

const REMOVE: &str =
    " xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:operation=\"remove\"";
const REPLACE: &str =
    " xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:operation=\"replace\"";

#[derive(Clone, Copy)]
enum Operation<'e> {
    Remove,
    /// Something is set again below what is removed.
    Replace,
    Set(&'e str),
}

impl Schema {
    /// The content of an `edit-config` (merge) that removes nodes and then gives leaves their
    /// values. Remove only what is there: merging makes the entries that lead to a node, whatever
    /// is to be done with the node (P-29). Paths that the schema does not know are left out.
    #[must_use]
    pub fn edit_xml<'e>(
        &self,
        removed: impl IntoIterator<Item = &'e Path>,
        set: impl IntoIterator<Item = (&'e Path, &'e str)>,
    ) -> String {
        let mut writer = Writer::new(self);
        for (path, operation) in operations(removed, set.into_iter().collect()) {
            self.write_operation(&mut writer, path, operation);
        }
        writer.finish()
    }

    fn write_operation<'s>(&'s self, writer: &mut Writer<'s>, path: &Path, what: Operation<'_>) {
        let (Some(node), Some((last, above))) = (self.node(path), path.steps.split_last()) else {
            return;
        };
        let attribute = match what {
            Operation::Remove => REMOVE,
            Operation::Replace => REPLACE,
            Operation::Set(_) => "",
        };
        if !matches!(node.kind, Kind::Leaf | Kind::LeafList) {
            writer.open_to(&path.steps, attribute);
            return;
        }
        writer.open_to(above, "");
        let is_key = above.last().is_some_and(|entry| entry.key(&last.name).is_some());
        match what {
            _ if is_key => {}
            Operation::Set(value) => writer.leaf(node, value, attribute),
            Operation::Remove | Operation::Replace => {
                writer.leaf(node, last.key(".").unwrap_or_default(), attribute);
            }
        }
    }

    /// The content of a subtree filter that selects what is at or below the paths.
    #[must_use]
    pub fn subtree_filter(&self, paths: &[Path]) -> String {
        let mut writer = Writer::new(self);
        let mut sorted: Vec<&Path> = paths.iter().filter(|path| !path.steps.is_empty()).collect();
        sorted.sort();
        let mut last: Option<&Path> = None;
        for path in sorted {
            // A path below another one would narrow it.
            if !last.is_some_and(|above| path.starts_with(above)) {
                writer.open_to(&path.steps, "");
                last = Some(path);
            }
        }
        writer.finish()
    }
}

/// One operation for each path, in the order of the paths.
fn operations<'e>(
    removed: impl IntoIterator<Item = &'e Path>,
    set: BTreeMap<&'e Path, &'e str>,
) -> BTreeMap<&'e Path, Operation<'e>> {
    let mut removed: Vec<&Path> = removed.into_iter().collect();
    removed.sort();
    let mut operations: BTreeMap<&Path, Operation<'_>> = BTreeMap::new();
    let mut covered: Option<&Path> = None;
    for path in removed {
        if covered.is_some_and(|above| path.starts_with(above)) {
            continue;
        }
        covered = Some(path);
        let below =
            set.range::<&Path, _>(path..).next().is_some_and(|(other, _)| other.starts_with(path));
        operations.insert(path, if below { Operation::Replace } else { Operation::Remove });
    }
    operations.extend(set.into_iter().map(|(path, value)| (path, Operation::Set(value))));
    operations
}
