//! A NETCONF server that a test plays itself, for our client.

use crate::wire::{Wire, parse};
use netconf::xml::Element;
use netconf::{BASE, BASE_1_0, BASE_1_1, Client, ClientError, Deadlines};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

/// Short ones: what never answers is waited for.
pub const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(5),
    hello: Duration::from_secs(2),
    rpc: Duration::from_secs(5),
    commit: Duration::from_secs(5),
};

const BUFFER: usize = 1 << 20;

/// The server's end of a session.
pub type Fake = Wire<DuplexStream>;

/// Our client, on its way, and the server's end.
#[must_use]
pub fn session() -> (JoinHandle<Result<Client, ClientError>>, Fake) {
    let (near, far) = tokio::io::duplex(BUFFER);
    let client = tokio::spawn(async move {
        Client::over(near, DEADLINES, ()).await.map(|(client, _notifications)| client)
    });
    (client, Wire::new(far))
}

/// The hello of a server.
#[must_use]
pub fn hello(capabilities: &[&str], session_id: &str) -> String {
    crate::raw::hello(capabilities, &format!("<session-id>{session_id}</session-id>"))
}

/// A session with both hellos exchanged, in chunks.
///
/// # Panics
/// Where our client does not take it.
pub async fn connected(more: &[&str]) -> (Client, Fake) {
    let (client, mut fake) = session();
    let capabilities = [&[BASE_1_0, BASE_1_1], more].concat();
    fake.say(&hello(&capabilities, "7")).await;
    fake.message().await;
    fake.chunked = true;
    let client = client.await.expect("the task ends").expect("the hellos agree");
    (client, fake)
}

/// The next request: its id, and its operation.
///
/// # Panics
/// Where something else comes.
pub async fn request(fake: &mut Fake) -> (String, Element) {
    let rpc = parse(&fake.message().await);
    assert!(rpc.is(BASE, "rpc"), "{}", rpc.to_xml());
    let id = rpc.attribute("message-id").expect("a request has an id").to_owned();
    let operation = rpc.children().next().cloned().expect("a request has an operation");
    (id, operation)
}

/// A reply in our namespace as the default one.
#[must_use]
pub fn reply(id: &str, body: &str) -> String {
    format!("<rpc-reply xmlns=\"{BASE}\" message-id=\"{id}\">{body}</rpc-reply>")
}

/// Answers the next request with a body.
pub async fn answer(fake: &mut Fake, body: &str) -> Element {
    let (id, operation) = request(fake).await;
    fake.say(&reply(&id, body)).await;
    operation
}
