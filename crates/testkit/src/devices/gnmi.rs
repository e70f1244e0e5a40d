//! A device that takes one atomic Set and knows neither a candidate nor a confirmation.

use super::switch::{Refusal, Switch, apply};
use device_config::Change;
use model::TransactionId;
use yang::Schema;

/// Checked on our side and remembered; the device hears nothing.
pub(super) fn prepare(
    switch: &mut Switch,
    transaction: &TransactionId,
    change: &Change,
    schema: &Schema,
) -> Result<(), Refusal> {
    switch.changed(change, schema)?;
    switch.session.prepared.insert(transaction.clone());
    Ok(())
}

pub(super) fn commit(
    switch: &mut Switch,
    transaction: &TransactionId,
    change: &Change,
    schema: &Schema,
) -> Result<(), Refusal> {
    if let Some(holder) = &switch.stranger {
        return Err(Refusal::Locked { holder: holder.clone() });
    }
    switch.running = switch.changed(change, schema)?;
    switch.session.prepared.remove(transaction);
    Ok(())
}

/// What is known not to have been committed needs no undoing. Otherwise the prior values are
/// written; where nothing had happened they are there already.
pub(super) fn cancel(switch: &mut Switch, transaction: &TransactionId, undo: &Change) {
    if !switch.session.prepared.remove(transaction) {
        apply(&mut switch.running, undo);
    }
}
