//! Nova 2.1: flavors, servers, limits.

use crate::fault::Fault;
use crate::reply::{Outcome, Refusal, authorise, created, number, ok, text};
use crate::state::{Flavor, Server, Vim};
use crate::{Shared, lock};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/compute/v2.1", get(version))
        .route("/compute/v2.1/limits", get(limits))
        .route("/compute/v2.1/flavors", get(flavors).post(create_flavor))
        .route("/compute/v2.1/flavors/detail", get(flavors))
        .route("/compute/v2.1/servers", get(servers).post(create_server))
        .route("/compute/v2.1/servers/detail", get(servers))
        .route("/compute/v2.1/servers/{id}", get(server).delete(delete_server))
}

async fn version() -> Outcome {
    ok(
        json!({"version": {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1"}}),
    )
}

async fn limits(State(shared): State<Shared>, headers: HeaderMap) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let (total, used) = (vim.config.capacity, vim.used());
    ok(json!({"limits": {"absolute": {
        "maxTotalCores": total.vcpus, "totalCoresUsed": used.vcpus,
        "maxTotalRAMSize": total.memory_mib, "totalRAMUsed": used.memory_mib,
        "maxTotalInstances": 10_000, "totalInstancesUsed": vim.servers.len(),
    }}}))
}

async fn flavors(State(shared): State<Shared>, headers: HeaderMap) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let flavors: Vec<Value> = vim.flavors.iter().map(|(id, f)| flavor_json(id, f)).collect();
    ok(json!({"flavors": flavors}))
}

fn flavor_json(id: &str, flavor: &Flavor) -> Value {
    json!({"id": id, "name": flavor.name, "vcpus": flavor.vcpus, "ram": flavor.ram, "disk": flavor.disk})
}

async fn create_flavor(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let flavor = Flavor {
        name: text(&body, "/flavor/name")?,
        vcpus: number(&body, "/flavor/vcpus")?,
        ram: number(&body, "/flavor/ram")?,
        disk: number(&body, "/flavor/disk")?,
    };
    let mut vim = lock(&shared);
    if vim.flavors.values().any(|known| known.name == flavor.name) {
        return Err(Refusal::new(409, format!("Flavor with name {} already exists.", flavor.name)));
    }
    let id = vim.new_id();
    let body = flavor_json(&id, &flavor);
    vim.flavors.insert(id, flavor);
    ok(json!({"flavor": body}))
}

async fn servers(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    vim.look_for_servers();
    let wanted = |server: &&(&String, &Server)| {
        // Nova takes a regular expression here; a name anchored at both ends is what clients send.
        let name = query.get("name").map(|n| n.trim_start_matches('^').trim_end_matches('$'));
        name.is_none_or(|name| name.replace('\\', "") == server.1.name)
    };
    let all: Vec<_> = vim.servers.iter().collect();
    let servers: Vec<Value> = all.iter().filter(wanted).map(|(id, s)| server_json(id, s)).collect();
    ok(json!({"servers": servers}))
}

fn server_json(id: &str, server: &Server) -> Value {
    let status = match (&server.fault, server.polls_left) {
        (Some(_), _) => "ERROR",
        (None, 0) => "ACTIVE",
        (None, _) => "BUILD",
    };
    let task = server.going.map(|_| "deleting");
    let mut body = json!({
        "id": id, "name": server.name, "status": status, "metadata": server.metadata,
        "OS-EXT-STS:task_state": task,
        "image": server.image.as_ref().map(|image| json!({"id": image})),
        "flavor": {"original_name": server.flavor.name, "vcpus": server.flavor.vcpus,
                   "ram": server.flavor.ram, "disk": server.flavor.disk},
        "os-extended-volumes:volumes_attached":
            server.volumes.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(),
    });
    if let Some(fault) = &server.fault {
        body["fault"] = json!({"code": 500, "message": fault});
    }
    body
}

async fn server(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    let server = vim.servers.get_mut(&id).ok_or_else(|| Refusal::missing("Instance", &id))?;
    server.polls_left = server.polls_left.saturating_sub(1);
    ok(json!({"server": server_json(&id, server)}))
}

async fn create_server(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    vim.refuse()?;
    let group = group_of(&vim, &body)?;
    let server = read_server(&mut vim, &body)?;
    within_quota(&vim, &server.flavor)?;
    let id = vim.new_id();
    vim.servers.insert(id.clone(), server);
    if let Some(group) = group.and_then(|group| vim.groups.get_mut(&group)) {
        group.members.push(id.clone());
    }
    let (status, body) = created(json!({"server": {"id": id}}))?;
    debug_assert_eq!(status, StatusCode::CREATED);
    Ok((StatusCode::ACCEPTED, body))
}

/// The group that the scheduler is to mind.
fn group_of(vim: &Vim, body: &Value) -> Result<Option<String>, Refusal> {
    let Some(id) = body.pointer("/os:scheduler_hints/group").and_then(Value::as_str) else {
        return Ok(None);
    };
    match vim.groups.contains_key(id) {
        true => Ok(Some(id.to_owned())),
        false => Err(Refusal::bad(format!("ServerGroup {id} could not be found."))),
    }
}

fn read_server(vim: &mut Vim, body: &Value) -> Result<Server, Refusal> {
    let flavor = text(body, "/server/flavorRef")?;
    let flavor = vim.flavors.get(&flavor).cloned();
    let flavor = flavor.ok_or_else(|| Refusal::bad("Flavor could not be found."))?;
    let networks = list(body, "/server/networks", "uuid");
    if let Some(unknown) = networks.iter().find(|id| !vim.networks.contains_key(*id)) {
        return Err(Refusal::bad(format!("Network {unknown} could not be found.")));
    }
    let volumes = list(body, "/server/block_device_mapping_v2", "uuid");
    let image = body.pointer("/server/imageRef").and_then(Value::as_str).map(str::to_owned);
    let metadata = body.pointer("/server/metadata").cloned().unwrap_or_default();
    let fault = vim.take_fault(|fault| matches!(fault, Fault::ServerError(_)));
    Ok(Server {
        name: text(body, "/server/name")?,
        flavor,
        image,
        networks,
        volumes,
        metadata: serde_json::from_value(metadata).unwrap_or_default(),
        polls_left: vim.config.build_polls,
        fault: fault.and_then(|fault| match fault {
            Fault::ServerError(message) => Some(message),
            _ => None,
        }),
        going: None,
    })
}

fn list(body: &Value, pointer: &str, member: &str) -> Vec<String> {
    let entries = body.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry[member].as_str().map(str::to_owned)).collect()
}

