//! Random small worlds: what is planned passes the check, planning is deterministic, refusals are
//! never bugs, and a relaxation that is offered works.

#![allow(clippy::unwrap_used)]

mod common;

use common::script::Session;
use model::plan::Infeasible;
use planner::{Error, PlanReport};
use proptest::prelude::*;

/// Commands that make a world: a chain of devices with random cables across, and VIMs.
fn world() -> impl Strategy<Value = Vec<String>> {
    let cable = (0usize..6, 0usize..6, 0u64..1200, 0u64..9000, 1u32..4);
    let vim = (0usize..6, 1u64..24, 1024u64..40_000, 0u64..300, 100u64..2000);
    let cables = prop::collection::vec(cable, 3..10);
    (2usize..6, cables, prop::collection::vec(vim, 1..5)).prop_map(|(devices, cables, vims)| {
        let mut commands = Vec::new();
        for n in 0..devices {
            let zone = ["", " zone=east", " zone=west"][n % 3];
            commands.push(format!("pop p{n}{zone}"));
            commands.push(format!("device d{n} p{n} capacity=1000"));
        }
        for (a, z, mbps, us, metric) in cables {
            let (a, z) = (a % devices, z % devices);
            if a != z {
                commands.push(format!("cable d{a} d{z} mbps={mbps} us={us} metric={metric}"));
            }
        }
        // Parallel cables share a name: the later one takes the place of the earlier one.
        for (n, (device, vcpu, memory, storage, port)) in vims.into_iter().enumerate() {
            let device = device % devices;
            commands.push(format!(
                "vim v{n} d{device} vcpu={vcpu} memory={memory} storage={storage} port={port}"
            ));
        }
        commands
    })
}

/// Commands that make a service: a chain of functions between two SAPs, and rules.
fn service(name: &'static str) -> impl Strategy<Value = Vec<String>> {
    let function = (1u64..8, 256u64..9000, 0u64..60);
    let link = (0u64..500, prop::option::of(0u64..20_000));
    let group = prop::option::of((0usize..2, 0usize..3));
    let functions = prop::collection::vec(function, 1..5);
    (functions, prop::collection::vec(link, 5), group, 0usize..6, 0usize..6).prop_map(
        move |(functions, links, group, from, to)| {
            let mut commands = vec![format!("service {name}")];
            for (n, (vcpu, memory, storage)) in functions.iter().enumerate() {
                commands.push(format!(
                    "function f{n} in out vcpu={vcpu} memory={memory} storage={storage} volume=1"
                ));
            }
            for n in 0..=functions.len() {
                let a = if n == 0 { "s".to_owned() } else { format!("f{}-1:out", n - 1) };
                let z = if n == functions.len() { "t".to_owned() } else { format!("f{n}-1:in") };
                let (mbps, us) = links[n % links.len()];
                let us = us.map(|us| format!(" us={us}")).unwrap_or_default();
                commands.push(format!("link l{n} line {a} {z} mbps={mbps}{us}"));
            }
            commands.push(format!("sap s d{}:a0", from % 2));
            commands.push(format!("sap t d{}:a1", to % 2));
            if let Some((rule, scope)) = group {
                let rule = ["affinity", "anti-affinity"][rule];
                let scope = ["node", "pop", "zone"][scope];
                commands.push(format!("group g {rule} {scope} f0 f1"));
            }
            commands
        },
    )
}

fn session(commands: &[Vec<String>]) -> Session {
    let mut session = Session::default();
    for command in commands.iter().flatten() {
        session.run(command);
    }
    session
}

/// `make` has already held the plan against the check.
fn is_explained(report: &PlanReport) -> bool {
    let whole = |text: &str| !text.is_empty();
    report.decisions.iter().all(|d| whole(&d.subject) && whole(&d.choice) && whole(&d.because))
}

/// The command that asks for what the relaxation offers, where that is a bound or a rate of a link.
fn relaxed(infeasible: &Infeasible, commands: &[String]) -> Option<Vec<String>> {
    let change = infeasible.relaxation.as_ref()?;
    let (id, key) = if let Some(id) = change.what.strip_prefix("the latency bound of virtual link ")
    {
        (id, "us")
    } else {
        (change.what.strip_prefix("the bandwidth of virtual link ")?, "mbps")
    };
    let to = change.to.split(' ').next()?;
    let prefix = format!("link {id} ");
    Some(
        commands
            .iter()
            .map(|c| if c.starts_with(&prefix) { with(c, key, to) } else { c.clone() })
            .collect(),
    )
}

fn with(command: &str, key: &str, value: &str) -> String {
    let words = command.split(' ').map(|word| match word.split_once('=') {
        Some((known, _)) if known == key => format!("{key}={value}"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn plans_pass_the_check_and_refusals_are_no_bugs(
        world in world(), first in service("first"), second in service("second"),
    ) {
        let mut session = session(&[world.clone(), first, second.clone()]);
        session.run("apply first");
        match session.make("second") {
            Ok((_, plan, report)) => {
                prop_assert!(is_explained(&report), "{report:?}");
                // What a network has learnt from other plans changes none.
                let network = session.network();
                let _ = session.make_over(&network, "first");
                let (_, again, same) = session.make_over(&network, "second").unwrap();
                prop_assert_eq!((plan, report), (again, same));
            }
            Err(Error::Infeasible(infeasible)) => {
                if let Some(easier) = relaxed(&infeasible, &second) {
                    easier.iter().for_each(|command| drop(session.run(command)));
                    let made = session.make("second");
                    prop_assert!(made.is_ok(), "{infeasible}: {:?}", made.err());
                }
            }
            Err(Error::Rejected(rejected)) => {
                let unconnected = rejected.iter().all(|r| r.reason.contains("at function"));
                prop_assert!(unconnected, "{rejected:?}");
            }
            Err(Error::Bug(bug)) => prop_assert!(false, "{bug}"),
        }
        session.run("apply second");
        session.run("withdraw first");
        session.run("withdraw second");
        prop_assert_eq!(session.run("books"), "  nothing\n");
    }
}
