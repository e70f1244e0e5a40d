//! A device with a candidate, a lock and confirmed commits (RFC 6241 §7.5, §8.3, §8.4).

use super::switch::{Candidate, Pending, Refusal, Switch};
use device_config::Change;
use engine::api::Timestamp;
use model::TransactionId;
use yang::Schema;

/// Lock, edit, validate. Where that fails nothing is left of it, the lock included.
pub(super) fn prepare(
    switch: &mut Switch,
    transaction: &TransactionId,
    change: &Change,
    schema: &Schema,
) -> Result<(), Refusal> {
    free_for(switch, transaction)?;
    switch.session.candidate = None;
    let tree = switch.changed(change, schema)?;
    switch.session.candidate = Some(Candidate { transaction: transaction.clone(), tree });
    Ok(())
}

/// A commit whose preparation went with its session is prepared again. A repetition gives more
/// time and keeps the point to return to.
pub(super) fn commit(
    switch: &mut Switch,
    transaction: &TransactionId,
    change: &Change,
    schema: &Schema,
    deadline: Timestamp,
) -> Result<(), Refusal> {
    free_for(switch, transaction)?;
    if switch.session.candidate.is_none() {
        prepare(switch, transaction, change, schema)?;
    }
    let Some(candidate) = &switch.session.candidate else { return Ok(()) };
    let before = std::mem::replace(&mut switch.running, candidate.tree.clone());
    let before = switch.pending.take().map_or(before, |pending| pending.before);
    switch.pending = Some(Pending { transaction: transaction.clone(), before, deadline });
    switch.session.confirmed = None;
    Ok(())
}

/// A repetition in one session is known as such; otherwise there must be something to confirm.
pub(super) fn confirm(switch: &mut Switch, transaction: &TransactionId) -> Result<(), Refusal> {
    if switch.pending.take_if(|pending| pending.transaction == *transaction).is_some() {
        release(switch, transaction);
        switch.session.confirmed = Some(transaction.clone());
    }
    if switch.session.confirmed.as_ref() == Some(transaction) {
        return Ok(());
    }
    Err(Refusal::Refused {
        path: "/".to_owned(),
        reason: format!("no commit of transaction {transaction} waits to be confirmed"),
    })
}

pub(super) fn cancel(switch: &mut Switch, transaction: &TransactionId) {
    if let Some(pending) = switch.pending.take_if(|pending| pending.transaction == *transaction) {
        switch.running = pending.before;
    }
    release(switch, transaction);
}

fn release(switch: &mut Switch, transaction: &TransactionId) {
    let ours = |candidate: &mut Candidate| candidate.transaction == *transaction;
    switch.session.candidate.take_if(ours);
}

/// Whether no other person and no other transaction holds the device.
fn free_for(switch: &Switch, transaction: &TransactionId) -> Result<(), Refusal> {
    if let Some(holder) = &switch.stranger {
        return Err(Refusal::Locked { holder: holder.clone() });
    }
    let locked = switch.session.candidate.iter().map(|candidate| &candidate.transaction);
    let pending = switch.pending.iter().map(|pending| &pending.transaction);
    match locked.chain(pending).find(|holder| *holder != transaction) {
        Some(holder) => Err(Refusal::held_by(holder)),
        None => Ok(()),
    }
}
