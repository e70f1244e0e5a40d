//! The server half over SSH. What the operations do is up to the handler.

use crate::error::{ErrorTag, ErrorType, RpcError};
use crate::message::{Hello, rpc_reply};
use crate::operation::Operation;
use crate::session::{Incoming, Role, Session, is_rpc};
use crate::xml::Element;
use async_trait::async_trait;
use russh::keys::{Algorithm, PrivateKey};
use russh::server::{self, Auth, ChannelOpenHandle, Msg};
use russh::{Channel, ChannelId, MethodKind, MethodSet};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// Notifications that may wait for a session; one that lags further is closed (N-135).
const OUTBOX: usize = 1024;
const MESSAGE_LIMIT: usize = 64 << 20;
const HELLO_DEADLINE: Duration = Duration::from_secs(30);

/// Who is on a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    pub id: u32,
    pub user: String,
    pub peer: SocketAddr,
}

/// What an operation answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Ok,
    /// XML that goes inside the reply, `<data>` included.
    Body(String),
}

/// What the server does with operations.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// What the hello says, base versions included.
    fn capabilities(&self) -> Vec<String>;
    fn opened(&self, session: &SessionInfo, outbox: Outbox);
    /// Sessions, `close-session` and `kill-session` are the server's own business.
    async fn handle(
        &self,
        session: &SessionInfo,
        operation: Operation,
    ) -> Result<Answer, Vec<RpcError>>;
    fn closed(&self, session: &SessionInfo);
}

/// Sends notifications to one session.
#[derive(Clone, Debug)]
pub struct Outbox(mpsc::Sender<String>);

impl Outbox {
    /// Tells whether there was room; a session that has none left is closed.
    #[must_use]
    pub fn send(&self, message: String) -> bool {
        self.0.try_send(message).is_ok()
    }
}

/// Accounts, and the key that proves the server.
pub struct Access {
    pub host_key: PrivateKey,
    pub users: BTreeMap<String, String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("users", &self.users.keys()).finish_non_exhaustive()
    }
}

