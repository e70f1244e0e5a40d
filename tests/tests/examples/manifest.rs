//! A manifest as the command line reads it: the fields below `spec` are those of the API's JSON form.

use api::wire;
use model::intent::Intent;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};

pub(crate) fn read(text: &str) -> Intent {
    let manifest: Value = serde_saphyr::from_str(text).expect("a manifest is YAML");
    assert_eq!(manifest["apiVersion"], "wayleave/v1");
    let field = match manifest["kind"].as_str() {
        Some("NetworkService") => "networkService",
        Some("Connectivity") => "connectivity",
        other => panic!("no intent is of kind {other:?}"),
    };
    let metadata = &manifest["metadata"];
    let labels = metadata.get("labels").cloned().unwrap_or(json!({}));
    let message = json!({ "name": metadata["name"], "labels": labels, field: manifest["spec"] });
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).expect("the API describes itself");
    let schema = pool.get_message_by_name("wayleave.v1.Intent").expect("the API has intents");
    let dynamic = DynamicMessage::deserialize(schema, message).expect("the fields are the API's");
    let intent: wire::Intent = dynamic.transcode_to().expect("the message is an intent");
    api::parse::intent(&intent).expect("the intent is valid")
}