/// Nova's own words: who watches for them finds them.
fn within_quota(vim: &Vim, flavor: &Flavor) -> Result<(), Refusal> {
    let (total, used) = (vim.config.capacity, vim.used());
    for (name, wanted, used, limit) in [
        ("cores", flavor.vcpus, used.vcpus, total.vcpus),
        ("ram", flavor.ram, used.memory_mib, total.memory_mib),
        ("gigabytes", flavor.disk, used.disk_gib, total.disk_gib),
    ] {
        if used + wanted > limit {
            let message = format!(
                "Quota exceeded for {name}: Requested {wanted}, but already used {used} of {limit} {name}"
            );
            return Err(Refusal::new(403, message));
        }
    }
    Ok(())
}

async fn delete_server(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    authorise(&shared, &headers)?;
    let mut vim = lock(&shared);
    if !vim.servers.contains_key(&id) {
        return Err(Refusal::missing("Instance", &id));
    }
    match vim.take_fault(|fault| matches!(fault, Fault::SlowDelete(_))) {
        Some(Fault::SlowDelete(looks)) => {
            if let Some(server) = vim.servers.get_mut(&id) {
                server.going = Some(looks);
            }
        }
        _ => drop(vim.servers.remove(&id)),
    }
    Ok(StatusCode::NO_CONTENT)
}
