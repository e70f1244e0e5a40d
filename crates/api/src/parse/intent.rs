//! Intents.

use super::{Reader, Violation};
use crate::wire;
use crate::wire::connectivity_spec::Pattern;
use crate::wire::intent::Spec;
use model::intent::{
    ConnectivityPattern, ConnectivitySpec, Intent, IntentSpec, NetworkServiceSpec, PlacementRule,
    SapBinding, Slo,
};
use model::{Mbps, Micros, PopId, VlanId};
use std::collections::{BTreeMap, BTreeSet};

/// Labels are for people and filters; their number and length are bounded.
const LABELS_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 256;
/// Any-to-any makes a circuit for each pair.
const ENDPOINTS_MAX: usize = 64;

/// # Errors
/// All that is wrong with it.
pub fn intent(message: &wire::Intent) -> Result<Intent, Vec<Violation>> {
    let mut reader = Reader::default();
    let name = reader.name("name", &message.name);
    labels(&mut reader, &message.labels);
    let spec = spec(&mut reader, message.spec.as_ref());
    let intent = name.zip(spec).map(|(name, spec)| Intent {
        name,
        priority: message.priority,
        labels: message.labels.clone(),
        spec,
    });
    reader.finish(intent)
}

fn labels(reader: &mut Reader, labels: &BTreeMap<String, String>) {
    if labels.len() > LABELS_MAX {
        let reason = format!("there are {} labels, more than {LABELS_MAX}", labels.len());
        reader.wrong("labels", reason, "keep those that a filter needs");
    }
    for (key, value) in labels {
        if key.is_empty() || key.len() + value.len() > LABEL_BYTES_MAX {
            let reason = format!("a key is empty, or with its value above {LABEL_BYTES_MAX} bytes");
            reader.wrong(format!("labels[{key}]"), reason, "shorten it");
        }
    }
}

fn spec(reader: &mut Reader, spec: Option<&Spec>) -> Option<IntentSpec> {
    match spec {
        Some(Spec::NetworkService(spec)) => {
            network_service(reader, spec).map(IntentSpec::NetworkService)
        }
        Some(Spec::Connectivity(spec)) => connectivity(reader, spec).map(IntentSpec::Connectivity),
        None => {
            reader.wrong("spec", "it is missing", "give network_service or connectivity");
            None
        }
    }
}

