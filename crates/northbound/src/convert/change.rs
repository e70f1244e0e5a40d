//! One change as a watcher sees it.

use super::{brief, intent, operation};
use crate::list::Filtered;
use api::wire::WatchResponse;
use api::wire::watch_response::{Change as Wire, Heartbeat, Synced, TopologyChanged};
use engine::api::{Change, ChangeKind, Timestamp};
use std::borrow::Cow;

/// The message, and what a filter may look at.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) message: WatchResponse,
    kind: &'static str,
    name: String,
}

impl Seen {
    /// Markers come whatever the filter says.
    pub(crate) fn is_marker(&self) -> bool {
        self.kind.is_empty()
    }
}

impl Filtered for Seen {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "type" => Some(self.kind.into()),
            "name" => Some(self.name.as_str().into()),
            _ => None,
        }
    }
}

pub(crate) fn seen(change: &Change, now: Timestamp) -> Seen {
    let (kind, name, wire) = match &change.kind {
        ChangeKind::Synced => ("", String::new(), Wire::Synced(Synced {})),
        ChangeKind::Heartbeat => ("", String::new(), Wire::Heartbeat(Heartbeat {})),
        ChangeKind::Intent(record) => {
            ("intent", record.intent.name.to_string(), Wire::Intent(intent(record, now)))
        }
        ChangeKind::IntentRemoved(name) => {
            ("intent", name.to_string(), Wire::IntentRemoved(name.to_string()))
        }
        ChangeKind::Operation(record) => {
            ("operation", record.id.to_string(), Wire::Operation(operation(record)))
        }
        ChangeKind::Descriptor(record) => {
            ("descriptor", record.id.clone(), Wire::Descriptor(brief(record)))
        }
        ChangeKind::DescriptorRemoved(id) => {
            ("descriptor", id.clone(), Wire::DescriptorRemoved(id.clone()))
        }
        ChangeKind::Topology => ("topology", String::new(), Wire::Topology(TopologyChanged {})),
    };
    Seen { message: WatchResponse { revision: change.revision, change: Some(wire) }, kind, name }
}
