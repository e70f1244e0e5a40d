//! Replays a trace and prints its scores: `replay TRACE.json.gz [OUT.jsonl [MOVES [SEED]]]`.
//! Instead of a file, `waxman:NODES:GAP:SEED` or `wide:NODES:GAP:SEED` makes a trace.

use serde_json::{Value, json};
use solver::Effort;
use solver::replay::synth::{Topology, Workload};
use solver::replay::{Event, Outcome, PhysicalLink, Request, Trace, replay};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("usage: replay TRACE.json.gz [OUT.jsonl [MOVES [SEED]]]")?;
    let number = |index: usize| arguments.get(index).map(|text| text.parse::<u64>()).transpose();
    let effort = Effort::FAST;
    let effort = Effort {
        moves: number(2)?.unwrap_or(effort.moves),
        seed: number(3)?.unwrap_or(effort.seed),
    };
    let trace = if path.contains(':') { make(path)? } else { read(path)? };
    let begin = Instant::now();
    let mut clock = || u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let before = on_cpu();
    let outcome = replay(&trace, effort, &mut clock)?;
    let on_cpu = on_cpu() - before;
    if let Some(out) = arguments.get(1).filter(|out| *out != "-") {
        write(&outcome, out)?;
    }
    let totals = outcome.totals(&trace);
    println!(
        "accepted {}/{} AC {:.4} LRC {:.4} revenue-time {:.2} µs mean {:.1} p50 {:.1} p99 {:.1} on-cpu {:.1}",
        totals.accepted,
        totals.requests,
        totals.acceptance,
        totals.revenue_to_cost,
        totals.revenue_time,
        totals.mean_micros,
        totals.p50_micros,
        totals.p99_micros,
        on_cpu / 1e3 / totals.requests as f64
    );
    Ok(())
}

/// Nanoseconds that this process has had a processor for, where the system tells: on a machine
/// that others use too, the wall clock says little.
fn on_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0)
}

fn make(text: &str) -> Result<Trace, Box<dyn Error>> {
    let parts: Vec<_> = text.split(':').collect();
    let [kind, nodes, gap, seed] = parts[..] else { return Err("want KIND:NODES:GAP:SEED".into()) };
    let (topology, size) =
        if kind == "waxman" { (Topology::Waxman, 10) } else { (Topology::WideArea, 6) };
    let (nodes, gap, seed) = (nodes.parse()?, gap.parse()?, seed.parse()?);
    let workload = Workload { topology, nodes, requests: 1000, gap, size, density: 0.4, seed };
    Ok(workload.trace())
}

fn read(path: &str) -> Result<Trace, Box<dyn Error>> {
    let value: Value = serde_json::from_reader(flate2::read::GzDecoder::new(File::open(path)?))?;
    let list = |key: &str| value[key].as_array().cloned().ok_or(format!("{path}: no list {key}"));
    Ok(Trace {
        nodes: list("p_nodes")?.iter().map(|node| whole(&node["cpu"])).collect::<Result<_, _>>()?,
        links: list("p_links")?.iter().map(link).collect::<Result<_, _>>()?,
        requests: list("requests")?.iter().map(request).collect::<Result<_, _>>()?,
        events: list("events")?.iter().map(event).collect::<Result<_, _>>()?,
    })
}

fn whole(value: &Value) -> Result<u64, Box<dyn Error>> {
    Ok(value.as_u64().ok_or_else(|| format!("not a whole number: {value}"))?)
}

fn index(value: &Value) -> Result<usize, Box<dyn Error>> {
    Ok(usize::try_from(whole(value)?)?)
}

fn link(value: &Value) -> Result<PhysicalLink, Box<dyn Error>> {
    let (u, v) = (u32::try_from(whole(&value["u"])?)?, u32::try_from(whole(&value["v"])?)?);
    Ok(PhysicalLink { u, v, bandwidth: whole(&value["bw"])? })
}

fn request(value: &Value) -> Result<Request, Box<dyn Error>> {
    let number = |key: &str| value[key].as_f64().ok_or(format!("a request without {key}"));
    let nodes = value["nodes"].as_array().ok_or("a request without nodes")?;
    let links = value["links"].as_array().ok_or("a request without links")?;
    let link = |l: &Value| Ok((index(&l[0])?, index(&l[1])?, whole(&l[2])?));
    Ok(Request {
        arrival: number("arrival")?,
        lifetime: number("lifetime")?,
        nodes: nodes.iter().map(whole).collect::<Result<_, _>>()?,
        links: links.iter().map(link).collect::<Result<_, Box<dyn Error>>>()?,
    })
}

fn event(value: &Value) -> Result<Event, Box<dyn Error>> {
    let request = index(&value[2])?;
    Ok(if whole(&value[1])? == 1 {
        Event::Arrival { request }
    } else {
        Event::Departure { request }
    })
}

fn write(outcome: &Outcome, path: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(path)?);
    for answer in &outcome.answers {
        let line = if answer.accepted {
            let hosts: Vec<_> = answer.hosts.iter().map(|node| node.0).collect();
            let nodes = |path: &Vec<solver::NodeId>| path.iter().map(|node| node.0).collect();
            let paths: Vec<Vec<_>> = answer.paths.iter().map(nodes).collect();
            json!({"req": answer.request, "nodes": hosts, "paths": paths})
        } else {
            json!({"req": answer.request, "rejected": true})
        };
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
