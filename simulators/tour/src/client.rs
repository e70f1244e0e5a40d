//! The daemon's public API. Every call has a deadline, and a refusal keeps its reasons.

use crate::report::Progress;
use api::wire::catalogue_service_client::CatalogueServiceClient;
use api::wire::device_service_client::DeviceServiceClient;
use api::wire::intent_service_client::IntentServiceClient;
use api::wire::operation::State;
use api::wire::operation_service_client::OperationServiceClient;
use api::wire::plan_service_client::PlanServiceClient;
use api::wire::topology_service_client::TopologyServiceClient;
use api::wire::{self, Operation};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tonic::transport::{Channel, Endpoint};
use tonic::{Response, Status};
use tonic_types::StatusExt as _;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const OPERATION_WITHIN: Duration = Duration::from_secs(180);
/// How often the progress of an operation is shown.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// More than a lab ever has of anything.
const PAGE: i32 = 1000;

#[derive(Clone, Debug)]
pub(crate) struct Client {
    channel: Channel,
}

/// What came instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {message}")]
pub(crate) struct Refusal {
    pub(crate) call: &'static str,
    /// That `wayleave explain` knows; empty where it did not come from Wayleave.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: BTreeMap<String, String>,
}

macro_rules! services {
    ($($name:ident: $client:ident),* $(,)?) => {
        $(fn $name(&self) -> $client<Channel> {
            $client::new(self.channel.clone()).max_decoding_message_size(api::MAX_MESSAGE_BYTES)
        })*
    };
}

impl Client {
    /// `url` is `http://HOST:PORT`.
    pub(crate) async fn connect(url: &str) -> Result<Self, Refusal> {
        let refused = |reason: &dyn fmt::Display| {
            Refusal::new("connect", format!("the daemon at {url} is not reachable: {reason}"))
        };
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|e| refused(&e))?;
        let endpoint = endpoint.connect_timeout(CONNECT_WITHIN);
        let channel = endpoint.connect().await.map_err(|e| refused(&root_cause(&e)))?;
        Ok(Self { channel })
    }

    services!(
        catalogue: CatalogueServiceClient,
        devices: DeviceServiceClient,
        intents: IntentServiceClient,
        operations: OperationServiceClient,
        plans: PlanServiceClient,
        topologies: TopologyServiceClient,
    );

    pub(crate) async fn topology(&self) -> Result<wire::GetTopologyResponse, Refusal> {
        let mut topologies = self.topologies();
        answer("get the topology", topologies.get_topology(wire::GetTopologyRequest {})).await
    }

    pub(crate) async fn onboard(
        &self,
        files: Vec<wire::DescriptorFile>,
    ) -> Result<wire::OnboardResponse, Refusal> {
        let request = wire::OnboardRequest { files, ..Default::default() };
        answer("onboard", self.catalogue().onboard(request)).await
    }

    pub(crate) async fn descriptors(&self) -> Result<Vec<wire::Descriptor>, Refusal> {
        let request = wire::ListDescriptorsRequest { page_size: PAGE, ..Default::default() };
        let list = answer("list descriptors", self.catalogue().list_descriptors(request)).await?;
        Ok(list.descriptors)
    }

    pub(crate) async fn descriptor(&self, id: &str) -> Result<wire::Descriptor, Refusal> {
        let request = wire::GetDescriptorRequest { id: id.to_owned() };
        answer("get a descriptor", self.catalogue().get_descriptor(request)).await
    }

    pub(crate) async fn dry_run(&self, intent: wire::Intent) -> Result<wire::DryRun, Refusal> {
        let request = wire::PlanRequest { intent: Some(intent) };
        answer("plan", self.plans().plan(request)).await
    }

    pub(crate) async fn plan(&self, intent: &str) -> Result<wire::Plan, Refusal> {
        let request = wire::GetPlanRequest { intent: intent.to_owned() };
        let plan = answer("get a plan", self.plans().get_plan(request)).await?.plan;
        plan.ok_or_else(|| Refusal::new("get a plan", "the answer has no plan".to_owned()))
    }

    /// The id of the operation that carries it out.
    pub(crate) async fn apply(&self, intent: wire::Intent) -> Result<String, Refusal> {
        let request = wire::ApplyIntentRequest { intent: Some(intent), ..Default::default() };
        Ok(answer("apply", self.intents().apply_intent(request)).await?.operation)
    }

    /// The id of the operation that takes it away.
    pub(crate) async fn delete(&self, intent: &str) -> Result<String, Refusal> {
        let request = wire::DeleteIntentRequest { name: intent.to_owned(), ..Default::default() };
        Ok(answer("delete", self.intents().delete_intent(request)).await?.operation)
    }

    pub(crate) async fn intent(&self, name: &str) -> Result<wire::Intent, Refusal> {
        let request = wire::GetIntentRequest { name: name.to_owned() };
        answer("get an intent", self.intents().get_intent(request)).await
    }

    pub(crate) async fn intents_there(&self) -> Result<Vec<wire::Intent>, Refusal> {
        let request = wire::ListIntentsRequest { page_size: PAGE, ..Default::default() };
        Ok(answer("list intents", self.intents().list_intents(request)).await?.intents)
    }

    /// Has the daemon read every device; the id of the operation.
    pub(crate) async fn reconcile(&self) -> Result<String, Refusal> {
        let mut devices = self.devices();
        Ok(answer("reconcile", devices.reconcile(wire::ReconcileRequest {})).await?.id)
    }

    pub(crate) async fn device_states(&self) -> Result<Vec<wire::DeviceStatus>, Refusal> {
        let request = wire::ListDevicesRequest { page_size: PAGE, ..Default::default() };
        Ok(answer("list devices", self.devices().list_devices(request)).await?.devices)
    }

    pub(crate) async fn vim_states(&self) -> Result<Vec<wire::VimStatus>, Refusal> {
        let request = wire::ListVimsRequest { page_size: PAGE, ..Default::default() };
        Ok(answer("list VIMs", self.devices().list_vims(request)).await?.vims)
    }

    /// Waits for an operation to end well. How it failed is a refusal.
    pub(crate) async fn wait(&self, id: &str, progress: &Progress) -> Result<Operation, Refusal> {
        let deadline = Instant::now() + OPERATION_WITHIN;
        let look = prost_types::Duration::try_from(LOOK_EVERY).expect("a quarter of a second");
        while Instant::now() < deadline {
            let request = wire::WaitOperationRequest { id: id.to_owned(), timeout: Some(look) };
            let mut operations = self.operations();
            let operation = answer("wait", operations.wait_operation(request)).await?;
            progress.show(operation.steps_done, operation.steps_total, &operation.phase);
            if operation.state() != State::Running {
                return ended(operation);
            }
        }
        let seconds = OPERATION_WITHIN.as_secs();
        Err(Refusal::new("wait", format!("{id} has not ended within {seconds} s")))
    }
}

