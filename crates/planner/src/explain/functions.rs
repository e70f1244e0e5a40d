//! Why a function runs where it does.

use super::Explanation;
use crate::report::Decision;
use crate::wanted::allows;
use model::{PopId, Resources};
use solver::{End, NodeId, Route, Rule, Scope};

/// More places than this are counted, not explained.
const EXPLAINED: usize = 8;

/// What speaks against another place.
enum Against {
    /// The intent does.
    Rule(String),
    /// Something does not fit there.
    Room(String),
    /// It would cost as much or more.
    Cost(String),
}

impl Against {
    fn words(self) -> String {
        match self {
            Self::Rule(words) | Self::Room(words) | Self::Cost(words) => words,
        }
    }
}

impl Explanation<'_, '_> {
    pub(super) fn function(&mut self, function: usize) -> Decision {
        let here = self.solution.hosts[function];
        let node = self.network.node(here);
        let vim = node.vim.as_ref().map(ToString::to_string).unwrap_or_default();
        let choice = format!("VIM {vim} at PoP {}", node.pop);
        let others = self.others(function, here);
        let because = self.because(function, &others);
        let more = (self.network.vims().count() - 1).saturating_sub(EXPLAINED);
        let mut rejected: Vec<_> = others
            .into_iter()
            .map(|(vim, against)| format!("{vim}: {}", against.words()))
            .collect();
        if more > 0 {
            rejected.push(format!("{more} more"));
        }
        let subject = format!("function {}", self.wanted.function(function).id);
        Decision { subject, choice, because, rejected }
    }

    fn because(&self, function: usize, others: &[(String, Against)]) -> String {
        let only = |rule: fn(&Against) -> bool| others.iter().all(|(_, against)| rule(against));
        if only(|against| matches!(against, Against::Rule(_))) {
            return "no other VIM is allowed".to_owned();
        }
        if only(|against| !matches!(against, Against::Cost(_))) {
            return "it is the only allowed VIM that it fits".to_owned();
        }
        if self.stays(function) {
            return "it runs there already".to_owned();
        }
        let links: Vec<_> = self.links_at(function).map(|link| self.length(link)).collect();
        if links.is_empty() {
            return "it has room, and no virtual link says otherwise".to_owned();
        }
        format!("its virtual links cost least there: {}", links.join(", "))
    }

    fn stays(&self, function: usize) -> bool {
        let before = self.wanted.problem.previous.get(function).copied().flatten();
        before == Some(self.solution.hosts[function])
    }

