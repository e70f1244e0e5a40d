//! Bugs that the engine does not have, planted at its ports: the test of the test.

use engine::ports::{Batch, Write};

/// Each makes the engine do what it would do with that bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A transaction is not journalled before its effects.
    SkipJournal,
    /// A device is told that a commit is final before the decision is durable.
    ConfirmBeforeDecide,
    /// What a gNMI target got is not taken back.
    ForgetCompensation,
    /// What a NETCONF device holds for us is not cancelled.
    ForgetCancel,
    /// A decided commit is not confirmed.
    NeverConfirm,
    /// What a VIM no longer needs stays there.
    ForgetPrune,
    /// The decision does not say which plans it puts in force.
    LosePlans,
    /// Acknowledged, and not written.
    ForgetIntents,
    /// The end of an operation is not written.
    LoseOperations,
}

impl Sabotage {
    pub const ALL: [Self; 9] = [
        Self::SkipJournal,
        Self::ConfirmBeforeDecide,
        Self::ForgetCompensation,
        Self::ForgetCancel,
        Self::NeverConfirm,
        Self::ForgetPrune,
        Self::LosePlans,
        Self::ForgetIntents,
        Self::LoseOperations,
    ];

    /// What a batch looks like with the bug. It is never empty, so that revisions go on.
    pub(super) fn spoil(self, mut batch: Batch) -> Batch {
        let lost = match self {
            Self::SkipJournal => "transaction/",
            Self::LosePlans => "plan/",
            Self::ForgetIntents => "intent/",
            Self::LoseOperations => "operation/",
            _ => return batch,
        };
        batch.writes.retain(|write| !key(write).starts_with(lost));
        if batch.writes.is_empty() {
            batch
                .writes
                .push(Write::Put { key: "format".to_owned(), value: b"{\"format\":1}".to_vec() });
        }
        batch
    }
}

pub(super) fn key(write: &Write) -> &str {
    match write {
        Write::Put { key, .. } | Write::Delete { key } => key,
    }
}
