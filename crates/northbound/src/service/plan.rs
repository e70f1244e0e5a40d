use super::{Door, not_found};
use crate::deadline::{READ, within};
use crate::write::{self, Rejections};
use crate::{convert, status};
use api::parse;
use api::wire::plan_service_server::PlanService;
use api::wire::{DryRun, GetPlanRequest, PlanInForce, PlanRequest};
use engine::Error;
use model::IntentName;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl PlanService for Door {
    async fn plan(&self, request: Request<PlanRequest>) -> Result<Response<DryRun>, Status> {
        let mut rejections = Rejections::default();
        let message = request.into_inner().intent.unwrap_or_default();
        let intent = rejections.below("intent", parse::intent(&message));
        let intent = rejections.finish(intent)?;
        let made = within(READ, self.engine.dry_run(intent)).await?;
        Ok(Response::new(convert::dry_run(&made)))
    }

    async fn get_plan(
        &self,
        request: Request<GetPlanRequest>,
    ) -> Result<Response<PlanInForce>, Status> {
        let name: IntentName = write::name("intent", &request.into_inner().intent)?;
        let view = self.engine.view();
        let record =
            view.intents.get(&name).ok_or_else(|| not_found(IntentName::KIND, name.as_str()))?;
        convert::in_force(record).map(Response::new).ok_or_else(|| without_plan(&name))
    }
}

fn without_plan(name: &IntentName) -> Status {
    status::of(&Error::Precondition {
        reason: format!("intent {name} has no plan in force"),
        hint: "read its status for the reason, or ask for a dry run".to_owned(),
    })
}
