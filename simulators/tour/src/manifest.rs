//! The lab's topology as a manifest, for people who want to read or change it.

use api::wire;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};

/// In YAML, as `wayleave apply -f` takes it.
pub(crate) fn topology(topology: &wire::Topology) -> String {
    let manifest = json!({
        "apiVersion": "wayleave/v1",
        "kind": "Topology",
        "metadata": {"name": "lab"},
        "spec": spec(topology),
    });
    serde_saphyr::to_string(&manifest).expect("a JSON value can be written as YAML")
}

/// In the JSON form of the API.
fn spec(topology: &wire::Topology) -> Value {
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).expect("the build made the descriptors");
    let kind = pool.get_message_by_name("wayleave.v1.Topology").expect("it is in topology.proto");
    let mut message = DynamicMessage::new(kind);
    message.transcode_from(topology).expect("it is the same message");
    serde_json::to_value(&message).expect("a message can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_shape_that_people_write() {
        let link =
            wire::Link { id: "ams-fra".to_owned(), capacity_mbps: 100, ..Default::default() };
        let text = topology(&wire::Topology { links: vec![link], ..Default::default() });
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read["kind"], "Topology");
        assert_eq!(read["spec"]["links"][0]["id"], "ams-fra");
        assert!(read["spec"]["links"][0].get("capacityMbps").is_some(), "{text}");
    }
}
