//! Finding things by name and by owner.

use crate::http::VimError;
use serde_json::Value;

/// Where servers and volumes carry their owner.
pub(super) const OWNER: &str = "wayleave-owner";

/// How a network, which has no metadata, carries its owner.
pub(super) fn described(owner: &str) -> String {
    format!("wayleave: {owner}")
}

/// How a server group, which has nothing but a name, carries its owner: what comes before the
/// second colon. Owners have no colon.
pub(super) fn group_prefix(owner: &str) -> String {
    format!("wayleave:{owner}:")
}

pub(super) fn members(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().cloned().unwrap_or_default()
}

pub(super) fn name_of(item: &Value) -> Option<String> {
    item["name"].as_str().map(str::to_owned)
}

/// The one with that very name; a service's own filter may be wider.
pub(super) fn named<'b>(body: &'b Value, member: &str, name: &str) -> Option<&'b Value> {
    body[member].as_array()?.iter().find(|item| item["name"] == name)
}

/// Whether a server is on its way out.
pub(super) fn is_going(server: &Value) -> bool {
    server["OS-EXT-STS:task_state"] == "deleting" || server["status"] == "DELETED"
}

pub(super) fn id_of(item: &Value, object: &str) -> Result<String, VimError> {
    item["id"].as_str().map(str::to_owned).ok_or_else(|| VimError::Refused {
        object: object.to_owned(),
        status: 200,
        message: "the answer has no id".to_owned(),
    })
}

/// Somebody else's object stands where ours should: it is not ours to use, nor to remove later.
pub(super) fn taken(object: &str, by: &str) -> VimError {
    VimError::Refused {
        object: object.to_owned(),
        status: 409,
        message: format!("there is one of that name already, {by}"),
    }
}

/// Percent-encoding for a query (RFC 3986 §2.3: what is not unreserved is encoded).
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
