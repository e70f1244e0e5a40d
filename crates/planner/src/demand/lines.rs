//! Virtual links of more than two ends, as lines between two: what switches carry.

use model::Mbps;
use model::descriptor::FlowPattern;
use model::descriptor::template::Link;
use model::plan::LinkEnd;

/// Pairs grow with the square of the ends.
const MAX_ENDS: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) name: String,
    pub(super) a: &'a LinkEnd,
    pub(super) z: &'a LinkEnd,
    /// Each way.
    pub(super) rate: Mbps,
}

impl Line<'_> {
    pub(super) fn ends(&self, end: &LinkEnd) -> bool {
        self.a == end || self.z == end
    }
}

/// A line is itself. A tree becomes one line from its root, which is its first end, to each leaf; a
/// mesh becomes one for each pair. A branch gets the leaf bitrate where there is one, and never
/// more than the root's (ETSI GS NFV-IFA 014 §6.5.6). Empty where there are too many ends.
pub(super) fn lines(link: &Link) -> Vec<Line<'_>> {
    let ends = &link.ends;
    if let [a, z] = &ends[..] {
        return vec![Line { name: link.id.to_string(), a, z, rate: link.bitrates.root }];
    }
    if ends.len() > MAX_ENDS {
        return Vec::new();
    }
    let pairs =
        ends.iter().enumerate().flat_map(|(i, a)| ends[i + 1..].iter().map(move |z| (i, a, z)));
    let pairs = pairs.filter(|(from, ..)| link.pattern == FlowPattern::Mesh || *from == 0);
    let root = link.bitrates.root;
    let rate = link.bitrates.leaf.map_or(root, |leaf| leaf.min(root));
    let named = |(n, (_, a, z))| Line { name: format!("{}-{n}", link.id), a, z, rate };
    (1..).zip(pairs).map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::descriptor::Bitrates;
    use model::{SapId, VirtualLinkId};

    fn link(pattern: FlowPattern, ends: usize, root: u64, leaf: Option<u64>) -> Link {
        let end = |n: usize| LinkEnd::Sap(SapId::new(format!("s{n}")).unwrap());
        Link {
            id: VirtualLinkId::new("l").unwrap(),
            pattern,
            ends: (0..ends).map(end).collect(),
            bitrates: Bitrates { root: Mbps(root), leaf: leaf.map(Mbps) },
            max_bitrates: None,
            latency: None,
            priority: None,
            availability: None,
        }
    }

    fn shown(link: &Link) -> Vec<String> {
        let end = |end: &LinkEnd| match end {
            LinkEnd::Sap(sap) => sap.to_string(),
            LinkEnd::Function { function, .. } => function.to_string(),
        };
        let line = |l: Line<'_>| format!("{}: {}-{} {}", l.name, end(l.a), end(l.z), l.rate.0);
        lines(link).into_iter().map(line).collect()
    }

    #[test]
    fn links_become_lines() {
        use FlowPattern::{Line, Mesh, Tree};
        let table: [(Link, &[&str]); 5] = [
            (link(Line, 2, 10, Some(5)), &["l: s0-s1 10"]),
            (link(Tree, 3, 10, Some(5)), &["l-1: s0-s1 5", "l-2: s0-s2 5"]),
            (link(Tree, 3, 4, Some(5)), &["l-1: s0-s1 4", "l-2: s0-s2 4"]),
            (link(Mesh, 3, 10, None), &["l-1: s0-s1 10", "l-2: s0-s2 10", "l-3: s1-s2 10"]),
            (link(Mesh, MAX_ENDS + 1, 10, None), &[]),
        ];
        for (link, wanted) in table {
            assert_eq!(shown(&link), wanted, "{link:?}");
        }
    }
}
