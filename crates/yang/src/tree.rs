//! Instance data as an ordered map from paths to values. A copy shares everything with its
//! original; a deletion costs what it deletes; equal trees print to equal bytes.

use crate::path::{Path, Step};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

/// `None`: a list entry or a presence container. `Some`: a leaf, or a value of a leaf-list.
/// Key leaves are not stored; their entry has them. Other containers exist by what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: OrdMap<Path, Option<String>>,
}

/// One difference between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: Path,
    pub before: Option<String>,
    pub after: Option<String>,
    pub kind: DifferenceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    Created,
    Changed,
    Deleted,
}

impl Tree {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Every entry, presence container and leaf, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, Option<&str>)> {
        self.nodes.iter().map(|(path, value)| (path, value.as_deref()))
    }

    /// Those at or below a path.
    pub fn below<'t>(
        &'t self,
        path: &'t Path,
    ) -> impl Iterator<Item = (&'t Path, Option<&'t str>)> {
        self.nodes
            .range(path.clone()..)
            .take_while(move |(here, _)| here.starts_with(path))
            .map(|(path, value)| (path, value.as_deref()))
    }

    /// The value of a leaf; a key leaf has its entry's.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&str> {
        if let Some(value) = self.nodes.get(path) {
            return value.as_deref();
        }
        let (entry, _) = self.key_leaf(path)?;
        let (held, _) = self.nodes.get_key_value(&entry)?;
        held.last()?.key(&path.last()?.name)
    }

    /// Whether there is a node here, or anything below it.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.below(path).next().is_some() || self.get(path).is_some()
    }

    /// Gives a leaf its value (`None` makes an entry or a presence container), and makes the
    /// entries that lead to it.
    pub fn set(&mut self, path: &Path, value: Option<String>) {
        self.make_entries(path);
        if self.key_leaf(path).is_none() {
            self.nodes.insert(path.clone(), value);
        }
    }

    /// Removes a node with all that is below it; tells whether there was any.
    pub fn delete(&mut self, path: &Path) -> bool {
        let gone: Vec<Path> = self.below(path).map(|(path, _)| path.clone()).collect();
        for path in &gone {
            self.nodes.remove(path);
        }
        !gone.is_empty()
    }

    /// Takes over every node of another tree.
    pub fn merge(&mut self, other: &Self) {
        for (path, value) in &other.nodes {
            self.nodes.insert(path.clone(), value.clone());
        }
    }

    /// The part at or below any of the paths, with the entries that lead there.
    #[must_use]
    pub fn only(&self, paths: &[Path]) -> Self {
        let mut part = Self::new();
        for path in paths {
            part.make_entries_of(self, path);
            for (path, value) in self.below(path) {
                part.nodes.insert(path.clone(), value.map(str::to_owned));
            }
        }
        part
    }

    /// What changes from `self` to `after`, in the order of the paths. Parts that the two share
    /// are skipped.
    #[must_use]
    pub fn diff(&self, after: &Self) -> Vec<Difference> {
        let differences = self.nodes.diff(&after.nodes).map(|item| match item {
            DiffItem::Add(path, value) => Difference {
                path: path.clone(),
                before: None,
                after: value.clone(),
                kind: DifferenceKind::Created,
            },
            DiffItem::Remove(path, value) => Difference {
                path: path.clone(),
                before: value.clone(),
                after: None,
                kind: DifferenceKind::Deleted,
            },
            DiffItem::Update { old, new } => Difference {
                path: new.0.clone(),
                before: old.1.clone(),
                after: new.1.clone(),
                kind: DifferenceKind::Changed,
            },
        });
        differences.collect()
    }

    /// Applies differences that were taken elsewhere.
    pub fn apply(&mut self, differences: &[Difference]) {
        for difference in differences {
            match difference.kind {
                DifferenceKind::Deleted => {
                    self.nodes.remove(&difference.path);
                }
                DifferenceKind::Created | DifferenceKind::Changed => {
                    self.set(&difference.path, difference.after.clone());
                }
            }
        }
    }

    fn make_entries(&mut self, path: &Path) {
        for end in 1..path.steps.len() {
            if !path.steps[end - 1].keys.is_empty() {
                let entry = Path { steps: path.steps[..end].to_vec() };
                if !self.nodes.contains_key(&entry) {
                    self.nodes.insert(entry, None);
                }
            }
        }
    }

    fn make_entries_of(&mut self, from: &Self, path: &Path) {
        for end in 1..=path.steps.len() {
            let above = Path { steps: path.steps[..end].to_vec() };
            if let Some(value) = from.nodes.get(&above) {
                self.nodes.insert(above, value.clone());
            }
        }
    }

    /// For the path of a key leaf: its entry's path, and the value in it.
    fn key_leaf<'p>(&self, path: &'p Path) -> Option<(Path, &'p str)> {
        let (leaf, above) = path.steps.split_last()?;
        let value = above.last()?.key(&leaf.name)?;
        leaf.keys.is_empty().then(|| (Path { steps: above.to_vec() }, value))
    }
}

impl Difference {
    /// The difference that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let kind = match self.kind {
            DifferenceKind::Created => DifferenceKind::Deleted,
            DifferenceKind::Deleted => DifferenceKind::Created,
            DifferenceKind::Changed => DifferenceKind::Changed,
        };
        let (before, after) = (self.after.clone(), self.before.clone());
        Self { path: self.path.clone(), before, after, kind }
    }
}

/// The step of a leaf-list value.
pub(crate) fn value_step(name: &str, value: &str) -> Step {
    Step::with_keys(name, vec![(".".to_owned(), value.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    fn leaf(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn entries_come_with_what_is_in_them_and_know_their_keys() {
        let mut tree = Tree::new();
        tree.set(&path("/l[k=a]/config/x"), leaf("1"));
        assert!(tree.contains(&path("/l[k=a]")));
        assert_eq!(tree.get(&path("/l[k=a]/k")), Some("a"));
        assert_eq!(tree.get(&path("/l[k=b]/k")), None);
        assert!(tree.delete(&path("/l[k=a]")));
        assert!(tree.is_empty());
        assert!(!tree.delete(&path("/l[k=a]")));
    }

    #[test]
    fn deleting_one_entry_leaves_its_neighbours() {
        let mut tree = Tree::new();
        for key in ["a", "aa", "b"] {
            tree.set(&path(&format!("/l[k={key}]/x")), leaf("1"));
        }
        tree.delete(&path("/l[k=a]"));
        assert!(tree.contains(&path("/l[k=aa]")) && tree.contains(&path("/l[k=b]")));
    }

    fn any_tree() -> impl Strategy<Value = Tree> {
        proptest::collection::vec((0u8..4, 0u8..4, 0u8..3), 0..12).prop_map(|leaves| {
            let mut tree = Tree::new();
            for (key, name, value) in leaves {
                tree.set(&path(&format!("/l[k={key}]/leaf-{name}")), leaf(&value.to_string()));
            }
            tree
        })
    }

    proptest! {
        #[test]
        fn a_difference_applied_gives_the_other_tree(a in any_tree(), b in any_tree()) {
            let differences = a.diff(&b);
            let mut there = a.clone();
            there.apply(&differences);
            prop_assert_eq!(&there, &b);
            let back: Vec<_> = differences.iter().rev().map(Difference::inverse).collect();
            there.apply(&back);
            prop_assert_eq!(&there, &a);
        }

        #[test]
        fn merging_is_idempotent(a in any_tree(), b in any_tree()) {
            let mut once = a.clone();
            once.merge(&b);
            let mut twice = once.clone();
            twice.merge(&b);
            prop_assert_eq!(once, twice);
        }
    }
}
