//! `cargo xtask world`: the seeded world, any number of seeds, or one that is told step by step.
//!
//! `--seeds N [--from SEED]` runs N seeds and ends with the first that fails; `--seed SEED` runs one
//! and tells all of it.

use std::process::ExitCode;
use std::time::Instant;
use testkit::world::{Options, Trace, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| -> Option<u64> {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    if let Some(seed) = number("--seed") {
        return tell(seed);
    }
    let Some(seeds) = number("--seeds") else {
        eprintln!("world: give --seeds N, or --seed SEED to replay one");
        return ExitCode::from(2);
    };
    many(number("--from").unwrap_or(0), seeds)
}

fn tell(seed: u64) -> ExitCode {
    match run(seed, Options { trace: Trace::Told, ..Options::default() }) {
        Ok(outcome) => {
            println!("seed {seed}: everything held; {outcome:?}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn many(from: u64, seeds: u64) -> ExitCode {
    let (started, mut crashes, mut calls) = (Instant::now(), 0, 0);
    for seed in from..from.saturating_add(seeds) {
        match run(seed, Options::default()) {
            Ok(outcome) => {
                crashes += outcome.crashes;
                calls += outcome.calls;
            }
            Err(failure) => {
                println!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{seeds} seeds, {crashes} ends of the engine, {calls} calls of its ports, {seconds:.1} s: everything held"
    );
    ExitCode::SUCCESS
}
