use super::{Door, not_found};
use crate::convert;
use crate::deadline::{READ, WRITE, within};
use crate::list::{List, Query};
use crate::write::{self, Rejections};
use api::wire::intent_service_server::IntentService;
use api::wire::{
    ApplyIntentRequest, ApplyIntentResponse, DeleteIntentRequest, DeleteIntentResponse,
    GetIntentRequest, Intent, ListIntentsRequest, ListIntentsResponse, WatchRequest,
};
use api::{parse, show};
use engine::api::WriteOptions;
use model::IntentName;
use tonic::{Request, Response, Status};

const LIST: List =
    List { name: "intents", fields: &["name", "kind", "state", "priority", "nsd", "labels."] };

#[tonic::async_trait]
impl IntentService for Door {
    async fn apply_intent(
        &self,
        request: Request<ApplyIntentRequest>,
    ) -> Result<Response<ApplyIntentResponse>, Status> {
        let ask = request.into_inner();
        let (intent, options) = read(&ask)?;
        let answer = match ask.validate_only {
            true => self.validated(intent).await?,
            false => self.applied(intent, options).await?,
        };
        Ok(Response::new(answer))
    }

    async fn delete_intent(
        &self,
        request: Request<DeleteIntentRequest>,
    ) -> Result<Response<DeleteIntentResponse>, Status> {
        let ask = request.into_inner();
        let mut rejections = Rejections::default();
        let options = rejections.options(&ask.request_id, &ask.etag);
        let name: Option<IntentName> = rejections.name("name", &ask.name);
        let name = rejections.finish(name)?;
        let accepted = within(WRITE, self.engine.delete(name, options)).await?;
        Ok(Response::new(DeleteIntentResponse {
            operation: accepted.operation.to_string(),
            etag: show::etag(accepted.revision),
        }))
    }

    async fn get_intent(
        &self,
        request: Request<GetIntentRequest>,
    ) -> Result<Response<Intent>, Status> {
        let name: IntentName = write::name("name", &request.into_inner().name)?;
        let view = self.engine.view();
        let record =
            view.intents.get(&name).ok_or_else(|| not_found(IntentName::KIND, name.as_str()))?;
        Ok(Response::new(convert::intent(record, view.at)))
    }

    async fn list_intents(
        &self,
        request: Request<ListIntentsRequest>,
    ) -> Result<Response<ListIntentsResponse>, Status> {
        let ask = request.into_inner();
        let query = Query::read(&LIST, ask.page_size, &ask.page_token, &ask.filter)?;
        let view = self.engine.view();
        let page = query.page(&view.intents, |record| convert::intent(record, view.at));
        Ok(Response::new(ListIntentsResponse {
            intents: page.items,
            next_page_token: page.next,
            revision: view.revision,
        }))
    }

    type WatchStream = super::watch::Changes;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(super::watch::open(self, &request.into_inner()).await?))
    }
}

fn read(ask: &ApplyIntentRequest) -> Result<(model::intent::Intent, WriteOptions), Status> {
    let mut rejections = Rejections::default();
    let options = rejections.options(&ask.request_id, &ask.etag);
    let intent = match &ask.intent {
        Some(message) => rejections.below("intent", parse::intent(message)),
        None => {
            rejections.add("intent", "it is missing", "say what to apply");
            None
        }
    };
    rejections.finish(intent.map(|intent| (intent, options)))
}

impl Door {
    async fn applied(
        &self,
        intent: model::intent::Intent,
        options: WriteOptions,
    ) -> Result<ApplyIntentResponse, Status> {
        let accepted = within(WRITE, self.engine.apply(intent, options)).await?;
        Ok(ApplyIntentResponse {
            operation: accepted.operation.to_string(),
            etag: show::etag(accepted.revision),
            dry_run: None,
        })
    }

    async fn validated(
        &self,
        intent: model::intent::Intent,
    ) -> Result<ApplyIntentResponse, Status> {
        let made = within(READ, self.engine.dry_run(intent)).await?;
        Ok(ApplyIntentResponse {
            dry_run: Some(convert::dry_run(&made)),
            ..ApplyIntentResponse::default()
        })
    }
}
