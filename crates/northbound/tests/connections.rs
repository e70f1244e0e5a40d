//! What the server does with connections: protection, health, reflection, and its end.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod common;

use api::wire;
use api::wire::device_service_client::DeviceServiceClient;
use common::{PATIENCE, Served, start};
use northbound::{Security, ServeError, TlsIdentity, serve};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::Arc;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_reflection::pb::{v1, v1alpha};

#[tokio::test]
async fn plain_text_is_refused_off_loopback() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let engine = Arc::new(northbound::fake::Fake::default());
    let error =
        serve(listener, engine, Security::LoopbackPlain, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, ServeError::PlainText(_)));
    assert!(error.to_string().contains("127.0.0.1"));
}

#[tokio::test]
async fn health_and_both_reflections_answer() {
    let served = Served::start().await;
    let ask = HealthCheckRequest { service: "wayleave.v1.IntentService".into() };
    let health = HealthClient::new(served.channel()).check(ask).await.unwrap().into_inner();
    assert_eq!(health.status(), ServingStatus::Serving);

    let mut client = v1::server_reflection_client::ServerReflectionClient::new(served.channel());
    let request = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut answers =
        client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let Some(v1::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("not a list of services")
    };
    let names: Vec<_> = list.service.iter().map(|s| s.name.as_str()).collect();
    for service in ["Catalogue", "Device", "Intent", "Operation", "Plan", "Topology"] {
        assert!(names.contains(&format!("wayleave.v1.{service}Service").as_str()), "{names:?}");
    }

    let mut old = v1alpha::server_reflection_client::ServerReflectionClient::new(served.channel());
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                "wayleave.v1.Intent".into(),
            ),
        ),
    };
    let mut answers =
        old.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    assert!(matches!(
        answers.message().await.unwrap().unwrap().message_response,
        Some(v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(_))
    ));
    served.stop().await;
}

#[tokio::test]
async fn an_open_watch_does_not_hold_up_the_end() {
    let served = Served::start().await;
    let request = wire::WatchRequest { from_revision: 10, ..Default::default() };
    let mut changes = served.intents().watch(request).await.unwrap().into_inner();
    changes.message().await.unwrap().unwrap();
    let (end, ()) = tokio::join!(changes.message(), served.stop());
    assert_eq!(end.unwrap_err().code(), Code::Unavailable);
}

struct Pki {
    authority: String,
    server: TlsIdentity,
    client: Identity,
}

fn pki() -> Pki {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &authority).unwrap().pem(), key.serialize_pem())
    };
    let ((certificate, key), client) = (issue("localhost"), issue("client"));
    Pki {
        authority: authority.pem(),
        server: TlsIdentity { certificate, key, client_authority: Some(authority.pem()) },
        client: Identity::from_pem(client.0, client.1),
    }
}

async fn ask(channel: Result<Channel, tonic::transport::Error>) -> Result<usize, String> {
    let channel = channel.map_err(|error| error.to_string())?;
    let mut devices = DeviceServiceClient::new(channel);
    let list = devices.list_devices(wire::ListDevicesRequest::default());
    list.await.map(|answer| answer.into_inner().devices.len()).map_err(|status| status.to_string())
}

#[tokio::test]
async fn tls_serves_those_who_show_a_certificate_and_no_others() {
    let pki = pki();
    let (_fake, address, stop, task) = start(Security::Tls(pki.server)).await;
    let connect = |tls: ClientTlsConfig| {
        let url = format!("https://localhost:{}", address.port());
        let endpoint = Endpoint::from_shared(url).unwrap().tls_config(tls).unwrap();
        async move { ask(endpoint.connect().await).await }
    };
    let trusting = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&pki.authority));
    assert_eq!(connect(trusting.clone().identity(pki.client)).await, Ok(3));
    assert!(connect(trusting).await.is_err(), "a client without a certificate was served");
    let plain = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await;
    assert!(ask(plain).await.is_err(), "plain text was served");
    stop.send(()).unwrap();
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap().unwrap();
}
