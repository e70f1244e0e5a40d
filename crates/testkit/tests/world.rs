//! The engine in the seeded world: thousands of failures, and what must hold holds.

use testkit::world::{Options, Sabotage, run};

/// Runs in an ordinary test run; `cargo xtask world --seeds N` does any number.
const SEEDS: u64 = 100;

#[test]
fn whatever_goes_wrong_nothing_is_half_done() {
    let (mut crashes, mut in_force) = (0, 0);
    for seed in 0..SEEDS {
        match run(seed, Options::default()) {
            Ok(outcome) => {
                crashes += outcome.crashes;
                in_force += outcome.in_force;
            }
            Err(failure) => panic!("{failure}"),
        }
    }
    assert!(crashes > SEEDS, "too calm: {crashes} crashes");
    assert!(in_force > SEEDS / 2, "too rough: {in_force} intents in force");
}

#[test]
fn the_same_seed_does_the_same() {
    for seed in [3, 14, 159] {
        assert_eq!(run(seed, Options::default()), run(seed, Options::default()));
    }
}

/// The test of the test: each planted bug is found.
#[test]
fn every_planted_bug_is_found() {
    for sabotage in Sabotage::ALL {
        let options = Options { sabotage: Some(sabotage), ..Options::default() };
        let found = (0..400).any(|seed| run(seed, options).is_err());
        assert!(found, "{sabotage:?} was not found");
    }
}
