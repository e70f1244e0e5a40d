//! The client half. A handle that is cheap to copy, and one task that owns the session.

use crate::error::RpcError;
use crate::message::{Hello, errors_of, has_failed, rpc};
use crate::session::{Incoming, Role, Session};
use crate::ssh::{self, Target};
use crate::xml::{Element, escaped};
use crate::{BASE, BASE_1_0, BASE_1_1};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};

/// Requests that may wait in a session's queue.
const QUEUE: usize = 256;
/// Notifications that may wait for their reader; a reader that lags further loses the oldest ones.
const NOTIFICATIONS: usize = 1024;
/// The largest message that is received.
const MESSAGE_LIMIT: usize = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From the first packet to an open channel.
    pub connect: Duration,
    pub hello: Duration,
    pub rpc: Duration,
    /// For `commit`, which may take long on real devices (P-36).
    pub commit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            hello: Duration::from_secs(10),
            rpc: Duration::from_secs(30),
            commit: Duration::from_secs(120),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("{address} is not reachable: {reason}")]
    Unreachable { address: String, reason: String },
    #[error(
        "{address} has the host key {got}, not {expected}; if it was replaced on purpose, put the new fingerprint into the device's record"
    )]
    HostKey { address: String, expected: String, got: String },
    #[error("{address} does not let {user} in: {reason}")]
    Authentication { address: String, user: String, reason: String },
    /// The device answered no.
    #[error("{}", list(.0))]
    Rpc(Vec<RpcError>),
    /// The request went out and no answer came: its effect is unknown.
    #[error("no answer to {operation} within {seconds} s; read before repeating")]
    Timeout { operation: String, seconds: u64 },
    #[error("the session is closed: {0}")]
    Closed(String),
    #[error("the device does not have the capability {0}")]
    Unsupported(&'static str),
}

