//! The contract of the port `Store`.

use engine::api::Revision;
use engine::ports::{Batch, Compare, KeyValue, Store, StoreError, StoreEvent, StoreWatch, Write};
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// Revisions that a reader who takes nothing may be behind before it is dropped, at most.
const PATIENCE: u64 = 2_000;

/// Where one store's data is.
pub trait StoreBench {
    /// Opens the store; a second time after the first was dropped, with what is durable by then.
    fn open(&mut self) -> Arc<dyn Store>;
}

/// Everything the port promises.
pub async fn store<B: StoreBench>(make: impl Fn() -> B) {
    writes_are_read_back_with_their_revision(&mut make()).await;
    a_prefix_selects_its_keys_in_order(&mut make()).await;
    a_batch_is_all_or_nothing(&mut make()).await;
    a_batch_that_cannot_be_is_refused(&mut make()).await;
    one_of_many_wins_a_comparison(&mut make()).await;
    concurrent_batches_have_a_revision_each(&mut make()).await;
    a_watch_has_no_gap_between_history_and_live(&mut make()).await;
    a_watch_sees_its_prefix_only(&mut make()).await;
    a_reader_that_does_not_read_is_dropped(&mut make()).await;
    compacted_history_is_refused_and_values_stay(&mut make()).await;
    revisions_that_are_not_there_yet_are_refused(&mut make()).await;
    everything_survives_a_restart(&mut make()).await;
}

async fn writes_are_read_back_with_their_revision(bench: &mut impl StoreBench) {
    let store = bench.open();
    assert_eq!(revision(&*store).await, 0);
    assert_eq!(commit(&*store, [put("a", "1"), put("b", "1")]).await, Ok(1));
    assert_eq!(commit(&*store, [put("a", "2")]).await, Ok(2));
    assert_eq!(commit(&*store, [delete("b"), delete("never")]).await, Ok(3));
    assert_eq!(range(&*store, "").await, (3, vec![pair("a", "2", 2)]));
    assert_eq!(commit(&*store, []).await, Ok(3), "a batch without writes is no revision");
    assert_eq!(revision(&*store).await, 3);
}

async fn a_prefix_selects_its_keys_in_order(bench: &mut impl StoreBench) {
    let store = bench.open();
    let keys = ["op/9", "op/10", "op", "oq", "on", "op/\u{10ffff}", "ä", "op/9/x"];
    for key in keys {
        commit(&*store, [put(key, "")]).await.expect("a write is taken");
    }
    let found = |pairs: Vec<KeyValue>| pairs.into_iter().map(|p| p.key).collect::<Vec<_>>();
    let some = found(range(&*store, "op/").await.1);
    assert_eq!(some, ["op/10", "op/9", "op/9/x", "op/\u{10ffff}"]);
    let all = found(range(&*store, "").await.1);
    assert_eq!(all.len(), keys.len());
    assert!(all.is_sorted(), "{all:?}");
    assert_eq!(found(range(&*store, "nothing").await.1), [""; 0]);
}

async fn a_batch_is_all_or_nothing(bench: &mut impl StoreBench) {
    let store = bench.open();
    commit(&*store, [put("a", "1")]).await.expect("a write is taken");
    let compares = vec![compare("new", 0), compare("a", 9)];
    let batch = Batch { compares, writes: vec![put("new", "x"), delete("a")] };
    let refused = StoreError::Compare { key: "a".to_owned(), expected: 9, current: 1 };
    assert_eq!(store.commit(batch).await, Err(refused));
    assert_eq!(range(&*store, "").await, (1, vec![pair("a", "1", 1)]));
    let compares = vec![compare("new", 0), compare("a", 1)];
    let batch = Batch { compares, writes: vec![put("new", "x"), delete("a")] };
    assert_eq!(store.commit(batch).await, Ok(2));
    assert_eq!(range(&*store, "").await, (2, vec![pair("new", "x", 2)]));
    let gone = Batch { compares: vec![compare("a", 1)], writes: vec![put("b", "")] };
    let refused = StoreError::Compare { key: "a".to_owned(), expected: 1, current: 0 };
    assert_eq!(store.commit(gone).await, Err(refused));
}

async fn a_batch_that_cannot_be_is_refused(bench: &mut impl StoreBench) {
    let store = bench.open();
    for writes in [vec![put("a", "1"), delete("a")], vec![put("b", "1"), put("", "2")]] {
        let answer = store.commit(Batch { compares: Vec::new(), writes }).await;
        assert!(matches!(answer, Err(StoreError::Failed { .. })), "{answer:?}");
    }
    assert_eq!(range(&*store, "").await, (0, Vec::new()));
}

