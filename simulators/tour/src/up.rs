//! `lab up`: a lab that stays.

use crate::command::UpArgs;
use crate::place::{Notes, Place};
use crate::stage::{Ending, Stage, scenario};
use crate::{FAILED, OK, USAGE, complain};
use std::io::Write as _;

/// What went wrong, what to do next, and how the program ends.
struct Trouble(String, &'static str, u8);

pub(crate) async fn run(args: &UpArgs) -> u8 {
    match stay(args).await {
        Ok(()) => OK,
        Err(Trouble(problem, next, end)) => {
            complain(&problem, next);
            end
        }
    }
}

async fn stay(args: &UpArgs) -> Result<(), Trouble> {
    let usage = |problem: String, next| Trouble(problem, next, USAGE);
    let failed = |problem: String, next| Trouble(problem, next, FAILED);
    let scenario = scenario(args.scenario.as_deref()).map_err(|error| {
        usage(error.to_string(), "mend the file, or leave it out for the built-in scenario")
    })?;
    let place = Place::of(args.data.as_deref())
        .map_err(|error| usage(error.to_string(), "give another folder with --data"))?;
    let mut ending = Ending::listen()
        .map_err(|error| failed(format!("signals cannot be caught: {error}"), ""))?;
    let started = tokio::select! {
        started = Stage::start(&scenario, place, args.listen) => started,
        () = ending.asked() => return Ok(()),
    };
    let mut stage = started.map_err(|error| failed(error.to_string(), ""))?;
    let notes = Notes::leave(stage.lab.folder(), &stage.control.ready);
    if let Err(error) = &notes {
        complain(error, "give `trace` the lab's URL with --lab");
    }
    announce(&stage);
    tokio::select! {
        () = ending.asked() => stage.stop().await.map_err(|error| failed(error.to_string(), "")),
        ended = stage.daemon_ended() => {
            let problem = format!("the daemon ended by itself: {ended}");
            Err(failed(problem, "start again with --data DIR and read daemon.log there"))
        }
    }
}

/// One JSON line, for programs and for people with `jq`.
fn announce(stage: &Stage) {
    let line = serde_json::to_string(&stage.control.ready).expect("a Ready has only text in it");
    let mut out = std::io::stdout();
    // A reader that went away does not end the lab.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
