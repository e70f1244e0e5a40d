//! Candidate and running with their locks and the confirmed commit (RFC 6241 §7.5, §8.3, §8.4).
//!
//! A pure state machine over any kind of configuration tree: time and sessions come in as values,
//! and whoever validates is passed in. NETCONF and gNMI both write through it.

mod commit;

pub use commit::{CommitEvent, Confirm, ConfirmedCommit};

/// A NETCONF session, or 0 for a writer that is not one (gNMI, the console).
pub type SessionId = u32;
/// Milliseconds since some beginning.
pub type Millis = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datastore {
    Running,
    Candidate,
}

/// Why an operation on a datastore is refused, in terms of RFC 6241 appendix A.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the datastore is locked by session {holder}")]
    LockDenied { holder: SessionId },
    #[error("the datastore is in use by session {holder}")]
    InUse { holder: SessionId },
    #[error("the candidate has changes that are not committed; discard them first")]
    CandidateChanged,
    #[error("a confirmed commit of session {holder} is pending")]
    CommitPending { holder: SessionId },
    #[error("this session does not hold the lock")]
    NotLocked,
    #[error("no confirmed commit is pending")]
    NothingPending,
    #[error("the persist-id does not match the pending confirmed commit")]
    WrongPersistId,
    #[error("the confirmed commit belongs to session {owner}")]
    NotOwner { owner: SessionId },
}

/// The datastores of one device.
#[derive(Clone, Debug)]
pub struct Datastores<T> {
    running: T,
    candidate: T,
    /// Whether the candidate was written since it last equalled running.
    changed: bool,
    running_lock: Option<SessionId>,
    candidate_lock: Option<SessionId>,
    pending: Option<ConfirmedCommit<T>>,
    /// Counts every change of running.
    generation: u64,
}

impl<T: Clone + PartialEq> Datastores<T> {
    #[must_use]
    pub fn new(running: T) -> Self {
        Self {
            candidate: running.clone(),
            running,
            changed: false,
            running_lock: None,
            candidate_lock: None,
            pending: None,
            generation: 0,
        }
    }

    #[must_use]
    pub fn get(&self, datastore: Datastore) -> &T {
        match datastore {
            Datastore::Running => &self.running,
            Datastore::Candidate => &self.candidate,
        }
    }

    /// Goes up with every change of running.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    #[must_use]
    pub fn pending(&self) -> Option<&ConfirmedCommit<T>> {
        self.pending.as_ref()
    }

    #[must_use]
    pub fn lock_holder(&self, datastore: Datastore) -> Option<SessionId> {
        match datastore {
            Datastore::Running => self.running_lock,
            Datastore::Candidate => self.candidate_lock,
        }
    }

    /// RFC 6241 §7.5: denied while anybody holds it, the asker included.
    ///
    /// # Errors
    /// Where it is held, the candidate has changes, or a confirmed commit of another is pending.
    pub fn lock(&mut self, session: SessionId, datastore: Datastore) -> Result<(), Refusal> {
        if let Some(holder) = self.lock_holder(datastore) {
            return Err(Refusal::LockDenied { holder });
        }
        match datastore {
            Datastore::Candidate if self.changed => return Err(Refusal::CandidateChanged),
            Datastore::Candidate => self.candidate_lock = Some(session),
            Datastore::Running => {
                if let Some(pending) = self.pending.as_ref().filter(|p| p.session != session) {
                    return Err(Refusal::CommitPending { holder: pending.session });
                }
                self.running_lock = Some(session);
            }
        }
        Ok(())
    }

    /// # Errors
    /// Where this session does not hold it.
    pub fn unlock(&mut self, session: SessionId, datastore: Datastore) -> Result<(), Refusal> {
        if self.lock_holder(datastore) != Some(session) {
            return Err(Refusal::NotLocked);
        }
        self.release(datastore);
        Ok(())
    }

    /// Replaces the candidate by what the edit makes of it; on an error nothing is changed.
    ///
    /// # Errors
    /// Where another session holds the lock, or the edit itself fails.
    pub fn edit_candidate<E: From<Refusal>>(
        &mut self,
        session: SessionId,
        edit: impl FnOnce(&T) -> Result<T, E>,
    ) -> Result<(), E> {
        self.writable(session, Datastore::Candidate)?;
        let next = edit(&self.candidate)?;
        self.changed |= next != self.running;
        self.candidate = next;
        Ok(())
    }

    /// Changes running at once, as gNMI and writable-running do. An untouched candidate follows.
    ///
    /// # Errors
    /// Where another session holds a lock, or the edit itself fails.
    pub fn edit_running<E: From<Refusal>>(
        &mut self,
        session: SessionId,
        edit: impl FnOnce(&T) -> Result<T, E>,
    ) -> Result<(), E> {
        self.writable(session, Datastore::Running)?;
        let next = edit(&self.running)?;
        self.set_running(next);
        Ok(())
    }

    /// # Errors
    /// Where another session holds the lock.
    pub fn discard(&mut self, session: SessionId) -> Result<(), Refusal> {
        self.writable(session, Datastore::Candidate)?;
        self.reset_candidate();
        Ok(())
    }

    /// Everything a session leaves behind when it ends: its locks go, what it had not committed
    /// under a lock goes, and a confirmed commit without `persist` is undone (RFC 6241 §8.4.1).
    pub fn session_ended(&mut self, session: SessionId) -> Option<CommitEvent> {
        for datastore in [Datastore::Candidate, Datastore::Running] {
            if self.lock_holder(datastore) == Some(session) {
                self.release(datastore);
            }
        }
        let lost = |p: &ConfirmedCommit<T>| p.session == session && p.persist.is_none();
        self.pending.as_ref().is_some_and(lost).then(|| self.revert(CommitEvent::Cancel))
    }

    fn writable(&self, session: SessionId, datastore: Datastore) -> Result<(), Refusal> {
        match self.lock_holder(datastore) {
            Some(holder) if holder != session => Err(Refusal::InUse { holder }),
            _ => Ok(()),
        }
    }

    fn release(&mut self, datastore: Datastore) {
        match datastore {
            Datastore::Running => self.running_lock = None,
            Datastore::Candidate => {
                self.candidate_lock = None;
                self.reset_candidate();
            }
        }
    }

    fn reset_candidate(&mut self) {
        self.candidate = self.running.clone();
        self.changed = false;
    }

    fn set_running(&mut self, next: T) {
        if next == self.running {
            return;
        }
        self.running = next;
        self.generation += 1;
        if !self.changed && self.candidate_lock.is_none() {
            self.candidate = self.running.clone();
        }
    }
}

#[cfg(test)]
mod tests;
