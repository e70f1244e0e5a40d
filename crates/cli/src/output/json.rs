//! Messages in protobuf's JSON mapping: its field and enum names, its times and durations. One
//! departure: 64-bit numbers are numbers, not strings, as people and `jq` expect them.

use api::wire;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, SerializeOptions};
use serde_json::Value;
use std::sync::LazyLock;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(wire::DESCRIPTORS).expect("the build made these descriptors")
});

/// A message with its name in the schema.
pub(crate) trait Wire: Message + Default {
    const NAME: &'static str;
}

macro_rules! wire {
    ($($name:ident),* $(,)?) => {
        $(impl Wire for wire::$name {
            const NAME: &'static str = concat!("wayleave.v1.", stringify!($name));
        })*
    };
}

wire!(
    ApplyIntentResponse,
    ApplyTopologyResponse,
    BlamedLeaf,
    ConnectivitySpec,
    DeleteIntentResponse,
    DeleteDescriptorResponse,
    Descriptor,
    Device,
    DeviceDiff,
    DeviceStatus,
    Diagnostic,
    DryRun,
    Failure,
    Intent,
    IntentStatus,
    Link,
    NetworkServiceSpec,
    OnboardResponse,
    Operation,
    PlanInForce,
    Pop,
    Resources,
    Topology,
    Usage,
    Vim,
    VimStatus,
    WatchResponse,
);

/// The schema of a message.
pub(crate) fn schema<M: Wire>() -> MessageDescriptor {
    POOL.get_message_by_name(M::NAME).expect("the message is in the schema it was made from")
}

/// Maps are ordered by their keys, so that the same message is always the same text.
pub(crate) fn json<M: Wire>(message: &M) -> Value {
    let mut dynamic = DynamicMessage::new(schema::<M>());
    dynamic.transcode_from(message).expect("a message is a message of its own schema");
    let options = SerializeOptions::new().stringify_64_bit_integers(false);
    let mut value = dynamic
        .serialize_with_options(serde_json::value::Serializer, &options)
        .expect("a message can be written as JSON");
    sort_maps(&mut value, &schema::<M>());
    value
}

fn sort_maps(value: &mut Value, schema: &MessageDescriptor) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields {
        let Some(field) = schema.get_field_by_json_name(name) else { continue };
        let Kind::Message(inner) = field.kind() else { continue };
        match value {
            Value::Object(entries) if field.is_map() => {
                entries.sort_keys();
                if let Kind::Message(inner) = inner.map_entry_value_field().kind() {
                    entries.values_mut().for_each(|value| sort_maps(value, &inner));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| sort_maps(item, &inner)),
            value => sort_maps(value, &inner),
        }
    }
}

/// # Errors
/// Where the value is not such a message; the text says why, without a place.
pub(crate) fn from_json<M: Wire>(value: Value) -> Result<M, String> {
    let dynamic =
        DynamicMessage::deserialize(schema::<M>(), value).map_err(|error| error.to_string())?;
    dynamic.transcode_to().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json_mapping_and_numbers_are_numbers() {
        let slo = wire::Slo { bandwidth_mbps: 500, latency_us: None };
        let spec = wire::ConnectivitySpec { pattern: 2, endpoints: vec![], slo: Some(slo) };
        let expected =
            serde_json::json!({ "pattern": "HUB_AND_SPOKE", "slo": { "bandwidthMbps": 500 } });
        assert_eq!(json(&spec), expected);
        assert_eq!(from_json(expected), Ok(spec));
    }

    #[test]
    fn an_unknown_field_is_an_error() {
        let value = serde_json::json!({ "slow": {} });
        assert!(from_json::<wire::ConnectivitySpec>(value).unwrap_err().contains("slow"));
    }
}
