//! What a device should hold, leaf by leaf, with the owners of each.
//!
//! Two intents may own one leaf as long as they want the same value of it. A leaf goes with its
//! last owner. A list entry that an intent brought into being is owned like a leaf, and goes whole.

use crate::change::{Change, Edit};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use model::IntentName;
use std::collections::{BTreeMap, BTreeSet};
use yang::Path;

/// What one intent wants of one device: leaves with their values, and entries (without a value)
/// that it brings into being.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub nodes: BTreeMap<Path, Option<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired {
    nodes: OrdMap<Path, Owned>,
    leaf_count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    value: Option<String>,
    owners: BTreeSet<IntentName>,
}

/// Two intents want different values of one leaf.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} would be {wanted}, but {holder} has it as {value}")]
pub struct Conflict {
    pub path: Path,
    pub wanted: String,
    pub value: String,
    pub holder: IntentName,
}

/// An owned leaf that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    pub path: Path,
    pub wanted: String,
    /// None where it is missing.
    pub found: Option<String>,
}

impl Desired {
    /// Replaces what one intent wants, and says what that changes on the device. The cost is that
    /// of the two wishes, however large the device's configuration is.
    ///
    /// # Errors
    /// Where another intent wants another value of a leaf; nothing is changed then.
    pub fn replace(
        &mut self,
        owner: &IntentName,
        before: &Rendered,
        after: &Rendered,
    ) -> Result<Change, Conflict> {
        let mut next = self.clone();
        let deleted = next.release(owner, before, after);
        let set = next.claim(owner, after)?;
        *self = next;
        let mut edits = topmost(deleted);
        edits.extend(set);
        Ok(Change { edits })
    }

    /// Takes the owner off what it no longer wants; gives back what nobody wants any more.
    fn release(
        &mut self,
        owner: &IntentName,
        before: &Rendered,
        after: &Rendered,
    ) -> Vec<(Path, Option<String>)> {
        let mut gone = Vec::new();
        for path in before.nodes.keys().filter(|path| !after.nodes.contains_key(*path)) {
            let Some(owned) = self.nodes.get_mut(path) else { continue };
            owned.owners.remove(owner);
            if owned.owners.is_empty() {
                let value = self.nodes.remove(path).and_then(|owned| owned.value);
                self.leaf_count -= usize::from(value.is_some());
                gone.push((path.clone(), value));
            }
        }
        gone
    }

    fn claim(&mut self, owner: &IntentName, after: &Rendered) -> Result<Vec<Edit>, Conflict> {
        let mut edits = Vec::new();
        for (path, value) in &after.nodes {
            let held = self.nodes.get(path).cloned();
            let before = held.as_ref().and_then(|owned| owned.value.clone());
            let was = usize::from(before.is_some());
            let mut owners = held.map(|owned| owned.owners).unwrap_or_default();
            if before != *value {
                if let (Some(holder), Some(value), Some(wanted)) =
                    (owners.iter().find(|other| *other != owner), &before, value)
                {
                    let (path, holder) = (path.clone(), holder.clone());
                    let (wanted, value) = (wanted.clone(), value.clone());
                    return Err(Conflict { path, wanted, value, holder });
                }
                if let Some(value) = value.clone() {
                    edits.push(Edit::Set { path: path.clone(), before, value });
                }
            }
            owners.insert(owner.clone());
            self.leaf_count = self.leaf_count + usize::from(value.is_some()) - was;
            self.nodes.insert(path.clone(), Owned { value: value.clone(), owners });
        }
        Ok(edits)
    }

    /// What takes a device from this to another wish. The cost follows what differs between them.
    #[must_use]
    pub fn change_to(&self, after: &Self) -> Change {
        let (mut gone, mut set) = (Vec::new(), Vec::new());
        for item in self.nodes.diff(&after.nodes) {
            match item {
                DiffItem::Remove(path, owned) => gone.push((path.clone(), owned.value.clone())),
                DiffItem::Add(path, owned) => set.extend(setting(path, None, owned)),
                DiffItem::Update { old: (_, old), new: (path, new) } if old.value != new.value => {
                    set.extend(setting(path, old.value.clone(), new));
                }
                DiffItem::Update { .. } => {}
            }
        }
        let mut edits = topmost(gone);
        edits.extend(set);
        Change { edits }
    }

