use super::device_diff;
use api::{show, wire};
use engine::api::{DryRun, IntentRecord, PlanReport, VimAction, VimChange};

pub(crate) fn dry_run(made: &DryRun) -> wire::DryRun {
    wire::DryRun {
        plan: Some(show::plan(&made.plan)),
        report: Some(report(&made.report)),
        devices: made.devices.iter().map(device_diff).collect(),
        vims: made.vims.iter().map(vim_change).collect(),
    }
}

/// `None` while the intent has no plan.
pub(crate) fn in_force(record: &IntentRecord) -> Option<wire::PlanInForce> {
    Some(wire::PlanInForce {
        plan: Some(show::plan(record.plan.as_deref()?)),
        report: record.report.as_deref().map(report),
    })
}

fn report(made: &PlanReport) -> wire::PlanReport {
    wire::PlanReport {
        decisions: made
            .decisions
            .iter()
            .map(|decision| wire::Decision {
                subject: decision.subject.clone(),
                choice: decision.choice.clone(),
                because: decision.because.clone(),
                rejected: decision.rejected.clone(),
            })
            .collect(),
        warnings: made.warnings.clone(),
    }
}

fn vim_change(change: &VimChange) -> wire::VimChange {
    let action = match change.action {
        VimAction::Create => wire::vim_change::Action::Create,
        VimAction::Remove => wire::vim_change::Action::Remove,
    };
    wire::VimChange {
        vim: change.vim.to_string(),
        action: action.into(),
        object: change.object.clone(),
    }
}
