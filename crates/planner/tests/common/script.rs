//! A language of a few words for worlds, services and what is done with them. README.md beside the
//! scenarios lists the commands.

use super::show;
use super::world::{World, port};
use model::descriptor::template::{self, PortNetwork, ServiceTemplate};
use model::descriptor::{AffinityRule, AffinityScope, Bitrates, FlowPattern};
use model::intent::{
    ConnectivityPattern, ConnectivitySpec, Intent, IntentSpec, NetworkServiceSpec, SapBinding, Slo,
};
use model::plan::{LinkEnd, Plan};
use model::{
    DescriptorId, FunctionId, Gibibytes, IntentName, Mbps, Micros, PopId, Resources, SapId,
    VirtualLinkId, VlanId,
};
use planner::{Books, Demand, Network, PlanReport, Pools, Request};
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Debug, Default)]
pub(crate) struct Session {
    world: World,
    books: Books,
    pools: Pools,
    requests: BTreeMap<String, (Intent, Option<ServiceTemplate>)>,
    plans: BTreeMap<String, Plan>,
    /// The service that indented lines are about.
    current: String,
}

/// The words of a line, and its `key=value` pairs.
#[derive(Debug)]
struct Line<'l> {
    words: Vec<&'l str>,
    pairs: BTreeMap<&'l str, &'l str>,
}

impl<'l> Line<'l> {
    fn of(line: &'l str) -> Self {
        let (pairs, words) = line.split_whitespace().partition::<Vec<_>, _>(|w| w.contains('='));
        Self { words, pairs: pairs.into_iter().filter_map(|pair| pair.split_once('=')).collect() }
    }

    fn number(&self, key: &str, otherwise: u64) -> u64 {
        self.pairs.get(key).map_or(otherwise, |n| n.parse().unwrap())
    }

    fn resources(&self) -> Resources {
        let dimensions = ["vcpu", "memory", "storage", "accelerators"];
        Resources::from_array(dimensions.map(|key| self.number(key, 0)))
    }

    fn list(&self, key: &str) -> Vec<&'l str> {
        self.pairs.get(key).map(|list| list.split(',').collect()).unwrap_or_default()
    }
}

impl Session {
    /// What a command prints.
    pub(crate) fn run(&mut self, command: &str) -> String {
        let line = Line::of(command);
        match line.words[..] {
            ["pop", id] => self.world.pop(id, line.pairs.get("zone").copied()),
            ["device", id, pop] => {
                let (ports, capacity) = (line.number("ports", 2), line.number("capacity", 10_000));
                self.world.device(id, pop, u32::try_from(ports).unwrap(), capacity);
            }
            ["vim", id, device] => {
                self.world.vim(id, device, line.resources(), line.number("port", 10_000));
            }
            ["cable", a, z] => {
                let metric = u32::try_from(line.number("metric", 1)).unwrap();
                let (mbps, micros) = (line.number("mbps", 10_000), line.number("us", 1000));
                self.world.cable(a, z, mbps, micros, metric);
            }
            ["pools"] => self.set_pools(&line),
            ["service", name] => self.service(name),
            ["connect", name, pattern, ref ports @ ..] => self.connect(name, pattern, ports, &line),
            ["plan", name] => return self.show(name),
            ["apply", name] => return self.apply(name),
            ["withdraw", name] => self.withdraw(name),
            ["books"] => return self.show_books(),
            _ => self.about_service(&line, command),
        }
        String::new()
    }

    fn set_pools(&mut self, line: &Line<'_>) {
        let range = |key: &str| {
            let (low, high) = line.pairs.get(key)?.split_once("..")?;
            Some((low.parse().unwrap(), high.parse().unwrap()))
        };
        let narrow = |(low, high)| (u16::try_from(low).unwrap(), u16::try_from(high).unwrap());
        self.pools.labels = range("labels").unwrap_or(self.pools.labels);
        self.pools.circuits = range("circuits").unwrap_or(self.pools.circuits);
        self.pools.vlans = range("vlans").map_or(self.pools.vlans, narrow);
    }

    fn service(&mut self, name: &str) {
        let nsd = DescriptorId::new(name).unwrap();
        let spec = NetworkServiceSpec {
            nsd: nsd.clone(),
            flavour: None,
            instantiation_level: None,
            saps: BTreeMap::new(),
            placement: BTreeMap::new(),
        };
        let template = ServiceTemplate {
            nsd,
            flavour: "default".to_owned(),
            level: "default".to_owned(),
            functions: Vec::new(),
            saps: Vec::new(),
            links: Vec::new(),
            groups: Vec::new(),
        };
        let intent = intent(name, IntentSpec::NetworkService(spec));
        self.requests.insert(name.to_owned(), (intent, Some(template)));
        name.clone_into(&mut self.current);
    }

