//! Changes for those who watch: the store's own history, with each thing as it is now.

use super::Inner;
use super::committer::store_error;
use crate::api::{Change, ChangeKind, Revision, Watch};
use crate::error::Error;
use crate::ports::{StoreEvent, StoreWatch};
use crate::records::Record;
use model::IntentName;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;

/// How far a reader may be behind.
const QUEUE: usize = 1024;
const HEARTBEAT: Duration = Duration::from_secs(15);

impl Inner {
    pub(super) async fn open_watch(self: &Arc<Self>, from: Revision) -> Result<Watch, Error> {
        let now = self.snapshot().revision;
        if from > now {
            return Err(Error::rejected(
                "from_revision",
                format!("it is {from}, the store is at {now}"),
                "watch from the revision of a list, or from the last one received",
            ));
        }
        let events = self.parts.store.watch("", from).await.map_err(store_error)?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let feed = Feed { inner: Arc::downgrade(self), at: from, synced_at: now, synced: false };
        tokio::spawn(feed.run(events, sender));
        Ok(receiver)
    }
}

struct Feed {
    inner: Weak<Inner>,
    /// The revision up to which everything was sent.
    at: Revision,
    synced_at: Revision,
    synced: bool,
}

type Sender = mpsc::Sender<Result<Change, Error>>;

impl Feed {
    async fn run(mut self, mut events: StoreWatch, to: Sender) {
        self.sync(&to);
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = to.closed() => return,
                () = tokio::time::sleep(HEARTBEAT) => {
                    if !self.send(&to, self.at, ChangeKind::Heartbeat) { return }
                    continue;
                }
            };
            let more = match event {
                Some(Ok(event)) => self.pass_on(&event, &to),
                Some(Err(error)) => {
                    // Best effort: a reader whose queue is full sees the end of the stream.
                    let _ = to.try_send(Err(store_error(error)));
                    false
                }
                None => false,
            };
            if !more {
                return;
            }
        }
    }

    fn pass_on(&mut self, event: &StoreEvent, to: &Sender) -> bool {
        let kind = match self.inner.upgrade() {
            None => return false,
            Some(inner) => inner.change_of(event),
        };
        if let Some(kind) = kind
            && !self.send(to, event.revision, kind)
        {
            return false;
        }
        self.at = event.revision;
        self.sync(to);
        true
    }

    /// The marker comes once, when all that was there has been sent.
    fn sync(&mut self, to: &Sender) {
        if !self.synced && self.at >= self.synced_at {
            self.synced = self.send(to, self.at, ChangeKind::Synced);
        }
    }

    /// A reader that is too far behind is dropped.
    fn send(&self, to: &Sender, revision: Revision, kind: ChangeKind) -> bool {
        to.try_send(Ok(Change { revision, kind })).is_ok()
    }
}

impl Inner {
    /// None for what the outside does not see.
    fn change_of(&self, event: &StoreEvent) -> Option<ChangeKind> {
        let (kind, name) = event.key.split_once('/').unwrap_or((event.key.as_str(), ""));
        let state = self.snapshot();
        match (kind, &event.value) {
            ("intent", Some(value)) => match Record::parse(&event.key, value).ok()? {
                Record::Intent(stored) => Some(ChangeKind::Intent(state.record_of(&stored))),
                _ => None,
            },
            ("intent", None) => IntentName::new(name).ok().map(ChangeKind::IntentRemoved),
            ("descriptor", Some(_)) => {
                state.descriptors.get(name).cloned().map(ChangeKind::Descriptor)
            }
            ("descriptor", None) => Some(ChangeKind::DescriptorRemoved(name.to_owned())),
            ("operation", Some(value)) => match Record::parse(&event.key, value).ok()? {
                Record::Operation(operation) => Some(ChangeKind::Operation(Arc::new(operation))),
                _ => None,
            },
            ("topology", Some(_)) => Some(ChangeKind::Topology),
            _ => None,
        }
    }
}
