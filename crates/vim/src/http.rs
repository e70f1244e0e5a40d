//! The HTTP side: a token, its renewal, and errors by what can be done next.

use crate::quota::Quota;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use tokio::sync::RwLock;

const REQUEST_DEADLINE: Duration = Duration::from_secs(20);
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Never shown.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Clone, Debug)]
pub struct Config {
    /// Keystone's v3 URL.
    pub auth_url: String,
    pub user: String,
    pub password: Secret,
    pub project: String,
    pub domain: String,
    /// PEM of the authority that signed the endpoints' certificates, where it is a private one.
    pub authority: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VimError {
    #[error("{url} is not reachable: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("the user name, password or project is refused")]
    Unauthenticated,
    #[error("{object}: out of {}: {message}", .quota.resource)]
    Quota { object: String, quota: Quota, message: String },
    #[error("{object} does not exist")]
    NotFound { object: String },
    #[error("{object} is refused ({status}): {message}")]
    Refused { object: String, status: u16, message: String },
    #[error("{object}: no answer came, it may or may not have been done: {reason}")]
    OutcomeUnknown { object: String, reason: String },
    #[error("{object} did not get ready: {reason}")]
    NotReady { object: String, reason: String },
}

/// One cloud: its services by type, and a token that is renewed when it is refused.
#[derive(Debug)]
pub(crate) struct Cloud {
    config: Config,
    client: Client,
    session: RwLock<Session>,
}

#[derive(Clone, Debug, Default)]
struct Session {
    token: String,
    /// Service type to its public URL.
    services: BTreeMap<String, String>,
}

impl Cloud {
    pub(crate) async fn connect(config: Config) -> Result<Self, VimError> {
        let unreachable =
            |reason: String| VimError::Unreachable { url: config.auth_url.clone(), reason };
        let _ = rustls::crypto::ring::default_provider().install_default();
        plain_only_on_loopback(&config.auth_url).map_err(unreachable)?;
        let mut builder =
            Client::builder().timeout(REQUEST_DEADLINE).connect_timeout(CONNECT_DEADLINE);
        if let Some(pem) = &config.authority {
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes())
                .map_err(|e| unreachable(e.to_string()))?;
            builder = builder.tls_certs_only([certificate]);
        }
        let client = builder.build().map_err(|e| unreachable(e.to_string()))?;
        let cloud = Self { config, client, session: RwLock::default() };
        cloud.log_in().await?;
        Ok(cloud)
    }

    async fn log_in(&self) -> Result<(), VimError> {
        let config = &self.config;
        let domain = json!({"name": config.domain});
        let user = json!({"name": config.user, "password": config.password.0, "domain": domain});
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": config.project, "domain": domain}},
        }});
        let url = format!("{}/auth/tokens", config.auth_url);
        let unreachable =
            |e: reqwest::Error| VimError::Unreachable { url: url.clone(), reason: chain(&e) };
        let answer = self.client.post(&url).json(&body).send().await.map_err(unreachable)?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Err(VimError::Unauthenticated);
        }
        let token = answer.headers().get("x-subject-token").and_then(|v| v.to_str().ok());
        let token = token.ok_or(VimError::Unauthenticated)?.to_owned();
        let body: Value = answer.json().await.map_err(unreachable)?;
        *self.session.write().await = Session { token, services: services(&body) };
        Ok(())
    }

    /// A call to a service. A refused token is renewed once.
    pub(crate) async fn call(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        object: &str,
    ) -> Result<Value, VimError> {
        match self.once(service, method.clone(), path, body, object).await {
            Err(VimError::Unauthenticated) => {
                self.log_in().await?;
                self.once(service, method, path, body, object).await
            }
            result => result,
        }
    }

    async fn once(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        object: &str,
    ) -> Result<Value, VimError> {
        let session = self.session.read().await.clone();
        let base = session.services.get(service).ok_or_else(|| VimError::NotFound {
            object: format!("the service {service} in the catalogue"),
        })?;
        let url = format!("{base}{path}");
        let reads = method == Method::GET;
        let mut request = self.client.request(method, &url).header("x-auth-token", session.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let lost = |error: reqwest::Error| {
            let reason = chain(&error);
            if reads || error.is_connect() {
                VimError::Unreachable { url: url.clone(), reason }
            } else {
                VimError::OutcomeUnknown { object: object.to_owned(), reason }
            }
        };
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        let text = answer.text().await.map_err(lost)?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() { Ok(body) } else { Err(refusal(status, &body, object)) }
    }
}

/// The error with its causes, which say more than it does.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn plain_only_on_loopback(url: &str) -> Result<(), String> {
    let Some(rest) = url.strip_prefix("http://") else { return Ok(()) };
    if rest.starts_with("127.") || rest.starts_with("localhost") || rest.starts_with("[::1]") {
        return Ok(());
    }
    Err("plain HTTP is for loopback only; use https".to_owned())
}

fn services(token: &Value) -> BTreeMap<String, String> {
    let mut services = BTreeMap::new();
    for service in token["token"]["catalog"].as_array().into_iter().flatten() {
        let endpoints = service["endpoints"].as_array().into_iter().flatten();
        let url = endpoints.filter(|e| e["interface"] == "public").find_map(|e| e["url"].as_str());
        if let (Some(kind), Some(url)) = (service["type"].as_str(), url) {
            services.insert(kind.to_owned(), url.trim_end_matches('/').to_owned());
        }
    }
    services
}

/// OpenStack says "quota" under 403 (Nova), 409 (Neutron) and 413 (Cinder).
fn refusal(status: StatusCode, body: &Value, object: &str) -> VimError {
    let message = body
        .as_object()
        .and_then(|members| members.values().find_map(|member| member["message"].as_str()))
        .unwrap_or_default()
        .to_owned();
    let object = object.to_owned();
    let over = message.to_lowercase().contains("quota");
    match status.as_u16() {
        401 => VimError::Unauthenticated,
        404 => VimError::NotFound { object },
        403 | 409 | 413 if over => {
            VimError::Quota { object, quota: Quota::from_message(&message), message }
        }
        status => VimError::Refused { object, status, message },
    }
}
