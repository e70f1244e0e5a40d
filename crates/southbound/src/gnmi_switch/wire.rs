//! Between the engine's paths and values and those of gNMI.

use device_config::Change;
use gnmi::wire::get_request::DataType;
use gnmi::{Client, ClientError, Elem, GnmiPath, SetChange};
use serde_json::Value;
use yang::{Path, Schema, Step, Tree};

/// A part of a target's configuration.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub(crate) path: GnmiPath,
    value: Result<Value, String>,
}

/// The configuration at paths: all of it in one request; where one of them has nothing below it,
/// one request for each.
pub(crate) async fn get(client: &Client, paths: &[GnmiPath]) -> Result<Vec<Update>, ClientError> {
    match get_at_once(client, paths).await {
        Err(ClientError::NotFound(_)) => {}
        outcome => return outcome,
    }
    let mut updates = Vec::new();
    for path in paths {
        match get_at_once(client, std::slice::from_ref(path)).await {
            Ok(found) => updates.extend(found),
            Err(ClientError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(updates)
}

async fn get_at_once(client: &Client, paths: &[GnmiPath]) -> Result<Vec<Update>, ClientError> {
    let notifications = client.get(paths, DataType::Config).await?;
    let mut updates = Vec::new();
    for notification in notifications {
        let prefix = notification.prefix.as_ref();
        for update in &notification.update {
            let path = update.path.clone().unwrap_or_default();
            // What has no readable path is told of with its value.
            let (path, value) = match GnmiPath::of(prefix, &path) {
                Ok(path) => {
                    (path, gnmi::value::decode(update.val.as_ref()).map_err(|e| e.to_string()))
                }
                Err(error) => (GnmiPath::default(), Err(error.to_string())),
            };
            updates.push(Update { path, value });
        }
    }
    Ok(updates)
}

/// What of an update is configuration that the schema knows. Targets write module names before
/// the names of elements, or do not (P-44).
pub(crate) fn config(schema: &Schema, update: &Update) -> Result<Tree, String> {
    let value = update.value.as_ref().map_err(Clone::clone)?;
    let step =
        |elem: &Elem| Step::with_keys(elem.local_name(), elem.keys.clone().into_iter().collect());
    let at = Path { steps: update.path.elems.iter().map(step).collect() };
    Tree::from_json_config(schema, &at, value).map_err(|e| e.to_string())
}

pub(crate) fn path(path: &Path) -> GnmiPath {
    let elem =
        |step: &Step| Elem { name: step.name.clone(), keys: step.keys.iter().cloned().collect() };
    GnmiPath { origin: String::new(), elems: path.steps.iter().map(elem).collect() }
}

/// One Set: deletions, then leaves one by one, which every target takes (P-43).
pub(crate) fn set_change(schema: &Schema, change: &Change) -> SetChange {
    let value = |path: &Path, text: &str| match schema.node(path) {
        Some(leaf) => leaf.json_value(text),
        None => Value::from(text),
    };
    SetChange {
        deletes: change.deletions().map(path).collect(),
        replaces: Vec::new(),
        updates: change.settings().map(|(at, text)| (path(at), value(at, text))).collect(),
    }
}
