//! The confirmed commit in every path (RFC 6241 §8.4).

use super::{Datastore, Datastores, Millis, Refusal, SessionId};

/// A commit that undoes itself unless it is confirmed in time.
#[derive(Clone, Debug)]
pub struct ConfirmedCommit<T> {
    pub session: SessionId,
    pub persist: Option<String>,
    pub deadline: Millis,
    /// Running as it was before the first of a row of confirmed commits.
    before: T,
}

/// How a commit is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// At once and for good.
    Now,
    /// To be undone at `deadline`, unless confirmed.
    Later { deadline: Millis, persist: Option<String> },
}

/// What happened to a confirmed commit (RFC 6470 §2.2, netconf-confirmed-commit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitEvent {
    Start,
    Extend,
    Complete,
    Cancel,
    Timeout,
}

impl<T: Clone + PartialEq> Datastores<T> {
    /// Makes the candidate running, as one unit. `accept` has the last word on its content.
    ///
    /// # Errors
    /// Where a lock of another session or the persist-id stands against it, or `accept` does;
    /// running is then unchanged and the candidate keeps its content.
    pub fn commit<E: From<Refusal>>(
        &mut self,
        session: SessionId,
        confirm: Confirm,
        persist_id: Option<&str>,
        accept: impl FnOnce(&T) -> Result<(), E>,
    ) -> Result<Option<CommitEvent>, E> {
        self.writable(session, Datastore::Running)?;
        self.writable(session, Datastore::Candidate)?;
        self.may_confirm(session, persist_id)?;
        accept(&self.candidate)?;
        let event = self.arm(session, confirm);
        let next = self.candidate.clone();
        self.changed = false;
        self.set_running(next);
        Ok(event)
    }

    /// Changes running at once, to be undone at the deadline: what gNMI's commit extension asks for.
    ///
    /// # Errors
    /// Where a lock or another pending commit stands against it, or the edit itself fails.
    pub fn edit_running_confirmed<E: From<Refusal>>(
        &mut self,
        session: SessionId,
        deadline: Millis,
        persist: String,
        edit: impl FnOnce(&T) -> Result<T, E>,
    ) -> Result<(), E> {
        if let Some(pending) = &self.pending {
            return Err(Refusal::CommitPending { holder: pending.session }.into());
        }
        self.writable(session, Datastore::Running)?;
        let next = edit(self.get(Datastore::Running))?;
        self.arm(session, Confirm::Later { deadline, persist: Some(persist) });
        self.set_running(next);
        Ok(())
    }

    /// Makes a pending commit final without a further change.
    ///
    /// # Errors
    /// Where nothing is pending, or it is not for this session to confirm.
    pub fn confirm_pending(
        &mut self,
        session: SessionId,
        persist_id: Option<&str>,
    ) -> Result<CommitEvent, Refusal> {
        if self.pending.is_none() {
            return Err(Refusal::NothingPending);
        }
        self.may_confirm(session, persist_id)?;
        self.pending = None;
        Ok(CommitEvent::Complete)
    }

    /// # Errors
    /// Where nothing is pending, or it is not for this session to cancel.
    pub fn cancel_commit(
        &mut self,
        session: SessionId,
        persist_id: Option<&str>,
    ) -> Result<CommitEvent, Refusal> {
        if self.pending.is_none() {
            return Err(Refusal::NothingPending);
        }
        self.may_confirm(session, persist_id)?;
        Ok(self.revert(CommitEvent::Cancel))
    }

    /// Undoes a confirmed commit whose time is up.
    pub fn tick(&mut self, now: Millis) -> Option<CommitEvent> {
        let due = self.pending.as_ref().is_some_and(|pending| pending.deadline <= now);
        due.then(|| self.revert(CommitEvent::Timeout))
    }

    /// A pending commit with `persist` is for whoever knows its id; without, for its own session.
    fn may_confirm(&self, session: SessionId, persist_id: Option<&str>) -> Result<(), Refusal> {
        match (&self.pending, persist_id) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(Refusal::WrongPersistId),
            (Some(pending), given) => match &pending.persist {
                Some(persist) if Some(persist.as_str()) == given => Ok(()),
                Some(_) => Err(Refusal::WrongPersistId),
                None if given.is_some() => Err(Refusal::WrongPersistId),
                None if pending.session == session => Ok(()),
                None => Err(Refusal::NotOwner { owner: pending.session }),
            },
        }
    }

    /// The point to return to stays the state before the first of a row.
    fn arm(&mut self, session: SessionId, confirm: Confirm) -> Option<CommitEvent> {
        let pending = self.pending.take();
        match confirm {
            Confirm::Now => pending.map(|_| CommitEvent::Complete),
            Confirm::Later { deadline, persist } => {
                let extends = pending.is_some();
                let before = pending.map_or_else(|| self.running.clone(), |p| p.before);
                self.pending = Some(ConfirmedCommit { session, persist, deadline, before });
                Some(if extends { CommitEvent::Extend } else { CommitEvent::Start })
            }
        }
    }

    pub(super) fn revert(&mut self, event: CommitEvent) -> CommitEvent {
        if let Some(pending) = self.pending.take() {
            self.set_running(pending.before);
        }
        event
    }
}