impl Access {
    /// A new Ed25519 host key from 32 bytes of seed.
    #[must_use]
    pub fn host_key_from_seed(seed: [u8; 32]) -> PrivateKey {
        let pair = russh::keys::ssh_key::private::Ed25519Keypair::from_seed(&seed);
        PrivateKey::from(pair)
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        debug_assert!(matches!(self.host_key.algorithm(), Algorithm::Ed25519));
        self.host_key.public_key().fingerprint(russh::keys::HashAlg::Sha256).to_string()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSeed {
    #[error("it is not a private key in OpenSSH's format: {0}")]
    Unreadable(String),
    #[error("it is a {0} key; make an Ed25519 one with `ssh-keygen -t ed25519 -N ''`")]
    OtherAlgorithm(String),
}

/// The seed of an Ed25519 private key in OpenSSH's format, without a passphrase.
///
/// # Errors
/// Where the text is something else.
pub fn host_key_seed(openssh: &str) -> Result<[u8; 32], NoSeed> {
    let key = russh::keys::decode_secret_key(openssh, None)
        .map_err(|e| NoSeed::Unreadable(e.to_string()))?;
    let pair = key.key_data().ed25519();
    let pair = pair.ok_or_else(|| NoSeed::OtherAlgorithm(key.algorithm().to_string()))?;
    Ok(pair.private.to_bytes())
}

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub fingerprint: String,
    stop: watch::Sender<bool>,
}

struct Shared {
    handler: Arc<dyn Handler>,
    users: BTreeMap<String, String>,
    next_id: AtomicU32,
    /// Telling a session to end.
    kills: Mutex<BTreeMap<u32, watch::Sender<bool>>>,
}

impl Server {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// Where the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        access: Access,
        handler: Arc<dyn Handler>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let fingerprint = access.fingerprint();
        let config = Arc::new(server::Config {
            keys: vec![access.host_key],
            methods: methods(),
            auth_rejection_time: Duration::from_millis(200),
            auth_rejection_time_initial: Some(Duration::ZERO),
            nodelay: true,
            ..server::Config::default()
        });
        let shared = Arc::new(Shared {
            handler,
            users: access.users,
            next_id: AtomicU32::new(1),
            kills: Mutex::default(),
        });
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(accept(listener, config, shared, stopped));
        Ok(Self { address, fingerprint, stop })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

async fn accept(
    listener: TcpListener,
    config: Arc<server::Config>,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    continue;
                }
            },
            _ = stopped.changed() => break,
        };
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            shared: Arc::clone(&shared),
            user: String::new(),
            peer,
            channel: None,
            stopped: stopped.clone(),
            open: watch::channel(true).0,
        };
        let (config, mut stopped) = (Arc::clone(&config), stopped.clone());
        tokio::spawn(async move {
            let Ok(running) = server::run_stream(config, stream, connection).await else { return };
            tokio::select! {
                _ = running => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

/// How a client may prove who it is.
fn methods() -> MethodSet {
    MethodSet::from([MethodKind::Password].as_slice())
}

/// One SSH connection: who it is, and the channel that waits for its subsystem.
struct Connection {
    shared: Arc<Shared>,
    user: String,
    peer: SocketAddr,
    channel: Option<Channel<Msg>>,
    stopped: watch::Receiver<bool>,
    /// Goes when the connection does.
    open: watch::Sender<bool>,
}

impl server::Handler for Connection {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        if self.shared.users.get(user).is_some_and(|known| known == password) {
            user.clone_into(&mut self.user);
            return Ok(Auth::Accept);
        }
        // The method stays on offer: without it a client reports a method that is not supported
        // instead of a password that is wrong.
        Ok(Auth::Reject { proceed_with_methods: Some(methods()), partial_success: false })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        self.channel = Some(channel);
        reply.accept().await;
        Ok(())
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }

    /// Only `netconf` is served (N-001); the session runs in a task of its own.
    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        let Some(open) = self.channel.take().filter(|_| name == "netconf") else {
            return session.channel_failure(channel);
        };
        session.channel_success(channel)?;
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let info = SessionInfo { id, user: self.user.clone(), peer: self.peer };
        let ends = Ends { stopped: self.stopped.clone(), open: self.open.subscribe() };
        let shared = Arc::clone(&self.shared);
        let handle = session.handle();
        tokio::spawn(async move {
            serve(shared, info, open.into_stream(), ends).await;
            let _ = handle.close(channel).await;
        });
        Ok(())
    }
}

/// What ends a session from outside.
struct Ends {
    stopped: watch::Receiver<bool>,
    open: watch::Receiver<bool>,
}

/// Runs one session to its end and tells the handler.
async fn serve<S>(shared: Arc<Shared>, info: SessionInfo, stream: S, mut ends: Ends)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (kill, mut killed) = watch::channel(false);
    if let Ok(mut kills) = shared.kills.lock() {
        kills.insert(info.id, kill);
    }
    let (sender, outbox) = mpsc::channel(OUTBOX);
    shared.handler.opened(&info, Outbox(sender));
    let hello = Hello { capabilities: shared.handler.capabilities(), session_id: Some(info.id) };
    let (reader, writer) = tokio::io::split(stream);
    let mut run = Run {
        session: Session::new(Role::Server, hello, MESSAGE_LIMIT),
        reader,
        writer,
        shared: Arc::clone(&shared),
        info: info.clone(),
    };
    // A session that is killed stops in the middle of whatever it does (RFC 6241 §7.9), and so
    // does one whose connection is lost: its locks must not outlive it (RFC 6241 §7.5, P-31).
    let why = tokio::select! {
        result = run.run(outbox) => result.err(),
        _ = killed.changed() => Some("it was killed".to_owned()),
        _ = ends.stopped.changed() => Some("the server stops".to_owned()),
        _ = ends.open.changed() => Some("the connection was lost".to_owned()),
    };
    if let Some(why) = why {
        tracing::debug!(session = info.id, %why, "a NETCONF session ended");
    }
    let _ = run.writer.shutdown().await;
    if let Ok(mut kills) = shared.kills.lock() {
        kills.remove(&info.id);
    }
    shared.handler.closed(&info);
}

struct Run<R, W> {
    session: Session,
    reader: R,
    writer: W,
    shared: Arc<Shared>,
    info: SessionInfo,
}

