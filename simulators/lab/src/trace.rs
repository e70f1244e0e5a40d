//! Follows a frame from port to port. The tracer knows the cables; what happens inside a device is
//! that device's own answer, from its running configuration.

use model::topology::Topology;
use model::{DeviceId, LinkId, Micros, PortRef};
use serde::{Deserialize, Serialize};
use sim_device::forwarding::{Drop, Encapsulation, Entry, Frame, Tables};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Like the time to live of an MPLS label (RFC 3443): a frame that loops is dropped in the end.
const HOP_LIMIT: usize = 64;

/// Where each core port leads.
#[derive(Clone, Debug, Default)]
pub struct Cables(BTreeMap<PortRef, Cable>);

#[derive(Clone, Debug)]
struct Cable {
    link: LinkId,
    far: PortRef,
    latency: Micros,
}

impl Cables {
    #[must_use]
    pub fn of(topology: &Topology) -> Self {
        let cable = |link: &model::topology::Link| Cable {
            link: link.id.clone(),
            far: link.to.clone(),
            latency: link.latency,
        };
        Self(topology.links.values().map(|link| (link.from.clone(), cable(link))).collect())
    }
}

/// What became of one frame.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trace {
    pub from: PortRef,
    pub vlan: u16,
    pub hops: Vec<TraceHop>,
    pub links: Vec<LinkId>,
    /// The label stack on each of the links, outer label first; empty where it went without.
    pub labels: Vec<Vec<u32>>,
    pub latency: Micros,
    /// Bits per second that may enter where the frame entered.
    pub policer: Option<u64>,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TraceHop {
    pub device: DeviceId,
    pub came_in: String,
    pub action: String,
    pub went_out: String,
    /// The entries of the device's tables that had a say.
    pub used: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Delivered {
        to: PortRef,
        vlan: u16,
        payload: String,
    },
    Dropped {
        device: DeviceId,
        reason: Drop,
    },
    /// The device is not there or its port leads nowhere.
    Lost {
        at: PortRef,
        reason: String,
    },
}

/// Injects a tagged frame at a port and follows it.
pub fn trace(
    cables: &Cables,
    tables: &dyn Fn(&DeviceId) -> Option<Arc<Tables>>,
    from: &PortRef,
    vlan: u16,
    payload: &str,
) -> Trace {
    let mut trace = Trace {
        from: from.clone(),
        vlan,
        hops: Vec::new(),
        links: Vec::new(),
        labels: Vec::new(),
        latency: Micros::ZERO,
        policer: None,
        outcome: Outcome::Lost { at: from.clone(), reason: "the hop limit is reached".to_owned() },
    };
    let mut device = from.device.clone();
    let mut frame = Frame {
        port: from.interface.to_string(),
        encapsulation: Encapsulation::Tagged(vlan),
        payload: payload.to_owned(),
    };
    for _ in 0..HOP_LIMIT {
        match step(cables, tables, &mut trace, &device, &frame) {
            Step::On(next, arriving) => (device, frame) = (next, arriving),
            Step::End(outcome) => {
                trace.outcome = outcome;
                break;
            }
        }
    }
    trace
}

enum Step {
    On(DeviceId, Frame),
    End(Outcome),
}

fn step(
    cables: &Cables,
    tables: &dyn Fn(&DeviceId) -> Option<Arc<Tables>>,
    trace: &mut Trace,
    device: &DeviceId,
    frame: &Frame,
) -> Step {
    let Some(tables) = tables(device) else {
        return Step::End(lost(device, &frame.port, "the device does not answer"));
    };
    let forwarded = match tables.forward(frame) {
        Ok(forwarded) => forwarded,
        Err(reason) => return Step::End(Outcome::Dropped { device: device.clone(), reason }),
    };
    trace.policer = trace.policer.or(forwarded.policer);
    let out = forwarded.frame;
    trace.hops.push(TraceHop {
        device: device.clone(),
        came_in: frame.to_string(),
        action: forwarded.action,
        went_out: out.to_string(),
        used: forwarded.used,
    });
    let Some(port) = port(device, &out.port) else {
        return Step::End(lost(device, &out.port, "the port's name is not valid"));
    };
    match (&out.encapsulation, cables.0.get(&port)) {
        (Encapsulation::Tagged(vlan), None) => {
            Step::End(Outcome::Delivered { to: port, vlan: *vlan, payload: out.payload })
        }
        (Encapsulation::Mpls(_), None) => {
            Step::End(Outcome::Lost { at: port, reason: "no cable is plugged in".to_owned() })
        }
        (encapsulation, Some(cable)) => {
            trace.links.push(cable.link.clone());
            trace.labels.push(match encapsulation {
                Encapsulation::Mpls(stack) => stack.clone(),
                Encapsulation::Tagged(_) => Vec::new(),
            });
            trace.latency = trace.latency.saturating_add(cable.latency);
            let far = cable.far.clone();
            Step::On(far.device, Frame { port: far.interface.to_string(), ..out })
        }
    }
}

fn port(device: &DeviceId, name: &str) -> Option<PortRef> {
    let interface = name.parse().ok()?;
    Some(PortRef { device: device.clone(), interface })
}

fn lost(device: &DeviceId, at: &str, reason: &str) -> Outcome {
    match port(device, at) {
        Some(at) => Outcome::Lost { at, reason: reason.to_owned() },
        None => {
            let reason = Drop::NoInterface(at.to_owned());
            Outcome::Dropped { device: device.clone(), reason }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered { to, vlan, .. } => write!(f, "delivered at {to} VLAN {vlan}"),
            Self::Dropped { device, reason } => write!(f, "dropped by {device}: {reason}"),
            Self::Lost { at, reason } => write!(f, "lost at {at}: {reason}"),
        }
    }
}
