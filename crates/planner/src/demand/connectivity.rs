//! Plain transport: one link for each pair of ports that the pattern joins.

use super::{Demand, End, LinkDemand};
use crate::error::{Error, Rejection, unless_rejected};
use model::intent::{ConnectivityPattern, ConnectivitySpec};
use model::{SapId, VirtualLinkId};
use std::collections::BTreeMap;

/// Any to any among more ports makes more pairs than one plan may hold.
const MAX_ENDPOINTS: usize = 64;

pub(super) fn demand(spec: &ConnectivitySpec) -> Result<Demand, Error> {
    unless_rejected((), number_of_endpoints(spec).into_iter().collect())?;
    let pairs = pairs(spec);
    unless_rejected((), vlans_used_twice(spec, &pairs))?;
    let links = pairs.into_iter().map(|pair| link(spec, pair)).collect::<Result<Vec<_>, _>>()?;
    Ok(Demand { links, ..Demand::default() })
}

fn number_of_endpoints(spec: &ConnectivitySpec) -> Option<Rejection> {
    let given = spec.endpoints.len();
    let (low, high, hint) = match spec.pattern {
        ConnectivityPattern::PointToPoint => {
            (2, 2, "give two, or set the pattern to hub-and-spoke or any-to-any")
        }
        ConnectivityPattern::HubAndSpoke => (2, MAX_ENDPOINTS, "the first is the hub"),
        ConnectivityPattern::AnyToAny => (2, MAX_ENDPOINTS, "divide it into several intents"),
    };
    let wanted = if low == high { format!("{low}") } else { format!("{low} to {high}") };
    let reason = format!("{given} endpoints are given, the pattern takes {wanted}");
    (!(low..=high).contains(&given)).then(|| Rejection::new("spec.endpoints", reason, hint))
}

/// Indices of the endpoints that are joined.
fn pairs(spec: &ConnectivitySpec) -> Vec<(usize, usize)> {
    let ends = spec.endpoints.len();
    match spec.pattern {
        ConnectivityPattern::PointToPoint => vec![(0, 1)],
        ConnectivityPattern::HubAndSpoke => (1..ends).map(|spoke| (0, spoke)).collect(),
        ConnectivityPattern::AnyToAny => {
            (0..ends).flat_map(|a| (a + 1..ends).map(move |z| (a, z))).collect()
        }
    }
}

/// Each circuit takes a VLAN of its own at either end.
fn vlans_used_twice(spec: &ConnectivitySpec, pairs: &[(usize, usize)]) -> Vec<Rejection> {
    let mut holders = BTreeMap::new();
    let mut rejected = Vec::new();
    for (index, binding) in spec.endpoints.iter().enumerate() {
        let Some(vlan) = binding.vlan else { continue };
        let field = format!("spec.endpoints[{index}].vlan");
        let circuits = pairs.iter().filter(|(a, z)| *a == index || *z == index).count();
        if circuits > 1 {
            let reason = format!("{circuits} circuits end here, one VLAN cannot tell them apart");
            rejected.push(Rejection::new(
                &field,
                reason,
                "leave the VLAN out: one is chosen for each",
            ));
        }
        if let Some(first) = holders.insert((&binding.port, vlan), index) {
            let reason = format!("VLAN {vlan} of {} is endpoint {first}'s already", binding.port);
            rejected.push(Rejection::new(field, reason, "choose another VLAN or leave it out"));
        }
    }
    rejected
}

fn link(spec: &ConnectivitySpec, (a, z): (usize, usize)) -> Result<LinkDemand, Error> {
    let name = match spec.pattern {
        ConnectivityPattern::PointToPoint => "line".to_owned(),
        ConnectivityPattern::HubAndSpoke => format!("spoke-{z}"),
        ConnectivityPattern::AnyToAny => format!("pair-{a}-{z}"),
    };
    let bug = |e: model::NameError| Error::Bug(e.to_string());
    let end = |index: usize| -> Result<End, Error> {
        let sap = SapId::new(format!("endpoint-{index}")).map_err(bug)?;
        Ok(End::Port { sap, binding: spec.endpoints[index].clone() })
    };
    Ok(LinkDemand {
        id: VirtualLinkId::new(name).map_err(bug)?,
        a: end(a)?,
        z: end(z)?,
        a_to_z: spec.slo.bandwidth,
        z_to_a: spec.slo.bandwidth,
        latency: spec.slo.latency,
    })
}
