//! What is wrong with a problem before anyone tries to solve it: all of it at once.

use super::problem::{End, Hosts, MAX_FUNCTIONS, MAX_LINKS, Problem};
use crate::graph::{Graph, MAX_CAPACITY};
use crate::ids::NodeId;

/// A part of a problem that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {fault}")]
pub struct Defect {
    pub part: Part,
    pub fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Part {
    #[error("the problem")]
    Problem,
    #[error("function {0}")]
    Function(usize),
    #[error("link {0}")]
    Link(usize),
    #[error("group {0}")]
    Group(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it asks for nothing; add a function or a link")]
    Empty,
    #[error("it has {given} {what}, {max} are the most that is accepted; divide the service")]
    TooMany { what: &'static str, given: usize, max: usize },
    #[error("it demands {given} resources, nodes have {dimensions}; give one value a dimension")]
    Dimensions { given: usize, dimensions: usize },
    #[error("its demand of {value} is above {max}, the largest that is accepted; check the unit")]
    TooLarge { value: u64, max: u64 },
    #[error("no node may run it; allow one")]
    NoHosts,
    #[error("node {0} does not exist; name a node of the graph")]
    UnknownNode(NodeId),
    #[error("function {0} does not exist; name a function of the problem")]
    UnknownFunction(usize),
    #[error("both ends are the same function; remove the link")]
    SameFunction,
    #[error("both ends are node {0}; remove the link")]
    SameNode(NodeId),
    #[error("{given} previous hosts are given for {functions} functions; give one each, or none")]
    Previous { given: usize, functions: usize },
}

pub(super) fn find(graph: &Graph, dimensions: usize, problem: &Problem) -> Vec<Defect> {
    let mut finder = Defects { graph, dimensions, problem, found: Vec::new() };
    finder.whole();
    if finder.found.is_empty() {
        (0..problem.functions.len()).for_each(|index| finder.function(index));
        (0..problem.links.len()).for_each(|index| finder.link(index));
        (0..problem.groups.len()).for_each(|index| finder.group(index));
    }
    finder.found
}

struct Defects<'a> {
    graph: &'a Graph,
    dimensions: usize,
    problem: &'a Problem,
    found: Vec<Defect>,
}

impl Defects<'_> {
    fn add(&mut self, part: Part, fault: Fault) {
        self.found.push(Defect { part, fault });
    }

    fn whole(&mut self) {
        let (functions, links) = (self.problem.functions.len(), self.problem.links.len());
        if functions == 0 && links == 0 {
            self.add(Part::Problem, Fault::Empty);
        }
        let counts = [("functions", functions, MAX_FUNCTIONS), ("links", links, MAX_LINKS)];
        for (what, given, max) in counts {
            if given > max {
                self.add(Part::Problem, Fault::TooMany { what, given, max });
            }
        }
        let given = self.problem.previous.len();
        if given != 0 && given != functions {
            self.add(Part::Problem, Fault::Previous { given, functions });
        }
    }

    fn function(&mut self, index: usize) {
        let (function, part) = (&self.problem.functions[index], Part::Function(index));
        let (given, dimensions) = (function.demand.len(), self.dimensions);
        if given != dimensions {
            self.add(part, Fault::Dimensions { given, dimensions });
        }
        for value in &function.demand {
            self.quantity(part, *value);
        }
        if let Hosts::Only(hosts) = &function.hosts {
            if hosts.is_empty() {
                self.add(part, Fault::NoHosts);
            }
            hosts.iter().for_each(|host| self.node(part, *host));
        }
        if let Some(Some(host)) = self.problem.previous.get(index) {
            self.node(part, *host);
        }
    }

    fn link(&mut self, index: usize) {
        let (link, part) = (&self.problem.links[index], Part::Link(index));
        for end in [link.a, link.b] {
            match end {
                End::Node(node) => self.node(part, node),
                End::Function(function) => self.member(part, function),
            }
        }
        match (link.a, link.b) {
            (End::Function(a), End::Function(b)) if a == b => self.add(part, Fault::SameFunction),
            (End::Node(a), End::Node(b)) if a == b => self.add(part, Fault::SameNode(a)),
            _ => {}
        }
        self.quantity(part, link.traffic.forward());
        self.quantity(part, link.traffic.backward().unwrap_or(0));
    }

    fn group(&mut self, index: usize) {
        let members = &self.problem.groups[index].members;
        members.iter().for_each(|member| self.member(Part::Group(index), *member));
    }

    fn quantity(&mut self, part: Part, value: u64) {
        if value > MAX_CAPACITY {
            self.add(part, Fault::TooLarge { value, max: MAX_CAPACITY });
        }
    }

    fn node(&mut self, part: Part, node: NodeId) {
        if !self.graph.has_node(node) {
            self.add(part, Fault::UnknownNode(node));
        }
    }

    fn member(&mut self, part: Part, function: usize) {
        if function >= self.problem.functions.len() {
            self.add(part, Fault::UnknownFunction(function));
        }
    }
}
