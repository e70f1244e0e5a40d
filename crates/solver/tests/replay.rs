//! Replays, judged by code that shares nothing with the solver but the trace.

#![allow(clippy::unwrap_used)]

use solver::Effort;
use solver::replay::synth::{Topology, Workload};
use solver::replay::{Answer, Event, Outcome, Trace, TraceFault, replay};
use std::collections::HashMap;

fn workload(topology: Topology, gap: f64) -> Workload {
    Workload { topology, nodes: 60, requests: 150, gap, size: 8, density: 0.4, seed: 7 }
}

fn run(trace: &Trace, effort: Effort) -> Outcome {
    let mut ticks = 0;
    let mut clock = || {
        ticks += 1000;
        ticks
    };
    replay(trace, effort, &mut clock).unwrap()
}

/// Takes (or with -1 gives back) what an answer uses; nothing may go below zero.
struct Judge<'a> {
    trace: &'a Trace,
    cpu: Vec<i64>,
    bandwidth: HashMap<(u32, u32), i64>,
}

impl<'a> Judge<'a> {
    fn new(trace: &'a Trace) -> Self {
        let cpu = trace.nodes.iter().map(|cpu| i64::try_from(*cpu).unwrap()).collect();
        let room = |l: &solver::replay::PhysicalLink| {
            ((l.u.min(l.v), l.u.max(l.v)), i64::try_from(l.bandwidth).unwrap())
        };
        Self { trace, cpu, bandwidth: trace.links.iter().map(room).collect() }
    }

    fn apply(&mut self, answer: &Answer, sign: i64) {
        let request = &self.trace.requests[answer.request];
        for (need, host) in request.nodes.iter().zip(&answer.hosts) {
            self.cpu[host.index()] -= sign * i64::try_from(*need).unwrap();
            assert!(self.cpu[host.index()] >= 0, "CPU of {host} at request {}", answer.request);
        }
        for (&(a, b, need), path) in request.links.iter().zip(&answer.paths) {
            assert_eq!((path[0], *path.last().unwrap()), (answer.hosts[a], answer.hosts[b]));
            for pair in path.windows(2) {
                let key = (pair[0].0.min(pair[1].0), pair[0].0.max(pair[1].0));
                let left = self.bandwidth.get_mut(&key).expect("a path follows links");
                *left -= sign * i64::try_from(need).unwrap();
                assert!(*left >= 0, "bandwidth of {key:?} at request {}", answer.request);
            }
        }
    }

    fn shape(&self, answer: &Answer) {
        let request = &self.trace.requests[answer.request];
        assert_eq!(answer.hosts.len(), request.nodes.len());
        assert_eq!(answer.paths.len(), request.links.len());
        for nodes in answer.paths.iter().chain([&answer.hosts]) {
            let mut nodes = nodes.clone();
            nodes.sort_unstable();
            assert!(nodes.windows(2).all(|pair| pair[0] != pair[1]), "a node twice");
        }
    }
}

fn judge(trace: &Trace, outcome: &Outcome) {
    let answers: HashMap<usize, &Answer> =
        outcome.answers.iter().filter(|a| a.accepted).map(|a| (a.request, a)).collect();
    let mut judge = Judge::new(trace);
    for event in &trace.events {
        let (Event::Arrival { request } | Event::Departure { request }) = event;
        let Some(answer) = answers.get(request) else { continue };
        judge.shape(answer);
        judge.apply(answer, if matches!(event, Event::Arrival { .. }) { 1 } else { -1 });
    }
}

#[test]
fn what_is_answered_fits_and_scores_well() {
    for (topology, gap, acceptance, ratio) in
        [(Topology::Waxman, 12.0, 0.93, 0.85), (Topology::WideArea, 15.0, 0.62, 0.85)]
    {
        let trace = workload(topology, gap).trace();
        let outcome = run(&trace, Effort::FAST);
        judge(&trace, &outcome);
        let totals = outcome.totals(&trace);
        assert_eq!(totals.requests, 150);
        assert!(totals.acceptance >= acceptance, "{totals:?}");
        assert!(totals.revenue_to_cost >= ratio, "{totals:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let trace = workload(Topology::Waxman, 10.0).trace();
    let once = run(&trace, Effort::FAST.seed(3));
    assert_eq!(once, run(&trace, Effort::FAST.seed(3)));
    assert_ne!(once, run(&trace, Effort::FAST.seed(4)));
}

#[test]
fn more_effort_pays() {
    let trace = workload(Topology::Waxman, 10.0).trace();
    let ratio = |moves| run(&trace, Effort { seed: 0, moves }).totals(&trace).revenue_to_cost;
    assert!(ratio(1000) > ratio(10));
}

#[test]
fn a_trace_that_makes_no_sense_is_refused() {
    let good = workload(Topology::Waxman, 10.0).trace();
    let refuse = |trace: &Trace| replay(trace, Effort::FAST, &mut || 0).unwrap_err();
    let mut twice = good.clone();
    twice.events.insert(0, twice.events[0]);
    assert_eq!(refuse(&twice), TraceFault::ArrivesTwice { request: 0 });
    let mut unknown = good.clone();
    unknown.events.push(Event::Departure { request: 999 });
    let fault = TraceFault::UnknownRequest { event: 300, request: 999, requests: 150 };
    assert_eq!(refuse(&unknown), fault);
    let mut endless = good.clone();
    endless.events.retain(|event| matches!(event, Event::Arrival { .. }));
    assert_eq!(refuse(&endless), TraceFault::Unfinished);
    let mut looped = good;
    looped.links[0].u = looped.links[0].v;
    assert!(matches!(refuse(&looped), TraceFault::Links(bad) if bad.len() == 2));
}
