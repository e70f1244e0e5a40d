//! A lab and its daemon, running.

use crate::client::{Client, Refusal};
use crate::manifest;
use crate::place::Place;
use lab::control::Control;
use lab::daemon::{Daemon, DaemonError, Start};
use lab::folder::FolderError;
use lab::scenario::{DEFAULT, Scenario, ScenarioError};
use lab::{Lab, LabError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A scenario file, in bytes.
const SCENARIO_MAX: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error("this program's own file is not known: {0}")]
    Program(std::io::Error),
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the control server cannot listen: {0}")]
    Control(std::io::Error),
}

/// Everything stops when this is dropped; the daemon in good order only by [`Stage::stop`].
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) lab: Arc<Lab>,
    pub(crate) client: Client,
    pub(crate) control: Control,
    daemon: Daemon,
    _place: Place,
}

impl Stage {
    /// Starts the switches and VIMs, then the daemon, and tells it about them.
    pub(crate) async fn start(
        scenario: &Scenario,
        place: Place,
        listen: SocketAddr,
    ) -> Result<Self, StageError> {
        let folder = place.folder.clone();
        let lab = Arc::new(Lab::start(scenario, folder.clone()).await?);
        let topology = api::show::topology(lab.topology());
        let topology = folder.write("topology.yaml", &manifest::topology(&topology))?;
        let start = Start {
            program: std::env::current_exe().map_err(StageError::Program)?,
            data: folder.folder("daemon")?.path().to_owned(),
            secrets: folder.join("secrets"),
            topology,
            listen: listen.to_string(),
            log: folder.join("daemon.log"),
        };
        let daemon = Daemon::start(&start).await?;
        let client = Client::connect(&format!("http://{}", daemon.grpc)).await?;
        let control = Control::start(Arc::clone(&lab), daemon.grpc.clone()).await;
        let control = control.map_err(StageError::Control)?;
        Ok(Self { lab, client, control, daemon, _place: place })
    }

    /// The end of the daemon's log.
    pub(crate) fn daemon_said(&self) -> String {
        self.daemon.said()
    }

    /// Ends the daemon first, so that it can take leave of its devices.
    pub(crate) async fn stop(self) -> Result<(), DaemonError> {
        let Self { daemon, lab, .. } = self;
        let stopped = daemon.stop().await;
        drop(lab);
        stopped
    }

    /// Returns when the daemon ends by itself, which it should not.
    pub(crate) async fn daemon_ended(&mut self) -> String {
        match self.daemon.ended().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioFileError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} has more than {SCENARIO_MAX} bytes", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Content { path: PathBuf, source: ScenarioError },
}

/// The scenario of a file, or the built-in one.
pub(crate) fn scenario(file: Option<&Path>) -> Result<Scenario, ScenarioFileError> {
    let Some(path) = file.map(Path::to_owned) else {
        return Ok(Scenario::parse(DEFAULT).expect("a test reads it"));
    };
    let fail = |source| ScenarioFileError::Read { path: path.clone(), source };
    if std::fs::metadata(&path).map_err(fail)?.len() > SCENARIO_MAX {
        return Err(ScenarioFileError::TooLarge { path });
    }
    let text = std::fs::read_to_string(&path).map_err(fail)?;
    Scenario::parse(&text).map_err(|source| ScenarioFileError::Content { path, source })
}

/// Ctrl-C and SIGTERM, caught from the moment that this is made.
#[derive(Debug)]
pub(crate) struct Ending {
    terminate: Signal,
    interrupt: Signal,
}

impl Ending {
    pub(crate) fn listen() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when one of them comes; those that came since the last time count.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_that_cannot_be_used_is_named() {
        let place = Place::temporary().unwrap();
        let error = |path: &Path| scenario(Some(path)).unwrap_err().to_string();
        let missing = place.folder.join("none.yaml");
        assert!(error(&missing).contains("none.yaml"));
        let wrong = place.folder.write("wrong.yaml", "scenario: x\n").unwrap();
        assert!(error(&wrong).contains("wrong.yaml") && error(&wrong).contains("fibre"));
        let large = place.folder.write("large.yaml", &" ".repeat(1 << 21)).unwrap();
        assert!(error(&large).contains("more than"));
        assert_eq!(scenario(None).unwrap().name, "geant");
    }
}
