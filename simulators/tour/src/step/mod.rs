//! The steps of the tour. Each does something and verifies it from outside.

mod apply;
mod books;
mod boot;
mod clean;
mod delete;
mod dry_run;
mod frames;
mod onboard;
mod refuse;
mod second;
mod stop;

use crate::judge::Snapshot;
use crate::report::{Evidence, Mismatch, Progress};
use crate::stage::Stage;
use api::wire;
use lab::scenario::Scenario;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Boot,
    Onboard,
    DryRun,
    Apply,
    Frames,
    Books,
    Refuse,
    Second,
    Delete,
    Clean,
    Stop,
}

/// What the steps leave to each other.
#[derive(Debug)]
pub(crate) struct Tour {
    scenario: Scenario,
    progress: Progress,
    stage: Option<Stage>,
    /// What switches and VIMs held before anything was asked for.
    boot: Snapshot,
    /// What the dry run showed.
    shown: Option<wire::DryRun>,
    /// The plans in force.
    plans: Vec<wire::Plan>,
    /// The end of the daemon's log, once it has stopped.
    pub(crate) log: String,
}

impl Tour {
    pub(crate) fn new(scenario: Scenario, progress: Progress) -> Self {
        let (boot, plans) = (Snapshot::default(), Vec::new());
        Self { scenario, progress, stage: None, boot, shown: None, plans, log: String::new() }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.stage.is_some()
    }

    fn stage(&self) -> Result<&Stage, Mismatch> {
        self.stage.as_ref().ok_or_else(|| Mismatch::new("the lab", "running", "not started"))
    }
}

impl Step {
    pub(crate) const ALL: [Self; 11] = [
        Self::Boot,
        Self::Onboard,
        Self::DryRun,
        Self::Apply,
        Self::Frames,
        Self::Books,
        Self::Refuse,
        Self::Second,
        Self::Delete,
        Self::Clean,
        Self::Stop,
    ];

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Onboard => "onboard",
            Self::DryRun => "dry-run",
            Self::Apply => "apply",
            Self::Frames => "frames",
            Self::Books => "books",
            Self::Refuse => "refuse",
            Self::Second => "second",
            Self::Delete => "delete",
            Self::Clean => "clean",
            Self::Stop => "stop",
        }
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Boot => "Boot switches, VIMs and the daemon",
            Self::Onboard => "Onboard three functions and a network service",
            Self::DryRun => "Ask for a plan, and change nothing",
            Self::Apply => "Apply it, and wait until it is seen to be there",
            Self::Frames => "Send frames over every virtual link, both ways",
            Self::Books => "Compare the books with what switches and VIMs hold",
            Self::Refuse => "Ask for a service that cannot fit",
            Self::Second => "Apply a second service that shares links",
            Self::Delete => "Delete both",
            Self::Clean => "Compare everything with how it was at boot",
            Self::Stop => "Stop",
        }
    }

    /// Without it, the steps after it mean nothing.
    pub(crate) fn carries_others(self) -> bool {
        matches!(self, Self::Boot | Self::Onboard | Self::Apply)
    }

    /// It is taken whatever went wrong before it.
    pub(crate) fn cleans_up(self) -> bool {
        matches!(self, Self::Delete | Self::Clean | Self::Stop)
    }

    pub(crate) async fn take(self, tour: &mut Tour) -> Evidence {
        let result = match self {
            Self::Boot => boot::take(tour).await,
            Self::Onboard => onboard::take(tour).await,
            Self::DryRun => dry_run::take(tour).await,
            Self::Apply => apply::take(tour).await,
            Self::Frames => frames::take(tour),
            Self::Books => books::take(tour).await,
            Self::Refuse => refuse::take(tour).await,
            Self::Second => second::take(tour).await,
            Self::Delete => delete::take(tour).await,
            Self::Clean => clean::take(tour).await,
            Self::Stop => stop::take(tour).await,
        };
        result.unwrap_or_else(Evidence::from)
    }
}
