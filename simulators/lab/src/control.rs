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
//! | `POST /devices/{id}/faults` with a [`FaultRequest`] | nothing; the next write fails so |

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
use sim_device::{Device, Fault};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
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

/// How the next write to a device fails: `{"refuse-edit": {"reason": "…"}}`, `"acknowledge-only"`,
/// `{"delay": {"ms": 500}}`, `"drop-reply"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultRequest {
    RefuseEdit { reason: String },
    AcknowledgeOnly,
    Delay { ms: u64 },
    DropReply,
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
    let vim =
        |(id, vim): (&VimId, &sim_vim::VimSim)| ReadyVim { id: id.clone(), url: vim.auth_url() };
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
        .route("/devices/{id}/faults", post(add_fault))
        .route("/vims/{id}", get(show_vim))
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
    let vim = shared.lab.vims().get(id.as_str());
    Ok(json(vim.ok_or_else(|| Unknown(format!("VIM {id}")))?.state_text()))
}

async fn add_fault(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Json(fault): Json<FaultRequest>,
) -> Result<StatusCode, Unknown> {
    device(&shared, &id)?.faults().push(fault.into());
    Ok(StatusCode::NO_CONTENT)
}

impl From<FaultRequest> for Fault {
    fn from(request: FaultRequest) -> Self {
        match request {
            FaultRequest::RefuseEdit { reason } => Self::RefuseEdit(reason),
            FaultRequest::AcknowledgeOnly => Self::AcknowledgeOnly,
            FaultRequest::Delay { ms } => Self::Delay(Duration::from_millis(ms)),
            FaultRequest::DropReply => Self::DropReply,
        }
    }
}
