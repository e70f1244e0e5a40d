use crate::list::Filtered;
use api::{show, wire};
use engine::api::{Blame, Connection, DeviceDiff, DeviceStatus, Timestamp, VimStatus};
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) fn device_status(status: &DeviceStatus, now: Timestamp) -> wire::DeviceStatus {
    let (connection, reason) = connection(&status.connection);
    wire::DeviceStatus {
        id: status.id.to_string(),
        connection: connection.into(),
        reason,
        seen_time: status.last_seen.map(show::timestamp),
        age: status.last_seen.map(|seen| show::age(seen, now)),
        owned_leaves: status.owned_leaves,
        drift_time: status.drift.map(show::timestamp),
    }
}

pub(crate) fn vim_status(status: &VimStatus, now: Timestamp) -> wire::VimStatus {
    let (connection, reason) = connection(&status.connection);
    wire::VimStatus {
        id: status.id.to_string(),
        connection: connection.into(),
        reason,
        seen_time: status.last_seen.map(show::timestamp),
        age: status.last_seen.map(|seen| show::age(seen, now)),
    }
}

fn connection(connection: &Connection) -> (wire::Connection, String) {
    match connection {
        Connection::Unknown => (wire::Connection::Unknown, String::new()),
        Connection::Up => (wire::Connection::Up, String::new()),
        Connection::Down { reason } => (wire::Connection::Down, reason.clone()),
    }
}

/// As filters write it.
fn word(connection: &Connection) -> &'static str {
    match connection {
        Connection::Unknown => "UNKNOWN",
        Connection::Up => "UP",
        Connection::Down { .. } => "DOWN",
    }
}

impl Filtered for Arc<DeviceStatus> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "id" => Some(self.id.as_str().into()),
            "connection" => Some(word(&self.connection).into()),
            "drift" => Some(self.drift.is_some().to_string().into()),
            _ => None,
        }
    }
}

impl Filtered for Arc<VimStatus> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "id" => Some(self.id.as_str().into()),
            "connection" => Some(word(&self.connection).into()),
            _ => None,
        }
    }
}

pub(crate) fn device_diff(diff: &DeviceDiff) -> wire::DeviceDiff {
    wire::DeviceDiff {
        device: diff.device.to_string(),
        lines: diff
            .lines
            .iter()
            .map(|line| wire::DiffLine {
                path: line.path.clone(),
                before: line.before.clone(),
                after: line.after.clone(),
            })
            .collect(),
    }
}

pub(crate) fn blamed(blame: &Blame) -> wire::BlamedLeaf {
    wire::BlamedLeaf {
        path: blame.path.clone(),
        value: blame.value.clone(),
        owners: blame.owners.iter().map(ToString::to_string).collect(),
    }
}
