//! What the switch does with a frame, from its running configuration and nothing else.
//!
//! The data plane is MPLS with two labels: the inner one names the circuit, the outer one the
//! next stretch of its path (RFC 3985 §5.4, RFC 3031 §3.10).

mod read;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A frame on a port, as the next device would see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Frame {
    pub port: String,
    pub encapsulation: Encapsulation,
    /// What it carries; the same all the way.
    pub payload: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encapsulation {
    /// One IEEE 802.1Q tag.
    Tagged(u16),
    /// Outer label first.
    Mpls(Vec<u32>),
}

/// Why a frame goes no further: what is missing, or what stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Drop {
    #[error("the device has no interface {0}")]
    NoInterface(String),
    #[error("interface {0} is disabled")]
    InterfaceDisabled(String),
    #[error("no subinterface of {port} matches VLAN {vlan}")]
    NoSubinterface { port: String, vlan: u16 },
    #[error("subinterface {port}.{index} is disabled")]
    SubinterfaceDisabled { port: String, index: u32 },
    #[error("no circuit has {port}.{index} as its local endpoint")]
    NoCircuit { port: String, index: u32 },
    #[error("circuit {0} is disabled")]
    CircuitDisabled(String),
    #[error("circuit {0} has no far end")]
    NoFarEnd(String),
    #[error("no ingress LSP takes circuit label {0}")]
    NoIngressLsp(u32),
    #[error("no LSP takes incoming label {0}")]
    NoLabel(u32),
    #[error("LSP {0} has no next hop with a label and an interface")]
    NoNextHop(String),
    #[error("no circuit has the identifier {0}")]
    UnknownCircuit(u32),
    #[error("the label stack ended at an egress LSP with no circuit label below it")]
    StackEmpty,
    #[error("subinterface {port}.{index} has no VLAN to send with")]
    NoEgressVlan { port: String, index: u32 },
}

/// One entry of a table, so that what no frame uses can be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    Subinterface(String, u32),
    Policer(String, u32),
    Circuit(String),
    /// The name of the path and the part in it that is played here: `svc.ams1/transit`.
    Lsp(String),
}

/// What was done to the frame, in words, and the rate it may enter with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Forwarded {
    pub frame: Frame,
    pub action: String,
    /// Bits per second, where a policer stands at the port it came in by.
    pub policer: Option<u64>,
    /// The entries that had a say.
    pub used: Vec<Entry>,
}

