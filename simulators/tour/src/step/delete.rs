//! Every service goes, whichever there are.

use super::Tour;
use crate::report::{Evidence, Mismatch};

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let mut evidence = Evidence::default();
    let names: Vec<String> =
        stage.client.intents_there().await?.into_iter().map(|intent| intent.name).collect();
    let gone = tour.plans.iter().filter(|plan| !names.contains(&plan.intent));
    evidence.object(gone.map(|plan| Mismatch::new(&plan.intent, "an intent", "none")));
    for name in &names {
        let operation = stage.client.delete(name).await?;
        stage.client.wait(&operation, &tour.progress).await?;
    }
    let left = stage.client.intents_there().await?;
    evidence.expect("services after", &0, &left.len());
    evidence.conclude(format!("{} are gone.", names.join(" and ")));
    evidence.fact("deleted", names);
    tour.plans.clear();
    Ok(evidence)
}
