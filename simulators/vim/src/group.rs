//! Nova 2.1: server groups, by whose policy servers do not share a host.

use crate::reply::{Outcome, Refusal, authorise, ok, text};
use crate::state::ServerGroup;
use crate::{Shared, lock};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/compute/v2.1/os-server-groups", get(groups).post(create))
        .route("/compute/v2.1/os-server-groups/{id}", get(one).delete(delete))
}

fn group_json(id: &str, group: &ServerGroup) -> Value {
    json!({"id": id, "name": group.name, "policies": ["anti-affinity"], "members": group.members,
           "metadata": {}})
}

async fn groups(State(shared): State<Shared>, headers: HeaderMap) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let groups = vim.groups.iter().map(|(id, group)| group_json(id, group));
    ok(json!({"server_groups": groups.collect::<Vec<_>>()}))
}

async fn one(State(shared): State<Shared>, headers: HeaderMap, Path(id): Path<String>) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let group = vim.groups.get(&id).ok_or_else(|| Refusal::missing("ServerGroup", &id))?;
    ok(json!({"server_group": group_json(&id, group)}))
}

async fn create(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    vim.refuse()?;
    if body.pointer("/server_group/policies") != Some(&json!(["anti-affinity"])) {
        return Err(Refusal::bad("Invalid input for policies: only ['anti-affinity'] is known."));
    }
    let group = ServerGroup { name: text(&body, "/server_group/name")?, members: Vec::new() };
    let id = vim.new_id();
    let answer = group_json(&id, &group);
    vim.groups.insert(id, group);
    ok(json!({"server_group": answer}))
}

async fn delete(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    authorise(&shared, &headers)?;
    match lock(&shared).groups.remove(&id) {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Refusal::missing("ServerGroup", &id)),
    }
}
