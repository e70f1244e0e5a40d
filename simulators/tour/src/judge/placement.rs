//! Where functions run, and whether their networks reach them.

use super::paths::{circuit, distances};
use super::route::port;
use crate::report::Mismatch;
use api::wire;
use api::wire::link_end::End;
use api::wire::planned_link::Route;
use lab::NetworkView;
use model::topology::Topology;
use model::{DeviceId, VimId};
use std::collections::{BTreeMap, BTreeSet};

/// The user plane and its firewall run in the VIM nearest to where the traffic comes in; the
/// control plane runs elsewhere.
pub(crate) fn planes(
    plan: &wire::Plan,
    topology: &Topology,
    ran: &str,
) -> Result<Vec<Mismatch>, Mismatch> {
    let edge = port(ran).and_then(|port| nearest_vim(topology, &port.device));
    let edge = edge.ok_or_else(|| Mismatch::new("VIM near the radio", "one", "none"))?;
    let mut found = Vec::new();
    for function in ["upf", "firewall"] {
        let runs = runs_in(plan, function)?;
        if runs != edge.as_str() {
            found.push(Mismatch::new(format!("{function} runs at the edge"), &edge, runs));
        }
    }
    let core = runs_in(plan, "control-plane")?;
    if core == edge.as_str() {
        found.push(Mismatch::new("the control plane runs in the core", "another VIM", core));
    }
    Ok(found)
}

fn runs_in<'p>(plan: &'p wire::Plan, vnfd: &str) -> Result<&'p str, Mismatch> {
    let function = plan.functions.iter().find(|function| function.vnfd == vnfd);
    function.map(|function| function.vim.as_str()).ok_or_else(|| {
        Mismatch::new(format!("a function of VNFD {vnfd} in the plan"), "one", "none")
    })
}

fn nearest_vim(topology: &Topology, from: &DeviceId) -> Option<VimId> {
    let far = distances(topology, from, |_| true);
    let vims = topology.vims.values();
    let reached = vims.filter_map(|vim| Some((far.get(&vim.attachment.device)?, &vim.id)));
    reached.min().map(|(_, vim)| vim.clone())
}

/// Every planned server is in its VIM and on its networks, and each network leaves the VIM by the
/// VLAN of its attachment or not at all.
pub(crate) fn networks(
    plan: &wire::Plan,
    topology: &Topology,
    vims: &BTreeMap<VimId, Vec<NetworkView>>,
) -> Vec<Mismatch> {
    let there = |vim: &str, name: &str| vims.get(vim)?.iter().find(|n| n.name == name);
    let mut found = Vec::new();
    for function in &plan.functions {
        for server in &function.servers {
            let lacks = |name: &&String| {
                there(&function.vim, name).is_none_or(|n| !n.servers.contains(&server.name))
            };
            found.extend(server.networks.iter().filter(lacks).map(|name| {
                let what = format!("{} in {}", server.name, function.vim);
                Mismatch::new(what, format!("a port on {name}"), "none")
            }));
        }
    }
    for link in &plan.virtual_links {
        found.extend(network_ends(link, topology).into_iter().flat_map(|end| {
            let network = there(&end.network.vim, &end.network.name);
            end.differences(network, &servers_of(plan, end.function))
        }));
    }
    found
}

/// A network that a virtual link ends in.
struct NetworkEnd<'p> {
    link: &'p str,
    network: &'p wire::VimNetwork,
    /// Physical network and VLAN; none where the network stays inside.
    vlan: Option<(String, u16)>,
    /// The function that has to be on it.
    function: Option<&'p str>,
}

fn network_ends<'p>(link: &'p wire::PlannedLink, topology: &Topology) -> Vec<NetworkEnd<'p>> {
    let function = |end: &'p Option<wire::LinkEnd>| match end.as_ref()?.end.as_ref()? {
        End::Function(port) => Some(port.function.as_str()),
        End::Sap(_) => None,
    };
    let (a, z) = (function(&link.a), function(&link.z));
    let end = |network, vlan, function| NetworkEnd { link: &link.id, network, vlan, function };
    if let Some(Route::InsideVim(network)) = &link.route {
        return vec![end(network, None, a), end(network, None, z)];
    }
    let circuit = circuit(link);
    let attachments = circuit.map(|c| [(c.a.as_ref(), a), (c.z.as_ref(), z)]).into_iter().flatten();
    let outside = attachments.filter_map(|(attachment, function)| {
        let attachment = attachment?;
        let network = attachment.vim_network.as_ref()?;
        let physical = topology.vims.get(network.vim.as_str())?.physical_network.clone();
        let vlan = u16::try_from(attachment.vlan).ok()?;
        Some(end(network, Some((physical, vlan)), function))
    });
    outside.collect()
}

fn servers_of<'p>(plan: &'p wire::Plan, function: Option<&str>) -> BTreeSet<&'p str> {
    let mut functions = plan.functions.iter();
    let function = functions.find(|planned| Some(planned.id.as_str()) == function);
    let servers = function.map(|f| f.servers.as_slice()).unwrap_or_default();
    servers.iter().map(|server| server.name.as_str()).collect()
}

