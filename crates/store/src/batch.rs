//! What a batch may be, checked before it is queued.

use engine::ports::{Batch, StoreError, Write};
use std::collections::BTreeSet;

/// Writes in one batch.
pub const MAX_WRITES: usize = 65_535;
/// Bytes of the keys and values of one batch.
pub const MAX_BATCH_BYTES: usize = 64 * 1024 * 1024;

/// Each key at most once (as in etcd), none empty, and within the bounds. The batch's bytes.
pub(crate) fn check(batch: &Batch) -> Result<usize, StoreError> {
    if batch.writes.len() > MAX_WRITES {
        let reason = format!("a batch has {} writes", batch.writes.len());
        return refuse(&format!("{reason}, more than {MAX_WRITES}; split it"));
    }
    let mut keys = BTreeSet::new();
    for key in batch.writes.iter().map(key_of) {
        if key.is_empty() {
            return refuse("a batch writes a key that is empty; give every key a name");
        }
        if !keys.insert(key) {
            return refuse(&format!("a batch writes key {key} twice; write it once"));
        }
    }
    let bytes = batch.writes.iter().map(bytes_of).sum();
    if bytes > MAX_BATCH_BYTES {
        let reason = format!("a batch has {bytes} bytes, more than {MAX_BATCH_BYTES}; split it");
        return refuse(&reason);
    }
    Ok(bytes)
}

fn refuse(reason: &str) -> Result<usize, StoreError> {
    Err(StoreError::Failed { reason: reason.to_owned() })
}

fn key_of(write: &Write) -> &str {
    match write {
        Write::Put { key, .. } | Write::Delete { key } => key,
    }
}

fn bytes_of(write: &Write) -> usize {
    match write {
        Write::Put { key, value } => key.len() + value.len(),
        Write::Delete { key } => key.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_with_its_bound() {
        let delete = |number: usize| Write::Delete { key: number.to_string() };
        let many = Batch { writes: (0..=MAX_WRITES).map(delete).collect(), ..Batch::default() };
        assert!(check(&many).unwrap_err().to_string().contains("65535"));
        let value = vec![0; MAX_BATCH_BYTES];
        let writes = vec![Write::Put { key: "k".to_owned(), value }];
        let large = Batch { writes, ..Batch::default() };
        assert!(check(&large).unwrap_err().to_string().contains("67108864"));
    }
}
