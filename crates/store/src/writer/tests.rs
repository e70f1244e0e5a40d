use super::*;
use crate::database::for_writing;
use crate::queue::Queue;
use engine::ports::{Batch, Compare, StoreError, Write};

fn writer(folder: &std::path::Path) -> (Queue, Writer) {
    let folder = Folder::take(folder).unwrap();
    let connection = for_writing(&folder.database()).unwrap();
    let (queue, jobs) = Queue::new();
    let writer = Writer {
        connection,
        jobs,
        progress: Progress::default(),
        retention: Retention::default(),
        tail: Arc::new(Mutex::new(Tail::new(0))),
        revision: watch::channel(0).0,
        rest: Rest::None,
        _folder: folder,
    };
    (queue, writer)
}

/// Puts the key if it does not exist yet.
fn create(key: &str) -> Task {
    let compares = vec![Compare { key: key.to_owned(), modified: 0 }];
    let writes = vec![Write::Put { key: key.to_owned(), value: Vec::new() }];
    Task::Commit(Batch { compares, writes })
}

#[tokio::test]
async fn what_waits_is_one_transaction_with_an_answer_each() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut writer) = writer(folder.path());
    let mut answers = Vec::new();
    for key in ["a", "b", "a", "c"] {
        answers.push(queue.enter(create(key), 1).await.unwrap());
    }
    let lengths = std::thread::spawn(move || {
        let group = writer.next_group().unwrap();
        let length = group.len();
        writer.carry_out(group);
        drop(queue);
        (length, writer.next_group().map(|group| group.len()))
    });
    assert_eq!(lengths.join().unwrap(), (4, None));
    let mut outcomes = Vec::new();
    for answer in answers {
        outcomes.push(answer.await.unwrap());
    }
    let refused = StoreError::Compare { key: "a".to_owned(), expected: 0, current: 1 };
    assert_eq!(outcomes, [Ok(1), Ok(2), Err(refused), Ok(3)]);
}

#[tokio::test]
async fn a_group_is_bounded_in_jobs_and_in_bytes() {
    for (bytes, expected) in [(1, [GROUP_JOBS, 88]), (GROUP_BYTES / 4, [4, 4])] {
        let folder = tempfile::tempdir().unwrap();
        let (queue, mut writer) = writer(folder.path());
        let jobs = if bytes == 1 { GROUP_JOBS + 88 } else { 9 };
        for number in 0..jobs {
            queue.enter(create(&number.to_string()), bytes).await.unwrap();
        }
        let lengths = std::thread::spawn(move || {
            [0, 1].map(|_| writer.next_group().map_or(0, |group| group.len()))
        });
        assert_eq!(lengths.join().unwrap(), expected);
    }
}
