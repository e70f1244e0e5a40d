//! The engine's books are what switches and VIMs hold, and nothing is used beyond what there is.

use super::Tour;
use crate::judge::{self, Books};
use crate::report::{Evidence, Mismatch, Side, Table, mbps};
use crate::stage::Stage;

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let mut evidence = Evidence::default();
    audit(tour.stage()?, &mut evidence).await?;
    Ok(evidence)
}

/// Counts what is used from switches and VIMs, and compares it with the books.
pub(super) async fn audit(stage: &Stage, evidence: &mut Evidence) -> Result<(), Mismatch> {
    let usage = stage.client.topology().await?.usage.unwrap_or_default();
    let carried = stage.lab.carried();
    let engine = Books::of_engine(&usage);
    let lab = Books::of_lab(&carried, &stage.lab.vim_use());
    evidence.object(judge::compare_books(&engine, &lab, &carried));
    evidence.object(overfull(stage, &lab));
    evidence.conclude(format!(
        "{} links, {} ports and {} VIMs are used as the books say; counted from {} attachments.",
        lab.links.len(),
        lab.ports.len(),
        lab.vims.len(),
        carried.attachments
    ));
    evidence.show(links(stage, &lab, &engine));
    evidence.show(vims(&lab, &engine));
    evidence.fact("links", &lab.links);
    evidence.fact("ports", &lab.ports);
    evidence.fact("vims", &lab.vims);
    evidence.fact("attachments", carried.attachments);
    Ok(())
}

fn overfull(stage: &Stage, lab: &Books) -> Vec<Mismatch> {
    let links = stage.lab.topology().links.values().filter_map(|link| {
        let used = lab.links.get(link.id.as_str()).filter(|used| **used > link.capacity.0)?;
        let most = format!("at most {}", mbps(link.capacity.0));
        Some(Mismatch::new(format!("use of link {}", link.id), most, mbps(*used)))
    });
    let vims = stage.lab.topology().vims.values().filter_map(|vim| {
        let used = lab.vims.get(vim.id.as_str())?;
        let (what, used, limit) = vim.capacity.first_shortage(*used)?;
        let what = format!("use of {what} in {}", vim.id);
        Some(Mismatch::new(what, format!("at most {limit}"), used))
    });
    links.chain(vims).collect()
}

fn links(stage: &Stage, lab: &Books, engine: &Books) -> Table {
    let mut table = Table::new(&[
        ("LINK", Side::Left),
        ("SWITCHES CARRY", Side::Right),
        ("BOOKS SAY", Side::Right),
        ("OF", Side::Right),
        ("", Side::Right),
    ]);
    for (id, used) in &lab.links {
        let capacity = stage.lab.topology().links.get(id.as_str()).map_or(0, |l| l.capacity.0);
        let booked = engine.links.get(id).copied().unwrap_or_default();
        let share = judge::percent(*used, capacity).to_string();
        table.row([id.clone(), mbps(*used), mbps(booked), mbps(capacity), share]);
    }
    table
}

fn vims(lab: &Books, engine: &Books) -> Table {
    let mut table =
        Table::new(&[("VIM", Side::Left), ("IT HOLDS", Side::Left), ("BOOKS SAY", Side::Left)]);
    for (id, used) in &lab.vims {
        let booked = engine.vims.get(id).copied().unwrap_or_default();
        table.row([id.clone(), used.to_string(), booked.to_string()]);
    }
    table
}
