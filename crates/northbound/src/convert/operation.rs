use crate::list::Filtered;
use crate::status;
use api::wire::operation::{Action, State};
use api::{show, wire};
use engine::Error;
use engine::api::{Operation, OperationAction, OperationState};
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) fn operation(operation: &Operation) -> wire::Operation {
    wire::Operation {
        id: operation.id.to_string(),
        intent: operation.intent.as_ref().map(ToString::to_string).unwrap_or_default(),
        action: action(operation.action).into(),
        state: state(&operation.state).into(),
        failure: match &operation.state {
            OperationState::Failed { error } => Some(failure(error)),
            _ => None,
        },
        start_time: Some(show::timestamp(operation.started)),
        update_time: Some(show::timestamp(operation.updated)),
        steps_done: operation.steps_done,
        steps_total: operation.steps_total,
        phase: operation.phase.clone(),
    }
}

fn action(action: OperationAction) -> Action {
    match action {
        OperationAction::Apply => Action::Apply,
        OperationAction::Delete => Action::Delete,
        OperationAction::Reconcile => Action::Reconcile,
    }
}

fn state(state: &OperationState) -> State {
    match state {
        OperationState::Running => State::Running,
        OperationState::Succeeded => State::Succeeded,
        OperationState::Failed { .. } => State::Failed,
        OperationState::Cancelled => State::Cancelled,
    }
}

fn failure(error: &Error) -> wire::Failure {
    wire::Failure {
        code: error.code().to_owned(),
        message: error.to_string(),
        details: status::metadata(error).into_iter().collect(),
    }
}

impl Filtered for Arc<Operation> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "id" => Some(self.id.as_str().into()),
            "intent" => self.intent.as_ref().map(|intent| intent.as_str().into()),
            "action" => Some(action(self.action).as_str_name().into()),
            "state" => Some(state(&self.state).as_str_name().into()),
            _ => None,
        }
    }
}