    fn links_at(&self, function: usize) -> impl Iterator<Item = usize> + use<'_> {
        let links = self.wanted.problem.links.iter().enumerate();
        let here = End::Function(function);
        links.filter(move |(_, link)| link.a == here || link.b == here).map(|(index, _)| index)
    }

    fn length(&self, link: usize) -> String {
        let id = &self.wanted.link(link).id;
        let route = &self.solution.routes[link];
        match self.network.links_of(&route.forward).len() {
            0 if route.forward.is_empty() => format!("{id} inside the VIM"),
            0 => format!("{id} within the device"),
            1 => format!("{id} over 1 link"),
            n => format!("{id} over {n} links"),
        }
    }

    /// The other places, each with what speaks against it while all else stays where it is.
    fn others(&mut self, function: usize, here: NodeId) -> Vec<(String, Against)> {
        let links: Vec<_> = self.links_at(function).collect();
        let checkpoint = self.left.checkpoint();
        links.iter().for_each(|link| self.give_back(*link));
        let cost = |link: &usize| {
            self.cost(&self.wanted.problem.links[*link], &self.solution.routes[*link])
        };
        let now = links.iter().map(cost).sum();
        let vims = self.network.vims().filter(|(.., node)| *node != here);
        let vims: Vec<_> = vims.map(|(id, pop, node)| (id.to_string(), pop, node)).collect();
        let others = vims.into_iter().take(EXPLAINED).map(|(id, pop, node)| {
            let against = self.against(function, (pop, node), &links, now);
            (id, against)
        });
        let others = others.collect();
        self.left.abandon(checkpoint);
        others
    }

    fn against(
        &mut self,
        function: usize,
        (pop, node): (&PopId, NodeId),
        links: &[usize],
        now: u128,
    ) -> Against {
        let want = self.wanted.function(function);
        if !allows(&want.placement, pop) {
            return Against::Rule(format!("the intent does not allow PoP {pop}"));
        }
        let free = self.left.resources(node).iter();
        let needs = want.resources.as_array();
        if let Some(((free, need), what)) =
            free.zip(needs).zip(Resources::DIMENSIONS).find(|((free, need), _)| *free < need)
        {
            return Against::Room(format!("it has {free} {what} left of the {need} needed"));
        }
        if let Some(broken) = self.broken_group(function, node) {
            return Against::Rule(broken);
        }
        match self.cost_at(function, node, links) {
            Err(no_path) => Against::Room(no_path),
            Ok(cost) if cost > now => Against::Cost(format!(
                "its virtual links would cost {cost} there, not {now} (Mbps × metric)"
            )),
            Ok(cost) if cost == now => Against::Cost("it costs the same".to_owned()),
            Ok(cost) if self.stays(function) => {
                Against::Cost(format!("cheaper ({cost}, not {now}), but it would have to move"))
            }
            Ok(cost) => Against::Cost(format!(
                "cheaper by itself ({cost}, not {now}), but not found together with the others"
            )),
        }
    }

    fn broken_group(&self, function: usize, node: NodeId) -> Option<String> {
        let places = &self.network.places;
        let same = |scope: Scope, a: NodeId, b: NodeId| match scope {
            Scope::Host => a == b,
            Scope::Pop => places.pops[a.index()] == places.pops[b.index()],
            Scope::Zone => places.zones[a.index()] == places.zones[b.index()],
        };
        let groups = self.wanted.problem.groups.iter().enumerate();
        let mut mine = groups.filter(|(_, group)| group.members.contains(&function));
        mine.find_map(|(index, group)| {
            let mut others = group.members.iter().filter(|member| **member != function);
            let other = others.find(|member| {
                let together = same(group.scope, node, self.solution.hosts[**member]);
                together != (group.rule == Rule::Affinity)
            })?;
            let (id, other) = (&self.wanted.group(index).id, &self.wanted.function(*other).id);
            let wish = if group.rule == Rule::Affinity { "with" } else { "apart from" };
            Some(format!("group {id} wants it {wish} {other}"))
        })
    }

    /// What the links of a function cost when it runs elsewhere, or which of them has no path.
    fn cost_at(&mut self, function: usize, node: NodeId, links: &[usize]) -> Result<u128, String> {
        let checkpoint = self.left.checkpoint();
        let mut cost = Ok(0);
        for &index in links {
            let link = self.wanted.problem.links[index];
            let at =
                |end: End| if end == End::Function(function) { node } else { self.node_of(end) };
            let (from, to) = (at(link.a), at(link.b));
            if from == to {
                continue;
            }
            let query = self.query(&link, from, to);
            match self.finder.shortest(self.left, &query) {
                Ok(path) => {
                    let backward = path.backward(&self.network.graph).unwrap_or_default();
                    let route = Route { forward: path.arcs, backward };
                    self.take(&link, &route);
                    cost = cost.map(|sum| sum + self.cost(&link, &route));
                }
                Err(no_path) => {
                    let id = &self.wanted.link(index).id;
                    cost = Err(format!("virtual link {id}: {}", self.in_words(&no_path)));
                    break;
                }
            }
        }
        self.left.abandon(checkpoint);
        cost
    }

    fn take(&mut self, link: &solver::Link, route: &Route) {
        let (there, back) = (link.traffic.forward(), link.traffic.backward().unwrap_or_default());
        for (arcs, amount) in [(&route.forward, there), (&route.backward, back)] {
            for arc in arcs {
                let pool = self.network.graph.arc(*arc).pool;
                self.left.set_bandwidth(pool, self.left.bandwidth(pool).saturating_sub(amount));
            }
        }
    }
}
