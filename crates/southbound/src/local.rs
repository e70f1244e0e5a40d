//! What a change makes of a configuration, seen on our side: before it is sent, and after.

use device_config::{Change, Edit};
use engine::ports::{DeviceError, DeviceTarget};
use model::TransactionId;
use std::sync::Arc;
use yang::{Path, Tree};

/// What a configuration becomes by a change.
pub(crate) fn applied(running: &Tree, change: &Change) -> Tree {
    let mut next = running.clone();
    for path in change.deletions() {
        next.delete(path);
    }
    for (path, value) in change.settings() {
        next.set(path, Some(value.to_owned()));
    }
    next
}

/// Holds the whole result of a change against the schema.
///
/// # Errors
/// `Refused`, with the path and the rule that it breaks.
pub(crate) async fn check(
    target: &DeviceTarget,
    running: &Tree,
    change: &Change,
) -> Result<(), DeviceError> {
    let device = target.device.id.to_string();
    let (schema, next) = (Arc::clone(target.profile.schema()), applied(running, change));
    // Validation is work for the processor: it must not hold up the sessions of other devices.
    let checked = tokio::task::spawn_blocking(move || schema.validate(&next)).await;
    match checked {
        Ok(Ok(())) => Ok(()),
        Ok(Err(violation)) => {
            Err(DeviceError::Refused { device, path: violation.path, reason: violation.message })
        }
        Err(error) => Err(DeviceError::Refused {
            device,
            path: "/".to_owned(),
            reason: format!("the validation did not end: {error}"),
        }),
    }
}

/// An edit that is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unmet {
    pub(crate) path: String,
    pub(crate) wanted: String,
    pub(crate) found: String,
}

/// The first edit of a change that a configuration does not show.
pub(crate) fn unmet(running: &Tree, change: &Change) -> Option<Unmet> {
    let absent = || "absent".to_owned();
    let set_again = |path: &Path| change.settings().any(|(set, _)| set.starts_with(path));
    change.edits.iter().find_map(|edit| match edit {
        Edit::Delete { path, .. } if running.contains(path) && !set_again(path) => Some(Unmet {
            path: path.to_string(),
            wanted: absent(),
            found: running.get(path).unwrap_or("present").to_owned(),
        }),
        Edit::Delete { .. } => None,
        Edit::Set { path, value, .. } => {
            let found = running.get(path);
            (found != Some(value)).then(|| Unmet {
                path: path.to_string(),
                wanted: value.clone(),
                found: found.map_or_else(absent, str::to_owned),
            })
        }
    })
}

/// What to say to a confirmation for which nothing waits on the device: its own words, and what it
/// holds in place of the change, where the change is known.
pub(crate) fn nothing_waits(
    device: &str,
    transaction: &TransactionId,
    said: &str,
    unmet: Option<Unmet>,
) -> DeviceError {
    let nothing = format!("no commit of transaction {transaction} waits to be confirmed");
    let (path, reason) = match unmet {
        None => ("/".to_owned(), format!("{nothing} ({said})")),
        Some(Unmet { path, wanted, found }) => {
            (path, format!("{nothing} ({said}): it is {found}, not {wanted}"))
        }
    };
    DeviceError::Refused { device: device.to_owned(), path, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    fn set(at: &str, value: &str) -> Edit {
        Edit::Set { path: path(at), before: None, value: value.to_owned() }
    }

    fn delete(at: &str) -> Edit {
        Edit::Delete { path: path(at), before: None }
    }

    #[test]
    fn what_a_change_makes_meets_it_and_what_lacks_one_edit_does_not() {
        let mut running = Tree::new();
        running.set(&path("/l[k=a]/x"), Some("1".to_owned()));
        running.set(&path("/l[k=b]/x"), Some("1".to_owned()));
        let edits = vec![delete("/l[k=a]"), delete("/l[k=b]/x"), set("/l[k=b]/y", "2")];
        let change = Change { edits: edits.clone() };
        let next = applied(&running, &change);
        assert_eq!(unmet(&next, &change), None);
        for left_out in 0..edits.len() {
            let mut fewer = edits.clone();
            let edit = fewer.remove(left_out);
            let partly = applied(&running, &Change { edits: fewer });
            let (Edit::Delete { path, .. } | Edit::Set { path, .. }) = edit;
            assert_eq!(unmet(&partly, &change).unwrap().path, path.to_string());
        }
    }

    #[test]
    fn what_is_deleted_and_set_again_is_there() {
        let change = Change { edits: vec![delete("/l[k=a]"), set("/l[k=a]/x", "2")] };
        assert_eq!(unmet(&applied(&Tree::new(), &change), &change), None);
    }
}
