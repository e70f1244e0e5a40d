//! A NETCONF client of a simulated switch that does exactly what a test tells it.

use crate::wire::{PATIENCE, Wire, parse};
use netconf::xml::Element;
use netconf::{BASE, BASE_1_0, BASE_1_1, RpcError};
use russh::client::{self, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::{ChannelMsg, ChannelStream};
use sim_device::Device;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Takes any host key: what is tested here is what comes after it.
#[derive(Debug)]
struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// What a channel can be asked for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    Subsystem(&'a str),
    Shell,
    Command(&'a str),
}

/// An SSH connection that is let in and has no channel yet.
pub struct Ssh(Handle<Trusting>);

impl fmt::Debug for Ssh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ssh(…)")
    }
}

impl Ssh {
    /// # Panics
    /// Where the device does not let it in.
    pub async fn connect(device: &Device) -> Self {
        let config = Arc::new(client::Config::default());
        let mut handle =
            client::connect(config, device.netconf, Trusting).await.expect("the device answers");
        let (user, password) = (crate::switch::USER, crate::switch::PASSWORD);
        let result = handle.authenticate_password(user, password).await.expect("it answers");
        assert!(result.success(), "the device lets us in");
        Self(handle)
    }

    /// Whether a session channel gets what is asked for.
    ///
    /// # Panics
    /// Where no channel can be opened.
    pub async fn gets(&self, what: Wanted<'_>) -> bool {
        let mut channel = self.0.channel_open_session().await.expect("a channel opens");
        let asked = match what {
            Wanted::Subsystem(name) => channel.request_subsystem(true, name).await,
            Wanted::Shell => channel.request_shell(true).await,
            Wanted::Command(command) => channel.exec(true, command).await,
        };
        asked.is_ok() && granted(&mut channel).await
    }

    /// # Panics
    /// Where there is no `netconf` subsystem.
    pub async fn netconf(self) -> Raw {
        let mut channel = self.0.channel_open_session().await.expect("a channel opens");
        channel.request_subsystem(true, "netconf").await.expect("it can be asked for");
        assert!(granted(&mut channel).await, "there is a netconf subsystem");
        Raw { wire: Wire::new(channel.into_stream()), _ssh: self, next_id: 1 }
    }
}

async fn granted(channel: &mut russh::Channel<client::Msg>) -> bool {
    let answer = async {
        loop {
            match channel.wait().await {
                Some(ChannelMsg::Success) => return true,
                Some(ChannelMsg::WindowAdjusted { .. }) => {}
                _ => return false,
            }
        }
    };
    tokio::time::timeout(PATIENCE, answer).await.expect("the device says yes or no")
}

/// A session, byte by byte; dropping it drops the connection.
#[derive(Debug)]
pub struct Raw {
    wire: Wire<ChannelStream<client::Msg>>,
    _ssh: Ssh,
    next_id: u32,
}

impl Deref for Raw {
    type Target = Wire<ChannelStream<client::Msg>>;

    fn deref(&self) -> &Self::Target {
        &self.wire
    }
}

impl DerefMut for Raw {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.wire
    }
}

impl Raw {
    /// A session with both hellos exchanged, in chunks.
    ///
    /// # Panics
    /// Where the device does not greet.
    pub async fn open(device: &Device) -> Self {
        let mut raw = Ssh::connect(device).await.netconf().await;
        raw.greet(&[BASE_1_0, BASE_1_1]).await;
        raw
    }

    /// Sends a hello with these capabilities and gives back the device's.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn greet(&mut self, capabilities: &[&str]) -> Element {
        self.say(&hello(capabilities, "")).await;
        let theirs = parse(&self.message().await);
        self.chunked = capabilities.contains(&BASE_1_1);
        theirs
    }

    /// A request around an operation, with the next id.
    pub fn request(&mut self, operation: &str) -> String {
        let id = self.next_id;
        self.next_id += 1;
        format!("<rpc xmlns=\"{BASE}\" message-id=\"{id}\">{operation}</rpc>")
    }

    /// Sends an operation and gives back the reply.
    ///
    /// # Panics
    /// Where none comes, or it is not the one for this request.
    pub async fn rpc(&mut self, operation: &str) -> Element {
        let id = self.next_id.to_string();
        let request = self.request(operation);
        self.say(&request).await;
        let reply = parse(&self.message().await);
        assert_eq!(reply.attribute("message-id"), Some(id.as_str()), "{}", reply.to_xml());
        reply
    }

    /// # Panics
    /// Where the reply is not `ok`.
    pub async fn ok(&mut self, operation: &str) {
        let reply = self.rpc(operation).await;
        let ok = reply.children().count() == 1 && reply.child("ok").is_some();
        assert!(ok, "{operation}: {}", reply.to_xml());
    }

    /// The errors of a reply that has nothing else.
    ///
    /// # Panics
    /// Where it has.
    pub async fn errors(&mut self, operation: &str) -> Vec<RpcError> {
        let reply = self.rpc(operation).await;
        let errors = netconf::message::errors_of(&reply);
        let only = !errors.is_empty() && reply.children().count() == errors.len();
        assert!(only, "{operation}: {}", reply.to_xml());
        errors
    }

    /// The one error of a reply.
    ///
    /// # Panics
    /// Where there is not exactly one.
    pub async fn error(&mut self, operation: &str) -> RpcError {
        let mut errors = self.errors(operation).await;
        assert_eq!(errors.len(), 1, "{operation}: {errors:?}");
        errors.remove(0)
    }

    /// What `data` holds.
    ///
    /// # Panics
    /// Where the reply has none.
    pub async fn data(&mut self, operation: &str) -> Element {
        let reply = self.rpc(operation).await;
        let data = reply.child("data").cloned();
        data.unwrap_or_else(|| panic!("{operation}: {}", reply.to_xml()))
    }
}

/// A hello with more inside, where a test wants more.
#[must_use]
pub fn hello(capabilities: &[&str], more: &str) -> String {
    let list: String =
        capabilities.iter().map(|c| format!("<capability>{c}</capability>")).collect();
    format!("<hello xmlns=\"{BASE}\"><capabilities>{list}</capabilities>{more}</hello>")
}
