//! The server half: everything of gNMI that does not depend on what the data is.

use crate::ext::{Commit, extension};
use crate::path::GnmiPath;
use crate::stoppable::Stoppable;
use crate::value::{decode, encode};
use crate::wire::g_nmi_server::{GNmi, GNmiServer};
use crate::wire::get_request::DataType;
use crate::wire::subscribe_request::Request as Asked;
use crate::wire::subscribe_response::Response as Sent;
use crate::wire::subscription_list::Mode;
use crate::wire::update_result::Operation;
use crate::wire::{self, Encoding, SubscribeResponse, SubscriptionList, SubscriptionMode};
use crate::{VERSION, proto};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::{Identity, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};

/// Messages that may wait for one subscriber.
const OUTBOX: usize = 64;
const MESSAGE_LIMIT: usize = 64 << 20;
/// What a sample interval of 0 means, and the shortest that is kept (G-084).
const SHORTEST_SAMPLE: Duration = Duration::from_millis(100);

/// One step of a Set, in the order in which it counts (G-052).
#[derive(Clone, Debug, PartialEq)]
pub enum SetStep {
    Delete(GnmiPath),
    Replace(GnmiPath, Value),
    Update(GnmiPath, Value),
}

/// What a target's data does.
#[async_trait]
pub trait Target: Send + Sync + 'static {
    /// Name, organisation, version.
    fn models(&self) -> Vec<(String, String, String)>;
    fn authenticate(&self, user: &str, password: &str) -> bool;
    /// What is at a path, wildcards expanded: concrete paths with their values.
    ///
    /// # Errors
    /// `NOT_FOUND` for nothing there, `INVALID_ARGUMENT` or `UNIMPLEMENTED` for a bad path.
    fn read(&self, path: &GnmiPath, kind: DataType) -> Result<Vec<(GnmiPath, Value)>, Status>;
    /// Every leaf at or below a path; empty where there is none.
    ///
    /// # Errors
    /// As [`Target::read`].
    fn leaves(&self, path: &GnmiPath) -> Result<BTreeMap<GnmiPath, Value>, Status>;
    /// All of the steps or none.
    async fn set(&self, steps: Vec<SetStep>, commit: Option<Commit>) -> Result<(), Status>;
    /// Goes up whenever data changed.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
}

/// Certificate and key in PEM.
pub struct ServerIdentity {
    pub certificate: String,
    pub key: String,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerIdentity(…)")
    }
}

impl Server {
    /// Listens on an address; port 0 takes a free one. Without an identity it speaks plain text,
    /// on loopback only (G-009).
    ///
    /// # Errors
    /// Where the address cannot be bound, the identity is not one, or plain text would leave the
    /// machine.
    pub async fn bind(
        address: SocketAddr,
        identity: Option<ServerIdentity>,
        target: Arc<dyn Target>,
    ) -> Result<Self, String> {
        if identity.is_none() && !address.ip().is_loopback() {
            return Err(format!("{address}: plain text is for loopback only; give a certificate"));
        }
        let fail = |e: &dyn fmt::Display| format!("{address}: {e}");
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| fail(&e))?;
        let bound = listener.local_addr().map_err(|e| fail(&e))?;
        let mut builder = tonic::transport::Server::builder();
        if let Some(identity) = identity {
            let identity = Identity::from_pem(identity.certificate, identity.key);
            let tls = ServerTlsConfig::new().identity(identity);
            builder = builder.tls_config(tls).map_err(|e| fail(&e))?;
        }
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .build_v1()
            .map_err(|e| fail(&e))?;
        let service = GNmiServer::new(Service { target })
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        let (stop, mut stopped) = watch::channel(false);
        let router = builder.add_service(service).add_service(reflection);
        tokio::spawn(async move {
            let each = stopped.clone();
            let incoming = TcpListenerStream::new(listener)
                .map(move |accepted| accepted.map(|stream| Stoppable::new(stream, each.clone())));
            let serve = router.serve_with_incoming(incoming);
            tokio::select! {
                result = serve => if let Err(error) = result {
                    tracing::warn!(%error, "the gNMI server ended");
                },
                _ = stopped.changed() => {}
            }
        });
        Ok(Self { address: bound, stop })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

struct Service {
    target: Arc<dyn Target>,
}

impl Service {
    /// G-012, G-013: on every call.
    fn authenticate<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let field = |name| request.metadata().get(name).and_then(|value| value.to_str().ok());
        let (user, password) = (field("username"), field("password"));
        match user.zip(password) {
            Some((user, password)) if self.target.authenticate(user, password) => Ok(()),
            Some(_) => Err(Status::unauthenticated("wrong user name or password")),
            None => Err(Status::unauthenticated("the metadata username and password are missing")),
        }
    }
}

