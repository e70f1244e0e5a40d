//! The fake VIMs: the contract, and what only they can do.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use async_trait::async_trait;
use engine::ports::{VimError, Vims, Workload, WorkloadNetwork};
use model::topology::{SecretRef, Vim, VimKind};
use model::{DeviceId, InterfaceName, PopId, PortRef, Resources, VimId};
use std::sync::Arc;
use testkit::contract::{
    self,
    vims::{Played, VimBench, VimTrouble},
};
use testkit::{FakeVims, VimCall, VimFault, VimStep};

struct Bench {
    vims: FakeVims,
    vim: Vim,
}

fn bench() -> Bench {
    let capacity = Resources::from_array([8, 16_384, 100, 0]);
    let interface = InterfaceName::new("xe-0/1/0").unwrap();
    let vim = Vim {
        id: VimId::new("vim1").unwrap(),
        pop: PopId::new("pop").unwrap(),
        kind: VimKind::Openstack,
        endpoint: "http://127.0.0.1:0".to_owned(),
        credentials: SecretRef("vims".to_owned()),
        trust: None,
        project: "wayleave".to_owned(),
        capacity,
        attachment: PortRef { device: DeviceId::new("sw1").unwrap(), interface },
        physical_network: "datacentre".to_owned(),
    };
    let vims = FakeVims::new();
    vims.add(&vim.id, capacity);
    Bench { vims, vim }
}

#[async_trait]
impl VimBench for Bench {
    fn vims(&self) -> Arc<dyn Vims> {
        Arc::new(self.vims.clone())
    }

    fn vim(&self) -> Vim {
        self.vim.clone()
    }

    fn image(&self) -> Option<String> {
        None
    }

    fn contents(&self) -> String {
        self.vims.objects(&self.vim.id).join("\n")
    }

    async fn trouble(&mut self, trouble: VimTrouble) -> Played {
        let fault = match trouble {
            VimTrouble::Refuses => VimFault::Refuse { reason: "out of order".to_owned() },
            VimTrouble::ServerBreaks => {
                VimFault::BrokenServer { reason: "no valid host".to_owned() }
            }
            VimTrouble::LosesTheReply => VimFault::LostReply,
            VimTrouble::Unreachable => {
                self.vims.disconnect(&self.vim.id);
                return Played::Yes;
            }
        };
        self.vims.fail_next(&self.vim.id, VimStep::Ensure, fault);
        Played::Yes
    }
}

#[tokio::test]
async fn they_keep_the_contract() {
    contract::vims(async || bench()).await;
}

fn networks(owner: &str) -> Workload {
    let network = WorkloadNetwork { name: "net".to_owned(), vlan: None };
    Workload { owner: owner.to_owned(), networks: vec![network], servers: Vec::new() }
}

#[tokio::test]
async fn names_belong_to_their_owner_and_objects_can_vanish() {
    let Bench { vims, vim } = bench();
    vims.ensure(&vim, &networks("a")).await.unwrap();
    let answer = vims.ensure(&vim, &networks("b")).await;
    assert!(matches!(answer, Err(VimError::Refused { .. })), "{answer:?}");
    assert!(vims.vanish(&vim.id, "net") && !vims.vanish(&vim.id, "net"));
    assert_eq!(vims.observe(&vim, "a").await.unwrap(), [""; 0]);
    vims.ensure(&vim, &networks("b")).await.unwrap();
    let call = |step, owner: &str| VimCall { vim: vim.id.clone(), step, owner: Some(owner.into()) };
    let ensure = |owner| call(VimStep::Ensure, owner);
    let expected = [ensure("a"), ensure("b"), call(VimStep::Observe, "a"), ensure("b")];
    assert_eq!(vims.take_calls(), expected);
}

#[tokio::test]
async fn what_others_use_is_counted() {
    let Bench { vims, vim } = bench();
    let used = Resources::from_array([5, 1024, 1, 0]);
    vims.occupy(&vim.id, used);
    assert_eq!(vims.inventory(&vim).await.unwrap().used, used);
}
