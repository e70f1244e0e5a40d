//! A network service: the template at its flavour and level, with the intent's ports and rules.

use super::lines::{Line, lines};
use super::{
    Demand, End, FunctionDemand, Group, GroupRule, GroupScope, LinkDemand, ServerDemand,
    ServerNetwork,
};
use crate::error::{Error, Rejection, unless_rejected};
use model::descriptor::template::{self, Function, Link, PortNetwork, ServiceTemplate};
use model::descriptor::{AffinityRule, AffinityScope};
use model::intent::NetworkServiceSpec;
use model::plan::{LinkEnd, PlannedVolume};
use model::{FunctionId, VirtualLinkId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn demand(
    spec: &NetworkServiceSpec,
    template: &ServiceTemplate,
) -> Result<Demand, Error> {
    let mut reading = Reading::new(spec, template);
    reading.saps();
    reading.placement();
    let demand = Demand {
        functions: template.functions.iter().map(|f| reading.function(f)).collect(),
        links: template.links.iter().flat_map(|link| reading.link(link)).collect(),
        groups: template.groups.iter().filter_map(|group| reading.group(group)).collect(),
        notes: Vec::new(),
    };
    reading.finish(demand)
}

struct Reading<'a> {
    spec: &'a NetworkServiceSpec,
    template: &'a ServiceTemplate,
    index: BTreeMap<&'a FunctionId, usize>,
    rejected: Vec<Rejection>,
    notes: Vec<String>,
}

impl<'a> Reading<'a> {
    fn new(spec: &'a NetworkServiceSpec, template: &'a ServiceTemplate) -> Self {
        let index = template.functions.iter().enumerate().map(|(i, f)| (&f.id, i)).collect();
        Self { spec, template, index, rejected: Vec::new(), notes: Vec::new() }
    }

    fn finish(mut self, mut demand: Demand) -> Result<Demand, Error> {
        self.apart_by_host(&mut demand);
        demand.notes = self.notes;
        unless_rejected(demand, self.rejected)
    }

    fn reject(&mut self, field: String, reason: impl Into<String>, hint: impl Into<String>) {
        self.rejected.push(Rejection::new(field, reason, hint));
    }

    fn saps(&mut self) {
        let template = self.template;
        for sap in &template.saps {
            let field = format!("spec.saps[{}]", sap.id);
            match self.spec.saps.get(&sap.id) {
                None if sap.links.is_empty() => {}
                None => self.reject(
                    field,
                    format!("the service has a SAP {}, which no port is given for", sap.id),
                    "add it to spec.saps with a device and an interface",
                ),
                Some(_) if sap.links.is_empty() => self.notes.push(format!(
                    "SAP {} ends no virtual link at this level; its port is not used",
                    sap.id
                )),
                Some(_) => {}
            }
        }
        let known: BTreeSet<_> = template.saps.iter().map(|sap| &sap.id).collect();
        let names = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        for sap in self.spec.saps.keys().filter(|sap| !known.contains(sap)) {
            let reason = format!("the service has no SAP {sap}");
            self.rejected.push(Rejection::new(
                format!("spec.saps[{sap}]"),
                reason,
                if names.is_empty() { "it has none".into() } else { format!("it has {names}") },
            ));
        }
        self.vlans_used_twice();
    }

    /// A VLAN that was asked for by number belongs to one circuit.
    fn vlans_used_twice(&mut self) {
        let (spec, template) = (self.spec, self.template);
        let mut holders = BTreeMap::new();
        for (sap, binding) in &spec.saps {
            let Some(vlan) = binding.vlan else { continue };
            let field = format!("spec.saps[{sap}].vlan");
            let ends = template.links.iter().flat_map(lines);
            let ends = ends.filter(|line| line.ends(&LinkEnd::Sap(sap.clone()))).count();
            if ends > 1 {
                let reason =
                    format!("{ends} circuits end at {sap}, one VLAN cannot tell them apart");
                self.reject(field.clone(), reason, "leave the VLAN out: one is chosen for each");
            }
            if let Some(first) = holders.insert((&binding.port, vlan), sap) {
                let reason = format!("VLAN {vlan} of {} is SAP {first}'s already", binding.port);
                self.reject(field, reason, "choose another VLAN or leave it out");
            }
        }
    }

    fn placement(&mut self) {
        let (spec, template) = (self.spec, self.template);
        let known: BTreeSet<_> = template.functions.iter().map(|f| f.profile.as_str()).collect();
        let names = known.iter().copied().collect::<Vec<_>>().join(", ");
        for (profile, rule) in &spec.placement {
            let field = format!("spec.placement[{profile}]");
            if !known.contains(profile.as_str()) {
                let reason = format!("the service has no VNF profile {profile}");
                self.reject(field, reason, format!("it has {names}"));
            } else if let Some(pop) = rule.pops.intersection(&rule.excluded_pops).next() {
                let reason = format!("PoP {pop} is both wanted and excluded");
                self.reject(field, reason, "name it in one of the two lists");
            }
        }
    }

    fn function(&self, function: &Function) -> FunctionDemand {
        FunctionDemand {
            id: function.id.clone(),
            vnfd: function.vnfd.clone(),
            profile: function.profile.clone(),
            resources: function.resources,
            servers: function.servers.iter().map(|s| server(&function.id, s)).collect(),
            placement: self.spec.placement.get(&function.profile).cloned().unwrap_or_default(),
        }
    }

