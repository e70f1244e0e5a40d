//! The real binary, started and ended.

use serde_json::Value;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(60);

/// A long-running command that has said it is ready. It is killed where it is not stopped.
pub(crate) struct Running {
    pub(crate) ready: Value,
    child: Child,
    output: BufReader<ChildStdout>,
}

pub(crate) fn wayleave(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wayleave"));
    command.args(arguments).env_remove("WAYLEAVE_SIM_PASSWORD").env_remove("WAYLEAVE_LAB");
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Running {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut child = wayleave(arguments).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(DEADLINE, output.read_line(&mut line)).await.expect("it is ready in time").unwrap();
        if line.is_empty() {
            panic!("{arguments:?}: {}", said(&mut child).await);
        }
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true, "{line}");
        Self { ready, child, output }
    }

    pub(crate) fn text(&self, member: &str) -> String {
        let value = self.ready[member].as_str();
        value.unwrap_or_else(|| panic!("{member} in {}", self.ready)).to_owned()
    }

    /// Asks it to end, and checks that it has printed nothing but the ready line.
    pub(crate) async fn stop(mut self, signal: &str) -> ExitStatus {
        let pid = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().await.unwrap();
        assert!(sent.success());
        let mut rest = String::new();
        timeout(DEADLINE, self.output.read_to_string(&mut rest)).await.unwrap().unwrap();
        assert_eq!(rest, "");
        timeout(DEADLINE, self.child.wait()).await.expect("it ends in time").unwrap()
    }
}

async fn said(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).await.unwrap();
    text
}

/// Runs a command that is expected to be refused: its exit code and what it complains of.
pub(crate) async fn refused(arguments: &[&str]) -> (i32, String) {
    let output = timeout(DEADLINE, wayleave(arguments).output()).await.expect("it ends").unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}
