//! What a trace says.

use crate::embed::{End, Function, Hosts, Link, Problem, Sharing, Traffic};
use crate::graph::{ArcSpec, BadArc, Graph, GraphBuilder};
use crate::ids::NodeId;
use crate::paths::AdminPolicy;
use crate::residual::Residuals;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// CPU by physical node.
    pub nodes: Vec<u64>,
    pub links: Vec<PhysicalLink>,
    pub requests: Vec<Request>,
    /// In the order in which they are to be replayed.
    pub events: Vec<Event>,
}

/// An undirected link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhysicalLink {
    pub u: u32,
    pub v: u32,
    pub bandwidth: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub arrival: f64,
    pub lifetime: f64,
    /// CPU by virtual node.
    pub nodes: Vec<u64>,
    /// Two virtual nodes, and the bandwidth between them.
    pub links: Vec<(usize, usize, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Arrival { request: usize },
    Departure { request: usize },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceFault {
    #[error("the physical network has {} bad links, the first: {}; correct the trace", .0.len(), .0[0])]
    Links(Vec<BadArc>),
    #[error("event {event} names request {request} of {requests}; correct the trace")]
    UnknownRequest { event: usize, request: usize, requests: usize },
    #[error("request {request} arrives twice; give each request one arrival")]
    ArrivesTwice { request: usize },
    #[error("not all requests depart: resources are still held at the end; add departures")]
    Unfinished,
}

impl Trace {
    pub(super) fn check(&self) -> Result<(), TraceFault> {
        let requests = self.requests.len();
        let mut arrived = vec![false; requests];
        for (event, what) in self.events.iter().enumerate() {
            let (Event::Arrival { request } | Event::Departure { request }) = *what;
            if request >= requests {
                return Err(TraceFault::UnknownRequest { event, request, requests });
            }
            let arrives = matches!(what, Event::Arrival { .. });
            if arrives && std::mem::replace(&mut arrived[request], true) {
                return Err(TraceFault::ArrivesTwice { request });
            }
        }
        Ok(())
    }

    pub(super) fn graph(&self) -> Result<Graph, TraceFault> {
        let mut builder = GraphBuilder::new(self.nodes.len());
        for link in &self.links {
            builder.edge(&ArcSpec::new(NodeId(link.u), NodeId(link.v), link.bandwidth));
        }
        builder.build().map_err(TraceFault::Links)
    }

    pub(super) fn residuals(&self, graph: &Graph) -> Residuals {
        Residuals::new(graph, 1, self.nodes.clone()).expect("a CPU value is given for each node")
    }
}

impl Request {
    /// The request as a problem: one function a node, one path a link.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let function = |cpu: &u64| Function { demand: vec![*cpu], hosts: Hosts::Any };
        let link = |&(a, b, bandwidth): &(usize, usize, u64)| Link {
            a: End::Function(a),
            b: End::Function(b),
            traffic: Traffic::OneWay(bandwidth),
            max_latency: None,
            admin: AdminPolicy::default(),
        };
        Problem {
            functions: self.nodes.iter().map(function).collect(),
            links: self.links.iter().map(link).collect(),
            sharing: Sharing::OnePerHost,
            ..Problem::default()
        }
    }
}