    fn link(&mut self, link: &Link) -> Vec<LinkDemand> {
        let lines = lines(link);
        if lines.is_empty() {
            self.reject(
                format!("virtual-links[{}]", link.id),
                format!("it has {} ends, more than can be joined pair by pair", link.ends.len()),
                "divide it into several links",
            );
        }
        if lines.len() > 1 {
            self.notes.push(format!(
                "virtual link {} has {} ends and is carried as {} lines; each end has a port for each of its lines",
                link.id,
                link.ends.len(),
                lines.len()
            ));
        }
        lines.iter().filter_map(|line| self.line(link, line)).collect()
    }

    fn line(&mut self, link: &Link, line: &Line<'_>) -> Option<LinkDemand> {
        let field = format!("virtual-links[{}]", line.name);
        if let (LinkEnd::Function { function: a, .. }, LinkEnd::Function { function: z, .. }) =
            (line.a, line.z)
            && a == z
        {
            let reason = format!("both ends are at function {a}");
            self.reject(field, reason, "use a virtual link of the VNFD inside a function");
            return None;
        }
        let id = VirtualLinkId::new(&line.name);
        if let Err(error) = &id {
            self.reject(field, error.to_string(), "shorten the id of the virtual-link-profile");
        }
        Some(LinkDemand {
            id: id.ok()?,
            a: self.end(line.a)?,
            z: self.end(line.z)?,
            a_to_z: line.rate,
            z_to_a: line.rate,
            latency: link.latency,
        })
    }

    /// `None` for a SAP without a port, which is rejected elsewhere.
    fn end(&self, end: &LinkEnd) -> Option<End> {
        match end {
            LinkEnd::Function { function, cpd } => {
                let index = *self.index.get(function)?;
                Some(End::Function { index, cpd: cpd.clone() })
            }
            LinkEnd::Sap(sap) => {
                let binding = self.spec.saps.get(sap)?.clone();
                Some(End::Port { sap: sap.clone(), binding })
            }
        }
    }

    fn group(&mut self, group: &template::Group) -> Option<Group> {
        let field = format!("groups[{}]", group.id);
        if !group.links.is_empty() {
            let reason = "it holds virtual links, which cannot be kept together or apart yet";
            self.reject(field.clone(), reason, "take the group off the virtual-link-profiles");
        }
        let rule = match group.rule {
            AffinityRule::Affinity => GroupRule::Affinity,
            AffinityRule::AntiAffinity => GroupRule::AntiAffinity,
        };
        let scope = match (group.scope, rule) {
            (AffinityScope::NfviNode, _) => GroupScope::Node,
            (AffinityScope::NfviPop, _) => GroupScope::Pop,
            // One zone is in one group of zones.
            (AffinityScope::Zone, _) | (AffinityScope::ZoneGroup, GroupRule::Affinity) => {
                GroupScope::Zone
            }
            (AffinityScope::ZoneGroup | AffinityScope::NetworkLinkAndNode, _) => {
                let reason = format!("the scope {:?} cannot be held to", group.scope);
                self.reject(field, reason, "use nfvi-node, nfvi-pop or zone");
                return None;
            }
        };
        let members = group.functions.iter().filter_map(|id| self.index.get(id).copied()).collect();
        Some(Group { id: group.id.clone(), rule, scope, members })
    }

    /// Hosts within a VIM are its business: it is told which servers to keep apart. A server can be
    /// in one such group; its VNFD's own comes first.
    fn apart_by_host(&mut self, demand: &mut Demand) {
        for group in &demand.groups {
            match (group.rule, group.scope) {
                (GroupRule::Affinity, GroupScope::Node) => self.notes.push(format!(
                    "group {} is kept in one VIM; that VIM chooses the hosts",
                    group.id
                )),
                (GroupRule::AntiAffinity, GroupScope::Node) => {
                    for &member in &group.members {
                        self.notes.extend(apart(&mut demand.functions[member], &group.id));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Puts the servers of a function in a group; says which have one already.
fn apart(function: &mut FunctionDemand, group: &str) -> Option<String> {
    let mut kept = false;
    for server in &mut function.servers {
        match &server.anti_affinity {
            None => server.anti_affinity = Some(group.to_owned()),
            Some(_) => kept = true,
        }
    }
    kept.then(|| {
        format!(
            "function {}: servers with a group of their VNFD are not put in group {group}",
            function.id
        )
    })
}

fn server(function: &FunctionId, server: &template::Server) -> ServerDemand {
    let volumes = server.volumes.iter();
    let networks = server.ports.iter().map(|port| match &port.network {
        PortNetwork::External { cpd } => ServerNetwork::External { cpd: cpd.clone() },
        PortNetwork::Internal { link } => ServerNetwork::Internal { name: link.clone() },
    });
    ServerDemand {
        vdu: server.vdu.clone(),
        instance: server.instance,
        resources: server.resources,
        image: server.image.clone(),
        volumes: volumes.map(|v| PlannedVolume { name: v.id.clone(), size: v.size }).collect(),
        networks: networks.collect(),
        anti_affinity: server.anti_affinity.as_ref().map(|group| format!("{function}.{group}")),
    }
}