enum Next {
    Go,
    Stop,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Run<R, W> {
    async fn run(&mut self, mut outbox: mpsc::Receiver<String>) -> Result<(), String> {
        let hello = self.session.hello().map_err(|e| e.to_string())?;
        self.write(&hello).await?;
        let mut buffer = vec![0; 64 << 10];
        let patience = tokio::time::sleep(HELLO_DEADLINE);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                read = self.reader.read(&mut buffer) => {
                    let count = read.map_err(|e| e.to_string())?;
                    if count == 0 { return Ok(()); }
                    self.session.push(&buffer[..count]);
                    if let Next::Stop = self.drain().await? { return Ok(()); }
                }
                message = outbox.recv() => match message {
                    Some(message) => self.send(&message).await?,
                    None => return Err("the outbox is gone".to_owned()),
                },
                () = &mut patience, if self.session.peer().is_none() => {
                    return Err("no hello came in time".to_owned());
                }
            }
        }
    }

    async fn drain(&mut self) -> Result<Next, String> {
        while let Some(incoming) = self.session.next_incoming().map_err(|e| e.to_string())? {
            match incoming {
                Incoming::Hello(_) => {}
                Incoming::Message(element) if is_rpc(&element) => {
                    if let Next::Stop = self.rpc(&element).await? {
                        return Ok(Next::Stop);
                    }
                }
                Incoming::Message(element) => return Err(format!("a {} came in", element.name)),
                Incoming::Malformed(error) => {
                    let tag = ErrorTag::malformed_message();
                    let error = RpcError::new(ErrorType::Rpc, tag, error.to_string());
                    self.send(&rpc_reply(&[], "", &error.to_xml())).await?;
                }
            }
        }
        Ok(Next::Go)
    }

    async fn rpc(&mut self, rpc: &Element) -> Result<Next, String> {
        let scope: String = rpc.declared_prefixes();
        let answer = self.answer(rpc).await;
        let stop = matches!(answer, Ok((_, Next::Stop)));
        let body = match answer {
            Ok((Answer::Ok, _)) => "<ok/>".to_owned(),
            Ok((Answer::Body(body), _)) => body,
            Err(errors) => errors.iter().map(RpcError::to_xml).collect(),
        };
        self.send(&rpc_reply(&rpc.attributes, &scope, &body)).await?;
        Ok(if stop { Next::Stop } else { Next::Go })
    }

    async fn answer(&self, rpc: &Element) -> Result<(Answer, Next), Vec<RpcError>> {
        if rpc.attribute("message-id").is_none() {
            return Err(vec![no_message_id()]);
        }
        let Some(operation) = rpc.children().next() else {
            let error = RpcError::new(ErrorType::Rpc, ErrorTag::missing_element(), "no operation");
            return Err(vec![error]);
        };
        match Operation::parse(operation).map_err(|error| vec![error])? {
            Operation::CloseSession => Ok((Answer::Ok, Next::Stop)),
            Operation::KillSession(id) => self.kill(id).map(|answer| (answer, Next::Go)),
            operation => {
                let answer = self.shared.handler.handle(&self.info, operation).await?;
                Ok((answer, Next::Go))
            }
        }
    }

    /// RFC 6241 §7.9: not oneself, and not one that does not exist.
    fn kill(&self, id: u32) -> Result<Answer, Vec<RpcError>> {
        let invalid = |why: &str| vec![RpcError::protocol(ErrorTag::invalid_value(), why)];
        if id == self.info.id {
            return Err(invalid("a session cannot kill itself; close it"));
        }
        let kills = self.shared.kills.lock().map_err(|_| invalid("the server is going down"))?;
        let kill = kills.get(&id).ok_or_else(|| invalid("there is no such session"))?;
        let _ = kill.send(true);
        Ok(Answer::Ok)
    }

    async fn send(&mut self, message: &str) -> Result<(), String> {
        let frame = self.session.frame(message).map_err(|e| e.to_string())?;
        self.write(&frame).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.writer.write_all(bytes).await.map_err(|e| e.to_string())?;
        self.writer.flush().await.map_err(|e| e.to_string())
    }
}

/// N-041.
fn no_message_id() -> RpcError {
    let message = "the attribute message-id is missing";
    RpcError::new(ErrorType::Rpc, ErrorTag::missing_attribute(), message)
        .with_info("bad-attribute", "message-id")
        .with_info("bad-element", "rpc")
}
