//! Dry runs: what an intent would become, with the difference on every device. Nothing changes.

use crate::arguments::Part;
use crate::drive;
use crate::figures::Samples;
use crate::network::{Network, connection, mobile_core};
use crate::running::Place;
use crate::table::Row;
use api::wire;

const CONNECTIONS: u32 = 1000;
const CORES: u32 = 200;
const IN_FLIGHT: u32 = 8;
const AGAINST: &str = "the lab, empty; plan and difference for each device";

pub(crate) async fn measure(place: &Place) -> anyhow::Result<Vec<Row>> {
    let network = Network::start(place).await?;
    let mut rows = Vec::new();
    for in_flight in [1, IN_FLIGHT] {
        for (what, count, intent) in kinds() {
            let count = count * in_flight.min(2) / 2;
            let samples = run(&network, count, in_flight, intent).await?;
            let what = format!("plans: {what}, {in_flight} in flight");
            rows.push(Row::rate(Part::Plans, &what, &samples, AGAINST));
        }
    }
    network.check_clean().await?;
    network.stop().await?;
    Ok(rows)
}

type Kind = (&'static str, u32, fn(u32) -> wire::Intent);

fn kinds() -> [Kind; 2] {
    [("connection", CONNECTIONS, connection), ("5G core", CORES, |_| mobile_core())]
}

async fn run(
    network: &Network,
    count: u32,
    in_flight: u32,
    intent: fn(u32) -> wire::Intent,
) -> anyhow::Result<Samples> {
    let client = network.client.clone();
    let ask = move |number| {
        let client = client.clone();
        async move { client.plan(intent(number)).await }
    };
    Ok(drive::all(count, in_flight, ask).await?.0)
}
