//! The connection to the daemon. Every call has a deadline, and every error becomes a [`Failure`].

use crate::failure::{Failure, root_cause};
use crate::global::Global;
use api::wire::catalogue_service_client::CatalogueServiceClient;
use api::wire::device_service_client::DeviceServiceClient;
use api::wire::intent_service_client::IntentServiceClient;
use api::wire::operation_service_client::OperationServiceClient;
use api::wire::plan_service_client::PlanServiceClient;
use api::wire::topology_service_client::TopologyServiceClient;
use std::path::Path;
use std::time::Duration;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Response, Status};

/// A daemon that is there answers a connection at once.
const CONNECT: Duration = Duration::from_secs(5);
/// Topologies of thousands of devices are the largest answers.
const ANSWER_MAX: usize = 64 * 1024 * 1024;
/// A certificate or a key, in bytes.
const PEM_MAX: usize = 1024 * 1024;
/// Pages of a list; with a thousand entries each this is more than any domain holds.
const PAGES_MAX: usize = 10_000;
/// Entries that are asked for at a time.
pub(crate) const PAGE: i32 = 1000;

#[derive(Clone, Debug)]
pub(crate) struct Client {
    channel: Channel,
    limit: Duration,
}

macro_rules! services {
    ($($name:ident: $client:ident),* $(,)?) => {
        $(pub(crate) fn $name(&self) -> $client<Channel> {
            $client::new(self.channel.clone()).max_decoding_message_size(ANSWER_MAX)
        })*
    };
}

impl Client {
    pub(crate) async fn connect(global: &Global) -> Result<Self, Failure> {
        let limit = global.call_limit();
        let endpoint = endpoint(global)?.connect_timeout(CONNECT.min(limit));
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| Failure::unreachable(&global.server, &root_cause(&error)))?;
        Ok(Self { channel, limit })
    }

    services!(
        catalogue: CatalogueServiceClient,
        devices: DeviceServiceClient,
        intents: IntentServiceClient,
        operations: OperationServiceClient,
        plans: PlanServiceClient,
        topologies: TopologyServiceClient,
    );

    /// The answer, within the time of one call.
    pub(crate) async fn answer<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.limit, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(Failure::of_status(&status)),
            Err(_) => Err(Failure::late(self.limit)),
        }
    }
}

/// All pages of a list. `fetch` gets the token of a page and gives its entries and the next token.
pub(crate) async fn pages<T, F>(mut fetch: impl FnMut(String) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Vec<T>, String), Failure>>,
{
    let (mut all, mut token) = (Vec::new(), String::new());
    for _ in 0..PAGES_MAX {
        let (entries, next) = fetch(token).await?;
        all.extend(entries);
        if next.is_empty() {
            return Ok(all);
        }
        token = next;
    }
    Err(Failure::bug(format!("the list has not ended after {PAGES_MAX} pages")))
}

fn endpoint(global: &Global) -> Result<Endpoint, Failure> {
    let wrong = |_| {
        let message = format!("--server {} is not a URL", global.server);
        Failure::usage(message, "write http://HOST:PORT or https://HOST:PORT")
    };
    let endpoint = Endpoint::from_shared(global.server.clone()).map_err(wrong)?;
    match endpoint.uri().scheme_str() {
        Some("http") if global.ca.is_some() || global.cert.is_some() => {
            let message = "--ca and --cert have no meaning for an http:// server";
            Err(Failure::usage(message, "write https://, or leave them out"))
        }
        Some("http") => Ok(endpoint),
        Some("https") => endpoint.tls_config(tls(global)?).map_err(|error| {
            let message = format!("--ca, --cert or --key cannot be used: {}", root_cause(&error));
            Failure::usage(message, "give PEM files")
        }),
        _ => {
            let message = format!("--server {} is neither http:// nor https://", global.server);
            Err(Failure::usage(message, "write http://HOST:PORT or https://HOST:PORT"))
        }
    }
}

fn tls(global: &Global) -> Result<ClientTlsConfig, Failure> {
    let Some(ca) = &global.ca else {
        let message = "an https:// server needs --ca: the authority that signed its certificate";
        return Err(Failure::usage(message, "give --ca FILE (or WAYLEAVE_CA)"));
    };
    let config = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem(ca)?));
    Ok(match (&global.cert, &global.key) {
        (Some(cert), Some(key)) => config.identity(Identity::from_pem(pem(cert)?, pem(key)?)),
        _ => config,
    })
}

fn pem(path: &Path) -> Result<String, Failure> {
    Ok(crate::files::read(path, PEM_MAX)?.content)
}
