//! What the tests ask of a device: attachments, as an intent would have them.

use crate::fixture::openconfig;
use device_config::{Change, Desired, Fragment, Rendered};
use model::{IntentName, InterfaceName, Mbps, VlanId};
use yang::Tree;

/// A change, the one that undoes it, and what it makes of a tree.
#[derive(Clone, Debug)]
pub struct Wish {
    pub change: Change,
    pub undo: Change,
}

/// An attachment with its policer, on the port `ge-0/0/0`.
///
/// # Panics
/// Where the VLAN is none.
#[must_use]
pub fn wish(vlan: u16) -> Wish {
    on_port("ge-0/0/0", vlan)
}

/// On a port that the device does not have: a reference in it leads nowhere.
pub(super) fn impossible() -> Wish {
    on_port("ge-9/9/9", 100)
}

fn on_port(port: &str, vlan: u16) -> Wish {
    let owner = IntentName::new(format!("svc-{vlan}")).expect("an intent's name");
    let after = openconfig().render(&fragments(port, vlan)).expect("the profile has templates");
    let (mut desired, nothing) = (Desired::default(), Rendered::default());
    let change = desired.replace(&owner, &nothing, &after).expect("nothing else is wanted");
    let undo = desired.replace(&owner, &after, &nothing).expect("nothing else is wanted");
    Wish { change, undo }
}

fn fragments(port: &str, vlan: u16) -> Vec<Fragment> {
    let name = format!("svc-{vlan}.link");
    let port = InterfaceName::new(port).expect("a port's name");
    let vlan = VlanId::new(vlan).expect("a VLAN");
    vec![
        Fragment::Attachment { port: port.clone(), vlan, description: name.clone() },
        Fragment::Policer { name, port, vlan, rate: Mbps(100) },
    ]
}

impl Wish {
    /// What a tree becomes by the change.
    #[must_use]
    pub fn on(&self, tree: &Tree) -> Tree {
        let mut tree = tree.clone();
        for path in self.change.deletions() {
            tree.delete(path);
        }
        for (path, value) in self.change.settings() {
            tree.set(path, Some(value.to_owned()));
        }
        tree
    }
}
