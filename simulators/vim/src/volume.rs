//! Cinder 3: volumes and their quota.

use crate::reply::{Outcome, Refusal, authorise, number, ok, text};
use crate::state::Volume;
use crate::{Shared, lock};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/volume/v3/{project}/limits", get(limits))
        .route("/volume/v3/{project}/volumes", get(volumes).post(create))
        .route("/volume/v3/{project}/volumes/detail", get(volumes))
        .route("/volume/v3/{project}/volumes/{id}", get(one).delete(delete))
}

fn volume_json(id: &str, volume: &Volume, attached: bool) -> Value {
    let status = if attached { "in-use" } else { "available" };
    json!({"id": id, "name": volume.name, "size": volume.size, "status": status,
           "metadata": volume.metadata})
}

async fn limits(State(shared): State<Shared>, headers: HeaderMap) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    ok(json!({"limits": {"rate": [], "absolute": {
        "maxTotalVolumeGigabytes": vim.config.capacity.disk_gib,
        "totalGigabytesUsed": vim.used().disk_gib,
    }}}))
}

async fn volumes(State(shared): State<Shared>, headers: HeaderMap) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let attached = |id: &String| vim.servers.values().any(|server| server.volumes.contains(id));
    let all = vim.volumes.iter().map(|(id, v)| volume_json(id, v, attached(id)));
    ok(json!({"volumes": all.collect::<Vec<_>>()}))
}

async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path((_, id)): Path<(String, String)>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let volume = vim.volumes.get(&id).ok_or_else(|| Refusal::missing("Volume", &id))?;
    let attached = vim.servers.values().any(|server| server.volumes.contains(&id));
    ok(json!({"volume": volume_json(&id, volume, attached)}))
}

async fn create(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    vim.refuse()?;
    let size = number(&body, "/volume/size")?;
    let (used, limit) = (vim.used().disk_gib, vim.config.capacity.disk_gib);
    if used + size > limit {
        let message = format!(
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested {size}G, quota is {limit}G and {used}G has been consumed."
        );
        return Err(Refusal::new(413, message));
    }
    let metadata = body.pointer("/volume/metadata").cloned().unwrap_or_default();
    let metadata = serde_json::from_value(metadata).unwrap_or_default();
    let volume = Volume { name: text(&body, "/volume/name")?, size, metadata };
    let id = vim.new_id();
    let answer = volume_json(&id, &volume, false);
    vim.volumes.insert(id, volume);
    Ok((StatusCode::ACCEPTED, Json(json!({"volume": answer}))))
}

async fn delete(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    if vim.servers.values().any(|server| server.volumes.contains(&id)) {
        return Err(Refusal::bad("Invalid volume: Volume status must be available."));
    }
    match vim.volumes.remove(&id) {
        Some(_) => Ok(StatusCode::ACCEPTED),
        None => Err(Refusal::missing("Volume", &id)),
    }
}