async fn one_of_many_wins_a_comparison(bench: &mut impl StoreBench) {
    let store = bench.open();
    let contend = |number: u32| {
        let writes = vec![put("leader", &number.to_string())];
        store.commit(Batch { compares: vec![compare("leader", 0)], writes })
    };
    let answers = join_all((0..50).map(contend)).await;
    let won = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(won, 1, "{answers:?}");
    let lost = StoreError::Compare { key: "leader".to_owned(), expected: 0, current: 1 };
    assert!(answers.iter().all(|answer| matches!(answer, Ok(1)) || *answer == Err(lost.clone())));
}

async fn concurrent_batches_have_a_revision_each(bench: &mut impl StoreBench) {
    let store = bench.open();
    let answers = join_all((0..200).map(|n| {
        let key = format!("k{n}");
        let writes = vec![put(&key, "1"), put(&format!("{key}/twin"), "1")];
        store.commit(Batch { compares: Vec::new(), writes })
    }))
    .await;
    let mut revisions: Vec<_> =
        answers.into_iter().map(|answer| answer.expect("a write is taken")).collect();
    for (number, revision) in revisions.iter().enumerate() {
        let (_, pairs) = range(&*store, &format!("k{number}/")).await;
        assert_eq!(pairs[0].modified, *revision, "the twin of k{number}");
    }
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=200).collect::<Vec<_>>());
}

async fn a_watch_has_no_gap_between_history_and_live(bench: &mut impl StoreBench) {
    let store = bench.open();
    for number in 1..=300 {
        commit(&*store, [put("n", &number.to_string())]).await.expect("a write is taken");
    }
    let writer = Arc::clone(&store);
    let writing = async move {
        for number in 301..=600 {
            commit(&*writer, [put("n", &number.to_string())]).await.expect("a write is taken");
        }
    };
    let reading = async {
        let mut watches = Vec::new();
        for from in [0, 1, 150, 299, 300] {
            watches.push((from, watch(&*store, "", from).await));
            tokio::task::yield_now().await;
        }
        for (from, mut watch) in watches {
            for revision in from + 1..=600 {
                assert_eq!(next(&mut watch).await, Some(Ok(written("n", revision))));
            }
        }
    };
    tokio::join!(writing, reading);
}

async fn a_watch_sees_its_prefix_only(bench: &mut impl StoreBench) {
    let store = bench.open();
    commit(&*store, [put("x/1", "1"), put("y/1", "1")]).await.expect("a write is taken");
    let mut watch = watch(&*store, "x/", 0).await;
    commit(&*store, [put("y/2", "2")]).await.expect("a write is taken");
    commit(&*store, [delete("x/1"), delete("x/2"), put("x/3", "3")])
        .await
        .expect("a write is taken");
    for (revision, key, value) in [(1, "x/1", Some("1")), (3, "x/1", None), (3, "x/3", Some("3"))] {
        let value = value.map(|text| text.as_bytes().to_vec());
        let event = StoreEvent { revision, key: key.to_owned(), value };
        assert_eq!(next(&mut watch).await, Some(Ok(event)));
    }
}

async fn a_reader_that_does_not_read_is_dropped(bench: &mut impl StoreBench) {
    let store = bench.open();
    let (mut slow, mut quick) = (watch(&*store, "", 0).await, watch(&*store, "", 0).await);
    let total = PATIENCE * 2;
    let reading = async {
        for revision in 1..=total {
            let event = next(&mut quick).await.expect("the watch goes on");
            assert_eq!(event.expect("who reads is not dropped").revision, revision);
        }
    };
    tokio::join!(reading, write_in_hundreds(&*store, total));
    let (got, error) = drained(&mut slow).await;
    let last = got.len() as u64;
    assert_eq!(got, (1..=last).collect::<Vec<_>>(), "what the slow reader got has no gap");
    assert_eq!(error, Some(StoreError::SlowReader { last }));
    assert!(last < total, "the queue of a reader is bounded");
    let mut again = watch(&*store, "", last).await;
    let event = next(&mut again).await.expect("the watch goes on").expect("history is there");
    assert_eq!(event.revision, last + 1);
}

