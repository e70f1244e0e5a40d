//! The descriptors are in the catalogue, as they were given.

use super::Tour;
use crate::example;
use crate::report::{Evidence, Mismatch};
use api::wire::descriptor::Kind;
use std::collections::BTreeMap;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let client = &tour.stage()?.client;
    let files = example::descriptors();
    let answer = client.onboard(files.clone()).await?;
    let mut evidence = Evidence::default();
    let warnings: Vec<String> = answer.diagnostics.iter().map(|d| d.message.clone()).collect();
    let listed: BTreeMap<String, Kind> =
        client.descriptors().await?.iter().map(|d| (d.id.clone(), d.kind())).collect();
    let count = |kind| listed.values().filter(|listed| **listed == kind).count();
    evidence.expect("network services in the catalogue", &1, &count(Kind::Nsd));
    evidence.expect("functions in the catalogue", &(files.len() - 1), &count(Kind::Vnfd));
    for id in listed.keys() {
        let content = client.descriptor(id).await?.content;
        if files.iter().all(|file| file.content != content) {
            evidence.object([Mismatch::new(
                format!("content of {id}"),
                "a file as given",
                content,
            )]);
        }
    }
    let names: Vec<String> =
        listed.iter().map(|(id, kind)| format!("{id} ({})", kind.as_str_name())).collect();
    evidence.say(format!("{}.", names.join(", ")));
    evidence.fact("descriptors", names);
    evidence.fact("warnings", warnings);
    evidence.fact("revision", answer.revision);
    Ok(evidence)
}
