//! A topology as the solver sees it: made once, and used for every plan.
//!
//! Devices are nodes, and so are VIMs. A link is an arc; the port that a VIM leaves through is a
//! pair of arcs between its node and its device's, each with the port's capacity in that direction.

use crate::books::Books;
use model::topology::{Link, Topology};
use model::{DeviceId, LinkId, Mbps, PopId, PortRef, Resources, VimId};
use solver::embed::Memory;
use solver::graph::MAX_CAPACITY;
use solver::{ArcId, ArcSpec, Graph, GraphBuilder, NodeId, Places, Residuals};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Resources have this many dimensions.
const DIMENSIONS: usize = Resources::DIMENSIONS.len();

/// As many planners as plan at once; what more would learn is forgotten.
const MOST_IDLE: usize = 16;

#[derive(Debug)]
pub struct Network {
    pub(crate) graph: Graph,
    pub(crate) places: Places,
    nodes: Vec<Node>,
    devices: HashMap<DeviceId, NodeId>,
    vims: BTreeMap<VimId, NodeId>,
    arcs: Vec<Carrier>,
    links: HashMap<LinkId, ArcId>,
    /// The arcs of a VIM's port: into the network and out of it.
    ports: HashMap<PortRef, (ArcId, ArcId)>,
    /// All that is there when nothing is used.
    empty: Residuals,
    /// What planners learnt that are done; none of it changes a plan.
    idle: Mutex<Vec<Memory>>,
}

/// A device, or a VIM behind one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) pop: PopId,
    pub(crate) device: DeviceId,
    pub(crate) vim: Option<VimId>,
}

/// What an arc is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Link(LinkId),
    Port(PortRef),
}

impl Network {
    /// What the topology refers to and does not have is left out:
    /// [`Topology::problems`] tells of it.
    #[must_use]
    pub fn of(topology: &Topology) -> Self {
        let mut drawing = Drawing::new(topology);
        drawing.links();
        drawing.vims();
        drawing.finish()
    }

    /// What is left beside what the books say is used.
    pub(crate) fn residuals(&self, books: &Books) -> Residuals {
        let mut left = self.empty.clone();
        for (link, used) in books.links() {
            self.links.get(link).into_iter().for_each(|arc| self.use_up(&mut left, *arc, used));
        }
        for (port, used) in books.ports() {
            let Some((inwards, outwards)) = self.ports.get(port) else { continue };
            self.use_up(&mut left, *inwards, used.inwards);
            self.use_up(&mut left, *outwards, used.outwards);
        }
        for (vim, used) in books.vims() {
            let Some(node) = self.vims.get(vim) else { continue };
            let free = left.resources(*node).iter().zip(used.as_array());
            // More may be used than there is, where a topology has shrunk.
            let taken: Vec<_> = free.map(|(free, used)| used.min(*free)).collect();
            left.take_resources(*node, &taken).expect("no more is taken than is free");
        }
        left
    }

    fn use_up(&self, left: &mut Residuals, arc: ArcId, used: Mbps) {
        let pool = self.graph.arc(arc).pool;
        left.set_bandwidth(pool, left.bandwidth(pool).saturating_sub(used.0));
    }

    /// What an earlier planner learnt, if one is done.
    pub(crate) fn remembered(&self) -> Option<Memory> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(crate) fn remember(&self, memory: Memory) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(memory);
        }
    }

    pub(crate) fn device(&self, device: &DeviceId) -> Option<NodeId> {
        self.devices.get(device).copied()
    }

    pub(crate) fn vim(&self, vim: &VimId) -> Option<NodeId> {
        self.vims.get(vim).copied()
    }

    /// In the order of their names.
    pub(crate) fn vims(&self) -> impl Iterator<Item = (&VimId, &PopId, NodeId)> {
        self.vims.iter().map(|(id, node)| (id, &self.node(*node).pop, *node))
    }

    pub(crate) fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    /// All that a node has, used or not.
    pub(crate) fn capacity(&self, node: NodeId) -> &[u64] {
        self.empty.resources(node)
    }

    pub(crate) fn carrier(&self, arc: ArcId) -> &Carrier {
        &self.arcs[arc.index()]
    }

    /// The links among arcs, in their order.
    pub(crate) fn links_of(&self, arcs: &[ArcId]) -> Vec<LinkId> {
        let link = |arc: &ArcId| match self.carrier(*arc) {
            Carrier::Link(link) => Some(link.clone()),
            Carrier::Port(_) => None,
        };
        arcs.iter().filter_map(link).collect()
    }
}

struct Drawing<'t> {
    topology: &'t Topology,
    builder: GraphBuilder,
    nodes: Vec<Node>,
    devices: HashMap<DeviceId, NodeId>,
    vims: BTreeMap<VimId, NodeId>,
    arcs: Vec<Carrier>,
    capacities: Vec<(ArcId, Mbps)>,
    links: HashMap<LinkId, ArcId>,
    ports: HashMap<PortRef, (ArcId, ArcId)>,
}

