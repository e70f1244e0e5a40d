//! A full circuit against our modules, and against the real ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path as FilePath, PathBuf};
use yang::{DefaultOperation, EditTag, Path, Schema, Tree};

const MODULES: &[&str] = &[
    "openconfig-interfaces",
    "openconfig-vlan",
    "openconfig-network-instance",
    "openconfig-qos",
    "openconfig-system",
    "iana-if-type",
];

fn root() -> PathBuf {
    FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn ours() -> Schema {
    let yang = root().join("yang");
    let schema = Schema::load(&[yang.join("openconfig"), yang.join("ietf")], MODULES).unwrap();
    assert_eq!(schema.failed(), []);
    schema
}

/// The real modules; `None` (and one line) where they are not on this machine.
fn real() -> Option<Schema> {
    let data = root().join("../shared/data/yang");
    if !data.is_dir() {
        let required = std::env::var_os("WAYLEAVE_REQUIRE_ALL").is_some_and(|v| !v.is_empty());
        assert!(!required, "{} is not there, and WAYLEAVE_REQUIRE_ALL is set", data.display());
        // Not `eprintln!`: the test harness keeps what that prints of a test that passes.
        let line = format!("skipped: {} is not there\n", data.display());
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        return None;
    }
    Some(Schema::load(&[data.join("openconfig"), data.join("ietf")], MODULES).unwrap())
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// Both ends and the middle of a circuit, on one device.
fn circuit(schema: &Schema) -> Tree {
    let mut tree = Tree::new();
    for line in include_str!("data/circuit.txt").lines() {
        let (at, value) = line.split_once(" = ").unwrap();
        let at = path(at);
        let leaf = schema.node(&at).unwrap_or_else(|| panic!("{at} is not in the schema"));
        tree.set(&at, Some(schema.canonical(leaf, value).unwrap()));
    }
    tree
}

#[test]
fn a_circuit_is_valid_here_and_by_the_real_modules() {
    let ours = ours();
    let tree = circuit(&ours);
    ours.validate(&tree).unwrap();
    ours.validate_xml(&tree.to_xml(&ours)).unwrap();
    if let Some(real) = real() {
        assert_eq!(real.failed(), []);
        real.validate(&circuit(&real)).unwrap();
        real.validate_xml(&tree.to_xml(&ours)).unwrap();
    }
}

#[test]
fn a_number_has_the_width_of_its_type() {
    let schema = ours();
    let mtu = schema.node(&path("/interfaces/interface/config/mtu")).unwrap();
    assert_eq!(schema.canonical(mtu, " 065535 "), Ok("65535".to_owned()));
    assert_eq!(schema.canonical(mtu, "65536"), Err("number of 16 bits"));
    assert_eq!(schema.canonical(mtu, "-1"), Err("number of 16 bits"));
    assert_eq!(schema.canonical(mtu, "many"), Err("unsigned integer"));
}

/// A range is part of the type; what else the configuration lacks is another question.
#[test]
fn values_are_checked_without_the_rest() {
    let schema = ours();
    let vlan = path(
        "/interfaces/interface[name=x]/subinterfaces/subinterface[index=1]/vlan/match/single-tagged/config/vlan-id",
    );
    for (value, fits) in [("4094", true), ("4095", false)] {
        let mut tree = Tree::new();
        tree.set(&vlan, Some(value.to_owned()));
        assert_eq!(schema.check_values(&tree).is_ok(), fits, "{value}");
        assert!(schema.validate(&tree).is_err());
    }
}

/// Where two modules have a top-level node of one name, the one that is named first has it.
#[test]
fn the_order_of_modules_decides_between_nodes_of_one_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let text = format!(
            "module {name} {{ yang-version 1.1; namespace \"urn:{name}\"; prefix {name}; container top {{ leaf {name} {{ type string; }} }} }}"
        );
        std::fs::write(folder.path().join(format!("{name}.yang")), text).unwrap();
    }
    for (order, wins) in [(["a", "b"], "a"), (["b", "a"], "b")] {
        let schema = Schema::load(&[folder.path().to_owned()], &order).unwrap();
        assert_eq!(schema.node(&path("/top")).unwrap().module, wins, "{order:?}");
    }
}

#[test]
fn xml_and_json_read_back_the_same_tree() {
    let schema = ours();
    let tree = circuit(&schema);
    assert_eq!(Tree::from_xml(&schema, &tree.to_xml(&schema)).unwrap(), tree);
    assert_eq!(Tree::from_json(&schema, &Path::root(), &tree.to_json(&schema)).unwrap(), tree);
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let schema = ours();
    let policer =
        "/qos/interfaces/interface[interface-id=ge-0/0/0.100]/interface-ref/config/interface";
    let cases = [
        ("/interfaces/interface[name=ge-0/0/0]/config/type", None, "type"),
        (policer, Some("nowhere"), "interface"),
        (
            "/network-instances/network-instance[name=default]/mpls/lsps/static-lsps/static-lsp[name=c.in]/ingress/config/incoming-label",
            Some("3"),
            "incoming-label",
        ),
    ];
    for (at, value, named) in cases {
        let mut tree = circuit(&schema);
        match value {
            Some(value) => tree.set(&path(at), Some(value.to_owned())),
            None => assert!(tree.delete(&path(at))),
        }
        let violation = schema.validate(&tree).unwrap_err();
        let text = violation.to_string();
        assert!(text.contains(named), "{at}: {text}");
    }
}

