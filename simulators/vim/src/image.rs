//! Glance 2: the images that can be booted.

use crate::reply::{Outcome, authorise, ok};
use crate::{Shared, lock};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/image/v2/images", get(images))
}

async fn images(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Outcome {
    authorise(&shared, &headers)?;
    let vim = lock(&shared);
    let wanted = |name: &&String| query.get("name").is_none_or(|asked| asked == *name);
    let images = vim
        .config
        .images
        .iter()
        .filter(wanted)
        .map(|name| json!({"id": format!("image-{name}"), "name": name, "status": "active"}));
    ok(json!({"images": images.collect::<Vec<_>>()}))
}
