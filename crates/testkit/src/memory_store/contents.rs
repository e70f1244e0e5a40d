//! What a store holds, as a plain value.

use engine::api::Revision;
use engine::ports::{Batch, Compare, KeyValue, StoreError, StoreEvent, Write};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    current: BTreeMap<String, KeyValue>,
    history: Vec<StoreEvent>,
    pub(super) revision: Revision,
    compacted: Revision,
}

impl Contents {
    pub(super) fn range(&self, prefix: &str) -> Vec<KeyValue> {
        let later = self.current.range(prefix.to_owned()..);
        later.take_while(|(key, _)| key.starts_with(prefix)).map(|(_, pair)| pair.clone()).collect()
    }

    /// The events that it makes; none where it only compares.
    pub(super) fn commit(&mut self, batch: Batch) -> Result<Vec<StoreEvent>, StoreError> {
        check(&batch)?;
        batch.compares.iter().try_for_each(|compare| self.compare(compare))?;
        if batch.writes.is_empty() {
            return Ok(Vec::new());
        }
        self.revision += 1;
        let events: Vec<_> =
            batch.writes.into_iter().filter_map(|write| self.write(write)).collect();
        self.history.extend(events.iter().cloned());
        Ok(events)
    }

    fn compare(&self, compare: &Compare) -> Result<(), StoreError> {
        let current = self.current.get(&compare.key).map_or(0, |pair| pair.modified);
        if current == compare.modified {
            return Ok(());
        }
        Err(StoreError::Compare { key: compare.key.clone(), expected: compare.modified, current })
    }

    fn write(&mut self, write: Write) -> Option<StoreEvent> {
        let revision = self.revision;
        match write {
            Write::Put { key, value } => {
                let pair = KeyValue { key: key.clone(), value: value.clone(), modified: revision };
                self.current.insert(key.clone(), pair);
                Some(StoreEvent { revision, key, value: Some(value) })
            }
            Write::Delete { key } => {
                self.current.remove(&key)?;
                Some(StoreEvent { revision, key, value: None })
            }
        }
    }

    pub(super) fn since(
        &self,
        prefix: &str,
        from: Revision,
    ) -> Result<Vec<StoreEvent>, StoreError> {
        self.reached(from)?;
        if from < self.compacted {
            return Err(StoreError::Compacted { oldest: self.compacted + 1 });
        }
        let first = self.history.partition_point(|event| event.revision <= from);
        let later = self.history[first..].iter();
        Ok(later.filter(|event| event.key.starts_with(prefix)).cloned().collect())
    }

    pub(super) fn compact(&mut self, upto: Revision) -> Result<(), StoreError> {
        self.reached(upto)?;
        self.compacted = self.compacted.max(upto);
        self.history.retain(|event| event.revision > upto);
        Ok(())
    }

    fn reached(&self, revision: Revision) -> Result<(), StoreError> {
        if revision <= self.revision {
            return Ok(());
        }
        let last = self.revision;
        let reason = format!("revision {revision} is not there yet, the store is at {last}");
        Err(StoreError::Failed { reason })
    }
}

fn check(batch: &Batch) -> Result<(), StoreError> {
    let mut keys = BTreeSet::new();
    for write in &batch.writes {
        let (Write::Put { key, .. } | Write::Delete { key }) = write;
        if key.is_empty() {
            return Err(StoreError::Failed { reason: "a key is empty".to_owned() });
        }
        if !keys.insert(key) {
            return Err(StoreError::Failed { reason: format!("key {key} is written twice") });
        }
    }
    Ok(())
}
