//! What a dry run said against what was done.

use crate::report::Mismatch;
use api::wire;
use api::wire::vim_change::Action;
use std::collections::{BTreeMap, BTreeSet};

/// The plan in force is the one that was shown, but for the revisions that it names.
pub(crate) fn same_plan(shown: &wire::Plan, in_force: &wire::Plan) -> Option<Mismatch> {
    let bare =
        |plan: &wire::Plan| wire::Plan { parent: 0, intent_etag: String::new(), ..plan.clone() };
    let (shown, in_force) = (bare(shown), bare(in_force));
    (shown != in_force).then(|| {
        let count = |plan: &wire::Plan| {
            format!("{} functions and {} links", plan.functions.len(), plan.virtual_links.len())
        };
        Mismatch::new(
            "the plan in force is the one that was shown",
            count(&shown),
            count(&in_force),
        )
    })
}

/// Each object that was to be created is there, and nothing else is.
pub(crate) fn objects(
    changes: &[wire::VimChange],
    there: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Mismatch> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.action() == Action::Create) {
        wanted.entry(change.vim.clone()).or_default().insert(change.object.clone());
    }
    let none = BTreeSet::new();
    let vims: BTreeSet<&String> = wanted.keys().chain(there.keys()).collect();
    vims.into_iter()
        .flat_map(|vim| {
            let of =
                |map: &BTreeMap<String, BTreeSet<String>>| map.get(vim).unwrap_or(&none).clone();
            let (wanted, there) = (of(&wanted), of(there));
            let missing: Vec<_> = wanted.difference(&there).cloned().collect();
            let extra: Vec<_> = there.difference(&wanted).cloned().collect();
            let missing = missing.into_iter().map(|name| (name, "is there", "is missing"));
            let extra = extra.into_iter().map(|name| (name, "is not there", "is there"));
            missing.chain(extra).map(move |(name, expected, found)| {
                Mismatch::new(format!("{name} in {vim}"), expected, found)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::route::tests::plan;

    #[test]
    fn revisions_do_not_count_and_everything_else_does() {
        let mut in_force = wire::Plan { parent: 9, intent_etag: "4".to_owned(), ..plan() };
        assert_eq!(same_plan(&plan(), &in_force), None);
        in_force.virtual_links[0].bandwidth_a_to_z_mbps += 1;
        assert!(same_plan(&plan(), &in_force).is_some());
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_told() {
        let change = |object: &str| wire::VimChange {
            vim: "v".to_owned(),
            action: Action::Create.into(),
            object: object.to_owned(),
        };
        let there = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            BTreeMap::from([("v".to_owned(), names)])
        };
        let wanted = [change("server a"), change("network n")];
        assert_eq!(objects(&wanted, &there(&["server a", "network n"])), []);
        let found = objects(&wanted, &there(&["server a", "server b"]));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "network n in v: expected is there, found is missing",
                "server b in v: expected is not there, found is there",
            ]
        );
    }
}
