//! What the network really carries, counted from the devices alone.

use crate::trace::{Cables, Outcome, trace};
use model::{DeviceId, LinkId, Mbps, PortRef};
use sim_device::forwarding::Tables;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bandwidth on each link, from every attachment that leads somewhere: its policed rate, on every
/// link that a frame from there takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    pub links: BTreeMap<LinkId, Mbps>,
    /// Attachments whose frames do not arrive, with the reason.
    pub broken: Vec<(PortRef, u16, String)>,
    pub attachments: usize,
}

/// Traces every attachment of every device.
#[must_use]
pub fn carried(cables: &Cables, devices: &BTreeMap<DeviceId, Arc<Tables>>) -> Carried {
    let mut carried = Carried::default();
    let tables = |device: &DeviceId| devices.get(device).cloned();
    for (device, own) in devices {
        for (interface, vlan) in own.attachments() {
            let Ok(interface) = interface.parse() else { continue };
            let port = PortRef { device: device.clone(), interface };
            carried.attachments += 1;
            let trace = trace(cables, &tables, &port, vlan, "audit");
            if !matches!(trace.outcome, Outcome::Delivered { .. }) {
                carried.broken.push((port, vlan, trace.to_string()));
            }
            let rate = Mbps(trace.policer.unwrap_or_default() / 1_000_000);
            for link in trace.links {
                let sum = carried.links.entry(link).or_default();
                *sum = sum.saturating_add(rate);
            }
        }
    }
    carried.links.retain(|_, rate| *rate > Mbps::ZERO);
    carried
}
