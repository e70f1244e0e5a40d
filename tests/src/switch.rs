//! A simulated switch of one's own, for clients to talk to.

use serde_json::json;
use sim_device::{Config, Device};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use yang::{Path, Schema, Tree};

/// The modules of a switch, as the lab starts it.
pub const MODULES: &[&str] = &[
    "openconfig-interfaces",
    "openconfig-vlan",
    "openconfig-network-instance",
    "openconfig-qos",
    "openconfig-system",
    "iana-if-type",
];
pub const USER: &str = "operator";
pub const PASSWORD: &str = "correct horse";
/// The ports that the switch boots with.
pub const PORTS: [&str; 2] = ["ge-0/0/0", "ge-0/0/1"];

/// Our own modules.
#[must_use]
pub fn folders() -> [PathBuf; 2] {
    let yang = crate::root().join("yang");
    [yang.join("openconfig"), yang.join("ietf")]
}

/// # Panics
/// Where our own modules do not load.
#[must_use]
pub fn schema() -> Arc<Schema> {
    static SCHEMA: OnceLock<Arc<Schema>> = OnceLock::new();
    let load = || {
        let schema = Schema::load(&folders(), MODULES).expect("our modules load");
        assert_eq!(schema.failed(), [], "our modules load");
        Arc::new(schema)
    };
    Arc::clone(SCHEMA.get_or_init(load))
}

/// What the switch holds before anybody configures it.
///
/// # Panics
/// Where it does not fit our modules.
#[must_use]
pub fn boot() -> Tree {
    let port = |name: &&str| json!({"name": name, "config": {"name": name, "type": "iana-if-type:ethernetCsmacd"}});
    let ports: Vec<_> = PORTS.iter().map(port).collect();
    let instance = json!({
        "name": "default",
        "config": {"name": "default", "type": "openconfig-network-instance-types:DEFAULT_INSTANCE"}
    });
    let json = json!({
        "openconfig-system:system": {"config": {"hostname": "sw1"}},
        "openconfig-interfaces:interfaces": {"interface": ports},
        "openconfig-network-instance:network-instances": {"network-instance": [instance]}
    });
    Tree::from_json(&schema(), &Path::root(), &json).expect("the boot configuration is an instance")
}

/// A switch on free loopback ports; gNMI is over TLS where it is given a certificate.
///
/// # Panics
/// Where it does not start.
pub async fn start(identity: Option<(String, String)>) -> Device {
    Device::start(Config {
        name: "sw1".to_owned(),
        address: "127.0.0.1".parse().expect("loopback is an address"),
        netconf_port: 0,
        gnmi_port: 0,
        schema: schema(),
        boot: boot(),
        users: BTreeMap::from([(USER.to_owned(), PASSWORD.to_owned())]),
        host_key_seed: [7; 32],
        identity,
    })
    .await
    .expect("the switch starts")
}

/// An interface's description, as XML of its module; the text is XML already.
#[must_use]
pub fn description(text: &str) -> String {
    interface(&format!("<description>{text}</description>"))
}

/// Leaves of the first interface's configuration.
#[must_use]
pub fn interface(leaves: &str) -> String {
    format!(
        "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>{}</name>\
         <config>{leaves}</config></interface></interfaces>",
        PORTS[0]
    )
}

/// An edit of the candidate.
#[must_use]
pub fn edit(config: &str) -> String {
    format!("<edit-config><target><candidate/></target><config>{config}</config></edit-config>")
}
