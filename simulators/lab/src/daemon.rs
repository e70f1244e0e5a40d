//! The daemon under test, as a process of its own: the lab sees of it what everybody sees.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// How much of the end of its log an error shows.
const LOG_TAIL_BYTES: u64 = 2000;
/// Lines on its standard output before the one that says it is ready.
const LINES_BEFORE_READY: usize = 100;

/// What to start, and where it keeps what.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program; `serve` and its flags are added.
    pub program: PathBuf,
    pub data: PathBuf,
    pub secrets: PathBuf,
    /// The manifest of its topology.
    pub topology: PathBuf,
    /// `127.0.0.1:0` for a free port.
    pub listen: String,
    /// Where its standard error goes.
    pub log: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error("{} could not be started: {source}", program.display())]
    Start { program: PathBuf, source: std::io::Error },
    #[error("the log {} cannot be written: {source}", log.display())]
    Log { log: PathBuf, source: std::io::Error },
    #[error("the daemon is not ready: {reason}; the end of its log is:\n{tail}")]
    NotReady { reason: String, tail: String },
    #[error("the daemon did not end well: {reason}; the end of its log is:\n{tail}")]
    BadEnd { reason: String, tail: String },
}

/// A daemon that answers. It is killed if this is dropped before [`Daemon::stop`].
#[derive(Debug)]
pub struct Daemon {
    /// Where its gRPC API listens, `HOST:PORT`.
    pub grpc: String,
    child: Child,
    log: PathBuf,
    /// Kept open, so that it can go on writing there.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Daemon {
    /// Starts it and waits until it says that it is ready.
    ///
    /// # Errors
    /// Where it cannot be started, ends at once, or says nothing in time.
    pub async fn start(start: &Start) -> Result<Self, DaemonError> {
        let mut child = spawn(start)?;
        let not_ready = |reason| DaemonError::NotReady { reason, tail: tail(&start.log) };
        let output = child.stdout.take().ok_or_else(|| not_ready("no output".to_owned()))?;
        let mut output = BufReader::new(output).lines();
        let ready = timeout(READY_WITHIN, read_ready(&mut output)).await;
        let late = || format!("nothing came within {} s", READY_WITHIN.as_secs());
        let grpc = ready.unwrap_or_else(|_| Err(late())).map_err(not_ready)?;
        Ok(Self { grpc, child, log: start.log.clone(), _output: output })
    }

    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The end of what it has said on its standard error.
    #[must_use]
    pub fn said(&self) -> String {
        tail(&self.log)
    }

    /// Asks it to end (SIGTERM) and waits for that.
    ///
    /// # Errors
    /// Where it takes too long, and is killed then, or ends with a failure.
    pub async fn stop(mut self) -> Result<(), DaemonError> {
        self.terminate();
        match timeout(STOPPED_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.bad_end(status.to_string())),
            Ok(Err(error)) => Err(self.bad_end(error.to_string())),
            Err(_) => {
                let _ = self.child.kill().await;
                let seconds = STOPPED_WITHIN.as_secs();
                Err(self.bad_end(format!("it was still there after {seconds} s and was killed")))
            }
        }
    }

    /// Returns when it ends by itself, which it should not.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    fn terminate(&self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It fails only if the process is gone already, which is what is wanted.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    fn bad_end(&self, reason: String) -> DaemonError {
        DaemonError::BadEnd { reason, tail: tail(&self.log) }
    }
}

fn spawn(start: &Start) -> Result<Child, DaemonError> {
    let log = File::create(&start.log)
        .map_err(|source| DaemonError::Log { log: start.log.clone(), source })?;
    Command::new(&start.program)
        .arg("serve")
        .arg("--data")
        .arg(&start.data)
        .arg("--secrets")
        .arg(&start.secrets)
        .arg("--topology")
        .arg(&start.topology)
        .args(["--listen", &start.listen, "--insecure-loopback"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| DaemonError::Start { program: start.program.clone(), source })
}

/// The address in the line `{"ready":true,"grpc":"HOST:PORT"}`.
async fn read_ready(output: &mut Lines<BufReader<ChildStdout>>) -> Result<String, String> {
    for _ in 0..LINES_BEFORE_READY {
        let line = output.next_line().await.map_err(|e| e.to_string())?;
        let line = line.ok_or("it ended without saying that it is ready")?;
        let Ok(said) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
        if said["ready"] == true {
            let grpc = said["grpc"].as_str().ok_or(format!("{line} has no address \"grpc\""))?;
            return Ok(grpc.to_owned());
        }
    }
    Err(format!("none of its first {LINES_BEFORE_READY} lines says that it is ready"))
}

/// The end of a file, as far as it can be read.
fn tail(path: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A program of a few lines in the daemon's place.
    fn start(place: &Path, script: &str) -> Start {
        let program = place.join("daemon");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        Start {
            program,
            data: place.join("data"),
            secrets: place.join("secrets"),
            topology: place.join("topology.yaml"),
            listen: "127.0.0.1:0".to_owned(),
            log: place.join("log"),
        }
    }

    const READY: &str = r#"echo '{"ready":true,"grpc":"127.0.0.1:9"}'"#;

    #[tokio::test]
    async fn it_is_started_with_its_flags_and_ends_when_it_is_asked_to() {
        let place = tempfile::tempdir().unwrap();
        let script = format!(
            "echo \"$@\" >&2; echo starting; trap 'kill $!; exit 0' TERM; tail -f /dev/null & {READY}; wait"
        );
        let start = start(place.path(), &script);
        let daemon = Daemon::start(&start).await.unwrap();
        assert_eq!(daemon.grpc, "127.0.0.1:9");
        assert!(daemon.said().starts_with("serve "), "{}", daemon.said());
        daemon.stop().await.unwrap();
        let flags = std::fs::read_to_string(&start.log).unwrap();
        assert!(flags.starts_with("serve --data "), "{flags}");
        assert!(flags.contains("--listen 127.0.0.1:0 --insecure-loopback"), "{flags}");
    }

    #[tokio::test]
    async fn one_that_does_not_get_ready_is_an_error_with_its_own_words() {
        let place = tempfile::tempdir().unwrap();
        let start = start(place.path(), "echo the store is damaged >&2; exit 3");
        let error = Daemon::start(&start).await.unwrap_err().to_string();
        assert!(error.contains("not ready") && error.contains("store is damaged"), "{error}");
    }

    #[tokio::test]
    async fn one_that_ends_with_a_failure_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let script = format!("trap 'kill $!; exit 4' TERM; tail -f /dev/null & {READY}; wait");
        let daemon = Daemon::start(&start(place.path(), &script)).await.unwrap();
        let error = daemon.stop().await.unwrap_err().to_string();
        assert!(error.contains('4'), "{error}");
    }
}