fn ended(operation: Operation) -> Result<Operation, Refusal> {
    match operation.state() {
        State::Succeeded => Ok(operation),
        State::Failed => {
            let failure = operation.failure.unwrap_or_default();
            let (code, message, details) = (failure.code, failure.message, failure.details);
            Err(Refusal { call: "the operation", code, message, details })
        }
        state => Err(Refusal::new("the operation", format!("{} ended as {state:?}", operation.id))),
    }
}

async fn answer<T>(
    call: &'static str,
    future: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Refusal> {
    match timeout(ANSWER_WITHIN, future).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(Refusal::of_status(call, &status)),
        Err(_) => {
            Err(Refusal::new(call, format!("no answer within {} s", ANSWER_WITHIN.as_secs())))
        }
    }
}

impl Refusal {
    pub(crate) fn new(call: &'static str, message: String) -> Self {
        Self { call, code: String::new(), message, details: BTreeMap::new() }
    }

    fn of_status(call: &'static str, status: &Status) -> Self {
        let details = status.get_error_details();
        let mut refusal = Self::new(call, status.message().to_owned());
        if let Some(info) = details.error_info().filter(|info| info.domain == api::ERROR_DOMAIN) {
            refusal.code.clone_from(&info.reason);
            refusal.details = info.metadata.clone().into_iter().collect();
        }
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice());
        for violation in violations.unwrap_or_default() {
            refusal.message.push_str(&format!("; {}: {}", violation.field, violation.description));
        }
        refusal
    }
}

/// What lies at the bottom: "connection refused" rather than "transport error".
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
