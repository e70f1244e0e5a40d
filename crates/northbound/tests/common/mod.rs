//! A server on a free port of loopback, and its clients.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "for tests; each uses a part")]

use api::wire;
use api::wire::catalogue_service_client::CatalogueServiceClient;
use api::wire::device_service_client::DeviceServiceClient;
use api::wire::intent_service_client::IntentServiceClient;
use api::wire::operation_service_client::OperationServiceClient;
use api::wire::plan_service_client::PlanServiceClient;
use api::wire::topology_service_client::TopologyServiceClient;
use northbound::fake::Fake;
use northbound::{Security, ServeError, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Served {
    pub fake: Arc<Fake>,
    pub address: SocketAddr,
    channel: Channel,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
}

pub async fn start(
    security: Security,
) -> (Arc<Fake>, SocketAddr, oneshot::Sender<()>, JoinHandle<Result<(), ServeError>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fake = Arc::new(Fake::default());
    let (stop, stopped) = oneshot::channel();
    let engine = Arc::clone(&fake);
    let task = tokio::spawn(serve(listener, engine, security, async {
        let _ = stopped.await;
    }));
    (fake, address, stop, task)
}

impl Served {
    pub async fn start() -> Self {
        let (fake, address, stop, task) = start(Security::LoopbackPlain).await;
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = endpoint.connect().await.unwrap();
        Self { fake, address, channel, stop, task }
    }

    /// It has to end by itself, and in time.
    pub async fn stop(self) {
        let Self { stop, task, channel, .. } = self;
        drop(channel);
        stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap().unwrap();
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }
    pub fn intents(&self) -> IntentServiceClient<Channel> {
        IntentServiceClient::new(self.channel())
    }
    pub fn plans(&self) -> PlanServiceClient<Channel> {
        PlanServiceClient::new(self.channel())
    }
    pub fn operations(&self) -> OperationServiceClient<Channel> {
        OperationServiceClient::new(self.channel())
    }
    pub fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.channel())
    }
    pub fn topologies(&self) -> TopologyServiceClient<Channel> {
        TopologyServiceClient::new(self.channel())
    }
    pub fn devices(&self) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(self.channel())
    }
}

pub fn connectivity(name: &str) -> wire::Intent {
    let endpoint = |port: &str| wire::SapBinding { port: port.into(), vlan: None };
    wire::Intent {
        name: name.into(),
        spec: Some(wire::intent::Spec::Connectivity(wire::ConnectivitySpec {
            pattern: 0,
            endpoints: vec![endpoint("ams:a1"), endpoint("fra:a1")],
            slo: Some(wire::Slo { bandwidth_mbps: 500, latency_us: Some(10_000) }),
        })),
        ..Default::default()
    }
}
