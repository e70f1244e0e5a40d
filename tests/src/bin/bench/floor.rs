//! What the disk itself can do: the floor under everything that is durable.

use crate::figures::Samples;
use anyhow::Context as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// About an intent with its operation.
const RECORD_BYTES: usize = 1024;
const FOR: Duration = Duration::from_secs(2);

/// One record after the other, appended and synchronised (`fdatasync`).
pub(crate) fn measure(folder: &Path) -> anyhow::Result<Samples> {
    let path = folder.join("floor");
    let mut file = File::create(&path).context("the floor's file cannot be made")?;
    let record = [7_u8; RECORD_BYTES];
    let mut each = Vec::new();
    let begin = Instant::now();
    while begin.elapsed() < FOR {
        let start = Instant::now();
        file.write_all(&record).and_then(|()| file.sync_data()).context("the disk refused")?;
        each.push(start.elapsed());
    }
    Samples::in_turn(each).context("the disk wrote nothing in time")
}
