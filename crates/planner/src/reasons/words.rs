//! The solver's answers in the words of the topology.

use super::Refused;
use crate::demand::{Group, GroupRule};
use crate::network::Carrier;
use model::plan::{BindingConstraint, Relaxation};
use model::{FunctionId, Mbps, Micros, Resources};
use solver::{ArcId, Binding, Scope};

impl Refused<'_, '_> {
    pub(super) fn in_words(&self, binding: &Binding) -> BindingConstraint {
        match *binding {
            Binding::Resources { function, dimension, needed, available, nearest } => {
                BindingConstraint::PopCapacity {
                    function: self.function(function),
                    dimension: Resources::DIMENSIONS[dimension].to_owned(),
                    needed,
                    available,
                    nearest: self.planner.network.node(nearest).pop.clone(),
                }
            }
            Binding::TotalResources { dimension, needed, available } => {
                self.totals(dimension, needed, available)
            }
            Binding::TooFewHosts { functions, nodes } => BindingConstraint::Placement {
                function: self.function(0),
                rule: format!("{functions} functions need a VIM each, {nodes} VIMs may run them"),
            },
            Binding::Placement { a, b, scope, together } => self.placement(a, b, scope, together),
            Binding::Bandwidth { link, arc, needed, available } => {
                self.bandwidth(link, arc, Mbps(needed), Mbps(available))
            }
            Binding::Latency { link, bound, best } => BindingConstraint::Latency {
                virtual_link: self.wanted.link(link).id.clone(),
                bound: Micros(bound),
                best: Micros(best),
            },
            Binding::Disconnected { link, from, to } => BindingConstraint::Disconnected {
                virtual_link: self.wanted.link(link).id.clone(),
                from: self.planner.network.node(from).device.clone(),
                to: self.planner.network.node(to).device.clone(),
            },
            Binding::Excluded { .. } | Binding::Links { .. } | Binding::Functions { .. } => {
                self.search_limit()
            }
        }
    }

    fn function(&self, index: usize) -> FunctionId {
        self.wanted.function(index).id.clone()
    }

    /// The function that needs most of it stands for all.
    fn totals(&self, dimension: usize, needed: u64, available: u64) -> BindingConstraint {
        let functions = &self.wanted.problem.functions;
        let most = (0..functions.len()).max_by_key(|f| functions[*f].demand[dimension]);
        let what = Resources::DIMENSIONS[dimension];
        BindingConstraint::Placement {
            function: self.function(most.unwrap_or_default()),
            rule: format!(
                "the {} functions together need {needed} {what}; the VIMs that may run them have {available} left",
                functions.len()
            ),
        }
    }

    fn placement(&self, a: usize, b: usize, scope: Scope, together: bool) -> BindingConstraint {
        let place = match scope {
            Scope::Host => "VIM",
            Scope::Pop => "PoP",
            Scope::Zone => "zone",
        };
        let other = self.function(b);
        let rule = match together {
            true => format!("it must be in one {place} with {other}"),
            false => format!("it must be in another {place} than {other}"),
        };
        let group = self.group_of(a, b, together).map(|g| format!(" (group {})", g.id));
        BindingConstraint::Placement {
            function: self.function(a),
            rule: rule + &group.unwrap_or_default(),
        }
    }

    fn group_of(&self, a: usize, b: usize, together: bool) -> Option<&Group> {
        self.wanted.demand.groups.iter().find(|group| {
            (group.rule == GroupRule::Affinity) == together
                && group.members.contains(&a)
                && group.members.contains(&b)
        })
    }

    fn bandwidth(
        &self,
        link: usize,
        arc: ArcId,
        needed: Mbps,
        available: Mbps,
    ) -> BindingConstraint {
        match self.planner.network.carrier(arc) {
            Carrier::Link(id) => BindingConstraint::LinkCapacity {
                virtual_link: self.wanted.link(link).id.clone(),
                link: id.clone(),
                needed,
                available,
            },
            Carrier::Port(port) => {
                BindingConstraint::PortCapacity { port: port.clone(), needed, available }
            }
        }
    }

    pub(super) fn relaxation_in_words(&self, relaxation: &solver::Relaxation) -> Relaxation {
        let change = |what: String, from: String, to: String| Relaxation { what, from, to };
        match *relaxation {
            solver::Relaxation::Latency { link, from, to } => change(
                format!("the latency bound of virtual link {}", self.wanted.link(link).id),
                Micros(from).to_string(),
                Micros(to).to_string(),
            ),
            solver::Relaxation::Bandwidth { link, from, to } => change(
                format!("the bandwidth of virtual link {}", self.wanted.link(link).id),
                Mbps(from).to_string(),
                Mbps(to).to_string(),
            ),
            solver::Relaxation::Resources { function, dimension, from, to } => change(
                format!(
                    "the {} of function {}",
                    Resources::DIMENSIONS[dimension],
                    self.function(function)
                ),
                from.to_string(),
                to.to_string(),
            ),
            solver::Relaxation::AnyHost { function } => change(
                format!("the placement of function {}", self.function(function)),
                "the PoPs it may run in".to_owned(),
                "any PoP".to_owned(),
            ),
            solver::Relaxation::Group { group } => change(
                format!("group {}", self.wanted.group(group).id),
                "kept".to_owned(),
                "dropped".to_owned(),
            ),
            solver::Relaxation::Admin { link } => change(
                format!("the admin groups of virtual link {}", self.wanted.link(link).id),
                "as asked".to_owned(),
                "any".to_owned(),
            ),
            solver::Relaxation::Sharing => {
                change("VIMs".to_owned(), "one for each function".to_owned(), "shared".to_owned())
            }
        }
    }
}
