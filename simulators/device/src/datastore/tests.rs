use super::*;

type Store = Datastores<&'static str>;

fn accept(_: &&'static str) -> Result<(), Refusal> {
    Ok(())
}

fn edited(to: &'static str) -> Store {
    let mut store = Store::new("v1");
    store.edit_candidate(1, |_| Ok::<_, Refusal>(to)).unwrap();
    store
}

fn later(deadline: Millis, persist: Option<&str>) -> Confirm {
    Confirm::Later { deadline, persist: persist.map(str::to_owned) }
}

#[test]
fn n_093_n_094_a_held_lock_is_denied_to_everybody() {
    let mut store = Store::new("v1");
    store.lock(1, Datastore::Candidate).unwrap();
    assert_eq!(store.lock(2, Datastore::Candidate), Err(Refusal::LockDenied { holder: 1 }));
    assert_eq!(store.lock(1, Datastore::Candidate), Err(Refusal::LockDenied { holder: 1 }));
    store.lock(2, Datastore::Running).unwrap();
}

#[test]
fn n_095_a_changed_candidate_cannot_be_locked() {
    let mut store = edited("v2");
    assert_eq!(store.lock(2, Datastore::Candidate), Err(Refusal::CandidateChanged));
    store.discard(1).unwrap();
    store.lock(2, Datastore::Candidate).unwrap();
}

#[test]
fn n_096_running_cannot_be_locked_under_a_pending_commit_of_another() {
    let mut store = edited("v2");
    store.commit(1, later(10, None), None, accept).unwrap();
    assert_eq!(store.lock(2, Datastore::Running), Err(Refusal::CommitPending { holder: 1 }));
}

#[test]
fn n_097_only_the_holder_unlocks() {
    let mut store = Store::new("v1");
    store.lock(1, Datastore::Running).unwrap();
    assert_eq!(store.unlock(2, Datastore::Running), Err(Refusal::NotLocked));
    assert_eq!(store.lock_holder(Datastore::Running), Some(1));
}

#[test]
fn n_098_the_end_of_a_session_frees_and_discards() {
    let mut store = Store::new("v1");
    store.lock(1, Datastore::Candidate).unwrap();
    store.edit_candidate(1, |_| Ok::<_, Refusal>("v2")).unwrap();
    store.session_ended(1);
    assert_eq!(store.get(Datastore::Candidate), &"v1");
    store.lock(2, Datastore::Candidate).unwrap();
}

#[test]
fn n_089_n_099_a_locked_candidate_is_in_use_for_others() {
    let mut store = Store::new("v1");
    store.lock(1, Datastore::Candidate).unwrap();
    let edit = store.edit_candidate(2, |_| Ok::<_, Refusal>("v2"));
    assert_eq!(edit, Err(Refusal::InUse { holder: 1 }));
    assert_eq!(store.discard(2), Err(Refusal::InUse { holder: 1 }));
    let commit = store.commit(2, Confirm::Now, None, accept);
    assert_eq!(commit, Err(Refusal::InUse { holder: 1 }));
}

#[test]
fn n_100_a_commit_that_fails_leaves_both_datastores() {
    let mut store = edited("v2");
    let refuse = |_: &&'static str| Err(Refusal::NotLocked);
    assert!(store.commit(1, Confirm::Now, None, refuse).is_err());
    assert_eq!(store.get(Datastore::Running), &"v1");
    assert_eq!(store.get(Datastore::Candidate), &"v2");
}

#[test]
fn n_102_n_103_unconfirmed_is_undone_and_confirmed_stays() {
    let mut store = edited("v2");
    assert_eq!(store.commit(1, later(10, None), None, accept), Ok(Some(CommitEvent::Start)));
    assert_eq!(store.get(Datastore::Running), &"v2");
    assert_eq!(store.tick(9), None);
    assert_eq!(store.tick(10), Some(CommitEvent::Timeout));
    assert_eq!(store.get(Datastore::Running), &"v1");

    let mut store = edited("v2");
    store.commit(1, later(10, None), None, accept).unwrap();
    assert_eq!(store.commit(1, Confirm::Now, None, accept), Ok(Some(CommitEvent::Complete)));
    assert_eq!(store.tick(99), None);
    assert_eq!(store.get(Datastore::Running), &"v2");
}

#[test]
fn n_104_a_follow_up_extends_and_returns_to_the_first_state() {
    let mut store = edited("v2");
    store.commit(1, later(10, None), None, accept).unwrap();
    store.edit_candidate(1, |_| Ok::<_, Refusal>("v3")).unwrap();
    assert_eq!(store.commit(1, later(20, None), None, accept), Ok(Some(CommitEvent::Extend)));
    assert_eq!(store.tick(10), None);
    assert_eq!(store.tick(20), Some(CommitEvent::Timeout));
    assert_eq!(store.get(Datastore::Running), &"v1");
}

#[test]
fn n_105_without_persist_it_belongs_to_its_session() {
    let mut store = edited("v2");
    store.commit(1, later(600, None), None, accept).unwrap();
    let foreign = store.commit(2, Confirm::Now, None, accept);
    assert_eq!(foreign, Err(Refusal::NotOwner { owner: 1 }));
    assert_eq!(store.session_ended(1), Some(CommitEvent::Cancel));
    assert_eq!(store.get(Datastore::Running), &"v1");
}

#[test]
fn n_106_with_persist_it_is_for_whoever_knows_the_id() {
    let mut store = edited("v2");
    store.commit(1, later(600, Some("t")), None, accept).unwrap();
    assert_eq!(store.session_ended(1), None);
    for wrong in [None, Some("x")] {
        assert_eq!(store.commit(2, Confirm::Now, wrong, accept), Err(Refusal::WrongPersistId));
    }
    assert_eq!(store.commit(2, Confirm::Now, Some("t"), accept), Ok(Some(CommitEvent::Complete)));
    assert_eq!(store.tick(9999), None);
}

#[test]
fn n_107_cancelling() {
    let mut store = edited("v2");
    assert_eq!(store.cancel_commit(1, None), Err(Refusal::NothingPending));
    store.commit(1, later(600, Some("t")), None, accept).unwrap();
    assert_eq!(store.cancel_commit(2, None), Err(Refusal::WrongPersistId));
    assert_eq!(store.cancel_commit(2, Some("t")), Ok(CommitEvent::Cancel));
    assert_eq!(store.get(Datastore::Running), &"v1");
}

#[test]
fn n_108_a_confirmed_commit_that_fails_leaves_nothing_pending() {
    let mut store = edited("v2");
    let refuse = |_: &&'static str| Err(Refusal::NotLocked);
    assert!(store.commit(1, later(1, None), None, refuse).is_err());
    assert!(store.pending().is_none());
    assert_eq!(store.cancel_commit(1, None), Err(Refusal::NothingPending));
}

#[test]
fn a_write_to_running_reaches_an_untouched_candidate_only() {
    let mut store = Store::new("v1");
    store.edit_running(0, |_| Ok::<_, Refusal>("v2")).unwrap();
    assert_eq!(store.get(Datastore::Candidate), &"v2");
    store.edit_candidate(1, |_| Ok::<_, Refusal>("v3")).unwrap();
    store.edit_running(0, |_| Ok::<_, Refusal>("v4")).unwrap();
    assert_eq!(store.get(Datastore::Candidate), &"v3");
    assert_eq!(store.generation(), 2);
}