    fn connect(&mut self, name: &str, pattern: &str, ports: &[&str], line: &Line<'_>) {
        let pattern = match pattern {
            "point-to-point" => ConnectivityPattern::PointToPoint,
            "hub-and-spoke" => ConnectivityPattern::HubAndSpoke,
            "any-to-any" => ConnectivityPattern::AnyToAny,
            other => panic!("no such pattern: {other}"),
        };
        let latency = line.pairs.get("us").map(|us| Micros(us.parse().unwrap()));
        let spec = ConnectivitySpec {
            pattern,
            endpoints: ports.iter().map(|port| binding(port)).collect(),
            slo: Slo { bandwidth: Mbps(line.number("mbps", 0)), latency },
        };
        let intent = intent(name, IntentSpec::Connectivity(spec));
        self.requests.insert(name.to_owned(), (intent, None));
    }

    fn about_service(&mut self, line: &Line<'_>, command: &str) {
        let current = self.requests.get_mut(&self.current);
        let Some((intent, Some(template))) = current else { panic!("unknown command: {command}") };
        let IntentSpec::NetworkService(spec) = &mut intent.spec else { unreachable!() };
        match line.words[..] {
            ["function", profile, ref points @ ..] => add_function(template, profile, points, line),
            ["link", id, pattern, ref ends @ ..] => add_link(template, id, pattern, ends, line),
            ["group", id, rule, scope, ref profiles @ ..] => {
                add_group(template, id, (rule, scope), profiles);
            }
            ["sap", id, at] => {
                spec.saps.insert(SapId::new(id).unwrap(), binding(at));
            }
            ["place", profile] => {
                let rule = spec.placement.entry(profile.to_owned()).or_default();
                let pops = |key| line.list(key).into_iter().map(|pop| PopId::new(pop).unwrap());
                rule.pops.extend(pops("in"));
                rule.excluded_pops.extend(pops("out"));
            }
            _ => panic!("unknown command: {command}"),
        }
    }

    pub(crate) fn network(&self) -> Network {
        Network::of(&self.world.topology)
    }

    pub(crate) fn make(&self, name: &str) -> Result<(Demand, Plan, PlanReport), planner::Error> {
        self.make_over(&self.network(), name)
    }

    pub(crate) fn make_over(
        &self,
        network: &Network,
        name: &str,
    ) -> Result<(Demand, Plan, PlanReport), planner::Error> {
        let (intent, template) = &self.requests[name];
        let books = self.books_without(name);
        let world =
            planner::World { topology: &self.world.topology, books: &books, pools: &self.pools };
        let demand = planner::demand_of(intent, template.as_ref())?;
        let request = Request { intent, revision: 1, parent: 1, demand: &demand };
        let (plan, report) = match self.plans.get(name) {
            Some(before) => network.replan(world, &request, before)?,
            None => network.plan(world, &request)?,
        };
        planner::check(world, &demand, &plan).unwrap();
        Ok((demand, plan, report))
    }

    /// What the check says of a plan for a request.
    pub(crate) fn check(&self, name: &str, demand: &Demand, plan: &Plan) -> Vec<String> {
        let books = self.books_without(name);
        let world =
            planner::World { topology: &self.world.topology, books: &books, pools: &self.pools };
        let broken = planner::check(world, demand, plan).err().unwrap_or_default();
        broken.iter().map(ToString::to_string).collect()
    }

    fn books_without(&self, name: &str) -> Books {
        let mut books = self.books.clone();
        if let Some(before) = self.plans.get(name) {
            books.remove(before, &self.world.topology);
        }
        books
    }

    fn show(&self, name: &str) -> String {
        match self.make(name) {
            Ok((_, plan, report)) => {
                format!("{}why:\n{}", show::plan(&plan), show::report(&report))
            }
            Err(error) => format!("refused:\n{}", show::refusal(&error)),
        }
    }

    fn apply(&mut self, name: &str) -> String {
        match self.make(name) {
            Ok((_, plan, _)) => {
                self.withdraw(name);
                self.books.add(&plan, &self.world.topology).unwrap();
                self.plans.insert(name.to_owned(), plan);
                String::new()
            }
            Err(error) => format!("refused:\n{}", show::refusal(&error)),
        }
    }

    fn withdraw(&mut self, name: &str) {
        if let Some(plan) = self.plans.remove(name) {
            self.books.remove(&plan, &self.world.topology);
        }
    }

