use super::{Door, not_found};
use crate::convert;
use crate::deadline::{READ, WRITE, within};
use crate::list::{List, Query};
use crate::write;
use api::wire::device_service_server::DeviceService;
use api::wire::{
    BlameDeviceRequest, BlameDeviceResponse, DeviceDiff, DeviceStatus, DiffDeviceRequest,
    GetDeviceRequest, ListDevicesRequest, ListDevicesResponse, ListVimsRequest, ListVimsResponse,
    Operation, ReconcileRequest,
};
use model::DeviceId;
use tonic::{Request, Response, Status};

const DEVICES: List = List { name: "devices", fields: &["id", "connection", "drift"] };
const VIMS: List = List { name: "vims", fields: &["id", "connection"] };

#[tonic::async_trait]
impl DeviceService for Door {
    async fn list_devices(
        &self,
        request: Request<ListDevicesRequest>,
    ) -> Result<Response<ListDevicesResponse>, Status> {
        let ask = request.into_inner();
        let query = Query::read(&DEVICES, ask.page_size, &ask.page_token, &ask.filter)?;
        let view = self.engine.view();
        let page = query.page(&view.devices, |status| convert::device_status(status, view.at));
        Ok(Response::new(ListDevicesResponse { devices: page.items, next_page_token: page.next }))
    }

    async fn get_device(
        &self,
        request: Request<GetDeviceRequest>,
    ) -> Result<Response<DeviceStatus>, Status> {
        let id: DeviceId = write::name("id", &request.into_inner().id)?;
        let view = self.engine.view();
        let status = view.devices.get(&id).ok_or_else(|| not_found(DeviceId::KIND, id.as_str()))?;
        Ok(Response::new(convert::device_status(status, view.at)))
    }

    async fn diff_device(
        &self,
        request: Request<DiffDeviceRequest>,
    ) -> Result<Response<DeviceDiff>, Status> {
        let id = write::name("id", &request.into_inner().id)?;
        let diff = within(READ, self.engine.device_diff(id)).await?;
        Ok(Response::new(convert::device_diff(&diff)))
    }

    async fn blame_device(
        &self,
        request: Request<BlameDeviceRequest>,
    ) -> Result<Response<BlameDeviceResponse>, Status> {
        let ask = request.into_inner();
        let id = write::name("id", &ask.id)?;
        let path = (!ask.path.is_empty()).then_some(ask.path);
        let leaves = within(READ, self.engine.blame(id, path)).await?;
        Ok(Response::new(BlameDeviceResponse {
            leaves: leaves.iter().map(convert::blamed).collect(),
        }))
    }

    async fn reconcile(&self, _: Request<ReconcileRequest>) -> Result<Response<Operation>, Status> {
        let operation = within(WRITE, self.engine.reconcile()).await?;
        Ok(Response::new(convert::operation(&operation)))
    }

    async fn list_vims(
        &self,
        request: Request<ListVimsRequest>,
    ) -> Result<Response<ListVimsResponse>, Status> {
        let ask = request.into_inner();
        let query = Query::read(&VIMS, ask.page_size, &ask.page_token, &ask.filter)?;
        let view = self.engine.view();
        let page = query.page(&view.vims, |status| convert::vim_status(status, view.at));
        Ok(Response::new(ListVimsResponse { vims: page.items, next_page_token: page.next }))
    }
}
