//! The adapters keep the contracts of their ports, against simulators on sockets.

use crate::bench::Bench;
use crate::cloud::Cloud;
use testkit::contract;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_keep_the_contract() {
    contract::devices(async |protocol| Bench::new(protocol).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vims_keep_the_contract() {
    contract::vims(async || Cloud::new().await).await;
}
