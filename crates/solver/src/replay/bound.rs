//! What no way of deciding can exceed, even one that knows the future: a relaxation in which the
//! network is two heaps, of CPU and of bandwidth, every link takes one hop, and requests may be
//! accepted in part.

use super::trace::{Event, Trace};

/// Steps of the search for prices.
const STEPS: u32 = 300;

/// An upper bound on the share of requests that can be accepted. Prices for CPU and bandwidth at
/// each time give a bound, whatever they are (Lagrangian relaxation); the search looks for ones
/// that give a low bound.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a bound that is rounded up at the end")]
pub fn acceptance_bound(trace: &Trace) -> f64 {
    let instants = trace.events.len();
    let (cpu, bandwidth) = (
        trace.nodes.iter().sum::<u64>() as f64,
        trace.links.iter().map(|link| link.bandwidth).sum::<u64>() as f64,
    );
    let stays = stays(trace);
    let mut prices = vec![[0.0f64; 2]; instants];
    let mut best = stays.len() as f64;
    for step in 0..STEPS {
        let sums = running(&prices);
        let mut used = vec![[0.0f64; 2]; instants + 1];
        let mut bound = sums[instants][0] + sums[instants][1];
        for stay in &stays {
            let price = |kind: usize| sums[stay.to][kind] - sums[stay.from][kind];
            let share = [stay.cpu / cpu, stay.bandwidth / bandwidth];
            let gain = 1.0 - share[0] * price(0) - share[1] * price(1);
            if gain > 0.0 {
                bound += gain;
                for (kind, share) in share.iter().enumerate() {
                    used[stay.from][kind] += share;
                    used[stay.to][kind] -= share;
                }
            }
        }
        best = best.min(bound);
        let lead = best / f64::from(step + 8);
        raise(&mut prices, &used, bound - best + lead);
    }
    (best / stays.len().max(1) as f64).min(1.0)
}

/// A request, while it is there: from one event up to another.
struct Stay {
    from: usize,
    to: usize,
    cpu: f64,
    bandwidth: f64,
}

#[expect(clippy::cast_precision_loss, reason = "demands are small")]
fn stays(trace: &Trace) -> Vec<Stay> {
    let mut from = vec![None; trace.requests.len()];
    let mut stays = Vec::new();
    for (instant, event) in trace.events.iter().enumerate() {
        match event {
            Event::Arrival { request } => from[*request] = Some(instant),
            Event::Departure { request } => {
                let Some(from) = from[*request].take() else { continue };
                let request = &trace.requests[*request];
                let cpu = request.nodes.iter().sum::<u64>() as f64;
                let bandwidth = request.links.iter().map(|link| link.2).sum::<u64>() as f64;
                stays.push(Stay { from, to: instant, cpu, bandwidth });
            }
        }
    }
    stays
}

/// Sums of all prices before each instant.
fn running(prices: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sums = vec![[0.0; 2]];
    let mut sum = [0.0; 2];
    for price in prices {
        sum = [sum[0] + price[0], sum[1] + price[1]];
        sums.push(sum);
    }
    sums
}

/// Raises prices where more is used than there is, and lowers them where less is, so far that the
/// bound would fall by `aim` if it were straight (Polyak 1969).
fn raise(prices: &mut [[f64; 2]], changes: &[[f64; 2]], aim: f64) {
    let mut used = [0.0; 2];
    let mut excess = Vec::with_capacity(prices.len());
    for (price, change) in prices.iter().zip(changes) {
        used = [used[0] + change[0], used[1] + change[1]];
        // A price of nothing cannot fall.
        let of = |kind: usize| {
            let excess: f64 = used[kind] - 1.0;
            if price[kind] > 0.0 { excess } else { excess.max(0.0) }
        };
        excess.push([of(0), of(1)]);
    }
    let steepness: f64 = excess.iter().flatten().map(|excess| excess * excess).sum();
    let step = if steepness > 0.0 { aim / steepness } else { 0.0 };
    for (price, excess) in prices.iter_mut().zip(excess) {
        for (price, excess) in price.iter_mut().zip(excess) {
            *price = (*price + step * excess).max(0.0);
        }
    }
}
