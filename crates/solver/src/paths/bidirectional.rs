//! The cheapest path, looked for from both ends at once (Pohl 1971).

use super::tree::{Direction, Tree};
use crate::graph::{Graph, Step};
use crate::ids::{ArcId, NodeId};

/// The arcs of a cheapest path from `from` to `to` over steps that are admitted. `bound` is a lower
/// bound on the cost from a node to the end that a search in the given direction looks for.
pub(super) fn meet(
    graph: &Graph,
    trees: [&mut Tree; 2],
    (from, to): (NodeId, NodeId),
    admits: impl Fn(NodeId, &Step) -> bool,
    bound: impl Fn(Direction, NodeId) -> u64,
) -> Option<Vec<ArcId>> {
    let [there, back] = trees;
    there.plant(from);
    back.plant(to);
    let mut best = if from == to { (0, Some(from)) } else { (u64::MAX, None) };
    while let (Some(ahead), Some(behind)) = (there.next_key(), back.next_key()) {
        if ahead.saturating_add(behind) >= best.0 {
            break;
        }
        let (tree, other, direction) = if ahead <= behind {
            (&mut *there, &*back, Direction::Forward)
        } else {
            (&mut *back, &*there, Direction::Backward)
        };
        tree.advance(graph, direction, |node, here, step| {
            if !admits(node, step) {
                return None;
            }
            let distance = here + u64::from(step.cost);
            if distance >= best.0 || distance.saturating_add(bound(direction, step.node)) >= best.0
            {
                return None;
            }
            let whole = distance.saturating_add(other.distance(step.node));
            if whole < best.0 {
                best = (whole, Some(step.node));
            }
            Some(distance)
        });
    }
    let middle = best.1?;
    let mut arcs = there.path_to(graph, middle);
    arcs.extend(back.path_from(graph, middle));
    Some(arcs)
}
