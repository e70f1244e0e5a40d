//! What a service asks of the network where it meets the outside, read from its descriptor.

use super::route::port;
use api::wire;
use model::{DeviceId, Micros};
use serde_json::Value;

/// A virtual link that begins at a service access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SapDemand {
    pub(crate) virtual_link: String,
    /// The device of the access point's port.
    pub(crate) device: DeviceId,
    pub(crate) mbps: u64,
    pub(crate) latency: Micros,
}

/// The demands of the access points whose bit rate the service's level gives.
pub(crate) fn of_service(nsd: &str, service: &wire::NetworkServiceSpec) -> Vec<SapDemand> {
    let Ok(file) = serde_saphyr::from_str::<Value>(nsd) else { return Vec::new() };
    let nsd = &file["nsd"]["nsd"][0];
    let demand = |(sap, binding): (&String, &wire::SapBinding)| {
        let link = text(&one(&nsd["sapd"], "id", sap)?["virtual-link-desc"])?;
        let device = port(&binding.port)?.device;
        let (mbps, latency) = rate_and_latency(nsd, service, link)?;
        Some(SapDemand { virtual_link: link.to_owned(), device, mbps, latency })
    };
    service.saps.iter().filter_map(demand).collect()
}

fn rate_and_latency(
    nsd: &Value,
    service: &wire::NetworkServiceSpec,
    link: &str,
) -> Option<(u64, Micros)> {
    let flavour = one(&nsd["df"], "id", &service.flavour)?;
    let profile = one(&flavour["virtual-link-profile"], "virtual-link-desc-id", link)?;
    let level = one(&flavour["ns-instantiation-level"], "id", &service.instantiation_level)?;
    let rates = &level["virtual-link-to-level-mapping"];
    let rate = number(&one(rates, "virtual-link-profile-id", text(&profile["id"])?)?["root"])?;
    let quality = one(&nsd["virtual-link-desc"], "id", link)?;
    let quality = one(&quality["df"], "id", text(&profile["flavour-id"])?)?;
    Some((rate, Micros(number(&quality["qos"]["latency"])?.checked_mul(1000)?)))
}

/// The entry of a list with this key.
fn one<'v>(list: &'v Value, key: &str, value: &str) -> Option<&'v Value> {
    list.as_array()?.iter().find(|entry| entry[key] == value)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn the_service_that_is_too_large_asks_twice_at_one_switch() {
        let intent = example::too_large();
        let mut demands = of_service(example::NSD.1, example::service(&intent));
        demands.sort_by(|a, b| a.virtual_link.cmp(&b.virtual_link));
        let device: DeviceId = "tlv1".parse().unwrap();
        let demand = |link: &str| SapDemand {
            virtual_link: link.to_owned(),
            device: device.clone(),
            mbps: 8000,
            latency: Micros(18_000),
        };
        assert_eq!(demands, [demand("internet"), demand("n3")]);
    }

    #[test]
    fn what_cannot_be_read_gives_no_demand() {
        let intent = example::too_large();
        assert_eq!(of_service("nsd: {}", example::service(&intent)), []);
    }
}
