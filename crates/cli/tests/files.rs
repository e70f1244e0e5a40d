//! Files that are too large, cut off or not text, and pictures and scripts that are written.

#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use clap::{CommandFactory, Parser};
use cli::{Console, Exit, run_on};
use common::{Printed, Program, Served, Stream, run};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Nobody listens there: whatever tried to send something would say WL0015.
const NOWHERE: &str = "http://127.0.0.1:1";

fn huge(folder: &Path) -> String {
    let path = folder.join("huge.yaml");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"nsd:\n  - id: huge\n").unwrap();
    file.set_len(100 * 1024 * 1024).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_file_of_100_mib_is_refused_at_once_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let huge = huge(folder.path());
    for (command, limit) in [
        ("descriptor check", "4 MiB"),
        ("descriptor onboard", "4 MiB"),
        ("apply", "16 MiB"),
        ("plan", "16 MiB"),
    ] {
        let started = Instant::now();
        let (exit, printed) = run(NOWHERE, &format!("{command} '{huge}'")).await;
        let error = printed.text(Stream::Err);
        assert_eq!(exit, Exit::Failed, "{command}: {error}");
        let expected = format!("error: {huge} has 104857600 bytes, more than {limit}");
        assert!(error.starts_with(&expected), "{command}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{command} took too long");
    }
}

#[tokio::test]
async fn files_that_do_not_fit_into_one_request_are_refused_together() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..5 {
        let line = format!("# {}\n", "x".repeat(97));
        std::fs::write(folder.path().join(format!("{i}.yaml")), line.repeat(40_000)).unwrap();
    }
    let line = format!("descriptor onboard '{}'", folder.path().display());
    let (exit, printed) = run(NOWHERE, &line).await;
    let error = printed.text(Stream::Err);
    assert_eq!(exit, Exit::Failed);
    assert!(error.contains("bytes together, more than the 16 MiB of one request"), "{error}");
}

#[tokio::test]
async fn every_cut_of_a_descriptor_or_manifest_ends_in_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read_to_string("tests/data/descriptors/nsd.yaml").unwrap();
    let path = folder.path().join("cut.yaml");
    for end in (0..whole.len() - 200).step_by(97) {
        std::fs::write(&path, &whole[..end]).unwrap();
        let line = format!("descriptor check '{}'", path.display());
        let (exit, printed) = run(NOWHERE, &line).await;
        assert_eq!(exit, Exit::Failed, "cut at {end}");
        assert!(printed.text(Stream::Err).starts_with("error WL0002"), "cut at {end}: {printed:?}");
    }
    let whole = std::fs::read_to_string("tests/data/wire.json").unwrap();
    for end in (1..whole.trim_end().len()).step_by(7) {
        std::fs::write(&path, &whole[..end]).unwrap();
        let (exit, printed) = run(NOWHERE, &format!("apply '{}'", path.display())).await;
        assert_eq!(exit, Exit::Failed, "cut at {end}");
        assert!(printed.text(Stream::Err).starts_with("error WL0016"), "cut at {end}: {printed:?}");
    }
}

#[tokio::test]
async fn the_map_is_written_where_it_is_asked_for() {
    let served = Served::start().await;
    run(&served.url(), "apply both.yaml").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.svg");
    let (exit, printed) =
        run(&served.url(), &format!("topology draw -o '{}' --services", path.display())).await;
    assert_eq!((exit, printed.text(Stream::Out)), (Exit::Ok, format!("{}\n", path.display())));
    let map = std::fs::read_to_string(&path).unwrap();
    assert!(map.starts_with("<svg ") && map.ends_with("</svg>\n"));
    for text in [">Amsterdam</text>", ">95 %</text>", "vim-ams", "upf-1 · core-1"] {
        assert!(map.contains(text), "{text} is missing");
    }
    let (exit, printed) = run(&served.url(), "topology draw -o -").await;
    assert_eq!(exit, Exit::Ok);
    assert!(printed.text(Stream::Out).starts_with("<svg "));
    let (exit, printed) = run(&served.url(), "topology draw -o /nowhere/map.svg").await;
    assert_eq!(exit, Exit::Failed);
    assert!(printed.text(Stream::Err).starts_with("error: /nowhere/map.svg cannot be written"));
    served.stop().await;
}

#[tokio::test]
async fn what_get_prints_can_be_applied_again() {
    let served = Served::start().await;
    run(&served.url(), "apply both.yaml").await;
    let folder = tempfile::tempdir().unwrap();
    for what in ["intents -o yaml", "intents -o json", "topology -o yaml", "service core-1 -o json"]
    {
        let (_, printed) = run(&served.url(), &format!("get {what}")).await;
        let path = folder.path().join("again");
        std::fs::write(&path, printed.text(Stream::Out)).unwrap();
        let (exit, again) = run(&served.url(), &format!("apply '{}'", path.display())).await;
        assert_eq!(exit, Exit::Ok, "{what}: {again:?}");
        // The etag that was read holds once.
        let (exit, again) = run(&served.url(), &format!("apply '{}'", path.display())).await;
        assert_eq!(exit, Exit::Conflict, "{what}: {again:?}");
    }
    served.stop().await;
}

#[test]
fn completions_know_every_command_of_the_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let program = Program::parse_from(["wayleave", "completions", shell]);
        let cli::Command::Completions(args) = &program.command else { panic!("{shell}") };
        let whole = Program::command().subcommand(clap::Command::new("serve"));
        let script = cli::completions(args, whole);
        for word in ["serve", "onboard", "topology", "wait"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_program_is_well_formed() {
    Program::command().debug_assert();
}

/// Takes a few bytes, then is gone, as `head` is.
struct Gone(usize);

impl Write for Gone {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_command_without_a_word() {
    let served = Served::start().await;
    let url = served.url();
    let program = Program::parse_from(["wayleave", "topology", "--server", &url]);
    let printed = Printed::default();
    let err = printed.writer(Stream::Err);
    let mut console = Console::into_writers(&program.global, Gone(100), err);
    let exit = run_on(&mut console, &program.global, &program.command).await;
    assert_eq!((exit, printed.text(Stream::Err)), (Exit::Ok, String::new()));
    served.stop().await;
}
