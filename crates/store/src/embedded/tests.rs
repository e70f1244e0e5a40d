use super::*;
use engine::ports::Write;

/// Pages of 4 KiB that the database may have in the test.
const PAGES: i64 = 64;

fn put(key: &str, bytes: usize) -> Batch {
    let write = Write::Put { key: key.to_owned(), value: vec![7; bytes] };
    Batch { compares: Vec::new(), writes: vec![write] }
}

/// A store on a disk that has room for little.
fn cramped(folder: &Path) -> EmbeddedStore {
    let folder = Folder::take(folder).unwrap();
    let connection = for_writing(&folder.database()).unwrap();
    connection.pragma_update_and_check(None, "max_page_count", PAGES, |_| Ok(())).unwrap();
    EmbeddedStore::start(folder, connection, Retention::default()).unwrap()
}

#[tokio::test]
async fn a_full_disk_is_named_loses_nothing_and_can_be_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = cramped(folder.path());
    let mut last = 0;
    let error = loop {
        match store.commit(put("k", 8_000)).await {
            Ok(revision) => last = revision,
            Err(error) => break error,
        }
        assert!(last < 1_000, "the disk does not get full");
    };
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert_eq!(store.revision().await, Ok(last));
    let (revision, pairs) = store.range("").await.unwrap();
    assert_eq!((revision, pairs[0].modified), (last, last));
    let mut watch = store.watch("", last - 1).await.unwrap();
    assert_eq!(watch.recv().await.unwrap().unwrap().revision, last);
    store.compact(last).await.unwrap();
    assert_eq!(store.commit(put("k", 8_000)).await, Ok(last + 1));
    assert_eq!(watch.recv().await.unwrap().unwrap().revision, last + 1);
}
