//! `lab up`: a lab that stays.

use crate::command::UpArgs;
use crate::place::{Notes, Place};
use crate::stage::{Stage, asked_to_end, scenario};
use crate::{FAILED, OK, USAGE, complain};
use lab::scenario::Scenario;
use std::io::Write as _;

pub(crate) async fn run(args: &UpArgs) -> u8 {
    let scenario = match scenario(args.scenario.as_deref()) {
        Ok(scenario) => scenario,
        Err(error) => {
            complain(&error, "mend the file, or leave it out for the built-in scenario");
            return USAGE;
        }
    };
    tokio::select! {
        ended = stay(args, &scenario) => ended,
        () = asked_to_end() => OK,
    }
}

/// Until it is asked to end. While it still starts, `run` ends it.
async fn stay(args: &UpArgs, scenario: &Scenario) -> u8 {
    let place = match Place::of(args.data.as_deref()) {
        Ok(place) => place,
        Err(error) => {
            complain(&error, "give another folder with --data");
            return USAGE;
        }
    };
    let mut stage = match Stage::start(scenario, place, args.listen).await {
        Ok(stage) => stage,
        Err(error) => {
            complain(&error, "");
            return FAILED;
        }
    };
    let notes = Notes::leave(stage.lab.folder(), &stage.control.ready);
    if let Err(error) = &notes {
        complain(error, "give `trace` the lab's URL with --lab");
    }
    announce(&stage);
    tokio::select! {
        ended = stage.daemon_ended() => {
            complain(&format!("the daemon ended by itself: {ended}"), "read daemon.log with --data");
            FAILED
        }
        () = asked_to_end() => leave(stage).await,
    }
}

/// One JSON line, for programs and for people with `jq`.
fn announce(stage: &Stage) {
    let line = serde_json::to_string(&stage.control.ready).expect("a Ready has only text in it");
    let mut out = std::io::stdout();
    // A reader that went away does not end the lab.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

async fn leave(stage: Stage) -> u8 {
    match stage.stop().await {
        Ok(()) => OK,
        Err(error) => {
            complain(&error, "");
            FAILED
        }
    }
}
