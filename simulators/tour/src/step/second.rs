//! Two services on the same links, and neither disturbs the other.

use super::{Tour, apply, books, frames};
use crate::example;
use crate::judge;
use crate::report::{Evidence, Mismatch};
use api::wire;
use std::collections::BTreeSet;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let mut evidence = Evidence::default();
    let plan = apply::deploy(stage, example::second(), &tour.progress, &mut evidence).await?;
    let mut plans = tour.plans.clone();
    plans.push(plan);
    let shared = shared(&plans);
    if shared.is_empty() {
        evidence.object([Mismatch::new("links that both services use", "some", "none")]);
    }
    evidence.say(format!(
        "Both services use {}.",
        shared.iter().cloned().collect::<Vec<_>>().join(" ")
    ));
    evidence.fact("shared-links", &shared);
    frames::send(&stage.lab, &plans, &mut evidence);
    books::audit(stage, &mut evidence).await?;
    tour.plans = plans;
    Ok(evidence)
}

/// The links that every plan uses.
fn shared(plans: &[wire::Plan]) -> BTreeSet<String> {
    let used = |plan: &wire::Plan| -> BTreeSet<String> {
        let ways = judge::directions(plan);
        ways.iter().flat_map(|way| way.way.hops.iter().map(|hop| hop.link.clone())).collect()
    };
    let common = |a: BTreeSet<String>, b: BTreeSet<String>| a.intersection(&b).cloned().collect();
    plans.iter().map(used).reduce(common).unwrap_or_default()
}