async fn write_in_hundreds(store: &dyn Store, total: u64) {
    for _ in 0..total / 100 {
        let answers = join_all((0..100).map(|_| commit(store, [put("n", "")]))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        tokio::task::yield_now().await;
    }
}

/// The revisions that a watch still has, and the error that it ends with.
async fn drained(watch: &mut StoreWatch) -> (Vec<Revision>, Option<StoreError>) {
    let mut revisions = Vec::new();
    while let Some(item) = next(watch).await {
        match item {
            Ok(event) => revisions.push(event.revision),
            Err(error) => {
                assert_eq!(next(watch).await, None, "nothing comes after the last word");
                return (revisions, Some(error));
            }
        }
    }
    (revisions, None)
}

async fn compacted_history_is_refused_and_values_stay(bench: &mut impl StoreBench) {
    let store = bench.open();
    for number in 1..=10 {
        commit(&*store, [put("n", &number.to_string())]).await.expect("a write is taken");
    }
    assert_eq!(store.compact(6).await, Ok(()));
    assert_eq!(store.compact(3).await, Ok(()), "what is forgotten already is no error");
    for from in [0, 5] {
        let refused = store.watch("", from).await.map(|_| ());
        assert_eq!(refused, Err(StoreError::Compacted { oldest: 7 }));
    }
    let mut watch = watch(&*store, "", 6).await;
    for revision in 7..=10 {
        assert_eq!(next(&mut watch).await, Some(Ok(written("n", revision))));
    }
    assert_eq!(range(&*store, "").await, (10, vec![pair("n", "10", 10)]));
    drop((watch, store));
    let store = bench.open();
    let refused = store.watch("", 5).await.map(|_| ());
    assert_eq!(refused, Err(StoreError::Compacted { oldest: 7 }));
}

async fn revisions_that_are_not_there_yet_are_refused(bench: &mut impl StoreBench) {
    let store = bench.open();
    commit(&*store, [put("n", "1")]).await.expect("a write is taken");
    let watched = store.watch("", 2).await.map(|_| ());
    for answer in [watched, store.compact(2).await] {
        let Err(StoreError::Failed { reason }) = answer else { panic!("{answer:?}") };
        assert!(reason.contains("revision 2") && reason.contains("at 1"), "{reason}");
    }
}

async fn everything_survives_a_restart(bench: &mut impl StoreBench) {
    let store = bench.open();
    commit(&*store, [put("a", "1"), put("b", "1")]).await.expect("a write is taken");
    commit(&*store, [put("a", "2")]).await.expect("a write is taken");
    drop(store);
    let store = bench.open();
    assert_eq!(revision(&*store).await, 2);
    assert_eq!(range(&*store, "").await, (2, vec![pair("a", "2", 2), pair("b", "1", 1)]));
    let guarded = Batch { compares: vec![compare("a", 2)], writes: vec![put("a", "3")] };
    assert_eq!(store.commit(guarded).await, Ok(3));
    let mut watch = watch(&*store, "a", 0).await;
    for (revision, value) in [(1, "1"), (2, "2"), (3, "3")] {
        let value = Some(value.as_bytes().to_vec());
        let event = StoreEvent { revision, key: "a".to_owned(), value };
        assert_eq!(next(&mut watch).await, Some(Ok(event)));
    }
}

async fn commit(
    store: &dyn Store,
    writes: impl IntoIterator<Item = Write>,
) -> Result<Revision, StoreError> {
    let batch = Batch { compares: Vec::new(), writes: writes.into_iter().collect() };
    timeout(DEADLINE, store.commit(batch)).await.expect("a commit is answered in time")
}

async fn revision(store: &dyn Store) -> Revision {
    store.revision().await.expect("the revision can be read")
}

async fn range(store: &dyn Store, prefix: &str) -> (Revision, Vec<KeyValue>) {
    store.range(prefix).await.expect("a range can be read")
}

async fn watch(store: &dyn Store, prefix: &str, from: Revision) -> StoreWatch {
    store.watch(prefix, from).await.expect("a watch begins")
}

async fn next(watch: &mut StoreWatch) -> Option<Result<StoreEvent, StoreError>> {
    timeout(DEADLINE, watch.recv()).await.expect("an event comes in time")
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.to_owned(), value: value.as_bytes().to_vec() }
}

fn delete(key: &str) -> Write {
    Write::Delete { key: key.to_owned() }
}

fn compare(key: &str, modified: Revision) -> Compare {
    Compare { key: key.to_owned(), modified }
}

fn pair(key: &str, value: &str, modified: Revision) -> KeyValue {
    KeyValue { key: key.to_owned(), value: value.as_bytes().to_vec(), modified }
}

/// A counter that is written once with each revision has the revision as its value.
fn written(key: &str, revision: Revision) -> StoreEvent {
    StoreEvent { revision, key: key.to_owned(), value: Some(revision.to_string().into_bytes()) }
}
