//! What a switch holds when it starts: its name, its ports and the default network instance. What
//! carries services is not there yet.

use model::InterfaceName;
use model::topology::{Device, Interface, InterfaceRole};
use serde_json::{Value, json};

/// In JSON (RFC 7951).
pub(crate) fn configuration(device: &Device) -> Value {
    let interfaces: Vec<Value> = device.interfaces.iter().map(interface).collect();
    json!({
        "openconfig-interfaces:interfaces": {"interface": interfaces},
        "openconfig-network-instance:network-instances": {"network-instance": [{
            "name": "default",
            "config": {
                "name": "default",
                "type": "openconfig-network-instance-types:DEFAULT_INSTANCE",
            },
        }]},
        "openconfig-system:system": {"config": {"hostname": device.id}},
    })
}

fn interface((name, interface): (&InterfaceName, &Interface)) -> Value {
    json!({
        "name": name,
        "config": {
            "name": name,
            "type": "iana-if-type:ethernetCsmacd",
            "description": description(interface),
            "enabled": true,
        },
    })
}

/// The models of the lab have no addresses on ports, so the description has it.
fn description(interface: &Interface) -> String {
    let role = match interface.role {
        InterfaceRole::Core => "core",
        InterfaceRole::Access => "access",
        InterfaceRole::Vim => "towards the VIM",
    };
    match interface.address {
        Some(address) => format!("{role}, {}, {address}", interface.capacity),
        None => format!("{role}, {}", interface.capacity),
    }
}
