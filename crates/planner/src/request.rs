//! What is looked at before anything is searched: does the request name what is there, and have
//! the ports that it pins room for it?

use crate::check::World;
use crate::demand::{Demand, End};
use crate::error::{Error, Rejection, unless_rejected};
use model::intent::{Intent, IntentSpec, PlacementRule};
use model::plan::BindingConstraint;
use model::topology::{InterfaceRole, Topology};
use model::{Mbps, PortRef};
use std::collections::BTreeMap;

/// # Errors
/// Everything that the intent names and the topology does not have.
pub(crate) fn check_names(
    topology: &Topology,
    intent: &Intent,
    demand: &Demand,
) -> Result<(), Error> {
    let mut rejected = Vec::new();
    if demand.functions.is_empty() && demand.links.is_empty() {
        rejected.push(Rejection::new(
            "spec",
            "it asks for nothing",
            "ask for a function or a link",
        ));
    }
    rejected.extend(intent.pinned_ports().iter().filter_map(|(field, binding)| {
        let (reason, hint) = port_problem(topology, &binding.port)?;
        Some(Rejection::new(format!("{field}.port"), reason, hint))
    }));
    if let IntentSpec::NetworkService(spec) = &intent.spec {
        for (profile, rule) in &spec.placement {
            rejected.extend(unknown_pops(topology, profile, rule));
        }
    }
    unless_rejected((), rejected)
}

fn port_problem(topology: &Topology, port: &PortRef) -> Option<(String, &'static str)> {
    let hint = "`wayleave topology` lists the ports";
    if !topology.devices.contains_key(&port.device) {
        return Some((format!("there is no device {}", port.device), hint));
    }
    match topology.interface(port).map(|interface| interface.role) {
        Some(InterfaceRole::Access) => None,
        None => Some((format!("device {} has no port {}", port.device, port.interface), hint)),
        Some(InterfaceRole::Core) => {
            Some((format!("port {port} leads to another device"), "name a port of role access"))
        }
        Some(InterfaceRole::Vim) => {
            Some((format!("port {port} leads to a VIM"), "name a port of role access"))
        }
    }
}

fn unknown_pops(topology: &Topology, profile: &str, rule: &PlacementRule) -> Vec<Rejection> {
    let lists = [("pops", &rule.pops), ("excluded-pops", &rule.excluded_pops)];
    let named = lists.iter().flat_map(|(list, pops)| pops.iter().map(move |pop| (list, pop)));
    let unknown = named.filter(|(_, pop)| !topology.pops.contains_key(*pop));
    unknown
        .map(|(list, pop)| {
            let field = format!("spec.placement[{profile}].{list}");
            Rejection::new(
                field,
                format!("there is no PoP {pop}"),
                "`wayleave topology` lists them",
            )
        })
        .collect()
}

/// What the request takes of each port that it pins, wherever its functions run: into the network
/// and out of it.
pub(crate) fn port_needs(demand: &Demand) -> BTreeMap<&PortRef, (Mbps, Mbps)> {
    let mut needs: BTreeMap<&PortRef, (Mbps, Mbps)> = BTreeMap::new();
    for link in &demand.links {
        let ends = [(&link.a, link.a_to_z, link.z_to_a), (&link.z, link.z_to_a, link.a_to_z)];
        for (end, inwards, outwards) in ends {
            let End::Port { binding, .. } = end else { continue };
            let need = needs.entry(&binding.port).or_default();
            *need = (need.0.saturating_add(inwards), need.1.saturating_add(outwards));
        }
    }
    needs
}

/// # Errors
/// The first pinned port that has less left than is needed, in either direction.
pub(crate) fn check_ports(world: World<'_>, demand: &Demand) -> Result<(), BindingConstraint> {
    for (port, (inwards, outwards)) in port_needs(demand) {
        let capacity = world.topology.interface(port).map_or(Mbps::ZERO, |known| known.capacity);
        let used = world.books.port_use(port);
        for (needed, used) in [(inwards, used.inwards), (outwards, used.outwards)] {
            let available = capacity.saturating_sub(used);
            if needed > available {
                let port = port.clone();
                return Err(BindingConstraint::PortCapacity { port, needed, available });
            }
        }
    }
    Ok(())
}
