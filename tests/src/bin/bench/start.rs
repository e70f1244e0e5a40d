//! From the start of a process to the line that says it is ready.

use crate::arguments::Part;
use crate::figures::Samples;
use crate::running::Place;
use crate::table::Row;
use anyhow::Context as _;
use std::path::Path;

const DAEMONS: usize = 9;
const LABS: usize = 5;

pub(crate) async fn measure(place: &Place) -> anyhow::Result<Vec<Row>> {
    let mut daemons = Vec::new();
    for _ in 0..DAEMONS {
        daemons.push(daemon(place).await?);
    }
    let mut labs = Vec::new();
    for _ in 0..LABS {
        labs.push(lab(place).await?);
    }
    let daemons = Samples::in_turn(daemons).context("no daemon was started")?;
    let labs = Samples::in_turn(labs).context("no lab was started")?;
    let lab = "22 switches, 4 VIMs and a daemon that has read its topology";
    Ok(vec![
        Row::median(Part::Start, "cold start: `serve`, median", &daemons, "an empty store"),
        Row::median(Part::Start, "cold start: `lab up`, median", &labs, lab),
    ])
}

async fn daemon(place: &Place) -> anyhow::Result<std::time::Duration> {
    let (data, secrets) = (place.fresh("data-")?, place.fresh("secrets-")?);
    let (data, secrets) = (text(&data)?, text(&secrets)?);
    let flags = ["--listen", "127.0.0.1:0", "--insecure-loopback"];
    let mut words = vec!["serve", "--data", data, "--secrets", secrets];
    words.extend(flags);
    let running = place.start(&words).await?;
    let took = running.took;
    running.stop().await?;
    Ok(took)
}

async fn lab(place: &Place) -> anyhow::Result<std::time::Duration> {
    let data = place.fresh("lab-")?;
    let running = place.start(&["lab", "up", "--data", text(&data)?]).await?;
    let took = running.took;
    running.stop().await?;
    Ok(took)
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder's name is not text")
}
