//! Holds the real dependency graph against the picture in docs/architecture.md.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What each crate may depend on, among ours. A crate that is not listed may depend on none.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("solver", &[]),
    ("solve", &["solver"]),
    ("planner", &["model", "solver"]),
    ("yang", &[]),
    ("device-config", &["model", "yang"]),
    ("netconf", &[]),
    ("gnmi", &[]),
    ("vim", &[]),
    ("engine", &["model", "planner", "device-config", "yang"]),
    ("southbound", &["model", "engine", "netconf", "gnmi", "vim", "yang", "device-config"]),
    ("store", &["engine"]),
    ("api", &["model"]),
    ("northbound", &["api", "model", "engine"]),
    ("cli", &["api", "model", "solver"]),
    ("testkit", &["model", "engine", "planner", "device-config", "yang"]),
    ("sim-device", &["model", "netconf", "gnmi", "yang"]),
    ("sim-vim", &[]),
    ("lab", &["model", "sim-device", "sim-vim", "netconf", "gnmi", "yang"]),
    ("tour", &["api", "lab", "model", "sim-device"]),
    ("xtask", &[]),
];

/// These wire everything together.
const ANYTHING: &[&str] = &["wayleave", "tests"];

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, to)| (*name, to.iter().copied().collect())).collect();
    let graph = workspace_graph();
    let ours: BTreeSet<&str> = graph.keys().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for (name, dependencies) in &graph {
        if ANYTHING.contains(&name.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(name.as_str()) else {
            wrong.push(format!("{name} is not in the list of tests/tests/dependencies.rs"));
            continue;
        };
        for to in dependencies.iter().filter(|to| ours.contains(to.as_str())) {
            if !may.contains(to.as_str()) {
                wrong.push(format!("{name} depends on {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that the architecture does not have: {wrong:#?}");
}

/// The pure crates use neither an async runtime nor anything that does I/O.
#[test]
fn the_pure_crates_stay_pure() {
    const IMPURE: &[&str] =
        &["tokio", "futures", "russh", "tonic", "reqwest", "rusqlite", "rand", "time", "uuid"];
    let graph = workspace_graph();
    for name in ["model", "solver", "planner", "device-config"] {
        let used: Vec<_> = graph[name].iter().filter(|d| IMPURE.contains(&d.as_str())).collect();
        assert!(used.is_empty(), "{name} uses {used:?}");
    }
}

/// Each of our crates with its normal dependencies.
fn workspace_graph() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .output()
        .expect("cargo metadata runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages is a list");
    packages.iter().map(|package| (text(&package["name"]), normal(package))).collect()
}

fn normal(package: &serde_json::Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().expect("dependencies is a list");
    let normal = dependencies.iter().filter(|d| d["kind"].is_null());
    normal.map(|d| text(&d["name"])).collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a name is a string").to_owned()
}
