//! Intents.

use crate::wire;
use crate::wire::connectivity_spec::Pattern;
use crate::wire::intent::Spec;
use model::intent::{
    ConnectivityPattern, ConnectivitySpec, Intent, IntentSpec, NetworkServiceSpec, PlacementRule,
    SapBinding,
};

/// Without etag and status.
#[must_use]
pub fn intent(intent: &Intent) -> wire::Intent {
    let spec = match &intent.spec {
        IntentSpec::NetworkService(spec) => Spec::NetworkService(network_service(spec)),
        IntentSpec::Connectivity(spec) => Spec::Connectivity(connectivity(spec)),
    };
    wire::Intent {
        name: intent.name.to_string(),
        labels: intent.labels.clone(),
        priority: intent.priority,
        spec: Some(spec),
        etag: String::new(),
        status: None,
    }
}

fn network_service(spec: &NetworkServiceSpec) -> wire::NetworkServiceSpec {
    wire::NetworkServiceSpec {
        nsd: spec.nsd.to_string(),
        flavour: spec.flavour.clone().unwrap_or_default(),
        instantiation_level: spec.instantiation_level.clone().unwrap_or_default(),
        saps: spec.saps.iter().map(|(id, b)| (id.to_string(), binding(b))).collect(),
        placement: spec.placement.iter().map(|(id, r)| (id.clone(), rule(r))).collect(),
    }
}

fn binding(binding: &SapBinding) -> wire::SapBinding {
    wire::SapBinding {
        port: binding.port.to_string(),
        vlan: binding.vlan.map(|vlan| u32::from(vlan.get())),
    }
}

fn rule(rule: &PlacementRule) -> wire::PlacementRule {
    wire::PlacementRule {
        pops: rule.pops.iter().map(ToString::to_string).collect(),
        excluded_pops: rule.excluded_pops.iter().map(ToString::to_string).collect(),
    }
}

fn connectivity(spec: &ConnectivitySpec) -> wire::ConnectivitySpec {
    let pattern = match spec.pattern {
        ConnectivityPattern::PointToPoint => Pattern::PointToPoint,
        ConnectivityPattern::HubAndSpoke => Pattern::HubAndSpoke,
        ConnectivityPattern::AnyToAny => Pattern::AnyToAny,
    };
    wire::ConnectivitySpec {
        pattern: pattern.into(),
        endpoints: spec.endpoints.iter().map(binding).collect(),
        slo: Some(wire::Slo {
            bandwidth_mbps: spec.slo.bandwidth.0,
            latency_us: spec.slo.latency.map(|latency| latency.0),
        }),
    }
}
