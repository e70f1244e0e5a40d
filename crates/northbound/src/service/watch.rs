//! A stream of changes: what came after a revision, the marker, then live, with heartbeats.

use super::Door;
use crate::convert::{self, Seen};
use crate::deadline::{READ, within};
use crate::list::Filter;
use crate::status;
use crate::write::Rejections;
use api::wire::{WatchRequest, WatchResponse};
use engine::Error;
use engine::api::{Orchestrator, Watch};
use futures::stream::{self, BoxStream, StreamExt};
use std::sync::Arc;
use tokio::sync::watch::Receiver;
use tonic::Status;

pub(crate) type Changes = BoxStream<'static, Result<WatchResponse, Status>>;

/// How soon a reader that fell behind may come back: it has to read first.
const BEHIND_RETRY_MS: u64 = 1000;

struct Reader {
    engine: Arc<dyn Orchestrator>,
    changes: Watch,
    filter: Filter,
    closing: Receiver<bool>,
}

pub(super) async fn open(door: &Door, ask: &WatchRequest) -> Result<Changes, Status> {
    let mut rejections = Rejections::default();
    let filter = Filter::parse(&ask.filter, &["type", "name"])
        .map_err(|reason| rejections.add("filter", reason, "write field=value, joined by AND"))
        .ok();
    let filter = rejections.finish(filter)?;
    let changes = within(READ, door.engine.watch(ask.from_revision)).await?;
    let reader =
        Reader { engine: Arc::clone(&door.engine), changes, filter, closing: door.closing.clone() };
    Ok(stream::unfold(Some(reader), step).boxed())
}

/// The next message, or the error that ends the stream.
async fn step(reader: Option<Reader>) -> Option<(Result<WatchResponse, Status>, Option<Reader>)> {
    let mut reader = reader?;
    match reader.next().await {
        Ok(message) => Some((Ok(message), Some(reader))),
        Err(end) => Some((Err(end), None)),
    }
}

impl Reader {
    async fn next(&mut self) -> Result<WatchResponse, Status> {
        loop {
            let change = tokio::select! {
                change = self.changes.recv() => change,
                _ = self.closing.wait_for(|closing| *closing) => return Err(status::closing()),
            };
            let seen = self.read(change)?;
            if seen.is_marker() || self.filter.matches(&seen) {
                return Ok(seen.message);
            }
        }
    }

    fn read(&self, change: Option<Result<engine::api::Change, Error>>) -> Result<Seen, Status> {
        match change {
            Some(Ok(change)) => Ok(convert::seen(&change, self.engine.view().at)),
            Some(Err(error)) => Err(status::of(&error)),
            None => Err(status::of(&Error::Exhausted {
                queue: "the queue of this watch".to_owned(),
                retry_after_ms: BEHIND_RETRY_MS,
            })),
        }
    }
}
