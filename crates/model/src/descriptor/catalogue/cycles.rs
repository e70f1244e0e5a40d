//! A network service must not be nested in itself, by however long a way.

use super::Catalogue;
use crate::descriptor::diagnostic::Problem;
use crate::descriptor::envelope::Descriptor;
use crate::descriptor::nsd::Nsd;
use std::collections::BTreeMap;

/// One problem for each nested service through which `nsd` comes back to itself. Nesting directly
/// in oneself is found in the file alone.
pub(super) fn check(catalogue: &Catalogue, nsd: &Nsd) -> Vec<Problem> {
    let direct = nsd.nested_nsd_id.iter().filter(|id| **id != nsd.id);
    direct
        .filter_map(|first| Some((first, way(catalogue, first, &nsd.id)?)))
        .map(|(first, way)| {
            let path = format!("nsd[{}]/nested-nsd-id[{first}]", nsd.id);
            let round = format!("{} → {}", nsd.id, way.join(" → "));
            let message = format!("the nesting comes back to where it began: {round}");
            Problem::new(path, message, "take one of these out of nested-nsd-id")
        })
        .collect()
}

/// The shortest way of nesting from one service to another, both included.
fn way<'c>(catalogue: &'c Catalogue, from: &'c str, to: &str) -> Option<Vec<&'c str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::from([(from, from)]);
    let mut frontier = vec![from];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for at in frontier {
            for nested in nested(catalogue, at) {
                if came_from.contains_key(nested) {
                    continue;
                }
                came_from.insert(nested, at);
                if nested == to {
                    return Some(unwind(&came_from, nested));
                }
                next.push(nested);
            }
        }
        frontier = next;
    }
    None
}

fn nested<'c>(catalogue: &'c Catalogue, id: &str) -> impl Iterator<Item = &'c str> {
    let document = catalogue.nsds.get(id);
    let nsd = document.and_then(|document| match &document.descriptor {
        Descriptor::Nsd(nsd) => Some(nsd),
        Descriptor::Vnfd(_) => None,
    });
    nsd.into_iter().flat_map(|nsd| nsd.nested_nsd_id.iter().map(String::as_str))
}

fn unwind<'c>(came_from: &BTreeMap<&'c str, &'c str>, end: &'c str) -> Vec<&'c str> {
    let mut way = vec![end];
    let mut at = end;
    while let Some(&before) = came_from.get(at).filter(|before| **before != at) {
        way.push(before);
        at = before;
    }
    way.reverse();
    way
}