#[async_trait]
impl GNmi for Service {
    async fn capabilities(
        &self,
        request: Request<wire::CapabilityRequest>,
    ) -> Result<Response<wire::CapabilityResponse>, Status> {
        self.authenticate(&request)?;
        let model = |(name, organization, version)| wire::ModelData { name, organization, version };
        Ok(Response::new(wire::CapabilityResponse {
            supported_models: self.target.models().into_iter().map(model).collect(),
            supported_encodings: [Encoding::Json, Encoding::JsonIetf, Encoding::Proto]
                .map(i32::from)
                .to_vec(),
            g_nmi_version: VERSION.to_owned(),
            extension: Vec::new(),
        }))
    }

    async fn get(
        &self,
        request: Request<wire::GetRequest>,
    ) -> Result<Response<wire::GetResponse>, Status> {
        self.authenticate(&request)?;
        let request = request.into_inner();
        let encoding = known_encoding(request.encoding)?;
        let kind = DataType::try_from(request.r#type)
            .map_err(|_| Status::invalid_argument("type: unknown number"))?;
        let prefix = request.prefix.as_ref();
        let root = [wire::Path::default()];
        let paths = if request.path.is_empty() { &root[..] } else { &request.path[..] };
        let mut notification = Vec::new();
        for path in paths {
            let path = full_path(prefix, path)?;
            let update = if encoding == Encoding::Proto {
                self.target.leaves(&path)?.into_iter().collect()
            } else {
                self.target.read(&path, kind)?
            };
            notification.push(wire::Notification {
                timestamp: now(),
                prefix: target_prefix(prefix),
                update: updates(update, encoding)?,
                ..wire::Notification::default()
            });
        }
        Ok(Response::new(wire::GetResponse { notification, ..wire::GetResponse::default() }))
    }

    async fn set(
        &self,
        request: Request<wire::SetRequest>,
    ) -> Result<Response<wire::SetResponse>, Status> {
        self.authenticate(&request)?;
        let request = request.into_inner();
        let steps = set_steps(&request)?;
        let commit = request.extension.into_iter().find_map(|extension| match extension.ext {
            Some(extension::Ext::Commit(commit)) => Some(commit),
            _ => None,
        });
        let response = steps.iter().map(result_of).collect();
        self.target.set(steps, commit).await?;
        Ok(Response::new(wire::SetResponse {
            prefix: target_prefix(request.prefix.as_ref()),
            response,
            timestamp: now(),
            ..wire::SetResponse::default()
        }))
    }

    type SubscribeStream = ReceiverStream<Result<SubscribeResponse, Status>>;

    async fn subscribe(
        &self,
        request: Request<Streaming<wire::SubscribeRequest>>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        self.authenticate(&request)?;
        let mut asked = request.into_inner();
        let first = asked.next().await.transpose()?.and_then(|message| message.request);
        let Some(Asked::Subscribe(list)) = first else {
            return Err(Status::invalid_argument("the first message must be a subscription"));
        };
        let subscriber = Subscriber::new(Arc::clone(&self.target), list)?;
        let (sender, receiver) = mpsc::channel(OUTBOX);
        tokio::spawn(async move {
            if let Err(status) = subscriber.run(asked, &sender).await {
                let _ = sender.send(Err(status)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Deletions, then replacements, then updates, each in its own order.
fn set_steps(request: &wire::SetRequest) -> Result<Vec<SetStep>, Status> {
    if !request.union_replace.is_empty() {
        return Err(Status::unimplemented("union_replace is not supported by this target"));
    }
    let prefix = request.prefix.as_ref();
    let mut steps = Vec::new();
    for path in &request.delete {
        steps.push(SetStep::Delete(full_path(prefix, path)?));
    }
    for (update, replace) in request
        .replace
        .iter()
        .map(|update| (update, true))
        .chain(request.update.iter().map(|update| (update, false)))
    {
        let path = update.path.clone().unwrap_or_default();
        let path = full_path(prefix, &path)?;
        if path.has_wildcard() {
            return Err(Status::invalid_argument(format!("{path}: a write takes no wildcard")));
        }
        let value = decode(update.val.as_ref())
            .map_err(|e| Status::invalid_argument(format!("{path}: {e}")))?;
        if value.is_null() {
            return Err(Status::invalid_argument(format!(
                "{path}: null is not a value; delete it"
            )));
        }
        steps.push(if replace {
            SetStep::Replace(path, value)
        } else {
            SetStep::Update(path, value)
        });
    }
    Ok(steps)
}

fn result_of(step: &SetStep) -> wire::UpdateResult {
    let (path, op) = match step {
        SetStep::Delete(path) => (path, Operation::Delete),
        SetStep::Replace(path, _) => (path, Operation::Replace),
        SetStep::Update(path, _) => (path, Operation::Update),
    };
    wire::UpdateResult { path: Some(path.to_wire()), op: op.into(), ..Default::default() }
}

/// One Subscribe call.
struct Subscriber {
    target: Arc<dyn Target>,
    list: SubscriptionList,
    encoding: Encoding,
    paths: Vec<GnmiPath>,
    changes: watch::Receiver<u64>,
    /// What was last sent.
    sent: BTreeMap<GnmiPath, Value>,
}

type Outbox = mpsc::Sender<Result<SubscribeResponse, Status>>;

impl Subscriber {
    fn new(target: Arc<dyn Target>, list: SubscriptionList) -> Result<Self, Status> {
        if list.subscription.is_empty() {
            return Err(Status::invalid_argument("the list of subscriptions is empty"));
        }
        let encoding = known_encoding(list.encoding)?;
        let root = wire::Path::default();
        let paths = list
            .subscription
            .iter()
            .map(|s| full_path(list.prefix.as_ref(), s.path.as_ref().unwrap_or(&root)))
            .collect::<Result<Vec<_>, _>>()?;
        let changes = target.changes();
        Ok(Self { target, list, encoding, paths, changes, sent: BTreeMap::new() })
    }

    async fn run(
        mut self,
        mut asked: Streaming<wire::SubscribeRequest>,
        outbox: &Outbox,
    ) -> Result<(), Status> {
        let mode = Mode::try_from(self.list.mode)
            .map_err(|_| Status::invalid_argument("mode: unknown number"))?;
        self.changes.mark_unchanged();
        let first = self.snapshot()?;
        if !self.list.updates_only {
            self.send(&first, &[], outbox).await?;
        }
        self.sent = first;
        sync(outbox).await?;
        match mode {
            Mode::Once => Ok(()),
            Mode::Poll => self.poll(asked, outbox).await,
            Mode::Stream => tokio::select! {
                result = self.stream(outbox) => result,
                result = only_silence(&mut asked) => result,
            },
        }
    }

    async fn poll(
        mut self,
        mut asked: Streaming<wire::SubscribeRequest>,
        outbox: &Outbox,
    ) -> Result<(), Status> {
        while let Some(message) = asked.next().await.transpose()? {
            match message.request {
                Some(Asked::Poll(_)) => {
                    let all = self.snapshot()?;
                    self.send(&all, &[], outbox).await?;
                    self.sent = all;
                    sync(outbox).await?;
                }
                _ => return Err(Status::invalid_argument("only polls may follow")),
            }
        }
        Ok(())
    }

    async fn stream(&mut self, outbox: &Outbox) -> Result<(), Status> {
        let mut sample = self.sample_interval().map(tokio::time::interval);
        if let Some(sample) = &mut sample {
            sample.tick().await;
        }
        loop {
            let sampled = tokio::select! {
                changed = self.changes.changed() => match changed {
                    Ok(()) => false,
                    Err(_) => return Err(Status::unavailable("the target goes down")),
                },
                () = tick(&mut sample) => true,
                () = outbox.closed() => return Ok(()),
            };
            let next = self.snapshot()?;
            self.report(next, sampled, outbox).await?;
        }
    }

    /// Changes are sent as they come; on a sample everything is, unless only changes were wanted.
    async fn report(
        &mut self,
        next: BTreeMap<GnmiPath, Value>,
        sampled: bool,
        outbox: &Outbox,
    ) -> Result<(), Status> {
        let suppress = self.list.subscription.iter().all(|s| s.suppress_redundant);
        let all = sampled && !suppress;
        let changed = next.iter().filter(|(path, value)| all || self.sent.get(path) != Some(value));
        let changed = changed.map(|(path, value)| (path.clone(), value.clone())).collect();
        let gone: Vec<GnmiPath> =
            self.sent.keys().filter(|path| !next.contains_key(*path)).cloned().collect();
        self.send(&changed, &gone, outbox).await?;
        self.sent = next;
        Ok(())
    }

    fn sample_interval(&self) -> Option<Duration> {
        let sampled =
            self.list.subscription.iter().filter(|s| s.mode == i32::from(SubscriptionMode::Sample));
        let shortest = sampled.map(|s| Duration::from_nanos(s.sample_interval)).min()?;
        Some(shortest.max(SHORTEST_SAMPLE))
    }

    fn snapshot(&self) -> Result<BTreeMap<GnmiPath, Value>, Status> {
        let mut all = BTreeMap::new();
        for path in &self.paths {
            all.extend(self.target.leaves(path)?);
        }
        Ok(all)
    }

    async fn send(
        &self,
        changed: &BTreeMap<GnmiPath, Value>,
        gone: &[GnmiPath],
        outbox: &Outbox,
    ) -> Result<(), Status> {
        if changed.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let changed = changed.iter().map(|(p, v)| (p.clone(), v.clone())).collect();
        let notification = wire::Notification {
            timestamp: now(),
            prefix: target_prefix(self.list.prefix.as_ref()),
            update: updates(changed, self.encoding)?,
            delete: gone.iter().map(GnmiPath::to_wire).collect(),
            ..wire::Notification::default()
        };
        deliver(outbox, Sent::Update(notification)).await
    }
}

async fn tick(interval: &mut Option<tokio::time::Interval>) {
    match interval {
        Some(interval) => {
            interval.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// A second subscription or a poll on a stream is an error (G-070); a half-closed side is not.
async fn only_silence(asked: &mut Streaming<wire::SubscribeRequest>) -> Result<(), Status> {
    match asked.next().await.transpose()? {
        Some(_) => Err(Status::invalid_argument("nothing may follow the subscription")),
        None => std::future::pending().await,
    }
}

async fn sync(outbox: &Outbox) -> Result<(), Status> {
    deliver(outbox, Sent::SyncResponse(true)).await
}

async fn deliver(outbox: &Outbox, response: Sent) -> Result<(), Status> {
    let message = SubscribeResponse { response: Some(response), extension: Vec::new() };
    outbox.send(Ok(message)).await.map_err(|_| Status::cancelled("the subscriber is gone"))
}

fn updates(
    values: Vec<(GnmiPath, Value)>,
    encoding: Encoding,
) -> Result<Vec<wire::Update>, Status> {
    let update = |(path, value): (GnmiPath, Value)| {
        let val = encode(&value, encoding)
            .ok_or_else(|| Status::unimplemented(format!("{path}: not in this encoding")))?;
        Ok(wire::Update { path: Some(path.to_wire()), val: Some(val), ..Default::default() })
    };
    values.into_iter().map(update).collect()
}

fn full_path(prefix: Option<&wire::Path>, path: &wire::Path) -> Result<GnmiPath, Status> {
    GnmiPath::of(prefix, path).map_err(|e| Status::invalid_argument(e.to_string()))
}

/// A response names the target that the request named, and no other (G-032).
fn target_prefix(prefix: Option<&wire::Path>) -> Option<wire::Path> {
    let target = prefix.map(|prefix| prefix.target.clone()).filter(|target| !target.is_empty())?;
    Some(wire::Path { target, ..wire::Path::default() })
}

fn known_encoding(number: i32) -> Result<Encoding, Status> {
    match Encoding::try_from(number) {
        Ok(encoding @ (Encoding::Json | Encoding::JsonIetf | Encoding::Proto)) => Ok(encoding),
        _ => Err(Status::unimplemented("this encoding is not supported; use JSON_IETF")),
    }
}

/// Nanoseconds since the Unix epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
