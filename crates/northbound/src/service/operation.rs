use super::{Door, not_found};
use crate::convert;
use crate::deadline::{WAIT_DEFAULT, WAIT_MARGIN, WAIT_MAX, WRITE, within};
use crate::list::{List, Query};
use crate::write::{self, Rejections};
use api::wire::operation_service_server::OperationService;
use api::wire::{
    CancelOperationRequest, GetOperationRequest, ListOperationsRequest, ListOperationsResponse,
    Operation, WaitOperationRequest,
};
use model::OperationId;
use std::time::Duration;
use tonic::{Request, Response, Status};

const LIST: List = List { name: "operations", fields: &["id", "intent", "action", "state"] };

#[tonic::async_trait]
impl OperationService for Door {
    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let id: OperationId = write::name("id", &request.into_inner().id)?;
        let view = self.engine.view();
        let operation =
            view.operations.get(&id).ok_or_else(|| not_found(OperationId::KIND, id.as_str()))?;
        Ok(Response::new(convert::operation(operation)))
    }

    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        let ask = request.into_inner();
        let query = Query::read(&LIST, ask.page_size, &ask.page_token, &ask.filter)?;
        let page = query.page(&self.engine.view().operations, |record| convert::operation(record));
        Ok(Response::new(ListOperationsResponse {
            operations: page.items,
            next_page_token: page.next,
        }))
    }

    async fn wait_operation(
        &self,
        request: Request<WaitOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let (id, limit) = wait(&request.into_inner())?;
        let operation = within(limit + WAIT_MARGIN, self.engine.wait(id, limit)).await?;
        Ok(Response::new(convert::operation(&operation)))
    }

    async fn cancel_operation(
        &self,
        request: Request<CancelOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let id = write::name("id", &request.into_inner().id)?;
        let operation = within(WRITE, self.engine.cancel(id)).await?;
        Ok(Response::new(convert::operation(&operation)))
    }
}

fn wait(ask: &WaitOperationRequest) -> Result<(OperationId, Duration), Status> {
    let mut rejections = Rejections::default();
    let id: Option<OperationId> = rejections.name("id", &ask.id);
    let limit = match ask.timeout.map(Duration::try_from) {
        None => WAIT_DEFAULT,
        Some(Ok(limit)) => limit.min(WAIT_MAX),
        Some(Err(_)) => {
            rejections.add("timeout", "it is negative or malformed", "give at most 600 seconds");
            WAIT_DEFAULT
        }
    };
    rejections.finish(id.map(|id| (id, limit)))
}