impl<'t> Drawing<'t> {
    fn new(topology: &'t Topology) -> Self {
        let devices = topology.devices.values().map(|device| Node {
            pop: device.pop.clone(),
            device: device.id.clone(),
            vim: None,
        });
        let attached =
            topology.vims.values().filter(|vim| topology.interface(&vim.attachment).is_some());
        let vims = attached.map(|vim| Node {
            pop: vim.pop.clone(),
            device: vim.attachment.device.clone(),
            vim: Some(vim.id.clone()),
        });
        let nodes: Vec<Node> = devices.chain(vims).collect();
        let mut drawing = Self {
            topology,
            builder: GraphBuilder::new(nodes.len()),
            nodes: Vec::new(),
            devices: HashMap::new(),
            vims: BTreeMap::new(),
            arcs: Vec::new(),
            capacities: Vec::new(),
            links: HashMap::new(),
            ports: HashMap::new(),
        };
        for (index, node) in (0..).map(NodeId).zip(&nodes) {
            match &node.vim {
                None => drop(drawing.devices.insert(node.device.clone(), index)),
                Some(vim) => drop(drawing.vims.insert(vim.clone(), index)),
            }
        }
        drawing.nodes = nodes;
        drawing
    }

    fn arc(&mut self, carrier: Carrier, spec: ArcSpec, capacity: Mbps) -> ArcId {
        // A link that is down keeps its place in the graph, and has nothing left.
        let arc =
            self.builder.arc(&ArcSpec { capacity: capacity.0.clamp(1, MAX_CAPACITY), ..spec });
        self.arcs.push(carrier);
        self.capacities.push((arc, capacity));
        arc
    }

    fn links(&mut self) {
        let topology = self.topology;
        for link in topology.links.values() {
            let ends = self.devices.get(&link.from.device).zip(self.devices.get(&link.to.device));
            let Some((from, to)) = ends.filter(|(from, to)| from != to) else { continue };
            let spec = ArcSpec::new(*from, *to, 1)
                .cost(link.te_metric.into())
                .latency(link.latency.0.min(u32::MAX.into()));
            let arc = self.arc(Carrier::Link(link.id.clone()), spec, link.capacity);
            self.links.insert(link.id.clone(), arc);
        }
        self.pair_links();
    }

    /// The two directions of a cable join the same two ports.
    fn pair_links(&mut self) {
        let ends = |link: &'t Link| (&link.from, &link.to);
        let by_ends: HashMap<_, _> =
            self.topology.links.values().map(|l| (ends(l), &l.id)).collect();
        for link in self.topology.links.values() {
            let Some(back) = by_ends.get(&(&link.to, &link.from)) else { continue };
            if link.id < **back
                && let (Some(there), Some(back)) = (self.links.get(&link.id), self.links.get(*back))
            {
                self.builder.pair(*there, *back);
            }
        }
    }

    /// A port costs what the cheapest link costs, so that what can stay in one VIM does.
    fn vims(&mut self) {
        let topology = self.topology;
        let cheapest = topology.links.values().map(|link| link.te_metric).min().unwrap_or(1);
        for (id, &node) in &self.vims.clone() {
            let port = &topology.vims[id].attachment;
            let (Some(device), Some(interface)) =
                (self.devices.get(&port.device).copied(), topology.interface(port))
            else {
                continue;
            };
            let spec = |from, to| ArcSpec::new(from, to, 1).cost(cheapest.into());
            let carrier = || Carrier::Port(port.clone());
            let inwards = self.arc(carrier(), spec(node, device), interface.capacity);
            let outwards = self.arc(carrier(), spec(device, node), interface.capacity);
            self.builder.pair(inwards, outwards);
            self.ports.insert(port.clone(), (inwards, outwards));
        }
    }

    fn resources(&self) -> Vec<u64> {
        let mut resources = Vec::with_capacity(self.nodes.len() * DIMENSIONS);
        for node in &self.nodes {
            let vim = node.vim.as_ref().map(|vim| &self.topology.vims[vim]);
            resources.extend(vim.map_or([0; DIMENSIONS], |vim| vim.capacity.as_array()));
        }
        resources
    }

    /// Points of presence and zones by node. A PoP without a zone is a zone of its own.
    fn places(&self) -> Places {
        let mut numbers: HashMap<(bool, &str), u32> = HashMap::new();
        let mut number = |zone: bool, name| {
            let next = u32::try_from(numbers.len()).expect("fewer places than nodes");
            *numbers.entry((zone, name)).or_insert(next)
        };
        let pops: Vec<&PopId> = self.nodes.iter().map(|node| &node.pop).collect();
        let zone = |pop: &PopId| {
            let known = self.topology.pops.get(pop);
            known.and_then(|pop| pop.zone.as_deref())
        };
        Places {
            pops: pops.iter().map(|pop| number(false, pop.as_str())).collect(),
            zones: pops
                .iter()
                .map(|pop| match zone(pop) {
                    Some(zone) => number(true, zone),
                    None => number(false, pop.as_str()),
                })
                .collect(),
        }
    }

    fn finish(self) -> Network {
        let (resources, places) = (self.resources(), self.places());
        let graph = self.builder.build().expect("ends exist, and quantities are clamped");
        let mut empty =
            Residuals::new(&graph, DIMENSIONS, resources).expect("each node has its resources");
        for (arc, capacity) in self.capacities {
            empty.set_bandwidth(graph.arc(arc).pool, capacity.0.min(MAX_CAPACITY));
        }
        Network {
            graph,
            places,
            nodes: self.nodes,
            devices: self.devices,
            vims: self.vims,
            arcs: self.arcs,
            links: self.links,
            ports: self.ports,
            empty,
            idle: Mutex::default(),
        }
    }
}
