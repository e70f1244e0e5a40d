//! Services from an intent to switches that are seen to have them, and away again.

use crate::arguments::Part;
use crate::client::Client;
use crate::drive;
use crate::figures::Samples;
use crate::floor;
use crate::network::{Network, connection, mobile_core};
use crate::running::Place;
use crate::table::Row;
use anyhow::Context as _;
use std::time::Instant;
use tokio::task::JoinSet;

const IN_TURN: u32 = 50;
const CORES: u32 = 10;
/// `ApplyIntent` calls at a time.
const CALLS: u32 = 64;
const LAB: &str = "the lab: 22 switches over NETCONF and gNMI";
const LAB_AND_VIMS: &str = "the lab: 22 switches and 4 VIMs";
const SAME_DISK: &str = "the same disk";
const DAEMON: &str = "the daemon of the lab";

pub(crate) async fn measure(place: &Place, count: u32) -> anyhow::Result<Vec<Row>> {
    let network = Network::start(place).await?;
    let floor = floor::measure(place.path())?;
    let before = network.resident()?;
    let mut rows = cores(&network).await?;
    let alone = in_turn(&network).await?;
    let many = Many::apply(&network.client, count).await?;
    let there = network.client.active().await?;
    anyhow::ensure!(there == count as usize, "{there} of {count} are active");
    let live = network.resident()?;
    let removed = remove(&network.client, count).await?;
    let clean = network.check_clean().await?;
    let after = network.resident()?;
    network.stop().await?;

    rows.splice(0..0, accepted(&many.accepted, &floor));
    rows.extend(applied(&alone, &many, &removed));
    rows.extend(memory([before, live, after], count));
    let as_at_boot = "switches and VIMs that are as at boot, all deleted";
    rows.push(Row::plain(Part::Services, as_at_boot, clean as f64, "count", LAB_AND_VIMS));
    Ok(rows)
}

/// The example's 5G core, applied and deleted again and again.
async fn cores(network: &Network) -> anyhow::Result<Vec<Row>> {
    let (mut applied, mut deleted) = (Vec::new(), Vec::new());
    for _ in 0..CORES {
        let begin = Instant::now();
        carry_out(&network.client, 0, Service::Core).await?;
        applied.push(begin.elapsed());
        anyhow::ensure!(network.client.active().await? == 1, "the 5G core is not active");
        let begin = Instant::now();
        take_away(&network.client, mobile_core().name).await?;
        deleted.push(begin.elapsed());
    }
    network.check_clean().await?;
    let row = |what, each| {
        let samples = Samples::in_turn(each).context("nothing was measured")?;
        anyhow::Ok(Row::rate(Part::Services, what, &samples, LAB_AND_VIMS))
    };
    Ok(vec![
        row("5G cores applied, one at a time", applied)?,
        row("5G cores deleted, one at a time", deleted)?,
    ])
}

#[derive(Clone, Copy, Debug)]
enum Service {
    Connection,
    Core,
}

async fn carry_out(client: &Client, number: u32, service: Service) -> anyhow::Result<()> {
    let intent = match service {
        Service::Connection => connection(number),
        Service::Core => mobile_core(),
    };
    let operation = client.apply(intent).await?;
    client.wait(&operation).await
}

async fn take_away(client: &Client, name: String) -> anyhow::Result<()> {
    let operation = client.delete(name).await?;
    client.wait(&operation).await
}

/// Each begins when the one before it is active.
async fn in_turn(network: &Network) -> anyhow::Result<Samples> {
    let client = network.client.clone();
    let apply = move |number| {
        let client = client.clone();
        async move { carry_out(&client, number, Service::Connection).await }
    };
    let (samples, _) = drive::all(IN_TURN, 1, apply).await?;
    anyhow::ensure!(network.client.active().await? == IN_TURN as usize, "not all are active");
    remove(&network.client, IN_TURN).await?;
    network.check_clean().await?;
    Ok(samples)
}

/// Connections that were all asked for at once.
#[derive(Debug)]
struct Many {
    /// The calls alone: until the intent is durable.
    accepted: Samples,
    /// From the call to the operation's end, when the switches were read again.
    applied: Samples,
}

impl Many {
    async fn apply(client: &Client, count: u32) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let caller = client.clone();
        let call = move |number| {
            let client = caller.clone();
            async move {
                let operation = client.apply(connection(number)).await?;
                Ok(tokio::spawn(async move {
                    client.wait(&operation).await?;
                    anyhow::Ok(Instant::now())
                }))
            }
        };
        let (accepted, waiting) = drive::all(count, CALLS, call).await?;
        let mut each = Vec::new();
        for (began, active) in waiting {
            each.push(active.await.context("a waiter panicked")??.duration_since(began));
        }
        let applied = Samples::of(each, begin.elapsed()).context("nothing was applied")?;
        Ok(Self { accepted, applied })
    }
}

/// Deletes the first `count` connections at once.
async fn remove(client: &Client, count: u32) -> anyhow::Result<Samples> {
    let begin = Instant::now();
    let mut deletions = JoinSet::new();
    for number in 0..count {
        let client = client.clone();
        deletions.spawn(async move {
            let begin = Instant::now();
            take_away(&client, connection(number).name).await?;
            anyhow::Ok(begin.elapsed())
        });
    }
    let mut each = Vec::new();
    while let Some(deleted) = deletions.join_next().await {
        each.push(deleted.context("a deletion panicked")??);
    }
    Samples::of(each, begin.elapsed()).context("nothing was deleted")
}

fn accepted(accepted: &Samples, floor: &Samples) -> Vec<Row> {
    let what = format!("intents accepted, each durable, {CALLS} calls in flight");
    let ratio = accepted.per_second() / floor.per_second();
    let daemon = "the daemon of the lab, which carries them out meanwhile";
    vec![
        Row::rate(Part::Services, &what, accepted, daemon),
        Row::rate(Part::Services, "floor: append and fdatasync, 1 KiB", floor, SAME_DISK),
        Row::plain(Part::Services, "accepted to floor", ratio, "x", SAME_DISK),
    ]
}

fn applied(alone: &Samples, many: &Many, removed: &Samples) -> Vec<Row> {
    let (count, part) = (many.applied.count(), Part::Services);
    let ratio = many.applied.per_second() / alone.per_second();
    let at_once = format!("connections active, {count} at once");
    let deleted = format!("connections deleted, {count} at once");
    vec![
        Row::rate(part, "connections active, one at a time", alone, LAB),
        Row::rate(part, &at_once, &many.applied, LAB),
        Row::plain(part, "at once to one at a time", ratio, "x", LAB),
        Row::rate(part, &deleted, removed, LAB),
    ]
}

fn memory(mib: [f64; 3], count: u32) -> Vec<Row> {
    let live = format!("resident memory, {count} connections active");
    let after = "resident memory, all deleted";
    let rows = [("resident memory, no service", mib[0]), (&live, mib[1]), (after, mib[2])];
    rows.into_iter()
        .map(|(what, mib)| Row::plain(Part::Services, what, mib, "MiB", DAEMON))
        .collect()
}
