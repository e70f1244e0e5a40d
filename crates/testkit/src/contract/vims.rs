//! The contract of the port `Vims`.

use async_trait::async_trait;
use engine::ports::{VimError, Vims, Workload, WorkloadNetwork};
use model::plan::{PlannedServer, PlannedVolume};
use model::topology::Vim;
use model::{Gibibytes, Resources, VlanId};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a call may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// One VIM with nothing in it and a capacity of 8 vCPU, 16,384 MiB, 100 GiB, no accelerators; and
/// the adapter under test in front of it.
#[async_trait]
pub trait VimBench: Send + Sync {
    fn vims(&self) -> Arc<dyn Vims>;
    fn vim(&self) -> Vim;
    /// An image that servers can be made of.
    fn image(&self) -> Option<String>;
    /// All that is in it, from the VIM itself and not through the adapter. Equal contents give
    /// equal texts.
    fn contents(&self) -> String;
    /// From now on, or the next time, something is wrong with the VIM.
    async fn trouble(&mut self, trouble: VimTrouble) -> Played;
}

/// Whether the bench can do what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VimTrouble {
    /// The next request for something new is refused with "out of order".
    Refuses,
    /// The next new server does not start, for "no valid host".
    ServerBreaks,
    /// The next `ensure` is done and not answered.
    LosesTheReply,
    /// From now on it is not reached.
    Unreachable,
}

/// Everything the port promises. `make` starts a VIM anew each time.
pub async fn vims<B: VimBench>(make: impl AsyncFn() -> B) {
    ensuring_twice_is_ensuring_once(make().await).await;
    what_is_missing_is_made_again(make().await).await;
    removing_leaves_nothing_of_the_owner_only(make().await).await;
    pruning_leaves_what_is_kept(make().await).await;
    use_is_counted_and_given_back(make().await).await;
    a_quota_is_named_and_what_was_made_can_be_removed(make().await).await;
    a_refusal_names_its_reason(make().await).await;
    a_server_that_does_not_start_is_not_in_order(make().await).await;
    a_lost_reply_is_an_unknown_outcome(make().await).await;
    a_vim_that_is_away_is_unreachable(make().await).await;
}

async fn ensuring_twice_is_ensuring_once(bench: impl VimBench) {
    let empty = bench.contents();
    let wanted = workload(&bench, "svc", &[2, 2]);
    assert_eq!(ensure(&bench, &wanted).await, Ok(()));
    let once = bench.contents();
    assert_ne!(once, empty);
    assert_eq!(ensure(&bench, &wanted).await, Ok(()));
    assert_eq!(bench.contents(), once);
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1", "svc.vdu-2"]);
}

async fn what_is_missing_is_made_again(bench: impl VimBench) {
    assert_eq!(ensure(&bench, &workload(&bench, "svc", &[1])).await, Ok(()));
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1"]);
    assert_eq!(ensure(&bench, &workload(&bench, "svc", &[1, 1])).await, Ok(()));
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1", "svc.vdu-2"]);
}

async fn removing_leaves_nothing_of_the_owner_only(bench: impl VimBench) {
    let empty = bench.contents();
    assert_eq!(ensure(&bench, &workload(&bench, "svc", &[1])).await, Ok(()));
    let one = bench.contents();
    assert_eq!(ensure(&bench, &workload(&bench, "svc-b", &[1])).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(remove(&bench, "svc-b").await, Ok(()));
        assert_eq!(bench.contents(), one);
    }
    assert_eq!(observe(&bench, "svc-b").await, [""; 0]);
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1"]);
    assert_eq!(remove(&bench, "svc").await, Ok(()));
    assert_eq!(bench.contents(), empty);
}

async fn pruning_leaves_what_is_kept(bench: impl VimBench) {
    let keep = workload(&bench, "svc", &[1]);
    assert_eq!(ensure(&bench, &keep).await, Ok(()));
    let kept = bench.contents();
    assert_eq!(ensure(&bench, &workload(&bench, "svc", &[1, 1])).await, Ok(()));
    assert_ne!(bench.contents(), kept);
    assert_eq!(in_time(bench.vims().prune(&bench.vim(), &keep)).await, Ok(()));
    assert_eq!(bench.contents(), kept);
}

async fn use_is_counted_and_given_back(bench: impl VimBench) {
    let capacity = Resources::from_array([8, 16_384, 100, 0]);
    assert_eq!(inventory(&bench).await, (capacity, Resources::ZERO));
    assert_eq!(ensure(&bench, &workload(&bench, "svc", &[2, 1])).await, Ok(()));
    let used = Resources::from_array([3, 2 * 2048, 2 * 10, 0]);
    assert_eq!(inventory(&bench).await, (capacity, used));
    assert_eq!(remove(&bench, "svc").await, Ok(()));
    assert_eq!(inventory(&bench).await, (capacity, Resources::ZERO));
}

