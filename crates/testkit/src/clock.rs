//! A clock that stands still until it is told to go on.

use async_trait::async_trait;
use engine::api::Timestamp;
use engine::ports::Clock;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Copies show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    now: Timestamp,
    /// Those who sleep, by when they wake, and then in the order in which they came: who is woken
    /// first must not be a matter of chance.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    came: u64,
}

impl ManualClock {
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        let clock = Self::default();
        clock.shared().now = time;
        clock
    }

    /// Whole milliseconds; what is left of one is dropped.
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now().saturating_add(milliseconds(by)));
    }

    /// Time does not go back: an earlier time changes nothing.
    pub fn advance_to(&self, time: Timestamp) {
        let due = {
            let mut shared = self.shared();
            shared.now = shared.now.max(time);
            let after = (shared.now.saturating_add(1), 0);
            let later = shared.sleepers.split_off(&after);
            std::mem::replace(&mut shared.sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// When the first of those who sleep is to wake.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shared().sleepers.keys().next().map(|(time, _)| *time)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One who sleeps; forgotten when it wakes or is dropped.
struct Sleep {
    clock: ManualClock,
    key: (Timestamp, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.clock.shared();
        if shared.now >= self.key.0 {
            return Poll::Ready(());
        }
        shared.sleepers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.shared().sleepers.remove(&self.key);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.shared().now
    }

    async fn sleep(&self, duration: Duration) {
        let key = {
            let mut shared = self.shared();
            shared.came += 1;
            (shared.now.saturating_add(milliseconds(duration)), shared.came)
        };
        Sleep { clock: self.clone(), key }.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_show_the_same_time() {
        let clock = ManualClock::at(1_000);
        let other = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!((clock.now(), other.now()), (2_500, 2_500));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_at_its_time_and_is_known_until_then() {
        let clock = ManualClock::at(0);
        let other = clock.clone();
        let sleep = tokio::spawn(async move { other.sleep(Duration::from_secs(2)).await });
        while clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(clock.next_wake(), Some(2000));
        clock.advance(Duration::from_secs(2));
        sleep.await.unwrap();
        assert_eq!(clock.next_wake(), None);
    }
}
