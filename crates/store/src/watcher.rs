//! One watch: it reads on from where it is, for as long as there is a reader.

use crate::place::Place;
use crate::readers::{PAGE, Readers};
use crate::tail::{Page, Tail};
use engine::api::Revision;
use engine::ports::{StoreError, StoreEvent, StoreWatch};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::watch;

/// Events that wait for the reader.
const CHANNEL: usize = 256;
/// A reader that takes nothing while this many revisions are written is dropped.
const PATIENCE: Revision = 1024;

type Item = Result<StoreEvent, StoreError>;

/// Where events come from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) tail: Arc<Mutex<Tail>>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) revision: watch::Receiver<Revision>,
}

/// Why a watch ends.
enum End {
    /// The reader is gone, or the store is closed.
    Quiet,
    Error(StoreError),
}

#[derive(Debug)]
struct Watcher {
    source: Source,
    prefix: String,
    at: Place,
    out: mpsc::Sender<Item>,
}

/// Begins to watch after a revision.
pub(crate) async fn begin(source: Source, prefix: &str, from: Revision) -> StoreWatch {
    // One place is kept for the last word, so that a reader who is too slow is told so.
    let (out, items) = mpsc::channel(CHANNEL + 1);
    if let Ok(last_word) = out.clone().reserve_owned().await {
        let watcher = Watcher { source, prefix: prefix.to_owned(), at: Place::end_of(from), out };
        tokio::spawn(watcher.run(last_word));
    }
    items
}

impl Watcher {
    async fn run(mut self, last_word: OwnedPermit<Item>) {
        if let Err(End::Error(error)) = self.follow().await {
            last_word.send(Err(error));
        }
    }

    async fn follow(&mut self) -> Result<(), End> {
        loop {
            let page = self.next_page().await?;
            for (place, event) in page.events {
                self.hand_over(event).await?;
                self.at = place;
            }
            self.at = page.upto;
            self.more().await?;
        }
    }

    async fn next_page(&self) -> Result<Page, End> {
        if let Some(page) = self.recent() {
            return Ok(page);
        }
        let page = self.source.readers.page(self.at, self.prefix.clone()).await;
        let forgotten = || StoreError::SlowReader { last: self.at.whole() };
        page.and_then(|page| page.ok_or_else(forgotten)).map_err(End::Error)
    }

    fn recent(&self) -> Option<Page> {
        let tail = self.source.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.after(self.at, &self.prefix, PAGE)
    }

    /// Waits for the reader, but not longer than the writer's patience lasts.
    async fn hand_over(&mut self, event: StoreEvent) -> Result<(), End> {
        let last = event.revision - 1;
        let began = *self.source.revision.borrow();
        loop {
            tokio::select! {
                biased;
                room = self.out.reserve() => {
                    room.map_err(|_| End::Quiet)?.send(Ok(event));
                    return Ok(());
                }
                changed = self.source.revision.changed() => changed.map_err(|_| End::Quiet)?,
            }
            if *self.source.revision.borrow() >= began + PATIENCE {
                return Err(End::Error(StoreError::SlowReader { last }));
            }
        }
    }

    /// Returns when there is something after this place.
    async fn more(&mut self) -> Result<(), End> {
        let here = self.at;
        tokio::select! {
            newer = self.source.revision.wait_for(|revision| Place::end_of(*revision) > here) => {
                newer.map(|_| ()).map_err(|_| End::Quiet)
            }
            () = self.out.closed() => Err(End::Quiet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Wake};

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn it_rests_until_something_is_written() {
        let event = |revision| {
            let event = StoreEvent { revision, key: "other".to_owned(), value: None };
            vec![(Place { revision, position: 0 }, event)]
        };
        let mut tail = Tail::new(0);
        tail.append(event(1), 1);
        let (revision, seen) = watch::channel(1);
        let tail = Arc::new(Mutex::new(tail));
        let readers = Arc::new(Readers::new("none".into()));
        let source = Source { tail: Arc::clone(&tail), readers, revision: seen };
        let (out, _items) = mpsc::channel(1);
        let prefix = "mine".to_owned();
        let mut watcher = Watcher { source, prefix, at: Place::end_of(0), out };
        let mut follow = Box::pin(watcher.follow());
        let woken = Arc::new(Woken::default());
        let waker = Arc::clone(&woken).into();
        for next in [2, 3] {
            let polled = follow.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(matches!(polled, Poll::Pending));
            assert!(!woken.0.load(Ordering::SeqCst), "it turns in circles");
            tail.lock().unwrap().append(event(next), next);
            revision.send_replace(next);
            assert!(woken.0.swap(false, Ordering::SeqCst), "it oversleeps");
        }
    }
}