fn network_service(
    reader: &mut Reader,
    spec: &wire::NetworkServiceSpec,
) -> Option<NetworkServiceSpec> {
    let nsd = reader.name("spec.nsd", &spec.nsd);
    let saps = saps(reader, &spec.saps);
    let placement = placement(reader, &spec.placement);
    Some(NetworkServiceSpec {
        nsd: nsd?,
        flavour: given(&spec.flavour),
        instantiation_level: given(&spec.instantiation_level),
        saps,
        placement,
    })
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn saps(
    reader: &mut Reader,
    saps: &BTreeMap<String, wire::SapBinding>,
) -> BTreeMap<model::SapId, SapBinding> {
    let mut read = BTreeMap::new();
    for (id, message) in saps {
        let field = format!("spec.saps[{id}]");
        let (id, binding) = (reader.name(&field, id), binding(reader, &field, message));
        read.extend(id.zip(binding));
    }
    read
}

fn binding(reader: &mut Reader, field: &str, message: &wire::SapBinding) -> Option<SapBinding> {
    let port = reader.port(&format!("{field}.port"), &message.port);
    let vlan = vlan(reader, &format!("{field}.vlan"), message.vlan);
    Some(SapBinding { port: port?, vlan })
}

fn vlan(reader: &mut Reader, field: &str, id: Option<u32>) -> Option<VlanId> {
    let id = id?;
    let vlan = u16::try_from(id).ok().and_then(VlanId::new);
    if vlan.is_none() {
        let reason = format!("VLAN {id} is outside 1 to 4094");
        reader.wrong(field, reason, "choose one within, or leave it out");
    }
    vlan
}

fn placement(
    reader: &mut Reader,
    rules: &BTreeMap<String, wire::PlacementRule>,
) -> BTreeMap<String, PlacementRule> {
    let mut read = BTreeMap::new();
    for (profile, rule) in rules {
        let field = format!("spec.placement[{profile}]");
        let rule = PlacementRule {
            pops: pops(reader, &format!("{field}.pops"), &rule.pops),
            excluded_pops: pops(reader, &format!("{field}.excluded_pops"), &rule.excluded_pops),
        };
        if let Some(pop) = rule.pops.intersection(&rule.excluded_pops).next() {
            let reason = format!("PoP {pop} is both allowed and excluded");
            reader.wrong(field, reason, "take it out of one of the lists");
        }
        read.insert(profile.clone(), rule);
    }
    read
}

fn pops(reader: &mut Reader, field: &str, names: &[String]) -> BTreeSet<PopId> {
    names
        .iter()
        .enumerate()
        .filter_map(|(i, name)| reader.name(&format!("{field}[{i}]"), name))
        .collect()
}

fn connectivity(reader: &mut Reader, spec: &wire::ConnectivitySpec) -> Option<ConnectivitySpec> {
    let pattern = pattern(reader, spec.pattern);
    let endpoints = endpoints(reader, pattern, &spec.endpoints);
    let slo = reader.required("spec.slo", spec.slo.as_ref(), "give at least bandwidth_mbps");
    let slo = slo.and_then(|message| self::slo(reader, message));
    Some(ConnectivitySpec { pattern: pattern?, endpoints, slo: slo? })
}

fn pattern(reader: &mut Reader, number: i32) -> Option<ConnectivityPattern> {
    match Pattern::try_from(number) {
        Ok(Pattern::Unspecified | Pattern::PointToPoint) => Some(ConnectivityPattern::PointToPoint),
        Ok(Pattern::HubAndSpoke) => Some(ConnectivityPattern::HubAndSpoke),
        Ok(Pattern::AnyToAny) => Some(ConnectivityPattern::AnyToAny),
        Err(_) => {
            let hint = "use POINT_TO_POINT, HUB_AND_SPOKE or ANY_TO_ANY";
            reader.wrong("spec.pattern", format!("there is no pattern {number}"), hint);
            None
        }
    }
}

fn endpoints(
    reader: &mut Reader,
    pattern: Option<ConnectivityPattern>,
    messages: &[wire::SapBinding],
) -> Vec<SapBinding> {
    let count = messages.len();
    if pattern == Some(ConnectivityPattern::PointToPoint) && count != 2 {
        let reason = format!("point to point needs 2 endpoints, there are {count}");
        reader.wrong("spec.endpoints", reason, "give two, or choose HUB_AND_SPOKE or ANY_TO_ANY");
    } else if !(2..=ENDPOINTS_MAX).contains(&count) {
        let reason = format!("there are {count} endpoints, outside 2 to {ENDPOINTS_MAX}");
        reader.wrong("spec.endpoints", reason, "add some, or split the intent");
    }
    let read: Vec<_> = messages
        .iter()
        .enumerate()
        .filter_map(|(i, message)| binding(reader, &format!("spec.endpoints[{i}]"), message))
        .collect();
    duplicate_endpoints(reader, &read);
    read
}

fn duplicate_endpoints(reader: &mut Reader, endpoints: &[SapBinding]) {
    let mut seen = BTreeSet::new();
    for (i, endpoint) in endpoints.iter().enumerate() {
        if let (Some(vlan), false) = (endpoint.vlan, seen.insert((&endpoint.port, endpoint.vlan))) {
            let reason = format!("port {} with VLAN {vlan} is there twice", endpoint.port);
            reader.wrong(format!("spec.endpoints[{i}]"), reason, "take one out or change its VLAN");
        }
    }
}

fn slo(reader: &mut Reader, message: &wire::Slo) -> Option<Slo> {
    if message.bandwidth_mbps == 0 {
        let field = "spec.slo.bandwidth_mbps";
        reader.wrong(field, "it is missing or 0", "give at least 1 (1,000,000 bit/s)");
    }
    if message.latency_us == Some(0) {
        let hint = "give microseconds above 0, or leave it out for no bound";
        reader.wrong("spec.slo.latency_us", "no path takes 0 µs", hint);
    }
    Some(Slo { bandwidth: Mbps(message.bandwidth_mbps), latency: message.latency_us.map(Micros) })
}
