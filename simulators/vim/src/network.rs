//! Neutron 2.0: networks, with provider VLANs.

use crate::reply::{Outcome, Refusal, authorise, created, ok, text};
use crate::state::Network;
use crate::{Shared, lock};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/network/v2.0/networks", get(networks).post(create))
        .route("/network/v2.0/networks/{id}", get(one).delete(delete))
}

fn network_json(id: &str, network: &Network) -> Value {
    let mut body = json!({"id": id, "name": network.name, "description": network.description,
                          "status": "ACTIVE", "admin_state_up": true, "subnets": []});
    if let Some((physical, vlan)) = &network.vlan {
        body["provider:network_type"] = json!("vlan");
        body["provider:physical_network"] = json!(physical);
        body["provider:segmentation_id"] = json!(vlan);
    }
    body
}

async fn networks(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let fits = |network: &Network| {
        query.get("name").is_none_or(|name| *name == network.name)
            && query.get("description").is_none_or(|text| *text == network.description)
    };
    let found = vim.networks.iter().filter(|(_, n)| fits(n)).map(|(id, n)| network_json(id, n));
    ok(json!({"networks": found.collect::<Vec<_>>()}))
}

async fn one(State(shared): State<Shared>, headers: HeaderMap, Path(id): Path<String>) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let network = vim.networks.get(&id).ok_or_else(|| Refusal::missing("Network", &id))?;
    ok(json!({"network": network_json(&id, network)}))
}

async fn create(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    vim.refuse()?;
    let vlan = provider(&body)?;
    if let Some((physical, _)) =
        vlan.as_ref().filter(|(p, _)| !vim.config.physical_networks.contains(p))
    {
        return Err(Refusal::bad(format!(
            "Invalid input for operation: physical_network '{physical}' unknown."
        )));
    }
    if let Some((physical, id)) = &vlan
        && vim.networks.values().any(|network| network.vlan == vlan)
    {
        let message = format!("The VLAN {id} on physical network {physical} is in use.");
        return Err(Refusal::new(409, message));
    }
    let description =
        body.pointer("/network/description").and_then(Value::as_str).unwrap_or_default();
    let network =
        Network { name: text(&body, "/network/name")?, description: description.to_owned(), vlan };
    let id = vim.new_id();
    let answer = network_json(&id, &network);
    vim.networks.insert(id, network);
    created(json!({"network": answer}))
}

fn provider(body: &Value) -> Result<Option<(String, u16)>, Refusal> {
    let network = &body["network"];
    let Some(id) = network.get("provider:segmentation_id").and_then(Value::as_u64) else {
        return Ok(None);
    };
    let vlan = u16::try_from(id).ok().filter(|vlan| (1..=4094).contains(vlan));
    let vlan =
        vlan.ok_or_else(|| Refusal::bad("segmentation_id out of range (1 through 4094)."))?;
    let physical = network["provider:physical_network"].as_str().unwrap_or_default();
    Ok(Some((physical.to_owned(), vlan)))
}

async fn delete(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    if vim.servers.values().any(|server| server.networks.contains(&id)) {
        let message = format!(
            "Unable to complete operation on network {id}. There are one or more ports still in use on the network."
        );
        return Err(Refusal::new(409, message));
    }
    match vim.networks.remove(&id) {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Refusal::missing("Network", &id)),
    }
}
