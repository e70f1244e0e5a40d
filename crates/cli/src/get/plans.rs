//! Plans in force.

use super::intents::all;
use super::{Listing, Which};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Side, Table, json, mbps};
use api::wire::planned_link::Route;
use api::wire::{GetPlanRequest, Plan, PlanInForce};

pub(super) async fn list(client: &Client, which: Which<'_>) -> Result<Listing, Failure> {
    let plans = match which {
        Which::Named(name) => vec![plan(client, name).await?],
        Which::Filtered(filter) => in_force(client, filter).await?,
    };
    Ok(Listing { values: plans.iter().map(json).collect(), table: table(&plans) })
}

pub(crate) async fn plan(client: &Client, name: &str) -> Result<PlanInForce, Failure> {
    let request = GetPlanRequest { intent: name.to_owned() };
    client.answer(client.plans().get_plan(request)).await
}

/// Intents without a plan in force (WL0007) are left out, and those that went meanwhile (WL0005).
pub(crate) async fn in_force(client: &Client, filter: &str) -> Result<Vec<PlanInForce>, Failure> {
    let mut plans = Vec::new();
    for intent in all(client, filter).await? {
        match plan(client, &intent.name).await {
            Ok(plan) => plans.push(plan),
            Err(failure) if ["WL0005", "WL0007"].contains(&failure.code.as_str()) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(plans)
}

fn table(plans: &[PlanInForce]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("INTENT", Left),
        ("ETAG", Right),
        ("PARENT", Right),
        ("FUNCTIONS", Right),
        ("CIRCUITS", Right),
        ("POPS", Left),
        ("BANDWIDTH", Right),
    ]);
    for plan in plans {
        let plan = plan.plan.clone().unwrap_or_default();
        let circuits =
            plan.virtual_links.iter().filter(|l| matches!(l.route, Some(Route::Circuit(_))));
        table.row([
            (&plan.intent).into(),
            (&plan.intent_etag).into(),
            plan.parent.into(),
            plan.functions.len().to_string().into(),
            circuits.count().to_string().into(),
            pops(&plan).into(),
            mbps(plan.virtual_links.iter().map(|l| l.bandwidth_a_to_z_mbps).sum()).into(),
        ]);
    }
    table
}

fn pops(plan: &Plan) -> String {
    let pops: std::collections::BTreeSet<&str> =
        plan.functions.iter().map(|function| function.pop.as_str()).collect();
    pops.into_iter().collect::<Vec<_>>().join(", ")
}
