//! A simulator from outside: an HTTP server on loopback that shows what it holds and makes it fail.

use crate::complaint::Complaint;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What can be asked of a simulator.
pub(crate) trait Simulator: Send + Sync + 'static {
    /// What it holds, as JSON text.
    fn state(&self) -> String;
    /// What it does with frames; null for one that does nothing with them.
    fn tables(&self) -> Value;
    /// Takes faults as they are written on the command line; none where one is wrong.
    fn add_faults(&self, texts: &[&str]) -> Result<(), String>;
}

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Faults")]
pub(crate) struct ControlArgs {
    /// Loopback address of the control server: GET /state, GET /tables, POST /faults
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = loopback)]
    control: SocketAddr,
}

/// A running control server; it stops when this is dropped.
pub(crate) struct Control {
    pub(crate) url: String,
    stop: watch::Sender<bool>,
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl ControlArgs {
    pub(crate) async fn start(&self, simulator: Arc<dyn Simulator>) -> Result<Control, Complaint> {
        let bind = || async {
            let listener = TcpListener::bind(self.control).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bind().await.map_err(|e: std::io::Error| {
            let problem = format!("--control {}: {e}", self.control);
            Complaint::failed(problem, "choose a free port, or 0 for any")
        })?;
        let (stop, mut stopped) = watch::channel(false);
        let shutdown = async move {
            // An error means that the sender is gone: the simulator ends all the same.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let serve = axum::serve(listener, router(simulator)).with_graceful_shutdown(shutdown);
        tokio::spawn(async move {
            if let Err(error) = serve.await {
                tracing::warn!(%error, "the control server ended");
            }
        });
        Ok(Control { url: format!("http://{address}"), stop })
    }
}

fn router(simulator: Arc<dyn Simulator>) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/tables", get(tables))
        .route("/faults", post(faults))
        .with_state(simulator)
}

async fn state(State(simulator): State<Arc<dyn Simulator>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], simulator.state()).into_response()
}

async fn tables(State(simulator): State<Arc<dyn Simulator>>) -> Json<Value> {
    Json(simulator.tables())
}

/// One fault on each line.
async fn faults(State(simulator): State<Arc<dyn Simulator>>, body: String) -> Response {
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match simulator.add_faults(&lines) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            (StatusCode::BAD_REQUEST, Json(serde_json::json!({"error": error}))).into_response()
        }
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:0".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("whoever reaches it can break the simulator: loopback only".to_owned())
    }
}