fn list(errors: &[RpcError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A reply without errors.
#[derive(Clone, Debug)]
pub struct Reply {
    pub warnings: Vec<RpcError>,
    pub element: Element,
}

impl Reply {
    /// The content of `data`, as XML.
    #[must_use]
    pub fn data(&self) -> String {
        self.element.child("data").map(Element::inner_xml).unwrap_or_default()
    }
}

/// An `edit-config`.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    pub target: &'a str,
    /// `merge`, `replace` or `none`; the device's default where it is left out.
    pub default_operation: Option<&'a str>,
    /// `test-then-set`, `set` or `test-only`.
    pub test_option: Option<&'a str>,
    pub error_option: Option<&'a str>,
    /// What goes inside `config`.
    pub config: &'a str,
}

#[derive(Clone, Debug)]
pub struct Client {
    requests: mpsc::Sender<Request>,
    hello: Arc<Hello>,
    deadlines: Deadlines,
}

struct Request {
    operation: String,
    answer: oneshot::Sender<Result<Element, ClientError>>,
}

/// Events that the device sends by itself.
pub type Notifications = mpsc::Receiver<Element>;

impl Client {
    /// Opens a session over SSH.
    ///
    /// # Errors
    /// Where the device cannot be reached, is not who it should be, or does not let us in.
    pub async fn connect(
        target: &Target,
        deadlines: Deadlines,
    ) -> Result<(Self, Notifications), ClientError> {
        let channel = ssh::open(target, deadlines.connect).await?;
        let keep = channel._connection;
        Self::over(channel.stream, deadlines, keep).await
    }

    /// Opens a session over any stream; `keep` lives as long as the session does.
    ///
    /// # Errors
    /// Where the hellos do not come to an agreement in time.
    pub async fn over<S, K>(
        stream: S,
        deadlines: Deadlines,
        keep: K,
    ) -> Result<(Self, Notifications), ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        K: Send + 'static,
    {
        let capabilities = vec![BASE_1_0.to_owned(), BASE_1_1.to_owned()];
        let own = Hello { capabilities, session_id: None };
        let (reader, writer) = tokio::io::split(stream);
        let (events, notifications) = mpsc::channel(NOTIFICATIONS);
        let mut task = Task {
            session: Session::new(Role::Client, own, MESSAGE_LIMIT),
            reader,
            writer,
            open: BTreeMap::new(),
            next_id: 1,
            events,
            buffer: vec![0; 64 << 10],
        };
        let hello = tokio::time::timeout(deadlines.hello, task.greet()).await;
        let hello =
            hello.map_err(|_| ClientError::Closed("no hello came in time".to_owned()))??;
        let (requests, queue) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            let _keep = keep;
            task.run(queue).await;
        });
        Ok((Self { requests, hello: Arc::new(hello), deadlines }, notifications))
    }

    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Whether a capability of RFC 6241 is there, by its short form: `candidate:1.0`.
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.hello.has(&format!("urn:ietf:params:netconf:capability:{capability}"))
    }

    /// Whether the session is known to have ended: what is asked of it now is not sent.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }

    /// Sends any operation and waits for its reply.
    ///
    /// # Errors
    /// Where the device refuses, the session ends, or no reply comes in time.
    pub async fn rpc(&self, operation: &str, within: Duration) -> Result<Reply, ClientError> {
        let (answer, reply) = oneshot::channel();
        let request = Request { operation: operation.to_owned(), answer };
        let gone = || ClientError::Closed("by us or by the device".to_owned());
        let exchange = async {
            self.requests.send(request).await.map_err(|_| gone())?;
            reply.await.map_err(|_| gone())?
        };
        let element = match tokio::time::timeout(within, exchange).await {
            Ok(element) => element?,
            Err(_) => return Err(timeout(operation, within)),
        };
        let errors = errors_of(&element);
        if has_failed(&errors) {
            Err(ClientError::Rpc(errors))
        } else {
            Ok(Reply { warnings: errors, element })
        }
    }

    async fn quick(&self, operation: &str) -> Result<Reply, ClientError> {
        self.rpc(operation, self.deadlines.rpc).await
    }

    /// The configuration of a datastore, or the part that a subtree filter selects.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get_config(
        &self,
        source: &str,
        filter: Option<&str>,
    ) -> Result<String, ClientError> {
        let operation =
            format!("<get-config><source><{source}/></source>{}</get-config>", subtree(filter));
        self.quick(&operation).await.map(|reply| reply.data())
    }

    /// Running configuration and state.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get(&self, filter: Option<&str>) -> Result<String, ClientError> {
        let operation = format!("<get>{}</get>", subtree(filter));
        self.quick(&operation).await.map(|reply| reply.data())
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn edit_config(&self, edit: Edit<'_>) -> Result<Reply, ClientError> {
        let option = |name: &str, value: Option<&str>| {
            value.map(|value| format!("<{name}>{value}</{name}>")).unwrap_or_default()
        };
        let operation = format!(
            "<edit-config><target><{}/></target>{}{}{}<config>{}</config></edit-config>",
            edit.target,
            option("default-operation", edit.default_operation),
            option("test-option", edit.test_option),
            option("error-option", edit.error_option),
            edit.config
        );
        self.quick(&operation).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn lock(&self, target: &str) -> Result<Reply, ClientError> {
        self.quick(&format!("<lock><target><{target}/></target></lock>")).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn unlock(&self, target: &str) -> Result<Reply, ClientError> {
        self.quick(&format!("<unlock><target><{target}/></target></unlock>")).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn validate(&self, source: &str) -> Result<Reply, ClientError> {
        self.quick(&format!("<validate><source><{source}/></source></validate>")).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn discard_changes(&self) -> Result<Reply, ClientError> {
        self.quick("<discard-changes/>").await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn commit(&self) -> Result<Reply, ClientError> {
        self.rpc("<commit/>", self.deadlines.commit).await
    }

    /// A commit that the device undoes unless it is confirmed within the time (RFC 6241 §8.4).
    ///
    /// # Errors
    /// As [`Client::rpc`]; locally where the device cannot persist it.
    pub async fn confirmed_commit(
        &self,
        timeout: Duration,
        persist: &str,
    ) -> Result<Reply, ClientError> {
        self.confirmed(timeout, persist, "").await
    }

    /// The same for one that is pending under that id: its time starts again (RFC 6241 §8.4.1).
    ///
    /// # Errors
    /// As [`Client::confirmed_commit`]; from the device where none is pending under that id.
    pub async fn extend_confirmed_commit(
        &self,
        timeout: Duration,
        persist_id: &str,
    ) -> Result<Reply, ClientError> {
        let id = format!("<persist-id>{}</persist-id>", escaped(persist_id));
        self.confirmed(timeout, persist_id, &id).await
    }

    async fn confirmed(
        &self,
        timeout: Duration,
        persist: &str,
        persist_id: &str,
    ) -> Result<Reply, ClientError> {
        self.need_confirmed_commit()?;
        let operation = format!(
            "<commit><confirmed/><confirm-timeout>{}</confirm-timeout><persist>{}</persist>{persist_id}</commit>",
            timeout.as_secs().max(1),
            escaped(persist)
        );
        self.rpc(&operation, self.deadlines.commit).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn confirm(&self, persist_id: &str) -> Result<Reply, ClientError> {
        self.need_confirmed_commit()?;
        let id = escaped(persist_id);
        let operation = format!("<commit><persist-id>{id}</persist-id></commit>");
        self.rpc(&operation, self.deadlines.commit).await
    }

    /// # Errors
    /// As [`Client::rpc`].
    pub async fn cancel_commit(&self, persist_id: &str) -> Result<Reply, ClientError> {
        self.need_confirmed_commit()?;
        let id = escaped(persist_id);
        let operation = format!("<cancel-commit><persist-id>{id}</persist-id></cancel-commit>");
        self.rpc(&operation, self.deadlines.commit).await
    }

    fn need_confirmed_commit(&self) -> Result<(), ClientError> {
        let has = self.has("confirmed-commit:1.1");
        if has { Ok(()) } else { Err(ClientError::Unsupported("confirmed-commit:1.1")) }
    }

    /// The source of a module (RFC 6022 §3.1).
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get_schema(&self, module: &str) -> Result<String, ClientError> {
        const NS: &str = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring";
        let module = escaped(module);
        let operation =
            format!("<get-schema xmlns=\"{NS}\"><identifier>{module}</identifier></get-schema>");
        let reply = self.quick(&operation).await?;
        Ok(reply.element.child("data").map(Element::text).unwrap_or_default())
    }

    /// Notifications come from here on (RFC 5277 §2.1.1).
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn subscribe(&self) -> Result<Reply, ClientError> {
        const NS: &str = "urn:ietf:params:xml:ns:netconf:notification:1.0";
        self.quick(&format!("<create-subscription xmlns=\"{NS}\"/>")).await
    }

    /// Ends another session.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn kill_session(&self, id: u32) -> Result<Reply, ClientError> {
        self.quick(&format!("<kill-session><session-id>{id}</session-id></kill-session>")).await
    }

    /// Ends this session; a link that closes instead of answering is as good (N-123).
    ///
    /// # Errors
    /// Where the device refuses.
    pub async fn close(&self) -> Result<(), ClientError> {
        match self.quick("<close-session/>").await {
            Ok(_) | Err(ClientError::Closed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn subtree(filter: Option<&str>) -> String {
    filter.map(|f| format!("<filter type=\"subtree\">{f}</filter>")).unwrap_or_default()
}

fn timeout(operation: &str, within: Duration) -> ClientError {
    let name = operation.trim_start_matches('<').split([' ', '>', '/']).next().unwrap_or_default();
    ClientError::Timeout { operation: name.to_owned(), seconds: within.as_secs() }
}

/// Owns the stream. Replies find their request by message-id; ids are never used twice.
struct Task<R, W> {
    session: Session,
    reader: R,
    writer: W,
    open: BTreeMap<u64, oneshot::Sender<Result<Element, ClientError>>>,
    next_id: u64,
    events: mpsc::Sender<Element>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Task<R, W> {
    async fn greet(&mut self) -> Result<Hello, ClientError> {
        let closed = |e: String| ClientError::Closed(e);
        let hello = self.session.hello().map_err(|e| closed(e.to_string()))?;
        self.writer.write_all(&hello).await.map_err(|e| closed(e.to_string()))?;
        self.writer.flush().await.map_err(|e| closed(e.to_string()))?;
        loop {
            match self.session.next_incoming().map_err(|e| closed(e.to_string()))? {
                Some(Incoming::Hello(hello)) => return Ok(hello),
                Some(_) => {}
                None => self.read().await.map_err(closed)?,
            }
        }
    }

    async fn read(&mut self) -> Result<(), String> {
        match self.reader.read(&mut self.buffer).await {
            Ok(0) => Err("the device closed it".to_owned()),
            Ok(count) => {
                self.session.push(&self.buffer[..count]);
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        let why = loop {
            tokio::select! {
                request = queue.recv() => match request {
                    Some(request) => {
                        if let Err(why) = self.send(request).await { break why; }
                    }
                    None => break "nobody uses it any more".to_owned(),
                },
                read = self.reader.read(&mut self.buffer) => match read {
                    Ok(0) => break "the device closed it".to_owned(),
                    Ok(count) => {
                        self.session.push(&self.buffer[..count]);
                        if let Err(why) = self.deliver() { break why; }
                    }
                    Err(error) => break error.to_string(),
                },
            }
        };
        // The writer goes down with the task; nobody is left waiting (N-151).
        let _ = self.writer.shutdown().await;
        for (_, answer) in std::mem::take(&mut self.open) {
            let _ = answer.send(Err(ClientError::Closed(why.clone())));
        }
    }

    async fn send(&mut self, request: Request) -> Result<(), String> {
        let id = self.next_id;
        self.next_id += 1;
        let message = rpc(id, &request.operation);
        let frame = match self.session.frame(&message) {
            Ok(frame) => frame,
            Err(error) => {
                let _ = request.answer.send(Err(ClientError::Closed(error.to_string())));
                return Ok(());
            }
        };
        self.open.retain(|_, answer| !answer.is_closed());
        self.open.insert(id, request.answer);
        self.writer.write_all(&frame).await.map_err(|e| e.to_string())?;
        self.writer.flush().await.map_err(|e| e.to_string())
    }

    fn deliver(&mut self) -> Result<(), String> {
        loop {
            match self.session.next_incoming().map_err(|e| e.to_string())? {
                None => return Ok(()),
                Some(Incoming::Message(element)) if element.is(BASE, "rpc-reply") => {
                    self.answer(element)?;
                }
                Some(Incoming::Message(element)) if element.name == "notification" => {
                    if self.events.try_send(element).is_err() {
                        tracing::debug!("a notification has no reader and is dropped");
                    }
                }
                Some(Incoming::Malformed(error)) => return Err(error.to_string()),
                Some(_) => {}
            }
        }
    }

    /// A late reply to a request that nobody waits for is dropped; one without an id belongs to the
    /// only open request (P-21, P-22).
    fn answer(&mut self, element: Element) -> Result<(), String> {
        let id = match element.attribute("message-id") {
            Some(id) => id.parse().ok(),
            None if self.open.len() == 1 => self.open.keys().next().copied(),
            None => return Err("a reply has no message-id and several requests are open".into()),
        };
        if let Some(answer) = id.and_then(|id| self.open.remove(&id)) {
            let _ = answer.send(Ok(element));
        }
        Ok(())
    }
}
