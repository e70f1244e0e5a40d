//! Steps on VIMs.

use super::Inner;
use crate::api::Connection;
use crate::error::Error;
use crate::ports::{VimError, Workload};
use crate::state::not_found;
use crate::workload::observed;
use model::VimId;
use model::topology::Vim;

impl Inner {
    /// Creates what is missing, and sees that all of it is there.
    pub(super) async fn ensure_workload(&self, id: &VimId, work: &Workload) -> Result<(), Error> {
        let vim = self.vim(id)?;
        let result = match self.parts.vims.ensure(&vim, work).await {
            Ok(()) => self.parts.vims.observe(&vim, &work.owner).await,
            Err(error) => Err(error),
        };
        self.note_vim(id, &result);
        let seen = result.map_err(error_of)?;
        match observed(work).find(|object| !seen.iter().any(|name| name == object)) {
            None => Ok(()),
            Some(object) => Err(Error::VimRefused {
                vim: id.to_string(),
                object: object.to_owned(),
                reason: "it was acknowledged and is not there".to_owned(),
            }),
        }
    }

    /// Removes what carries the owner and is not part of the workload.
    pub(super) async fn prune_workload(&self, id: &VimId, keep: &Workload) -> Result<(), Error> {
        let vim = self.vim(id)?;
        let result = self.parts.vims.prune(&vim, keep).await;
        self.note_vim(id, &result);
        result.map_err(error_of)
    }

    /// Whether it answers.
    pub(super) async fn look_at_vim(&self, id: &VimId) {
        let Ok(vim) = self.vim(id) else { return };
        let seen = self.parts.vims.inventory(&vim).await;
        self.note_vim(id, &seen);
    }

    fn vim(&self, id: &VimId) -> Result<Vim, Error> {
        let state = self.state();
        state.topology.vims.get(id).cloned().ok_or_else(|| not_found("VIM", id))
    }

    fn note_vim<T>(&self, id: &VimId, result: &Result<T, VimError>) {
        let connection = match result {
            Err(error @ (VimError::Unreachable { .. } | VimError::OutcomeUnknown { .. })) => {
                Connection::Down { reason: error.to_string() }
            }
            _ => Connection::Up,
        };
        let now = self.now();
        self.state().saw_vim(id, connection, now);
    }
}

fn error_of(error: VimError) -> Error {
    let text = error.to_string();
    match error {
        VimError::Refused { vim, object, reason } => Error::VimRefused { vim, object, reason },
        VimError::Quota { vim, object, resource, limit, used, requested } => Error::VimRefused {
            vim,
            object,
            reason: format!("out of {resource}: {requested} wanted, {used} of {limit} used"),
        },
        VimError::Unreachable { .. } | VimError::OutcomeUnknown { .. } => {
            Error::Unavailable { reason: text, retry_after_ms: 5000 }
        }
    }
}
