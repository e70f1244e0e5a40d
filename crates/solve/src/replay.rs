//! `wayleave solve replay`.

use crate::failure::Failure;
use crate::{files, trace};
use clap::Args;
use serde_json::{Value, json};
use solver::Effort;
use solver::replay::synth::{Topology, Workload};
use solver::replay::{Answer, Trace, acceptance_bound, replay_within};
use std::path::PathBuf;
use std::time::Instant;

#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A trace (JSON, packed when its name ends in .gz); or `waxman:NODES:GAP:SEED` or
    /// `wide:NODES:GAP:SEED` for one of our own making, GAP being the mean time between arrivals
    #[arg(value_name = "TRACE.json.gz")]
    pub trace: PathBuf,
    /// Where to write the decisions: one JSON object a line, by order of arrival, with "req", and
    /// either "nodes" (a host for each virtual node) and "paths" (the nodes of each virtual link's
    /// path) or "rejected"
    #[arg(long, value_name = "RESULT.jsonl")]
    pub out: Option<PathBuf>,
    /// The seed of every choice that is left to chance
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Moves of the search for one request; more find better answers and take longer
    #[arg(long, default_value_t = Effort::FAST.moves)]
    pub moves: u64,
    /// Go on looking for a better answer for this long, in microseconds a request; the answers then
    /// depend on the machine
    #[arg(long, default_value_t = 0)]
    pub budget_us: u64,
}

pub(crate) fn run(args: &ReplayArgs) -> Result<Value, Failure> {
    let content = |reason: String| Failure::Content { path: args.trace.clone(), reason };
    let trace = load(args)?;
    let begin = Instant::now();
    let mut clock = || u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let effort = Effort { seed: args.seed, moves: args.moves };
    let nanos = args.budget_us.saturating_mul(1000);
    let outcome = replay_within(&trace, effort, nanos, &mut clock)
        .map_err(|fault| content(fault.to_string()))?;
    if let Some(out) = &args.out {
        files::write_lines(out, outcome.answers.iter().map(line))?;
    }
    let totals = outcome.totals(&trace);
    Ok(json!({
        "requests": totals.requests,
        "accepted": totals.accepted,
        "acceptance": rounded(totals.acceptance, 4),
        "acceptance_bound": rounded(acceptance_bound(&trace), 4),
        "revenue_to_cost": rounded(totals.revenue_to_cost, 4),
        "revenue_time": rounded(totals.revenue_time, 2),
        "mean_us": rounded(totals.mean_micros, 1),
        "p50_us": rounded(totals.p50_micros, 1),
        "p99_us": rounded(totals.p99_micros, 1),
        "seed": args.seed,
        "moves": args.moves,
        "budget_us": args.budget_us,
    }))
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

fn line(answer: &Answer) -> Value {
    if !answer.accepted {
        return json!({"req": answer.request, "rejected": true});
    }
    let hosts: Vec<_> = answer.hosts.iter().map(|node| node.0).collect();
    let nodes = |path: &Vec<solver::NodeId>| path.iter().map(|node| node.0).collect();
    let paths: Vec<Vec<_>> = answer.paths.iter().map(nodes).collect();
    json!({"req": answer.request, "nodes": hosts, "paths": paths})
}

fn load(args: &ReplayArgs) -> Result<Trace, Failure> {
    match args.trace.to_str().filter(|text| text.contains(':')) {
        Some(text) => make(text).map_err(|reason| {
            let reason = format!("{reason}; want waxman:NODES:GAP:SEED or wide:NODES:GAP:SEED");
            Failure::Content { path: args.trace.clone(), reason }
        }),
        None => trace::read(&args.trace),
    }
}

/// A workload of our own making.
fn make(text: &str) -> Result<Trace, String> {
    let parts: Vec<_> = text.split(':').collect();
    let [kind, nodes, gap, seed] = parts[..] else { return Err("it has not four parts".into()) };
    let topology = match kind {
        "waxman" => Topology::Waxman,
        "wide" => Topology::WideArea,
        other => return Err(format!("{other} is no kind of network")),
    };
    let nodes: u32 = nodes.parse().map_err(|_| format!("{nodes} is no number of nodes"))?;
    let gap: f64 = gap.parse().map_err(|_| format!("{gap} is no time"))?;
    let seed = seed.parse().map_err(|_| format!("{seed} is no seed"))?;
    let sound = (16..=10_000).contains(&nodes) && gap > 0.0 && gap.is_finite();
    if !sound {
        return Err("it has too few or too many nodes, or no time between arrivals".into());
    }
    Ok(Workload { topology, nodes, requests: 1000, gap, size: 10, density: 0.4, seed }.trace())
}
