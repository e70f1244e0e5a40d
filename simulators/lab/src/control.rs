//! The lab from outside: a small HTTP server on the loopback that shows what the switches hold and
//! do, and makes them fail.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | where everything listens |
//! | `GET /devices/{id}/running` | the running configuration |
//! | `GET /devices/{id}/tables` | the entries of the forwarding tables |
//! | `GET /vims/{id}` | everything that the VIM holds |
//! | `GET /carried` | what every link really carries |
//! | `POST /trace` with `{"device", "port", "vlan"}` | the way of a frame |
//! | `POST /devices/{id}/faults` with a fault on each line | nothing; the next writes fail so |
//! | `POST /vims/{id}/faults` with a fault on each line | nothing; the next requests fail so |

use crate::lab::{LOOPBACK, Lab};
use crate::trace::Trace;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use model::topology::Protocol;
use model::{DeviceId, InterfaceName, PortRef, VimId, VlanId};
use serde::{Deserialize, Serialize};
use sim_device::Device;
use sim_vim::VimSim;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use tokio::sync::watch;

/// Where everything of a lab listens: the line that `lab up` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    pub ready: bool,
    /// The daemon's API, `HOST:PORT`.
    pub grpc: String,
    /// The URL of the control server.
    pub control: String,
    /// The lab's folder.
    pub data: String,
    pub devices: Vec<ReadyDevice>,
    pub vims: Vec<ReadyVim>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyDevice {
    pub id: DeviceId,
    /// What the daemon speaks to it.
    pub protocol: Protocol,
    pub netconf: String,
    /// Of the SSH host key.
    pub fingerprint: String,
    pub gnmi: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyVim {
    pub id: VimId,
    /// Keystone's.
    pub url: String,
}

/// A frame to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceRequest {
    pub device: DeviceId,
    pub port: InterfaceName,
    pub vlan: VlanId,
    /// What it carries.
    #[serde(default)]
    pub payload: String,
}

/// A running control server; it stops when this is dropped.
#[derive(Debug)]
pub struct Control {
    pub ready: Ready,
    stop: watch::Sender<bool>,
}

struct Shared {
    lab: Arc<Lab>,
    ready: Ready,
}

impl Control {
    /// Listens on a free port of the loopback.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn start(lab: Arc<Lab>, grpc: String) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(SocketAddr::new(LOOPBACK, 0)).await?;
        let ready = ready(&lab, grpc, format!("http://{}", listener.local_addr()?));
        let router = router().with_state(Arc::new(Shared { lab, ready: ready.clone() }));
        let (stop, mut stopped) = watch::channel(false);
        tokio::spawn(async move {
            let shutdown = async move {
                let _ = stopped.changed().await;
            };
            let serve = axum::serve(listener, router).with_graceful_shutdown(shutdown);
            if let Err(error) = serve.await {
                tracing::warn!(%error, "the lab's control server ended");
            }
        });
        Ok(Self { ready, stop })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

fn ready(lab: &Lab, grpc: String, control: String) -> Ready {
    let device = |(id, device): (&DeviceId, &Device)| ReadyDevice {
        id: id.clone(),
        protocol: lab.topology().devices[id].management.protocol,
        netconf: device.netconf.to_string(),
        fingerprint: device.fingerprint.clone(),
        gnmi: device.gnmi.to_string(),
    };
    let vim = |(id, vim): (&VimId, &VimSim)| ReadyVim { id: id.clone(), url: vim.auth_url() };
    Ready {
        ready: true,
        grpc,
        control,
        data: lab.folder().path().display().to_string(),
        devices: lab.devices().iter().map(device).collect(),
        vims: lab.vims().iter().map(vim).collect(),
    }
}

fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(show_ready))
        .route("/carried", get(show_carried))
        .route("/trace", post(follow))
        .route("/devices/{id}/running", get(show_running))
        .route("/devices/{id}/tables", get(show_tables))
        .route("/devices/{id}/faults", post(add_device_faults))
        .route("/vims/{id}", get(show_vim))
        .route("/vims/{id}/faults", post(add_vim_faults))
}

struct Unknown(String);

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        let body = serde_json::json!({"error": format!("the lab has no {}", self.0)});
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    }
}

fn device<'s>(shared: &'s Shared, id: &str) -> Result<&'s Device, Unknown> {
    shared.lab.devices().get(id).ok_or_else(|| Unknown(format!("device {id}")))
}

fn vim<'s>(shared: &'s Shared, id: &str) -> Result<&'s VimSim, Unknown> {
    shared.lab.vims().get(id).ok_or_else(|| Unknown(format!("VIM {id}")))
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

async fn show_ready(State(shared): State<Arc<Shared>>) -> Json<Ready> {
    Json(shared.ready.clone())
}

async fn show_carried(State(shared): State<Arc<Shared>>) -> Json<crate::audit::Carried> {
    Json(shared.lab.carried())
}

async fn follow(
    State(shared): State<Arc<Shared>>,
    Json(asked): Json<TraceRequest>,
) -> Result<Json<Trace>, Unknown> {
    device(&shared, asked.device.as_str())?;
    let from = PortRef { device: asked.device, interface: asked.port };
    Ok(Json(shared.lab.trace(&from, asked.vlan, &asked.payload)))
}

async fn show_running(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Unknown> {
    Ok(json(device(&shared, &id)?.running_text()))
}

async fn show_tables(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Unknown> {
    Ok(Json(device(&shared, &id)?.tables().entries()).into_response())
}

async fn show_vim(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Unknown> {
    Ok(json(vim(&shared, &id)?.state_text()))
}

/// One fault on each line, as the simulators' own command line writes them.
async fn add_device_faults(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> Result<StatusCode, Response> {
    let device = device(&shared, &id).map_err(Unknown::into_response)?;
    let faults: Vec<sim_device::Fault> = faults(&body)?;
    faults.into_iter().for_each(|fault| device.faults().push(fault));
    Ok(StatusCode::NO_CONTENT)
}

async fn add_vim_faults(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> Result<StatusCode, Response> {
    let vim = vim(&shared, &id).map_err(Unknown::into_response)?;
    let faults: Vec<sim_vim::Fault> = faults(&body)?;
    faults.into_iter().for_each(|fault| vim.push_fault(fault));
    Ok(StatusCode::NO_CONTENT)
}

/// All of them, or none where one is wrong.
fn faults<F>(body: &str) -> Result<Vec<F>, Response>
where
    F: FromStr<Err: std::fmt::Display>,
{
    let lines = body.lines().filter(|line| !line.is_empty());
    lines.map(str::parse).collect::<Result<_, _>>().map_err(|error: F::Err| {
        let body = serde_json::json!({"error": error.to_string()});
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    })
}
