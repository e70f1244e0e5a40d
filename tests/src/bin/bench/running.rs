//! The real binary, started and ended.

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const READY_WITHIN: Duration = Duration::from_secs(60);
/// The daemon takes no folder of secrets that others can read.
const OWNER_ONLY: u32 = 0o700;
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// The program, and a folder on the same disk: the system's own temporary folder is often memory,
/// where nothing is durable and every synchronisation is free.
#[derive(Debug)]
pub(crate) struct Place {
    program: PathBuf,
    folder: TempDir,
}

/// A command that has said it is ready. It is killed where it is not stopped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) ready: Value,
    /// From the start of the process to its ready line.
    pub(crate) took: Duration,
    child: Child,
    /// Kept open, so that it can go on writing there.
    _output: BufReader<ChildStdout>,
}

impl Place {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let beside = own.parent().context("the program is in no folder")?;
        let program = beside.join("wayleave");
        let next = "build it first: cargo build --release --package wayleave";
        anyhow::ensure!(program.is_file(), "{} is not there; {next}", program.display());
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?;
        Ok(Self { program, folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new folder, which only its owner can read.
    pub(crate) fn fresh(&self, name: &str) -> anyhow::Result<PathBuf> {
        let fresh = tempfile::Builder::new()
            .prefix(name)
            .permissions(Permissions::from_mode(OWNER_ONLY))
            .tempdir_in(self.path())?;
        Ok(fresh.keep())
    }

    pub(crate) async fn start(&self, arguments: &[&str]) -> anyhow::Result<Running> {
        let log = self.path().join("log");
        let begin = Instant::now();
        let mut child = self.spawn(arguments, &log)?;
        let mut output = BufReader::new(child.stdout.take().context("it has no output")?);
        let mut line = String::new();
        let read = timeout(READY_WITHIN, output.read_line(&mut line)).await;
        let took = begin.elapsed();
        read.context("it was not ready in time")??;
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let ready: Value = serde_json::from_str(&line)
            .with_context(|| format!("`wayleave {}` ended: {}", arguments.join(" "), said()))?;
        anyhow::ensure!(ready["ready"] == true, "its first line is {line}");
        Ok(Running { ready, took, child, _output: output })
    }

    fn spawn(&self, arguments: &[&str], log: &Path) -> anyhow::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("XDG_STATE_HOME", self.path()).env_remove("RUST_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?);
        command.kill_on_drop(true).spawn().context("it cannot be started")
    }
}

impl Running {
    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the process has ended")
    }

    pub(crate) fn text(&self, member: &str) -> anyhow::Result<&str> {
        self.ready[member].as_str().with_context(|| format!("the ready line has no {member}"))
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid()?).ok().and_then(Pid::from_raw);
        kill_process(pid.context("no such process")?, Signal::TERM)?;
        let ended = timeout(STOPPED_WITHIN, self.child.wait()).await;
        let status = ended.context("it did not end in time")??;
        anyhow::ensure!(status.success(), "it ended with {status}");
        Ok(())
    }
}
