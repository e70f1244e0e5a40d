//! How long each step on a device may take.

use engine::ports::DeviceError;
use std::time::Duration;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From the first packet to an open session, the hello not included.
    pub connect: Duration,
    pub hello: Duration,
    /// Waiting until somebody else gives a device free.
    pub lock: Duration,
    /// Each request that does not put a configuration in force.
    pub request: Duration,
    /// Each request that does; real devices take long for it (P-36).
    pub commit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            hello: Duration::from_secs(10),
            lock: Duration::from_secs(30),
            request: Duration::from_secs(30),
            commit: Duration::from_secs(120),
        }
    }
}

impl Deadlines {
    /// Repeats an attempt for as long as somebody else holds the device, with growing pauses.
    pub(crate) async fn until_free<T, F>(
        &self,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, DeviceError>
    where
        F: Future<Output = Result<T, DeviceError>>,
    {
        let end = Instant::now() + self.lock;
        let mut pause = FIRST_PAUSE;
        loop {
            match attempt().await {
                Err(DeviceError::Locked { .. }) if Instant::now() + pause < end => {
                    tokio::time::sleep(pause).await;
                }
                outcome => return outcome,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