async fn a_quota_is_named_and_what_was_made_can_be_removed(bench: impl VimBench) {
    let empty = bench.contents();
    let answer = ensure(&bench, &workload(&bench, "svc", &[6, 3])).await;
    let Err(VimError::Quota { object, limit, used, requested, .. }) = &answer else {
        panic!("{answer:?}")
    };
    assert_eq!((*limit, *used, *requested), (8, 6, 3));
    assert!(object.contains("svc.vdu-2"), "{object}");
    assert_eq!(remove(&bench, "svc").await, Ok(()));
    assert_eq!(bench.contents(), empty);
}

async fn a_refusal_names_its_reason(mut bench: impl VimBench) {
    if !plays(&mut bench, VimTrouble::Refuses).await {
        return;
    }
    let wanted = workload(&bench, "svc", &[1]);
    let answer = ensure(&bench, &wanted).await;
    let Err(VimError::Refused { reason, .. }) = &answer else { panic!("{answer:?}") };
    assert!(reason.contains("out of order"), "{reason}");
    assert_eq!(ensure(&bench, &wanted).await, Ok(()), "the next time it works");
}

async fn a_server_that_does_not_start_is_not_in_order(mut bench: impl VimBench) {
    if !plays(&mut bench, VimTrouble::ServerBreaks).await {
        return;
    }
    let wanted = workload(&bench, "svc", &[1]);
    for _ in 0..2 {
        let answer = ensure(&bench, &wanted).await;
        let Err(VimError::Refused { object, reason, .. }) = &answer else { panic!("{answer:?}") };
        assert!(object.contains("svc.vdu-1") && reason.contains("no valid host"), "{answer:?}");
    }
    assert_eq!(observe(&bench, "svc").await, ["svc.net"]);
    assert_eq!(remove(&bench, "svc").await, Ok(()));
    assert_eq!(ensure(&bench, &wanted).await, Ok(()));
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1"]);
}

async fn a_lost_reply_is_an_unknown_outcome(mut bench: impl VimBench) {
    if !plays(&mut bench, VimTrouble::LosesTheReply).await {
        return;
    }
    let wanted = workload(&bench, "svc", &[1]);
    let answer = ensure(&bench, &wanted).await;
    assert!(matches!(answer, Err(VimError::OutcomeUnknown { .. })), "{answer:?}");
    assert_eq!(ensure(&bench, &wanted).await, Ok(()));
    assert_eq!(observe(&bench, "svc").await, ["svc.net", "svc.vdu-1"]);
}

async fn a_vim_that_is_away_is_unreachable(mut bench: impl VimBench) {
    if !plays(&mut bench, VimTrouble::Unreachable).await {
        return;
    }
    let answer = ensure(&bench, &workload(&bench, "svc", &[1])).await;
    assert!(matches!(answer, Err(VimError::Unreachable { .. })), "{answer:?}");
    let answer = in_time(bench.vims().observe(&bench.vim(), "svc")).await;
    assert!(matches!(answer, Err(VimError::Unreachable { .. })), "{answer:?}");
}

async fn plays(bench: &mut impl VimBench, trouble: VimTrouble) -> bool {
    let played = bench.trouble(trouble).await == Played::Yes;
    if !played {
        eprintln!("skipped: this VIM cannot be made to do {trouble:?}");
    }
    played
}

/// A network with a VLAN, and servers of 2 GiB memory and 10 GiB storage, 4 of which are a volume.
fn workload(bench: &impl VimBench, owner: &str, vcpus: &[u64]) -> Workload {
    let name = format!("{owner}.net");
    let servers = vcpus.iter().enumerate().map(|(index, vcpu)| {
        let name = format!("{owner}.vdu-{}", index + 1);
        PlannedServer {
            vdu: "vdu".to_owned(),
            resources: Resources::from_array([*vcpu, 2048, 10, 0]),
            image: bench.image(),
            volumes: vec![PlannedVolume { name: format!("{name}.data"), size: Gibibytes(4) }],
            networks: vec![format!("{owner}.net")],
            anti_affinity_group: None,
            name,
        }
    });
    // A VLAN of a physical network is one network's only.
    let vlan = VlanId::new(if owner == "svc" { 100 } else { 200 });
    let networks = vec![WorkloadNetwork { name, vlan }];
    Workload { owner: owner.to_owned(), networks, servers: servers.collect() }
}

async fn ensure(bench: &impl VimBench, workload: &Workload) -> Result<(), VimError> {
    in_time(bench.vims().ensure(&bench.vim(), workload)).await
}

async fn remove(bench: &impl VimBench, owner: &str) -> Result<(), VimError> {
    let nothing = Workload { owner: owner.to_owned(), ..Workload::default() };
    in_time(bench.vims().prune(&bench.vim(), &nothing)).await
}

/// In order of their names.
async fn observe(bench: &impl VimBench, owner: &str) -> Vec<String> {
    let names = in_time(bench.vims().observe(&bench.vim(), owner)).await;
    let mut names = names.expect("the VIM can be observed");
    names.sort();
    names
}

/// Capacity and use.
async fn inventory(bench: &impl VimBench) -> (Resources, Resources) {
    let inventory = in_time(bench.vims().inventory(&bench.vim())).await;
    let inventory = inventory.expect("the VIM has an inventory");
    (inventory.capacity, inventory.used)
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    timeout(DEADLINE, call).await.expect("a call has a deadline of its own")
}
