//! Many things at the same time, and not too many.

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

/// Devices and VIMs that are spoken to at the same time by one transaction.
const MOST: usize = 64;

/// All of them come to their end, also where one fails.
pub(super) async fn at_once<T: Send>(steps: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    stream::iter(steps).buffer_unordered(MOST).collect().await
}
