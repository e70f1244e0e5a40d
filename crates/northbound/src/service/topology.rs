use super::Door;
use crate::convert;
use crate::deadline::{WRITE, within};
use crate::write::Rejections;
use api::wire::topology_service_server::TopologyService;
use api::wire::{
    ApplyTopologyRequest, ApplyTopologyResponse, GetTopologyRequest, GetTopologyResponse,
};
use api::{parse, show};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl TopologyService for Door {
    async fn apply_topology(
        &self,
        request: Request<ApplyTopologyRequest>,
    ) -> Result<Response<ApplyTopologyResponse>, Status> {
        let ask = request.into_inner();
        let mut rejections = Rejections::default();
        let options = rejections.options(&ask.request_id, &ask.etag);
        let message = ask.topology.unwrap_or_default();
        let topology = rejections.below("topology", parse::topology(&message));
        let topology = rejections.finish(topology)?;
        if ask.validate_only {
            return Ok(Response::new(ApplyTopologyResponse::default()));
        }
        let revision = within(WRITE, self.engine.apply_topology(topology, options)).await?;
        Ok(Response::new(ApplyTopologyResponse { etag: show::etag(revision) }))
    }

    async fn get_topology(
        &self,
        _: Request<GetTopologyRequest>,
    ) -> Result<Response<GetTopologyResponse>, Status> {
        let view = self.engine.view();
        Ok(Response::new(GetTopologyResponse {
            topology: Some(show::topology(&view.topology)),
            etag: show::etag(view.topology_revision),
            usage: Some(convert::usage(&view.usage)),
            revision: view.revision,
        }))
    }
}