    /// What a running configuration has otherwise than it should be: owned leaves that differ.
    #[must_use]
    pub fn repair(&self, running: impl Fn(&Path) -> Option<String>) -> Change {
        let edits = self.deviations(running).into_iter().map(|deviation| Edit::Set {
            path: deviation.path,
            before: deviation.found,
            value: deviation.wanted,
        });
        Change { edits: edits.collect() }
    }

    /// The owned leaves that a running configuration has otherwise, or not at all.
    #[must_use]
    pub fn deviations(&self, running: impl Fn(&Path) -> Option<String>) -> Vec<Deviation> {
        let leaves = self.leaves().filter_map(|(path, wanted)| {
            let found = running(path);
            (found.as_deref() != Some(wanted)).then(|| Deviation {
                path: path.clone(),
                wanted: wanted.to_owned(),
                found,
            })
        });
        leaves.collect()
    }

    /// Who owns which leaf, at or below a path.
    pub fn blame<'a>(
        &'a self,
        below: Option<&'a Path>,
    ) -> impl Iterator<Item = (&'a Path, &'a str, &'a BTreeSet<IntentName>)> {
        let here = move |path: &Path| below.is_none_or(|below| path.starts_with(below));
        self.nodes.iter().filter(move |(path, _)| here(path)).filter_map(|(path, owned)| {
            owned.value.as_deref().map(|value| (path, value, &owned.owners))
        })
    }

    /// What brings some nodes to what they should be, others being left alone. `running` is what
    /// the device holds, where that is known; otherwise everything is written, which changes
    /// nothing where it is so already.
    #[must_use]
    pub fn bring<'p>(
        &self,
        nodes: impl IntoIterator<Item = &'p Path>,
        running: Option<&yang::Tree>,
    ) -> Change {
        let (mut gone, mut set) = (Vec::new(), BTreeMap::new());
        for path in nodes {
            let mut owned = self.below(path).peekable();
            if owned.peek().is_none() && running.is_none_or(|tree| tree.contains(path)) {
                let before = running.and_then(|tree| tree.get(path)).map(str::to_owned);
                gone.push((path.clone(), before));
            }
            for (path, wanted) in owned.filter_map(|(p, owned)| Some((p, owned.value.as_ref()?))) {
                let found = running.and_then(|tree| tree.get(path));
                if found != Some(wanted.as_str()) {
                    set.insert(path, (found.map(str::to_owned), wanted.clone()));
                }
            }
        }
        let mut edits = topmost(gone);
        edits.extend(set.into_iter().map(|(path, (before, value))| Edit::Set {
            path: path.clone(),
            before,
            value,
        }));
        Change { edits }
    }

    /// The nodes at and below a path.
    fn below<'d>(&'d self, path: &Path) -> impl Iterator<Item = (&'d Path, &'d Owned)> {
        let above = path.clone();
        let rest = self.nodes.range(path.clone()..);
        rest.take_while(move |(path, _)| path.starts_with(&above))
    }

    /// How many leaves are owned.
    #[must_use]
    pub fn leaf_count(&self) -> usize {
        self.leaf_count
    }

    pub fn leaves(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.nodes.iter().filter_map(|(path, owned)| owned.value.as_deref().map(|v| (path, v)))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

impl Rendered {
    pub fn leaves(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.nodes.iter().filter_map(|(path, value)| value.as_deref().map(|v| (path, v)))
    }
}

fn setting(path: &Path, before: Option<String>, owned: &Owned) -> Option<Edit> {
    let value = owned.value.clone()?;
    Some(Edit::Set { path: path.clone(), before, value })
}

/// Deletions without those that a deletion further up already covers. Paths come in order, so
/// that what is below an entry follows it.
fn topmost(mut gone: Vec<(Path, Option<String>)>) -> Vec<Edit> {
    gone.sort();
    let mut edits: Vec<Edit> = Vec::new();
    for (path, before) in gone {
        let covered = matches!(edits.last(), Some(Edit::Delete { path: above, .. }) if path.starts_with(above));
        if !covered {
            edits.push(Edit::Delete { path, before });
        }
    }
    edits
}

#[cfg(test)]
mod tests;
