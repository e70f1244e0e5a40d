use super::*;
use proptest::prelude::*;

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn wish(nodes: &[(&str, Option<&str>)]) -> Rendered {
    let nodes = nodes.iter().map(|(p, v)| (path(p), v.map(str::to_owned))).collect();
    Rendered { nodes }
}

fn owner(name: &str) -> IntentName {
    IntentName::new(name).unwrap()
}

#[test]
fn a_shared_leaf_goes_with_its_last_owner() {
    let mut desired = Desired::default();
    let leaf = wish(&[("/a/b", Some("1"))]);
    let nothing = Rendered::default();
    assert_eq!(desired.replace(&owner("x"), &nothing, &leaf).unwrap().edits.len(), 1);
    assert!(desired.replace(&owner("y"), &nothing, &leaf).unwrap().is_empty());
    assert!(desired.replace(&owner("x"), &leaf, &nothing).unwrap().is_empty());
    let last = desired.replace(&owner("y"), &leaf, &nothing).unwrap();
    assert_eq!(last.deletions().collect::<Vec<_>>(), [&path("/a/b")]);
    assert!(desired.is_empty());
}

#[test]
fn another_value_for_a_held_leaf_is_a_conflict_and_changes_nothing() {
    let mut desired = Desired::default();
    let nothing = Rendered::default();
    desired.replace(&owner("x"), &nothing, &wish(&[("/a/b", Some("1"))])).unwrap();
    let before = desired.clone();
    let error = desired.replace(&owner("y"), &nothing, &wish(&[("/a/b", Some("2"))])).unwrap_err();
    assert_eq!((error.holder, error.value.as_str()), (owner("x"), "1"));
    assert_eq!(desired, before);
}

#[test]
fn an_entry_that_was_brought_into_being_goes_whole() {
    let mut desired = Desired::default();
    let entry =
        wish(&[("/l[k=1]", None), ("/l[k=1]/config/k", Some("1")), ("/l[k=1]/x", Some("2"))]);
    desired.replace(&owner("x"), &Rendered::default(), &entry).unwrap();
    let gone = desired.replace(&owner("x"), &entry, &Rendered::default()).unwrap();
    assert_eq!(gone.deletions().collect::<Vec<_>>(), [&path("/l[k=1]")]);
}

#[test]
fn deviations_are_those_of_owned_leaves_only() {
    let mut desired = Desired::default();
    let wanted = wish(&[("/a/b", Some("1")), ("/a/c", Some("2"))]);
    desired.replace(&owner("x"), &Rendered::default(), &wanted).unwrap();
    let running = |p: &Path| (*p == path("/a/b")).then(|| "7".to_owned());
    let found: Vec<_> = desired.deviations(running).into_iter().map(|d| d.found).collect();
    assert_eq!(found, [Some("7".to_owned()), None]);
}

prop_compose! {
    fn any_wish()(leaves in proptest::collection::btree_map(0u8..6, 0u8..2, 0..6)) -> Rendered {
        // The value is a function of the leaf, so that wishes never conflict.
        let node = |leaf: u8| (path(&format!("/top/leaf-{leaf}")), Some(leaf.to_string()));
        Rendered { nodes: leaves.into_keys().map(node).collect() }
    }
}

proptest! {
    /// Putting a wish in and taking it out again leaves everything as it was, and the second
    /// change undoes the first.
    #[test]
    fn taking_out_undoes_putting_in(first in any_wish(), second in any_wish()) {
        let mut desired = Desired::default();
        let nothing = Rendered::default();
        desired.replace(&owner("x"), &nothing, &first).unwrap();
        let before = desired.clone();
        let put = desired.replace(&owner("y"), &nothing, &second).unwrap();
        let taken = desired.replace(&owner("y"), &second, &nothing).unwrap();
        prop_assert_eq!(&desired, &before);
        let set: BTreeSet<_> = put.settings().map(|(p, _)| p.clone()).collect();
        let deleted: BTreeSet<_> = taken.deletions().cloned().collect();
        prop_assert_eq!(set, deleted);
    }
}