impl NetworkEnd<'_> {
    fn differences(&self, there: Option<&NetworkView>, servers: &BTreeSet<&str>) -> Vec<Mismatch> {
        let what = format!("{}: network {} in {}", self.link, self.network.name, self.network.vim);
        let Some(there) = there else { return vec![Mismatch::new(what, "is there", "is missing")] };
        let mut found = Vec::new();
        if there.vlan != self.vlan {
            let show = |vlan: &Option<(String, u16)>| match vlan {
                Some((physical, vlan)) => format!("VLAN {vlan} of {physical}"),
                None => "none outside".to_owned(),
            };
            found.push(Mismatch::new(format!("{what}: VLAN"), show(&self.vlan), show(&there.vlan)));
        }
        if !there.servers.iter().any(|server| servers.contains(server.as_str())) {
            let function = self.function.unwrap_or("a function");
            let expected = format!("a server of {function} on it");
            found.push(Mismatch::new(what, expected, there.servers.join(", ")));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::route::tests as routes;

    const NETWORK: &str = "svc.n3";

    /// n3 ends at upf-1 in VIM v behind z1.
    fn plan() -> wire::Plan {
        let mut plan = routes::plan();
        let link = &mut plan.virtual_links[0];
        let port =
            wire::link_end::FunctionPort { function: "upf-1".to_owned(), cpd: "n3".to_owned() };
        link.z = Some(wire::LinkEnd { end: Some(End::Function(port)) });
        let Some(Route::Circuit(circuit)) = &mut link.route else { unreachable!() };
        let network = wire::VimNetwork { vim: "v".to_owned(), name: NETWORK.to_owned() };
        circuit.z.as_mut().unwrap().vim_network = Some(network);
        let server = wire::PlannedServer {
            name: "svc.upf-1.a".to_owned(),
            networks: vec![NETWORK.to_owned()],
            ..Default::default()
        };
        let function = |id: &str, vnfd: &str, vim: &str| wire::PlacedFunction {
            id: id.to_owned(),
            vnfd: vnfd.to_owned(),
            vim: vim.to_owned(),
            ..Default::default()
        };
        plan.functions = vec![
            wire::PlacedFunction { servers: vec![server], ..function("upf-1", "upf", "v") },
            function("firewall-1", "firewall", "v"),
            function("control-plane-1", "control-plane", "w"),
        ];
        plan
    }

    /// v is behind z1 and w behind m1: from a1, w is the nearer one; from z1, v is.
    fn topology() -> Topology {
        let mut topology = routes::topology();
        for (id, at) in [("v", "z1:xe"), ("w", "m1:xe")] {
            let vim = model::topology::Vim {
                id: id.parse().unwrap(),
                pop: "p".parse().unwrap(),
                kind: model::topology::VimKind::Openstack,
                endpoint: String::new(),
                credentials: model::topology::SecretRef(String::new()),
                trust: None,
                project: String::new(),
                capacity: model::Resources::ZERO,
                attachment: port(at).unwrap(),
                physical_network: "dc".to_owned(),
            };
            topology.vims.insert(vim.id.clone(), vim);
        }
        topology
    }

    fn view(vlan: u16, servers: &[&str]) -> BTreeMap<VimId, Vec<NetworkView>> {
        let view = NetworkView {
            name: NETWORK.to_owned(),
            vlan: Some(("dc".to_owned(), vlan)),
            servers: servers.iter().map(|name| (*name).to_owned()).collect(),
        };
        [("v".parse().unwrap(), vec![view])].into()
    }

    fn judge(vims: &BTreeMap<VimId, Vec<NetworkView>>) -> Vec<String> {
        networks(&plan(), &topology(), vims).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn networks_lead_where_the_plan_says() {
        assert_eq!(judge(&view(200, &["svc.upf-1.a"])), Vec::<String>::new());
        assert_eq!(
            judge(&view(201, &["svc.upf-1.a"])),
            ["n3: network svc.n3 in v: VLAN: expected VLAN 200 of dc, found VLAN 201 of dc",]
        );
        assert_eq!(
            judge(&view(200, &["another"])),
            [
                "svc.upf-1.a in v: expected a port on svc.n3, found none",
                "n3: network svc.n3 in v: expected a server of upf-1 on it, found another",
            ]
        );
        assert_eq!(judge(&BTreeMap::new()).len(), 2);
    }

    #[test]
    fn the_edge_is_the_nearest_vim() {
        assert_eq!(planes(&plan(), &topology(), "z1:ge").unwrap(), []);
        let found = planes(&plan(), &topology(), "a1:ge").unwrap();
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "upf runs at the edge: expected w, found v",
                "firewall runs at the edge: expected w, found v",
                "the control plane runs in the core: expected another VIM, found w",
            ]
        );
        let mut without = plan();
        without.functions.remove(0);
        assert!(planes(&without, &topology(), "z1:ge").is_err());
    }
}
