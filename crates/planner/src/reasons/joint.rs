//! What binds where each part fits by itself: parts are added one after the other, and the first
//! that finds no place beside those before it is the one.

use super::Refused;
use solver::{Binding, End, Group, Hosts, NoPath, NodeId, Problem, Query, Rule, Scope, Solution};

impl Refused<'_, '_> {
    /// `None` where everything fits after all when it is added in this order.
    pub(super) fn joint(&mut self) -> Option<Binding> {
        let functions = self.wanted.problem.functions.len();
        match self.most(functions, |all, count| all.part(count, &[])) {
            (placed, Some(solution)) if placed < functions => {
                self.function_left_over(placed, &solution)
            }
            (0, None) if functions > 0 => self.function_left_over(0, &Solution::default()),
            _ => self.link_left_over(),
        }
    }

    /// How many of `count` parts fit, added in their order, and where. It is a bisection: a search
    /// is a search, and each length of the list takes one.
    fn most(
        &mut self,
        count: usize,
        problem: impl Fn(&Self, usize) -> Problem,
    ) -> (usize, Option<Solution>) {
        let (mut fits, mut best) = (0, None);
        let mut too_many = count + 1;
        while too_many - fits > 1 {
            let middle = fits + (too_many - fits) / 2;
            match self.try_out(&problem(self, middle)) {
                Some(solution) => (fits, best) = (middle, Some(solution)),
                None => too_many = middle,
            }
        }
        (fits, best)
    }

    /// The problem of the first functions, the rules among them, and some links.
    fn part(&self, functions: usize, links: &[usize]) -> Problem {
        let all = &self.wanted.problem;
        let group = |group: &Group| Group {
            members: group.members.iter().copied().filter(|m| *m < functions).collect(),
            ..group.clone()
        };
        Problem {
            functions: all.functions[..functions].to_vec(),
            links: links.iter().map(|link| all.links[*link]).collect(),
            groups: all.groups.iter().map(group).collect(),
            ..Problem::default()
        }
    }

    /// With all functions placed, the lightest links first: what is left over is what is large.
    fn link_left_over(&mut self) -> Option<Binding> {
        let all = &self.wanted.problem;
        let weight = |link: &usize| {
            let traffic = all.links[*link].traffic;
            traffic.forward().saturating_add(traffic.backward().unwrap_or_default())
        };
        let mut order: Vec<usize> = (0..all.links.len()).collect();
        order.sort_by_key(weight);
        let functions = all.functions.len();
        let (routed, solution) =
            self.most(order.len(), |all, count| all.part(functions, &order[..count]));
        let solution = match solution {
            Some(solution) => solution,
            None if functions == 0 => Solution::default(),
            None => self.try_out(&self.part(functions, &[]))?,
        };
        let left_over = *order.get(routed)?;
        self.beside(&solution, &self.part(functions, &order[..routed]), |refused| {
            let ends = refused.ends(&solution, left_over);
            let no_path = refused.no_path(left_over, ends)?;
            refused.binding(left_over, ends, no_path)
        })
    }

    /// What `look` sees while a solution of a part holds what it uses.
    fn beside<T>(
        &mut self,
        solution: &Solution,
        part: &Problem,
        look: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let graph = &self.planner.network.graph;
        let checkpoint = self.residuals.checkpoint();
        let reserved = solution.reserve(graph, part, self.residuals);
        let seen = reserved.ok().and_then(|()| look(self));
        self.residuals.abandon(checkpoint);
        seen
    }

    fn ends(&self, solution: &Solution, link: usize) -> (NodeId, NodeId) {
        let at = |end: End| match end {
            End::Function(function) => solution.hosts[function],
            End::Node(node) => node,
        };
        let link = &self.wanted.problem.links[link];
        (at(link.a), at(link.b))
    }

    fn no_path(&mut self, link: usize, (from, to): (NodeId, NodeId)) -> Option<NoPath> {
        let want = &self.wanted.problem.links[link];
        let mut query = Query::new(from, to).bandwidth(want.traffic.forward());
        query.backward = want.traffic.backward();
        query.max_latency = want.max_latency;
        self.planner.finder.shortest(self.residuals, &query).err()
    }

