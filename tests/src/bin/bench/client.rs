//! The daemon's public API. Every call has a deadline.

use anyhow::Context as _;
use api::wire;
use api::wire::catalogue_service_client::CatalogueServiceClient;
use api::wire::device_service_client::DeviceServiceClient;
use api::wire::intent_service_client::IntentServiceClient;
use api::wire::intent_status;
use api::wire::operation::State;
use api::wire::operation_service_client::OperationServiceClient;
use api::wire::plan_service_client::PlanServiceClient;
use std::time::Duration;
use tonic::transport::{Channel, Endpoint};

const WITHIN: Duration = Duration::from_secs(120);
/// As many intents as a run ever has; the longest page there is.
const PAGE: i32 = 1000;

/// One HTTP/2 connection; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    channel: Channel,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.timeout(WITHIN);
        let channel = endpoint.connect().await.context("the daemon is not reachable")?;
        Ok(Self { channel })
    }

    pub(crate) async fn onboard(&self, files: Vec<wire::DescriptorFile>) -> anyhow::Result<()> {
        let request = wire::OnboardRequest { files, ..Default::default() };
        let mut catalogue = CatalogueServiceClient::new(self.channel.clone());
        catalogue.onboard(request).await.context("the descriptors were refused")?;
        Ok(())
    }

    pub(crate) async fn plan(&self, intent: wire::Intent) -> anyhow::Result<()> {
        let name = intent.name.clone();
        let request = wire::PlanRequest { intent: Some(intent) };
        let mut plans = PlanServiceClient::new(self.channel.clone())
            .max_decoding_message_size(api::MAX_MESSAGE_BYTES);
        let shown = plans.plan(request).await.with_context(|| format!("no plan for {name}"))?;
        anyhow::ensure!(shown.into_inner().plan.is_some(), "the plan of {name} is empty");
        Ok(())
    }

    /// The operation that carries it out. The answer comes when the intent is durable.
    pub(crate) async fn apply(&self, intent: wire::Intent) -> anyhow::Result<String> {
        let request = wire::ApplyIntentRequest { intent: Some(intent), ..Default::default() };
        let mut intents = IntentServiceClient::new(self.channel.clone());
        let answer = intents.apply_intent(request).await.context("an intent was refused")?;
        Ok(answer.into_inner().operation)
    }

    /// The operation that takes it away.
    pub(crate) async fn delete(&self, name: String) -> anyhow::Result<String> {
        let request = wire::DeleteIntentRequest { name, ..Default::default() };
        let mut intents = IntentServiceClient::new(self.channel.clone());
        let answer = intents.delete_intent(request).await.context("a deletion was refused")?;
        Ok(answer.into_inner().operation)
    }

    /// Returns when the operation has ended well.
    pub(crate) async fn wait(&self, id: &str) -> anyhow::Result<()> {
        let seconds = i64::try_from(WITHIN.as_secs())? / 2;
        let timeout = Some(prost_types::Duration { seconds, nanos: 0 });
        let request = wire::WaitOperationRequest { id: id.to_owned(), timeout };
        let mut operations = OperationServiceClient::new(self.channel.clone());
        let operation = operations.wait_operation(request).await?.into_inner();
        let failure = operation.failure.clone().unwrap_or_default().message;
        let state = operation.state();
        anyhow::ensure!(state == State::Succeeded, "{id} is {state:?} at the end: {failure}");
        Ok(())
    }

    /// The intents there are, all of them active.
    pub(crate) async fn active(&self) -> anyhow::Result<usize> {
        let request = wire::ListIntentsRequest { page_size: PAGE, ..Default::default() };
        let mut intents = IntentServiceClient::new(self.channel.clone())
            .max_decoding_message_size(api::MAX_MESSAGE_BYTES);
        let there = intents.list_intents(request).await?.into_inner().intents;
        for intent in &there {
            let state = intent.status.as_ref().map(wire::IntentStatus::state);
            let active = state == Some(intent_status::State::Active);
            anyhow::ensure!(active, "{} is {state:?}", intent.name);
        }
        Ok(there.len())
    }

    /// Has the daemon read every device, so that its sessions are up.
    pub(crate) async fn reconcile(&self) -> anyhow::Result<()> {
        let mut devices = DeviceServiceClient::new(self.channel.clone());
        let operation = devices.reconcile(wire::ReconcileRequest {}).await?.into_inner();
        self.wait(&operation.id).await
    }
}
