//! What a client sends means on a server what it meant here.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use yang::{DefaultOperation, Path, Schema, Tree};

const MODULES: &[&str] = &["openconfig-interfaces", "openconfig-vlan", "openconfig-qos"];

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let yang = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../yang");
        Schema::load(&[yang.join("openconfig"), yang.join("ietf")], MODULES).unwrap()
    })
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

const VLAN: &str = "vlan/match/single-tagged/config/vlan-id";

/// Leaves and entries of a few ports, with keys that need escaping.
fn nodes() -> Vec<(Path, bool)> {
    let mut nodes = Vec::new();
    for port in ["a", "a\"<&>", "b]"] {
        let key = port.replace(']', "\\]");
        let entry = format!("/interfaces/interface[name={key}]");
        let sub = format!("{entry}/subinterfaces/subinterface[index=1]");
        nodes.push((path(&entry), false));
        nodes.push((path(&sub), false));
        for leaf in ["config/name", "config/description"] {
            nodes.push((path(&format!("{entry}/{leaf}")), true));
        }
        nodes.push((path(&format!("{sub}/config/description")), true));
        nodes.push((path(&format!("{sub}/{VLAN}")), true));
    }
    nodes
}

fn value(path: &Path, number: u8) -> String {
    let is_vlan = path.to_string().ends_with("vlan-id");
    if is_vlan { (u16::from(number) + 1).to_string() } else { format!("<{number}> & ]") }
}

proptest! {
    #[test]
    fn an_edit_is_what_its_removals_and_then_its_settings_are(
        before in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..9), 0..12),
        removed in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
        set in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..9), 0..6),
    ) {
        let nodes = nodes();
        let leaves: Vec<&Path> = nodes.iter().filter(|(_, leaf)| *leaf).map(|(p, _)| p).collect();
        let mut tree = Tree::new();
        for (index, number) in &before {
            let at = *index.get(&leaves);
            tree.set(at, Some(value(at, *number)));
        }
        let removed = removed.iter().map(|index| &index.get(&nodes).0);
        let removed: Vec<&Path> = removed.filter(|path| tree.contains(path)).collect();
        let set: BTreeMap<&Path, String> = set
            .iter()
            .map(|(index, number)| { let at = *index.get(&leaves); (at, value(at, *number)) })
            .collect();
        let mut wanted = tree.clone();
        for path in &removed {
            wanted.delete(path);
        }
        for (path, value) in &set {
            wanted.set(path, Some(value.clone()));
        }
        let settings = set.iter().map(|(path, value)| (*path, value.as_str()));
        let xml = schema().edit_xml(removed.iter().copied(), settings);
        let edited = tree.edited(schema(), &xml, DefaultOperation::Merge).unwrap();
        prop_assert_eq!(edited, wanted, "{}", xml);
    }

    #[test]
    fn a_filter_selects_what_is_below_its_paths(
        held in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        asked in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let nodes = nodes();
        let mut tree = Tree::new();
        for index in &held {
            let (at, leaf) = index.get(&nodes);
            tree.set(at, leaf.then(|| value(at, 7)));
        }
        let asked: Vec<Path> = asked.iter().map(|index| index.get(&nodes).0.clone()).collect();
        let filter = schema().subtree_filter(&asked);
        let selected = tree.filtered(schema(), &filter).unwrap();
        for path in &asked {
            prop_assert_eq!(selected.only(std::slice::from_ref(path)), tree.only(std::slice::from_ref(path)));
        }
        prop_assert!(selected.iter().all(|(path, _)| tree.contains(path)));
    }
}

#[test]
fn removals_are_qualified_and_namespaces_follow_the_modules() {
    let entry = path("/interfaces/interface[name=a]/subinterfaces/subinterface[index=1]");
    let leaf = path("/interfaces/interface[name=a]/config/description");
    let vlan =
        path(&format!("/interfaces/interface[name=b]/subinterfaces/subinterface[index=1]/{VLAN}"));
    let xml = schema().edit_xml([&leaf, &entry], [(&vlan, "7")]);
    let nc = "xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:operation=\"remove\"";
    assert!(xml.contains(&format!("<description {nc}/>")), "{xml}");
    assert!(xml.contains(&format!("<subinterface {nc}><index>1</index></subinterface>")), "{xml}");
    assert!(xml.contains("<vlan xmlns=\"http://openconfig.net/yang/vlan\">"), "{xml}");
    let filter = schema().subtree_filter(&[
        path("/qos"),
        path("/interfaces"),
        path("/interfaces/interface"),
    ]);
    let ns = "http://openconfig.net/yang";
    assert_eq!(filter, format!("<interfaces xmlns=\"{ns}/interfaces\"/><qos xmlns=\"{ns}/qos\"/>"));
}

#[test]
fn configuration_from_json_leaves_out_state_and_what_is_not_known() {
    let json = serde_json::json!({"openconfig-interfaces:interfaces": {"vendor:x": 1, "interface": [
        {"name": "a", "config": {"name": "a", "vendor:colour": "red"}, "state": {"name": "a"}}]}});
    let tree = Tree::from_json_config(schema(), &Path::root(), &json).unwrap();
    let paths: Vec<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(
        paths,
        ["/interfaces/interface[name=a]", "/interfaces/interface[name=a]/config/name"]
    );
    assert!(Tree::from_json(schema(), &Path::root(), &json).is_err());
    let wrong =
        serde_json::json!({"openconfig-interfaces:interfaces": {"interface": [{"name": 7}]}});
    assert!(Tree::from_json_config(schema(), &Path::root(), &wrong).is_err());
}
