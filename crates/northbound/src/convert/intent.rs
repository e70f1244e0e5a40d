use crate::list::Filtered;
use api::wire::intent_status::State;
use api::{show, wire};
use engine::api::{IntentRecord, IntentState, Timestamp};
use model::intent::IntentSpec;
use std::borrow::Cow;
use std::sync::Arc;

/// `now` is when the record was read; the age of the evidence is counted to it.
pub(crate) fn intent(record: &IntentRecord, now: Timestamp) -> wire::Intent {
    wire::Intent {
        etag: show::etag(record.revision),
        status: Some(status(record, now)),
        ..show::intent(&record.intent)
    }
}

fn status(record: &IntentRecord, now: Timestamp) -> wire::IntentStatus {
    let observed = match record.state {
        IntentState::Active { observed } => Some(observed),
        _ => None,
    };
    let (reason, code) = evidence(&record.state);
    wire::IntentStatus {
        state: state(&record.state).into(),
        reason,
        code,
        state_time: Some(show::timestamp(record.state_since)),
        observe_time: observed.map(show::timestamp),
        age: Some(show::age(observed.unwrap_or(record.state_since), now)),
        operation: record.operation.as_ref().map(ToString::to_string).unwrap_or_default(),
        transaction: transaction(&record.state),
    }
}

fn state(state: &IntentState) -> State {
    match state {
        IntentState::Accepted => State::Accepted,
        IntentState::Deploying { .. } => State::Deploying,
        IntentState::Active { .. } => State::Active,
        IntentState::Degraded { .. } => State::Degraded,
        IntentState::Failed { .. } => State::Failed,
        IntentState::Removing { .. } => State::Removing,
    }
}

fn evidence(state: &IntentState) -> (String, String) {
    match state {
        IntentState::Degraded { reason } => (reason.clone(), String::new()),
        IntentState::Failed { code, reason } => (reason.clone(), code.clone()),
        _ => (String::new(), String::new()),
    }
}

fn transaction(state: &IntentState) -> String {
    match state {
        IntentState::Deploying { transaction } => transaction.to_string(),
        IntentState::Removing { transaction: Some(transaction) } => transaction.to_string(),
        _ => String::new(),
    }
}

impl Filtered for Arc<IntentRecord> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "name" => Some(self.intent.name.as_str().into()),
            "kind" => Some(self.intent.kind().into()),
            "state" => Some(state(&self.state).as_str_name().into()),
            "priority" => Some(self.intent.priority.to_string().into()),
            "nsd" => match &self.intent.spec {
                IntentSpec::NetworkService(spec) => Some(spec.nsd.as_str().into()),
                IntentSpec::Connectivity(_) => None,
            },
            label => self.intent.labels.get(label.strip_prefix("labels.")?).map(Into::into),
        }
    }
}
