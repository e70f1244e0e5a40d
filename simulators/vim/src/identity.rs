//! Keystone v3: a token for a password.

use crate::reply::{Outcome, Refusal, text};
use crate::{Shared, lock};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/identity/v3", get(version)).route("/identity/v3/auth/tokens", post(token))
}

async fn version(State(shared): State<Shared>) -> Outcome {
    let url = format!("{}/identity/v3/", lock(&shared).base);
    let links = json!([{"rel": "self", "href": url}]);
    crate::reply::ok(json!({"version": {"id": "v3.14", "status": "stable", "links": links}}))
}

async fn token(State(shared): State<Shared>, Json(body): Json<Value>) -> Response {
    match issue(&shared, &body) {
        Ok((token, body)) => {
            let mut headers = HeaderMap::new();
            if let Ok(value) = token.parse() {
                headers.insert("x-subject-token", value);
            }
            (StatusCode::CREATED, headers, Json(body)).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn issue(shared: &Shared, body: &Value) -> Result<(String, Value), Refusal> {
    let user = text(body, "/auth/identity/password/user/name")?;
    let password = text(body, "/auth/identity/password/user/password")?;
    let project = text(body, "/auth/scope/project/name")?;
    let mut vim = lock(shared);
    let config = &vim.config;
    if (&user, &password, &project) != (&config.user, &config.password, &config.project) {
        return Err(Refusal::new(401, "The request you have made requires authentication."));
    }
    let token = format!("token-{}", vim.new_id());
    vim.tokens.insert(token.clone());
    let catalog = catalog(&vim.base, &project);
    let token_body = json!({
        "methods": ["password"],
        "user": {"name": user, "id": user, "domain": {"id": "default", "name": "Default"}},
        "project": {"name": project, "id": project, "domain": {"id": "default", "name": "Default"}},
        "expires_at": "2099-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "roles": [{"id": "member", "name": "member"}],
        "catalog": catalog,
    });
    Ok((token, json!({"token": token_body})))
}

fn catalog(base: &str, project: &str) -> Value {
    let service = |kind: &str, name: &str, path: String| {
        let endpoint = |interface: &str| {
            json!({"id": format!("{name}-{interface}"), "interface": interface, "region": "lab",
                   "region_id": "lab", "url": format!("{base}{path}")})
        };
        json!({"id": name, "type": kind, "name": name,
               "endpoints": [endpoint("public"), endpoint("internal"), endpoint("admin")]})
    };
    json!([
        service("identity", "keystone", "/identity/v3".to_owned()),
        service("compute", "nova", "/compute/v2.1".to_owned()),
        service("network", "neutron", "/network".to_owned()),
        service("volumev3", "cinder", format!("/volume/v3/{project}")),
        service("image", "glance", "/image".to_owned()),
    ])
}