    fn binding(&mut self, link: usize, ends: (NodeId, NodeId), no_path: NoPath) -> Option<Binding> {
        match no_path {
            NoPath::Bandwidth { arc, needed, available } => {
                Some(Binding::Bandwidth { link, arc, needed, available })
            }
            NoPath::Latency { bound, best } => {
                let short = self.short_within_bound(link, &[ends]);
                Some(short.unwrap_or(Binding::Latency { link, bound, best }))
            }
            NoPath::Disconnected => Some(Binding::Disconnected { link, from: ends.0, to: ends.1 }),
            _ => None,
        }
    }

    /// Where a path would be fast enough and has no room, the room is what is short, and allowing
    /// more time is a way round it.
    pub(super) fn short_within_bound(
        &mut self,
        link: usize,
        pairs: &[(NodeId, NodeId)],
    ) -> Option<Binding> {
        let want = self.wanted.problem.links[link];
        let graph = &self.planner.network.graph;
        let (there, back) = (want.traffic.forward(), want.traffic.backward().unwrap_or_default());
        let mut least: Option<(u64, Binding)> = None;
        for (from, to) in pairs {
            let mut query = Query::new(*from, *to).backward(0);
            query.max_latency = want.max_latency;
            let Ok(path) = self.planner.finder.shortest(self.residuals, &query) else { continue };
            let twins = path.arcs.iter().filter_map(|arc| graph.arc(*arc).twin);
            let uses = path.arcs.iter().map(|arc| (*arc, there));
            let uses = uses.chain(twins.map(|twin| (twin, back)));
            let short = uses.filter_map(|(arc, needed)| {
                let available = self.residuals.bandwidth(graph.arc(arc).pool);
                let short = needed.checked_sub(available).filter(|short| *short > 0)?;
                Some((short, Binding::Bandwidth { link, arc, needed, available }))
            });
            // Of two that are as short, the one on the way there.
            let worst = short.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
            let Some(worst) = worst else { continue };
            if least.is_none_or(|least| worst.0 < least.0) {
                least = Some(worst);
            }
        }
        least.map(|(_, binding)| binding)
    }

    /// Why a function has no place beside the ones before it.
    fn function_left_over(&mut self, function: usize, before: &Solution) -> Option<Binding> {
        self.beside(before, &self.part(function, &[]), |refused| {
            let shortage = refused.nearest_shortage(function);
            shortage.or_else(|| refused.broken_rule(function, &before.hosts))
        })
    }

    /// `None` where an allowed VIM has room. Else the one that lacks least, and of what.
    fn nearest_shortage(&self, function: usize) -> Option<Binding> {
        let want = &self.wanted.problem.functions[function];
        let Hosts::Only(hosts) = &want.hosts else { return None };
        let lack = |node: NodeId| {
            let free = self.residuals.resources(node).iter().zip(&want.demand).enumerate();
            free.map(|(dimension, (free, need))| (need.saturating_sub(*free), dimension)).max()
        };
        let least = hosts.iter().filter_map(|node| Some((lack(*node)?, *node)));
        let ((lack, dimension), nearest) = least.min_by_key(|((lack, _), node)| (*lack, *node))?;
        let needed = want.demand[dimension];
        let available = needed.saturating_sub(lack);
        (lack > 0).then_some(Binding::Resources { function, dimension, needed, available, nearest })
    }

    /// The first rule that holds the function to, or away from, one that is placed.
    fn broken_rule(&self, function: usize, hosts: &[NodeId]) -> Option<Binding> {
        let groups = self.wanted.problem.groups.iter();
        let mut mine = groups.filter(|group| group.members.contains(&function));
        mine.find_map(|group| {
            let other = group.members.iter().find(|member| **member < hosts.len())?;
            let scope: Scope = group.scope;
            let together = group.rule == Rule::Affinity;
            Some(Binding::Placement { a: function, b: *other, scope, together })
        })
    }
}