const CONFIG: &str = r#"<interfaces xmlns="http://openconfig.net/yang/interfaces" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">
  <interface nc:operation="OPERATION"><name>ge-0/0/0</name><config><name>ge-0/0/0</name><description>new &amp; &lt;odd&gt;</description></config></interface>
</interfaces>"#;

#[test]
fn n_076_to_n_081_operations_of_an_edit() {
    let schema = ours();
    let tree = circuit(&schema);
    let entry = path("/interfaces/interface[name=ge-0/0/0]");
    let description = path("/interfaces/interface[name=ge-0/0/0]/config/description");
    let sub = path("/interfaces/interface[name=ge-0/0/0]/subinterfaces/subinterface[index=100]");
    let edit = |tree: &Tree, operation: &str| {
        let config = CONFIG.replace("OPERATION", operation);
        tree.edited(&schema, &config, DefaultOperation::Merge)
    };
    let merged = edit(&tree, "merge").unwrap();
    assert_eq!(merged.get(&description), Some("new & <odd>"));
    assert!(merged.contains(&sub));
    assert!(!edit(&tree, "replace").unwrap().contains(&sub));
    assert!(!edit(&tree, "delete").unwrap().contains(&entry));
    assert!(!edit(&tree, "remove").unwrap().contains(&entry));
    assert_eq!(edit(&tree, "create").unwrap_err().tag, EditTag::DataExists);
    assert_eq!(edit(&tree, "purge").unwrap_err().tag, EditTag::BadAttribute);
    let empty = Tree::new();
    assert_eq!(edit(&empty, "delete").unwrap_err().tag, EditTag::DataMissing);
    assert_eq!(edit(&empty, "remove").unwrap(), empty);
    let stray = CONFIG.replace("nc:operation", "operation").replace("OPERATION", "delete");
    let error = tree.edited(&schema, &stray, DefaultOperation::Merge).unwrap_err();
    assert_eq!(error.tag, EditTag::UnknownAttribute);
    let replaced =
        tree.edited(&schema, &CONFIG.replace("OPERATION", "merge"), DefaultOperation::Replace);
    assert!(!replaced.unwrap().contains(&path("/qos")));
    let unknown =
        r#"<interfaces xmlns="http://openconfig.net/yang/interfaces"><nothing/></interfaces>"#;
    let error = tree.edited(&schema, unknown, DefaultOperation::Merge).unwrap_err();
    assert_eq!((error.tag, error.bad.as_deref()), (EditTag::UnknownElement, Some("nothing")));
    let state = r#"<interfaces xmlns="http://openconfig.net/yang/interfaces"><interface><name>a</name><state><mtu>9</mtu></state></interface></interfaces>"#;
    let error = tree.edited(&schema, state, DefaultOperation::Merge).unwrap_err();
    assert_eq!(error.tag, EditTag::UnknownElement);
}

#[test]
fn n_061_to_n_067_subtree_filters() {
    let schema = ours();
    let tree = circuit(&schema);
    let select = |filter: &str| {
        let filter = filter.replace(
            "<interfaces>",
            r#"<interfaces xmlns="http://openconfig.net/yang/interfaces">"#,
        );
        tree.filtered(&schema, &filter).unwrap()
    };
    let all = select("<interfaces/>");
    assert!(all.contains(&path("/interfaces")) || tree.is_empty());
    let all = tree
        .filtered(&schema, r#"<interfaces xmlns="http://openconfig.net/yang/interfaces"/>"#)
        .unwrap();
    assert_eq!(all, tree.only(&[path("/interfaces")]));
    let one = select("<interfaces><interface><name> ge-0/0/0 </name></interface></interfaces>");
    assert_eq!(one, tree.only(&[path("/interfaces/interface[name=ge-0/0/0]")]));
    let leaf = select(
        "<interfaces><interface><name>ge-0/0/0</name><config><type/></config></interface></interfaces>",
    );
    assert_eq!(leaf.len(), 2, "the entry with its key, and the leaf: {leaf:?}");
    let wrong = tree.filtered(&schema, r#"<interfaces xmlns="urn:wrong"/>"#).unwrap();
    assert!(wrong.is_empty());
    let none = select("<interfaces><interface><name>x</name></interface></interfaces>");
    assert!(none.is_empty());
}
