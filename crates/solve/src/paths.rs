//! `wayleave solve paths`.

use crate::failure::Failure;
use crate::files::{self, Table};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use solver::graph::{ArcSpec, Graph, GraphBuilder};
use solver::paths::Job;
use solver::{Approach, Disjointness, Finder, Landmarks, NodeId, Path, Query, Residuals};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// A node's number is below this.
const MOST_NODES: u32 = 20_000_000;

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
GRAPH.csv has a first line that names its columns, then one link a line:
  u,v        its ends: node numbers from 0 on (needed)
  cost       what paths make small; 1 where it is not given
  latency    one way, in microseconds; 0 where it is not given
  capacity   1000000 where it is not given
  srlg       a shared-risk group
Links go both ways. Numbers are whole. A name that ends in .gz is unpacked.

QUERIES.csv has one query a line:
  from,to      the ends (needed)
  bandwidth    each link of a path has at least this capacity
  max_latency  in microseconds
  max_hops

PATHS.jsonl gets one object a line, in the order of the queries: \"query\" (from 0 on), \"micros\",
and \"paths\", each with \"nodes\", \"cost\" and \"latency\", or \"none\" and the reason.")]
pub struct PathsArgs {
    /// The network
    #[arg(value_name = "GRAPH.csv.gz")]
    pub graph: PathBuf,
    /// What is asked
    #[arg(value_name = "QUERIES.csv")]
    pub queries: PathBuf,
    /// What is looked for
    #[arg(long, value_enum)]
    pub job: JobName,
    /// How many paths `ksp` looks for
    #[arg(long, default_value_t = 4)]
    pub k: usize,
    /// What the two paths of `disjoint` must not share
    #[arg(long, value_enum, default_value = "link")]
    pub apart: Disjoint,
    /// Where to write the paths
    #[arg(long, value_name = "PATHS.jsonl")]
    pub out: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobName {
    /// The cheapest path within the constraints
    Cspf,
    /// The k cheapest loopless paths
    Ksp,
    /// Two disjoint paths, the cheapest together
    Disjoint,
    /// The path whose narrowest link is widest
    Widest,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disjoint {
    Link,
    Node,
    Srlg,
}

pub(crate) fn run(args: &PathsArgs) -> Result<Value, Failure> {
    let graph = graph(&args.graph)?;
    let queries = queries(&args.queries)?;
    let begin = Instant::now();
    let landmarks = Landmarks::new(&graph);
    let prepared = begin.elapsed();
    let approach = landmarks.approach();
    let residuals = Residuals::of_links(&graph);
    let mut finder = Finder::with_landmarks(&graph, Arc::new(landmarks));
    let job = job(args);
    let mut answers = Vec::with_capacity(queries.len());
    for query in &queries {
        let begin = Instant::now();
        let answer = job.run(&mut finder, &residuals, query);
        answers.push((begin.elapsed().as_nanos(), answer));
    }
    if let Some(out) = &args.out {
        let lines = answers.iter().zip(&queries).enumerate();
        let lines = lines
            .map(|(index, ((nanos, answer), query))| line(&graph, index, query, *nanos, answer));
        files::write_lines(out, lines)?;
    }
    let found = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
    let mut nanos: Vec<_> = answers.iter().map(|(nanos, _)| *nanos).collect();
    nanos.sort_unstable();
    let at = |share: usize| nanos.get(nanos.len() * share / 100).map_or(0.0, |n| micros(*n));
    let mean = micros(nanos.iter().sum::<u128>() / nanos.len().max(1) as u128);
    Ok(json!({
        "nodes": graph.node_count(),
        "links": graph.arc_count() / 2,
        "queries": queries.len(),
        "found": found,
        "mean_us": mean,
        "p50_us": at(50),
        "p99_us": at(99),
        "prepare_ms": prepared.as_millis(),
        "approach": name(approach),
    }))
}

fn name(approach: Approach) -> &'static str {
    match approach {
        Approach::Plain => "plain",
        Approach::Bidirectional => "bidirectional",
        Approach::Landmarks => "landmarks",
    }
}

#[expect(clippy::cast_precision_loss, reason = "times are shown to a tenth of a microsecond")]
fn micros(nanos: u128) -> f64 {
    (nanos as f64 / 100.0).round() / 10.0
}

fn job(args: &PathsArgs) -> Job {
    match args.job {
        JobName::Cspf => Job::Cspf,
        JobName::Ksp => Job::Ksp(args.k),
        JobName::Widest => Job::Widest,
        JobName::Disjoint => Job::Disjoint(match args.apart {
            Disjoint::Link => Disjointness::Link,
            Disjoint::Node => Disjointness::Node,
            Disjoint::Srlg => Disjointness::Srlg,
        }),
    }
}

fn line(
    graph: &Graph,
    index: usize,
    query: &Query,
    nanos: u128,
    answer: &Result<Vec<Path>, String>,
) -> Value {
    let path = |path: &Path| {
        let nodes: Vec<_> = graph.nodes_of(query.from, &path.arcs).iter().map(|n| n.0).collect();
        json!({"nodes": nodes, "cost": path.cost, "latency": path.latency})
    };
    match answer {
        Ok(paths) => {
            let paths: Vec<_> = paths.iter().map(path).collect();
            json!({"query": index, "micros": micros(nanos), "paths": paths})
        }
        Err(reason) => json!({"query": index, "micros": micros(nanos), "none": reason}),
    }
}

fn graph(path: &std::path::Path) -> Result<Graph, Failure> {
    let text = files::read(path)?;
    let table = Table::new(path, &text, &["u", "v", "cost", "latency", "capacity", "srlg"], 2)?;
    let mut links = Vec::new();
    let mut nodes = 0;
    for row in table.rows() {
        let (line, row) = row?;
        let (u, v) = (node(&table, line, &row, 0)?, node(&table, line, &row, 1)?);
        nodes = nodes.max(u.index() + 1).max(v.index() + 1);
        let spec = ArcSpec::new(u, v, row[4].unwrap_or(1_000_000));
        let spec = spec.cost(row[2].unwrap_or(1)).latency(row[3].unwrap_or(0));
        let risk = row[5].map(u32::try_from);
        let risk = risk.transpose().map_err(|_| table.fault(line, "srlg is above 2^32".into()))?;
        links.push(spec.srlgs(risk.into_iter().collect()));
    }
    let mut builder = GraphBuilder::new(nodes);
    for spec in &links {
        builder.edge(spec);
    }
    builder.build().map_err(|bad| {
        let reason = format!("it has {} bad arcs, the first: {}", bad.len(), bad[0]);
        Failure::Content { path: path.to_owned(), reason }
    })
}

fn queries(path: &std::path::Path) -> Result<Vec<Query>, Failure> {
    let text = files::read(path)?;
    let names = ["from", "to", "bandwidth", "max_latency", "max_hops"];
    let table = Table::new(path, &text, &names, 2)?;
    let query = |row: Result<(usize, Vec<Option<u64>>), Failure>| {
        let (line, row) = row?;
        let (from, to) = (node(&table, line, &row, 0)?, node(&table, line, &row, 1)?);
        let mut query = Query::new(from, to).bandwidth(row[2].unwrap_or(0));
        query.max_latency = row[3];
        query.max_hops = row[4].map(|hops| u32::try_from(hops).unwrap_or(u32::MAX));
        Ok(query)
    };
    table.rows().map(query).collect()
}

fn node(table: &Table, line: usize, row: &[Option<u64>], column: usize) -> Result<NodeId, Failure> {
    let value = table.need(line, row, column)?;
    let node = u32::try_from(value).ok().filter(|node| *node < MOST_NODES);
    let large = || {
        table.fault(
            line,
            format!("node {value} is too large; number nodes from 0 on, below {MOST_NODES}"),
        )
    };
    node.map(NodeId).ok_or_else(large)
}
