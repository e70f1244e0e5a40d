use super::{Door, not_found};
use crate::convert;
use crate::deadline::{WRITE, within};
use crate::list::{List, Query};
use crate::write::Rejections;
use api::MAX_DESCRIPTOR_BYTES;
use api::wire::catalogue_service_server::CatalogueService;
use api::wire::{
    DeleteDescriptorRequest, DeleteDescriptorResponse, Descriptor, DescriptorFile as WireFile,
    GetDescriptorRequest, ListDescriptorsRequest, ListDescriptorsResponse, OnboardRequest,
    OnboardResponse,
};
use engine::api::{CommitMode, DescriptorFile, Onboard};
use tonic::{Request, Response, Status};

const LIST: List = List { name: "descriptors", fields: &["id", "name", "version", "kind"] };

#[tonic::async_trait]
impl CatalogueService for Door {
    async fn onboard(
        &self,
        request: Request<OnboardRequest>,
    ) -> Result<Response<OnboardResponse>, Status> {
        let onboard = read(request.into_inner())?;
        let done = within(WRITE, self.engine.onboard(onboard)).await?;
        Ok(Response::new(OnboardResponse {
            descriptors: done.descriptors.iter().map(convert::brief).collect(),
            diagnostics: done.diagnostics.iter().map(convert::diagnostic).collect(),
            revision: done.revision,
        }))
    }

    async fn get_descriptor(
        &self,
        request: Request<GetDescriptorRequest>,
    ) -> Result<Response<Descriptor>, Status> {
        let id = request.into_inner().id;
        let view = self.engine.view();
        let record = view.descriptors.get(&id).ok_or_else(|| not_found("descriptor", &id))?;
        Ok(Response::new(convert::descriptor(record)))
    }

    async fn list_descriptors(
        &self,
        request: Request<ListDescriptorsRequest>,
    ) -> Result<Response<ListDescriptorsResponse>, Status> {
        let ask = request.into_inner();
        let query = Query::read(&LIST, ask.page_size, &ask.page_token, &ask.filter)?;
        let page = query.page(&self.engine.view().descriptors, |record| convert::brief(record));
        Ok(Response::new(ListDescriptorsResponse {
            descriptors: page.items,
            next_page_token: page.next,
        }))
    }

    async fn delete_descriptor(
        &self,
        request: Request<DeleteDescriptorRequest>,
    ) -> Result<Response<DeleteDescriptorResponse>, Status> {
        let ask = request.into_inner();
        let mut rejections = Rejections::default();
        let options = rejections.options(&ask.request_id, &ask.etag);
        if ask.id.is_empty() {
            rejections.add("id", "it is missing", "give the id of a descriptor");
        }
        let options = rejections.finish(Some(options))?;
        let revision = within(WRITE, self.engine.delete_descriptor(ask.id, options)).await?;
        Ok(Response::new(DeleteDescriptorResponse { revision }))
    }
}

fn read(ask: OnboardRequest) -> Result<Onboard, Status> {
    let mut rejections = Rejections::default();
    let write = rejections.options(&ask.request_id, "");
    if ask.files.is_empty() {
        rejections.add("files", "there is none", "give at least one descriptor file");
    }
    for (i, file) in ask.files.iter().enumerate() {
        check_size(&mut rejections, i, file);
    }
    let commit = if ask.validate_only { CommitMode::ValidateOnly } else { CommitMode::Commit };
    let files = ask.files.into_iter().map(file).collect();
    rejections.finish(Some(Onboard { files, commit, write }))
}

fn check_size(rejections: &mut Rejections, i: usize, file: &WireFile) {
    let size = file.content.len();
    if size > MAX_DESCRIPTOR_BYTES {
        let reason = format!(
            "{} has {size} bytes, above the limit MAX_DESCRIPTOR_BYTES of {MAX_DESCRIPTOR_BYTES}",
            file.name
        );
        let hint = "split it into one file for each descriptor, and keep images out of it";
        rejections.add(&format!("files[{i}].content"), reason, hint);
    }
}

fn file(file: WireFile) -> DescriptorFile {
    DescriptorFile { name: file.name, content: file.content }
}
