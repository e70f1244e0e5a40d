//! The edits that take a device from one wish to the next.

use yang::Path;

/// Deletions first, then settings: the order in which a gNMI target works (gNMI §3.4.3), and one
/// that a NETCONF server may be given as a single edit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Removes a leaf, or a list entry with all that is in it. Nothing there: nothing happens.
    Delete { path: Path, before: Option<String> },
    /// Gives a leaf its value; what leads to it is made where it is missing.
    Set { path: Path, before: Option<String>, value: String },
}

impl Change {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    pub fn deletions(&self) -> impl Iterator<Item = &Path> {
        self.edits.iter().filter_map(|edit| match edit {
            Edit::Delete { path, .. } => Some(path),
            Edit::Set { .. } => None,
        })
    }

    pub fn settings(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.edits.iter().filter_map(|edit| match edit {
            Edit::Set { path, value, .. } => Some((path, value.as_str())),
            Edit::Delete { .. } => None,
        })
    }
}
