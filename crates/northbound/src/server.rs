//! The server: its services, its limits, and how it ends.

use crate::security::Security;
use crate::service::Door;
use api::MAX_MESSAGE_BYTES;
use api::wire::DESCRIPTORS;
use api::wire::catalogue_service_server::CatalogueServiceServer as Catalogue;
use api::wire::device_service_server::DeviceServiceServer as Devices;
use api::wire::intent_service_server::IntentServiceServer as Intents;
use api::wire::operation_service_server::OperationServiceServer as Operations;
use api::wire::plan_service_server::PlanServiceServer as Plans;
use api::wire::topology_service_server::TopologyServiceServer as Topologies;
use engine::api::Orchestrator;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// What calls that are under way get to end in.
const GRACE: Duration = Duration::from_secs(10);
/// A peer that went away without a word is noticed within a minute.
const KEEPALIVE: Duration = Duration::from_secs(40);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(20);
/// Calls that one connection may have open at a time.
const STREAMS_PER_CONNECTION: u32 = 1024;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{0} is not a loopback address and no certificate is given; give one, or listen on 127.0.0.1"
    )]
    PlainText(SocketAddr),
    #[error("the certificate, the key or the client authority cannot be used: {0}; give PEM files")]
    Identity(tonic::transport::Error),
    #[error("the listening socket failed: {0}")]
    Socket(#[from] std::io::Error),
    #[error("the server ended: {0}")]
    Transport(tonic::transport::Error),
    #[error("reflection cannot be built: {0}; please report it")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves until `shutdown` completes; then takes no more calls, ends the streams, and gives what
/// is under way ten seconds.
///
/// # Errors
/// Where the address may not be served without protection, or the identity or the socket fails.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<dyn Orchestrator>,
    security: Security,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    if !security.allows(address) {
        return Err(ServeError::PlainText(address));
    }
    let (close, closing) = watch::channel(false);
    let health = HealthReporter::new();
    let routes = routes(Door { engine, closing: closing.clone() }, &health).await?;
    // The builder's own setting is for listeners that it opens itself.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = builder(&security)?
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, closed(closing));
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended.map_err(ServeError::Transport),
        () = shutdown => {}
    }
    tracing::info!(%address, "northbound goes down");
    health.set_service_status("", ServingStatus::NotServing).await;
    close.send_replace(true);
    match tokio::time::timeout(GRACE, serving).await {
        Ok(ended) => ended.map_err(ServeError::Transport),
        Err(_) => {
            tracing::warn!(grace_s = GRACE.as_secs(), "calls were still open and are cut off");
            Ok(())
        }
    }
}

async fn closed(mut closing: watch::Receiver<bool>) {
    // An error means that the sender is gone: the server is going down all the same.
    let _ = closing.wait_for(|closing| *closing).await;
}

pub(crate) fn builder(security: &Security) -> Result<Server, ServeError> {
    let builder = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER))
        .max_concurrent_streams(STREAMS_PER_CONNECTION);
    match security.tls() {
        Some(tls) => builder.tls_config(tls).map_err(ServeError::Identity),
        None => Ok(builder),
    }
}

macro_rules! limited {
    ($service:ident, $door:expr) => {
        $service::new($door).max_decoding_message_size(MAX_MESSAGE_BYTES)
    };
}

async fn routes(door: Door, health: &HealthReporter) -> Result<Routes, ServeError> {
    health.set_serving::<Catalogue<Door>>().await;
    health.set_serving::<Devices<Door>>().await;
    health.set_serving::<Intents<Door>>().await;
    health.set_serving::<Operations<Door>>().await;
    health.set_serving::<Plans<Door>>().await;
    health.set_serving::<Topologies<Door>>().await;
    let health = tonic_health::server::HealthService::from_health_reporter(health.clone());
    let routes = Routes::new(tonic_health::pb::health_server::HealthServer::new(health))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(limited!(Catalogue, door.clone()))
        .add_service(limited!(Devices, door.clone()))
        .add_service(limited!(Intents, door.clone()))
        .add_service(limited!(Operations, door.clone()))
        .add_service(limited!(Plans, door.clone()))
        .add_service(limited!(Topologies, door));
    Ok(routes)
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
