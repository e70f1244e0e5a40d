//! State that follows from the configuration: what a switch says of its interfaces.

use yang::{Path, Step, Tree};

/// The configuration with the state that goes with it.
pub(crate) fn with_state(running: &Tree, name: &str) -> Tree {
    let mut tree = running.clone();
    let interfaces = ["interfaces", "interface"];
    for (path, _) in running.iter() {
        let names: Vec<&str> = path.steps.iter().map(|step| step.name.as_str()).collect();
        if names == interfaces {
            add_interface(&mut tree, running, path);
        }
    }
    let hostname = ["system", "state", "hostname"].iter().map(|name| Step::new(*name)).collect();
    tree.set(&Path { steps: hostname }, Some(name.to_owned()));
    tree
}

fn add_interface(tree: &mut Tree, running: &Tree, interface: &Path) {
    let leaf = |of: &str, name: &str| interface.child(Step::new(of)).child(Step::new(name));
    for name in ["name", "type", "enabled", "description"] {
        if let Some(value) = running.get(&leaf("config", name)) {
            tree.set(&leaf("state", name), Some(value.to_owned()));
        }
    }
    let enabled = running.get(&leaf("config", "enabled")) != Some("false");
    let word = if enabled { "UP" } else { "DOWN" };
    for name in ["admin-status", "oper-status"] {
        tree.set(&leaf("state", name), Some(word.to_owned()));
    }
}
