//! Live watches, each with a bounded queue.

use engine::ports::{StoreError, StoreEvent, StoreWatch};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, OwnedPermit};

/// Live events that may wait for a reader before it is dropped.
const CHANNEL: usize = 1024;

type Item = Result<StoreEvent, StoreError>;

#[derive(Debug, Default)]
pub(super) struct Watches(Vec<Watch>);

#[derive(Debug)]
struct Watch {
    prefix: String,
    out: mpsc::Sender<Item>,
    /// A place in the queue for the news that the reader is too slow.
    last_word: OwnedPermit<Item>,
}

/// Why a watch ends.
enum End {
    Quiet,
    Slow,
}

impl Watches {
    /// The queue has room for the history besides what comes live.
    pub(super) fn begin(&mut self, prefix: &str, history: Vec<StoreEvent>) -> StoreWatch {
        let (out, items) = mpsc::channel(history.len() + CHANNEL + 1);
        if let Ok(last_word) = out.clone().try_reserve_owned() {
            let watch = Watch { prefix: prefix.to_owned(), out, last_word };
            if history.iter().all(|event| watch.send(event).is_ok()) {
                self.0.push(watch);
            }
        }
        items
    }

    pub(super) fn publish(&mut self, events: &[StoreEvent]) {
        for event in events {
            for watch in std::mem::take(&mut self.0) {
                match watch.send(event) {
                    Ok(()) => self.0.push(watch),
                    Err(End::Quiet) => {}
                    Err(End::Slow) => watch.drop_reader(event),
                }
            }
        }
    }
}

impl Watch {
    fn send(&self, event: &StoreEvent) -> Result<(), End> {
        if !event.key.starts_with(&self.prefix) {
            return Ok(());
        }
        self.out.try_send(Ok(event.clone())).map_err(|error| match error {
            TrySendError::Full(_) => End::Slow,
            TrySendError::Closed(_) => End::Quiet,
        })
    }

    fn drop_reader(self, missed: &StoreEvent) {
        self.last_word.send(Err(StoreError::SlowReader { last: missed.revision - 1 }));
    }
}