    fn show_books(&self) -> String {
        let mut out = String::new();
        for (link, used) in self.books.links() {
            writeln!(out, "  link {link}: {used}").unwrap();
        }
        for (port, used) in self.books.ports() {
            writeln!(out, "  port {port}: {} in, {} out", used.inwards, used.outwards).unwrap();
        }
        for (vim, used) in self.books.vims() {
            writeln!(out, "  VIM {vim}: {used}").unwrap();
        }
        if out.is_empty() { "  nothing\n".to_owned() } else { out }
    }
}

fn intent(name: &str, spec: IntentSpec) -> Intent {
    Intent { name: IntentName::new(name).unwrap(), priority: 0, labels: BTreeMap::new(), spec }
}

/// `device:interface` or `device:interface.vlan`.
fn binding(text: &str) -> SapBinding {
    let (device, interface) = text.split_once(':').unwrap();
    let (interface, vlan) = interface.split_once('.').unwrap_or((interface, ""));
    let vlan = vlan.parse().ok().map(|vlan| VlanId::new(vlan).unwrap());
    SapBinding { port: port(device, interface), vlan }
}

/// `xN` is the number of instances; other words are connection points.
fn add_function(template: &mut ServiceTemplate, profile: &str, words: &[&str], line: &Line<'_>) {
    let volumes = line.pairs.get("volume").map(|size| template::Volume {
        id: "data".to_owned(),
        size: Gibibytes(size.parse().unwrap()),
    });
    let port = |cpd: &&str| template::Port {
        id: (*cpd).to_owned(),
        network: PortNetwork::External { cpd: (*cpd).to_owned() },
    };
    let server = template::Server {
        vdu: "vm".to_owned(),
        instance: 1,
        resources: line.resources(),
        image: Some("image".to_owned()),
        volumes: volumes.into_iter().collect(),
        ports: words.iter().map(port).collect(),
        anti_affinity: None,
    };
    for instance in 1..=u32::try_from(line.number("instances", 1)).unwrap() {
        template.functions.push(template::Function {
            id: FunctionId::new(format!("{profile}-{instance}")).unwrap(),
            vnfd: DescriptorId::new(profile).unwrap(),
            profile: profile.to_owned(),
            instance,
            resources: line.resources(),
            servers: vec![server.clone()],
            connection_points: words.iter().map(ToString::to_string).collect(),
        });
    }
}

/// An end is `profile-n:cpd` or the name of a SAP.
fn add_link(t: &mut ServiceTemplate, id: &str, pattern: &str, ends: &[&str], line: &Line<'_>) {
    let id = VirtualLinkId::new(id).unwrap();
    let pattern = match pattern {
        "line" => FlowPattern::Line,
        "tree" => FlowPattern::Tree,
        "mesh" => FlowPattern::Mesh,
        other => panic!("no such pattern: {other}"),
    };
    let ends = ends.iter().map(|end| match end.split_once(':') {
        Some((function, cpd)) => {
            LinkEnd::Function { function: FunctionId::new(function).unwrap(), cpd: cpd.to_owned() }
        }
        None => {
            let sap = SapId::new(end).unwrap();
            match t.saps.iter_mut().find(|known| known.id == sap) {
                Some(known) => known.links.push(id.clone()),
                None => t.saps.push(template::Sap { id: sap.clone(), links: vec![id.clone()] }),
            }
            LinkEnd::Sap(sap)
        }
    });
    let ends = ends.collect();
    let leaf = line.pairs.get("leaf").map(|leaf| Mbps(leaf.parse().unwrap()));
    t.links.push(template::Link {
        id,
        pattern,
        ends,
        bitrates: Bitrates { root: Mbps(line.number("mbps", 0)), leaf },
        max_bitrates: None,
        latency: line.pairs.get("us").map(|us| Micros(us.parse().unwrap())),
        priority: None,
        availability: None,
    });
}

fn add_group(t: &mut ServiceTemplate, id: &str, (rule, scope): (&str, &str), profiles: &[&str]) {
    let rule = match rule {
        "affinity" => AffinityRule::Affinity,
        "anti-affinity" => AffinityRule::AntiAffinity,
        other => panic!("no such rule: {other}"),
    };
    let scope = match scope {
        "node" => AffinityScope::NfviNode,
        "pop" => AffinityScope::NfviPop,
        "zone" => AffinityScope::Zone,
        "zone-group" => AffinityScope::ZoneGroup,
        "network" => AffinityScope::NetworkLinkAndNode,
        other => panic!("no such scope: {other}"),
    };
    let mine = t.functions.iter().filter(|f| profiles.contains(&f.profile.as_str()));
    let functions = mine.map(|f| f.id.clone()).collect();
    let links = t.links.iter().filter(|l| profiles.contains(&l.id.as_str()));
    let links = links.map(|l| l.id.clone()).collect();
    t.groups.push(template::Group { id: id.to_owned(), rule, scope, functions, links });
}
