//! Nothing is left: every byte is as it was at boot.

use super::Tour;
use crate::judge::{self, Books, Snapshot};
use crate::report::{Evidence, Mismatch};

pub(super) async fn take(tour: &mut Tour) -> Result<Evidence, Mismatch> {
    let stage = tour.stage()?;
    let now = Snapshot::of(&stage.lab);
    let mut evidence = Evidence::default();
    evidence.object(tour.boot.differences(&now));
    let usage = stage.client.topology().await?.usage.unwrap_or_default();
    let carried = stage.lab.carried();
    let lab = Books::of_lab(&carried, &stage.lab.vim_use());
    evidence.object(judge::compare_books(&Books::of_engine(&usage), &lab, &carried));
    evidence.expect("attachments", &0, &carried.attachments);
    let held: usize = stage.lab.vim_objects().values().map(|objects| objects.len()).sum();
    evidence.expect("objects in the VIMs", &0, &held);
    let bytes: usize = now.devices.values().map(String::len).sum();
    evidence.conclude(format!(
        "{} running configurations ({bytes} bytes) are byte for byte as at boot, and {} VIMs are empty.",
        now.devices.len(),
        now.vims.len()
    ));
    evidence.fact("configurations", now.devices.len());
    evidence.fact("bytes", bytes);
    evidence.fact("vims", now.vims.len());
    Ok(evidence)
}
