//! What is to be placed and connected.

use crate::ids::NodeId;
use crate::paths::AdminPolicy;

/// A request of more functions is refused: divide the service.
pub const MAX_FUNCTIONS: usize = 512;
pub const MAX_LINKS: usize = 8192;

/// A service: functions, links between them, and rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    pub functions: Vec<Function>,
    pub links: Vec<Link>,
    pub groups: Vec<Group>,
    pub sharing: Sharing,
    /// Where functions run now, by function; empty for a new service. What need not move stays.
    pub previous: Vec<Option<NodeId>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// One value a dimension of the network's node resources.
    pub demand: Vec<u64>,
    pub hosts: Hosts,
}

/// Which nodes may run a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    #[default]
    Any,
    /// One of these; a single one pins the function.
    Only(Vec<NodeId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub a: End,
    pub b: End,
    pub traffic: Traffic,
    /// Upper bound on the one-way latency, in either direction, in microseconds.
    pub max_latency: Option<u64>,
    pub admin: AdminPolicy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An index into [`Problem::functions`].
    Function(usize),
    /// A fixed node: where a service access point is attached.
    Node(NodeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// From `a` to `b` only, or both ways in one shared capacity.
    OneWay(u64),
    /// Both ways, over the same links.
    CoRouted { forward: u64, backward: u64 },
    /// Both ways, each on the path that is best for it.
    Separate { forward: u64, backward: u64 },
}

impl Traffic {
    #[must_use]
    pub fn forward(self) -> u64 {
        match self {
            Self::OneWay(forward)
            | Self::CoRouted { forward, .. }
            | Self::Separate { forward, .. } => forward,
        }
    }

    /// None when nothing goes the other way.
    #[must_use]
    pub fn backward(self) -> Option<u64> {
        match self {
            Self::OneWay(_) => None,
            Self::CoRouted { backward, .. } | Self::Separate { backward, .. } => Some(backward),
        }
    }
}

/// Functions that belong together or apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub rule: Rule,
    pub scope: Scope,
    /// Indices into [`Problem::functions`].
    pub members: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Affinity,
    AntiAffinity,
}

/// How far "together" or "apart" reaches (ETSI GS NFV-IFA 014 §6.3.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Host,
    Pop,
    Zone,
}

/// Whether functions of one problem may run on the same node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// They may; a link between two functions on one node stays inside it.
    #[default]
    Allowed,
    OnePerHost,
}

/// Where nodes are: what pop and zone scopes are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// By node.
    pub pops: Vec<u32>,
    /// By node.
    pub zones: Vec<u32>,
}

impl Places {
    /// Every node a point of presence of its own, all in one zone.
    #[must_use]
    pub fn distinct(nodes: usize) -> Self {
        Self { pops: (0..nodes).map(|node| NodeId::at(node).0).collect(), zones: vec![0; nodes] }
    }

    pub(crate) fn same(&self, scope: Scope, a: NodeId, b: NodeId) -> bool {
        match scope {
            Scope::Host => a == b,
            Scope::Pop => self.pops[a.index()] == self.pops[b.index()],
            Scope::Zone => self.zones[a.index()] == self.zones[b.index()],
        }
    }
}
