//! A simulated VIM, and our adapter in front of it.

use crate::bench::{private_folder, write_secret};
use async_trait::async_trait;
use engine::ports::Vims;
use model::topology::{SecretRef, Vim, VimKind};
use model::{DeviceId, InterfaceName, PopId, PortRef, Resources, VimId};
use sim_vim::{Capacity, Config, Fault, VimSim};
use southbound::{NetworkVims, Secrets};
use std::sync::Arc;
use testkit::contract::vims::{Played, VimBench, VimTrouble};

pub(crate) struct Cloud {
    sim: Option<VimSim>,
    pub(crate) vim: Vim,
    pub(crate) vims: NetworkVims,
    pub(crate) secrets: tempfile::TempDir,
}

impl Cloud {
    pub(crate) async fn new() -> Self {
        let config = Config {
            user: "wayleave".to_owned(),
            password: "correct-horse".to_owned(),
            project: "wayleave".to_owned(),
            capacity: Capacity { vcpus: 8, memory_mib: 16_384, disk_gib: 100 },
            images: vec!["upf".to_owned()],
            physical_networks: vec!["datacentre".to_owned()],
            build_polls: 2,
        };
        let sim = VimSim::start("127.0.0.1:0".parse().unwrap(), config).await.unwrap();
        let secrets = private_folder();
        write_secret(secrets.path(), "vims", "wayleave", "correct-horse");
        let vims = NetworkVims::new(Secrets::open(secrets.path()).unwrap());
        Self { vim: record(sim.auth_url()), vims, secrets, sim: Some(sim) }
    }

    pub(crate) fn sim(&self) -> &VimSim {
        self.sim.as_ref().expect("the VIM is there")
    }
}

fn record(endpoint: String) -> Vim {
    Vim {
        id: VimId::new("edge").unwrap(),
        pop: PopId::new("pop").unwrap(),
        kind: VimKind::Openstack,
        endpoint,
        credentials: SecretRef("vims".to_owned()),
        trust: None,
        project: "wayleave".to_owned(),
        capacity: Resources::from_array([8, 16_384, 100, 0]),
        attachment: PortRef {
            device: DeviceId::new("sw1").unwrap(),
            interface: InterfaceName::new("xe-0/1/0").unwrap(),
        },
        physical_network: "datacentre".to_owned(),
    }
}

#[async_trait]
impl VimBench for Cloud {
    fn vims(&self) -> Arc<dyn Vims> {
        Arc::new(self.vims.clone())
    }

    fn vim(&self) -> Vim {
        self.vim.clone()
    }

    fn image(&self) -> Option<String> {
        Some("upf".to_owned())
    }

    fn contents(&self) -> String {
        self.sim().state_text()
    }

    async fn trouble(&mut self, trouble: VimTrouble) -> Played {
        match trouble {
            VimTrouble::Refuses => {
                let message = "the database is out of order".to_owned();
                self.sim().push_fault(Fault::Refuse { status: 500, message });
            }
            VimTrouble::ServerBreaks => {
                let message = "no valid host was found".to_owned();
                self.sim().push_fault(Fault::ServerError(message));
            }
            VimTrouble::LosesTheReply => self.sim().push_fault(Fault::LoseReply),
            VimTrouble::Unreachable => drop(self.sim.take()),
        }
        Played::Yes
    }
}
