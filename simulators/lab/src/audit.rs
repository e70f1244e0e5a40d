//! What the network really carries, counted from the devices alone.

use crate::trace::{Cables, Outcome, Trace, trace};
use model::{DeviceId, LinkId, Mbps, PortRef};
use serde::{Deserialize, Serialize};
use sim_device::forwarding::{Entry, Tables};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const BITS_PER_MEGABIT: u64 = 1_000_000;

/// Bandwidth on each link, from every attachment that leads somewhere: its policed rate, on every
/// link that a frame from there takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Carried {
    pub links: BTreeMap<LinkId, Mbps>,
    /// Policed rates by the port that frames enter, and that they leave by, as `DEVICE:INTERFACE`.
    pub enters: BTreeMap<String, Mbps>,
    pub leaves: BTreeMap<String, Mbps>,
    pub broken: Vec<Broken>,
    /// What is configured and no frame uses.
    pub idle: BTreeMap<DeviceId, BTreeSet<Entry>>,
    pub attachments: usize,
}

/// An attachment whose frames do not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Broken {
    pub port: PortRef,
    pub vlan: u16,
    pub reason: String,
}

/// Traces every attachment of every device.
#[must_use]
pub fn carried(cables: &Cables, devices: &BTreeMap<DeviceId, Arc<Tables>>) -> Carried {
    let entries = devices.iter().map(|(device, tables)| (device.clone(), tables.entries()));
    let mut carried = Carried { idle: entries.collect(), ..Carried::default() };
    let tables = |device: &DeviceId| devices.get(device).cloned();
    for (device, own) in devices {
        for (interface, vlan) in own.attachments() {
            let Ok(interface) = interface.parse() else { continue };
            let port = PortRef { device: device.clone(), interface };
            carried.count(&trace(cables, &tables, &port, vlan, "audit"));
        }
    }
    carried.idle.retain(|_, entries| !entries.is_empty());
    carried
}

impl Carried {
    fn count(&mut self, trace: &Trace) {
        self.attachments += 1;
        for hop in &trace.hops {
            if let Some(idle) = self.idle.get_mut(&hop.device) {
                hop.used.iter().for_each(|entry| _ = idle.remove(entry));
            }
        }
        let rate = Mbps(trace.policer.unwrap_or_default() / BITS_PER_MEGABIT);
        match &trace.outcome {
            Outcome::Delivered { to, .. } => add(&mut self.leaves, to.to_string(), rate),
            Outcome::Dropped { .. } | Outcome::Lost { .. } => self.broken.push(Broken {
                port: trace.from.clone(),
                vlan: trace.vlan,
                reason: trace.outcome.to_string(),
            }),
        }
        add(&mut self.enters, trace.from.to_string(), rate);
        trace.links.iter().for_each(|link| add(&mut self.links, link.clone(), rate));
    }
}

/// What carries nothing is left out, as in the books.
fn add<K: Ord>(sums: &mut BTreeMap<K, Mbps>, key: K, rate: Mbps) {
    if rate > Mbps::ZERO {
        let sum = sums.entry(key).or_default();
        *sum = sum.saturating_add(rate);
    }
}
