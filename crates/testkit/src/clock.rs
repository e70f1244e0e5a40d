//! A clock that stands still until it is told to go on.

use async_trait::async_trait;
use engine::api::Timestamp;
use engine::ports::Clock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Copies show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<watch::Sender<Timestamp>>,
    /// How many sleep until when.
    sleepers: Arc<Mutex<BTreeMap<Timestamp, usize>>>,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(0)
    }
}

impl ManualClock {
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(time)), sleepers: Arc::default() }
    }

    /// Whole milliseconds; what is left of one is dropped.
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now().saturating_add(milliseconds(by)));
    }

    /// Time does not go back: an earlier time changes nothing.
    pub fn advance_to(&self, time: Timestamp) {
        self.now.send_modify(|now| *now = (*now).max(time));
    }

    /// When the first of those who sleep is to wake.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.sleepers().keys().next().copied()
    }

    fn sleepers(&self) -> MutexGuard<'_, BTreeMap<Timestamp, usize>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One who sleeps; counted until it wakes or is dropped.
struct Sleeper<'c>(&'c ManualClock, Timestamp);

impl<'c> Sleeper<'c> {
    fn new(clock: &'c ManualClock, until: Timestamp) -> Self {
        *clock.sleepers().entry(until).or_default() += 1;
        Self(clock, until)
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.0.sleepers();
        let count = sleepers.entry(self.1).or_default();
        *count = count.saturating_sub(1);
        if *count == 0 {
            sleepers.remove(&self.1);
        }
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let mut now = self.now.subscribe();
        let until = self.now().saturating_add(milliseconds(duration));
        let _sleeper = Sleeper::new(self, until);
        // The sender lives as long as this clock does.
        let _ = now.wait_for(|now| *now >= until).await;
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
