//! The command on files.

#![allow(clippy::unwrap_used)]

use clap::Parser;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

#[derive(Parser, Debug)]
struct Cli {
    #[command(subcommand)]
    command: solve::SolveCommand,
}

/// Runs with the words, `@` in them standing for the folder.
fn run(folder: &Path, words: &str) -> Result<Value, String> {
    let words = words.replace('@', folder.to_str().unwrap());
    let words = std::iter::once("solve").chain(words.split(' '));
    let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
    solve::solve(&cli.command).map_err(|failure| failure.to_string())
}

fn lines(folder: &Path, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Three nodes in a row; the first request fits, the second needs more CPU than there is.
fn trace() -> Value {
    json!({
        "p_nodes": [{"id": 0, "cpu": 10}, {"id": 1, "cpu": 10}, {"id": 2, "cpu": 10}],
        "p_links": [{"u": 0, "v": 1, "bw": 20}, {"u": 1, "v": 2, "bw": 20}],
        "requests": [
            {"arrival": 1, "lifetime": 5.0, "nodes": [6, 6], "links": [[0, 1, 9]]},
            {"arrival": 2, "lifetime": 5.0, "nodes": [11, 1], "links": [[0, 1, 1]]},
        ],
        "events": [[1, 1, 0], [2, 1, 1], [6.0, 0, 0], [7.0, 0, 1]],
    })
}

#[test]
fn a_trace_is_replayed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.json"), trace().to_string()).unwrap();
    let summary = run(folder.path(), "replay @/t.json --out @/r.jsonl --budget-us 50").unwrap();
    assert_eq!((&summary["requests"], &summary["accepted"]), (&json!(2), &json!(1)));
    assert_eq!((&summary["acceptance"], &summary["revenue_to_cost"]), (&json!(0.5), &json!(1.0)));
    assert_eq!(summary["revenue_time"], json!((21.0 * 5.0 / 2.0)));
    let lines = lines(folder.path(), "r.jsonl");
    assert_eq!(lines[0]["paths"][0].as_array().unwrap().len(), 2);
    assert_eq!(lines[1], json!({"req": 1, "rejected": true}));
}

#[test]
fn a_workload_of_our_own_is_made_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let summary = run(folder.path(), "replay wide:40:60:3 --moves 30").unwrap();
    let (reached, bound) = (&summary["acceptance"], &summary["acceptance_bound"]);
    assert!(reached.as_f64().unwrap() > 0.3, "{summary}");
    assert!(reached.as_f64() <= bound.as_f64(), "{summary}");
    let crowded = run(folder.path(), "replay wide:40:2:3 --moves 1").unwrap();
    assert!(crowded["acceptance_bound"].as_f64().unwrap() < 0.9, "{crowded}");
}

/// A square with a diagonal: 0–1–2–3–0 and 0–2.
const GRAPH: &str =
    "u,v,cost,latency,capacity\n0,1,1,10,5\n1,2,1,10,5\n2,3,2,1,9\n3,0,2,1,9\n0,2,5,1,1\n";

#[test]
fn each_job_finds_what_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("g.csv"), GRAPH).unwrap();
    fs::write(folder.path().join("q.csv"), "from,to,max_latency\n0,2,\n0,2,5\n").unwrap();
    for (job, expected) in [
        ("cspf", [vec![2], vec![4]]),
        ("ksp --k 3", [vec![2, 4, 5], vec![4, 5]]),
        ("disjoint", [vec![2, 4], vec![4, 5]]),
        ("disjoint --apart node", [vec![2, 4], vec![4, 5]]),
        ("widest", [vec![4], vec![4]]),
    ] {
        let words = format!("paths @/g.csv @/q.csv --out @/p.jsonl --job {job}");
        let summary = run(folder.path(), &words).unwrap();
        assert_eq!((&summary["found"], &summary["links"]), (&json!(2), &json!(5)));
        for (line, expected) in lines(folder.path(), "p.jsonl").iter().zip(expected) {
            let paths = line["paths"].as_array().unwrap();
            let costs: Vec<_> = paths.iter().map(|path| path["cost"].as_u64().unwrap()).collect();
            assert_eq!(costs, expected, "{job}: {line}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    at("empty.csv", "");
    at("g.csv", GRAPH);
    at("word.csv", "u,v\n0,x\n");
    at("loop.csv", "u,v\n0,1\n1,1\n");
    at("large.csv", "u,v\n0,99999999999\n");
    at("q.csv", "from,to\n0\n");
    at("bad.json", "{");
    at("no.json", "{\"p_nodes\": [{\"cpu\": -1}]}");
    for (words, message) in [
        ("paths @/none.csv @/q.csv --job cspf", "none.csv: No such file"),
        ("paths @/empty.csv @/q.csv --job cspf", "line 1: no column \"u\""),
        ("paths @/word.csv @/q.csv --job cspf", "line 2: v is \"x\", not a whole number"),
        ("paths @/loop.csv @/q.csv --job cspf", "it starts and ends at the same node"),
        ("paths @/large.csv @/q.csv --job cspf", "line 2: node 99999999999 is too large"),
        ("paths @/g.csv @/q.csv --job cspf", "line 2: to is missing"),
        ("replay @/bad.json", "it is not JSON"),
        ("replay @/no.json", "p_nodes[0]: -1 is not a whole number"),
        ("replay wide:40:0:1", "no time between arrivals"),
    ] {
        let failure = run(folder.path(), words).unwrap_err();
        assert!(failure.contains(message), "{failure}");
    }
}