/// The tables of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    interfaces: BTreeMap<String, bool>,
    subinterfaces: BTreeMap<(String, u32), Subinterface>,
    /// (interface, subinterface) to bits per second.
    policers: BTreeMap<(String, u32), u64>,
    circuits: BTreeMap<String, CircuitTable>,
    lsps: BTreeMap<String, LspTable>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Subinterface {
    enabled: bool,
    vlan: Option<u16>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct CircuitTable {
    enabled: bool,
    local: Vec<(String, u32)>,
    remote: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct LspTable {
    role: Role,
    incoming: Option<u32>,
    push: Option<u32>,
    out: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Ingress,
    Transit,
    Egress,
}

impl Tables {
    /// Reads the tables from a running configuration in JSON (RFC 7951).
    #[must_use]
    pub fn from_json(configuration: &serde_json::Value) -> Self {
        read::tables(configuration)
    }

    /// Every interface and VLAN that takes tagged frames into a circuit.
    pub fn attachments(&self) -> impl Iterator<Item = (&str, u16)> {
        let attached = |key: &(String, u32)| self.circuits.values().any(|c| c.local.contains(key));
        self.subinterfaces
            .iter()
            .filter(move |(key, _)| attached(key))
            .filter_map(|((port, _), sub)| sub.vlan.map(|vlan| (port.as_str(), vlan)))
    }

    /// Everything that was configured; interfaces are there without.
    #[must_use]
    pub fn entries(&self) -> BTreeSet<Entry> {
        let of = |kind: fn(String, u32) -> Entry| {
            move |(port, index): &(String, u32)| kind(port.clone(), *index)
        };
        let subinterfaces = self.subinterfaces.keys().map(of(Entry::Subinterface));
        let policers = self.policers.keys().map(of(Entry::Policer));
        let circuits = self.circuits.keys().cloned().map(Entry::Circuit);
        let lsps = self.lsps.keys().cloned().map(Entry::Lsp);
        subinterfaces.chain(policers).chain(circuits).chain(lsps).collect()
    }

    /// What leaves when this frame comes in.
    ///
    /// # Errors
    /// Where the frame goes no further, with the reason.
    pub fn forward(&self, frame: &Frame) -> Result<Forwarded, Drop> {
        match self.interfaces.get(&frame.port) {
            None => return Err(Drop::NoInterface(frame.port.clone())),
            Some(false) => return Err(Drop::InterfaceDisabled(frame.port.clone())),
            Some(true) => {}
        }
        match &frame.encapsulation {
            Encapsulation::Tagged(vlan) => self.enter(frame, *vlan),
            Encapsulation::Mpls(stack) => self.switch(frame, stack),
        }
    }

    /// A tagged frame from outside: find its circuit.
    fn enter(&self, frame: &Frame, vlan: u16) -> Result<Forwarded, Drop> {
        let port = &frame.port;
        let matches =
            |((p, _), sub): &(&(String, u32), &Subinterface)| p == port && sub.vlan == Some(vlan);
        let (key, sub) = self
            .subinterfaces
            .iter()
            .find(matches)
            .ok_or_else(|| Drop::NoSubinterface { port: port.clone(), vlan })?;
        let index = key.1;
        if !sub.enabled {
            return Err(Drop::SubinterfaceDisabled { port: port.clone(), index });
        }
        let (name, circuit) = self
            .circuits
            .iter()
            .find(|(_, circuit)| circuit.local.contains(key))
            .ok_or_else(|| Drop::NoCircuit { port: port.clone(), index })?;
        if !circuit.enabled {
            return Err(Drop::CircuitDisabled(name.clone()));
        }
        let mut forwarded = match circuit.remote {
            Some(vc) => self.push(frame, vc)?,
            None => self.cross_connect(frame, name, circuit, key)?,
        };
        forwarded.used.push(Entry::Subinterface(port.clone(), index));
        forwarded.used.push(Entry::Circuit(name.clone()));
        forwarded.policer = self.policers.get(key).copied();
        forwarded.used.extend(forwarded.policer.map(|_| Entry::Policer(port.clone(), index)));
        Ok(forwarded)
    }

    fn cross_connect(
        &self,
        frame: &Frame,
        name: &str,
        circuit: &CircuitTable,
        from: &(String, u32),
    ) -> Result<Forwarded, Drop> {
        let far = circuit.local.iter().find(|end| *end != from);
        let far = far.ok_or_else(|| Drop::NoFarEnd(name.to_owned()))?;
        self.leave(frame, far, format!("cross-connect {name}"))
    }

    /// The ingress LSP of a circuit label puts the tunnel label on top.
    fn push(&self, frame: &Frame, vc: u32) -> Result<Forwarded, Drop> {
        let (name, lsp) =
            self.lsp(vc, |role| role == Role::Ingress).ok_or(Drop::NoIngressLsp(vc))?;
        let (push, out) = next_hop(name, lsp)?;
        let action = format!("push {push} over circuit {vc}");
        Ok(labelled(frame, out, vec![push, vc], action, name))
    }

    /// A labelled frame from a neighbour: swap, or pop and deliver.
    fn switch(&self, frame: &Frame, stack: &[u32]) -> Result<Forwarded, Drop> {
        let (&outer, inner) = stack.split_first().ok_or(Drop::StackEmpty)?;
        let (name, lsp) =
            self.lsp(outer, |role| role != Role::Ingress).ok_or(Drop::NoLabel(outer))?;
        if lsp.role == Role::Egress {
            let mut forwarded = self.deliver(frame, outer, inner)?;
            forwarded.used.push(Entry::Lsp(name.to_owned()));
            return Ok(forwarded);
        }
        let (push, out) = next_hop(name, lsp)?;
        let stack = std::iter::once(push).chain(inner.iter().copied()).collect();
        Ok(labelled(frame, out, stack, format!("swap {outer} for {push}"), name))
    }

    fn deliver(&self, frame: &Frame, outer: u32, inner: &[u32]) -> Result<Forwarded, Drop> {
        let &vc = inner.first().ok_or(Drop::StackEmpty)?;
        let (name, circuit) = self
            .circuits
            .iter()
            .find(|(_, circuit)| circuit.remote == Some(vc))
            .ok_or(Drop::UnknownCircuit(vc))?;
        if !circuit.enabled {
            return Err(Drop::CircuitDisabled(name.clone()));
        }
        let end = circuit.local.first().ok_or_else(|| Drop::NoFarEnd(name.clone()))?;
        let mut forwarded = self.leave(frame, end, format!("pop {outer}, deliver circuit {vc}"))?;
        forwarded.used.push(Entry::Circuit(name.clone()));
        Ok(forwarded)
    }

    fn leave(
        &self,
        frame: &Frame,
        (port, index): &(String, u32),
        action: String,
    ) -> Result<Forwarded, Drop> {
        match self.interfaces.get(port) {
            None => return Err(Drop::NoInterface(port.clone())),
            Some(false) => return Err(Drop::InterfaceDisabled(port.clone())),
            Some(true) => {}
        }
        let (port, index) = (port.clone(), *index);
        let sub = self.subinterfaces.get(&(port.clone(), index)).cloned().unwrap_or_default();
        if !sub.enabled {
            return Err(Drop::SubinterfaceDisabled { port, index });
        }
        let Some(vlan) = sub.vlan else { return Err(Drop::NoEgressVlan { port, index }) };
        let used = vec![Entry::Subinterface(port.clone(), index)];
        let encapsulation = Encapsulation::Tagged(vlan);
        let frame = Frame { port, encapsulation, payload: frame.payload.clone() };
        Ok(Forwarded { frame, action, policer: None, used })
    }

    fn lsp(&self, label: u32, role: impl Fn(Role) -> bool) -> Option<(&str, &LspTable)> {
        let mut lsps = self.lsps.iter().map(|(name, lsp)| (name.as_str(), lsp));
        lsps.find(|(_, lsp)| lsp.incoming == Some(label) && role(lsp.role))
    }
}

fn next_hop<'l>(name: &str, lsp: &'l LspTable) -> Result<(u32, &'l str), Drop> {
    let hop = lsp.push.zip(lsp.out.as_deref());
    hop.ok_or_else(|| Drop::NoNextHop(name.to_owned()))
}

fn labelled(frame: &Frame, out: &str, stack: Vec<u32>, action: String, lsp: &str) -> Forwarded {
    let encapsulation = Encapsulation::Mpls(stack);
    let frame = Frame { port: out.to_owned(), encapsulation, payload: frame.payload.clone() };
    Forwarded { frame, action, policer: None, used: vec![Entry::Lsp(lsp.to_owned())] }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subinterface(port, index) => write!(f, "subinterface {port}.{index}"),
            Self::Policer(port, index) => write!(f, "policer of {port}.{index}"),
            Self::Circuit(name) => write!(f, "circuit {name}"),
            Self::Lsp(name) => write!(f, "LSP {name}"),
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.encapsulation {
            Encapsulation::Tagged(vlan) => write!(f, "{} VLAN {vlan}", self.port),
            Encapsulation::Mpls(stack) => write!(f, "{} labels {stack:?}", self.port),
        }
    }
}

#[cfg(test)]
mod tests;
