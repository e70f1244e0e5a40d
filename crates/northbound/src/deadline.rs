//! Every call has a deadline, whether the client set one or not.

use crate::status;
use engine::Error;
use std::future::Future;
use std::time::Duration;
use tonic::Status;

/// Reading what a device holds, or making a plan.
pub(crate) const READ: Duration = Duration::from_secs(30);
/// Until a write is durable.
pub(crate) const WRITE: Duration = Duration::from_secs(60);
/// The longest that a client may wait for an operation in one call.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(600);
/// Where a client does not say how long.
pub(crate) const WAIT_DEFAULT: Duration = Duration::from_secs(30);
/// What a wait is given beyond its own time to answer in.
pub(crate) const WAIT_MARGIN: Duration = Duration::from_secs(5);

pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Status> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(status::of(&error)),
        Err(_) => Err(status::deadline(limit)),
    }
}
