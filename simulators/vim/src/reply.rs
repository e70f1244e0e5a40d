//! Answers and refusals in OpenStack's shape.

use crate::fault::Fault;
use crate::{Shared, lock};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A status with the message that OpenStack would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
}

pub(crate) type Outcome = Result<(StatusCode, Json<Value>), Refusal>;

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn missing(kind: &str, id: &str) -> Self {
        Self::new(404, format!("{kind} {id} could not be found."))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({"error": {"code": self.status, "message": self.message}});
        (status, Json(body)).into_response()
    }
}

pub(crate) fn ok(body: Value) -> Outcome {
    Ok((StatusCode::OK, Json(body)))
}

pub(crate) fn created(body: Value) -> Outcome {
    Ok((StatusCode::CREATED, Json(body)))
}

/// Every service wants a token that Keystone gave and has not taken back.
pub(crate) fn authorise(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = headers.get("x-auth-token").and_then(|value| value.to_str().ok());
    match token {
        Some(token) if lock(shared).tokens.contains(token) => Ok(()),
        _ => Err(Refusal::new(401, "The request you have made requires authentication.")),
    }
}

/// Cuts the answer of a creation short where that fault is next.
pub(crate) async fn maybe_lost(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let creates = request.method() == Method::POST && !request.uri().path().ends_with("/tokens");
    let answer = next.run(request).await;
    let lose = |fault: &Fault| *fault == Fault::LoseReply;
    if !creates || !answer.status().is_success() || lock(&shared).take_fault(lose).is_none() {
        return answer;
    }
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let broken = futures::stream::iter([Err::<Vec<u8>, _>("the connection broke")]);
    Response::from_parts(parts, Body::from_stream(broken))
}

/// A text member of a body.
pub(crate) fn text(body: &Value, pointer: &str) -> Result<String, Refusal> {
    let value = body.pointer(pointer).and_then(Value::as_str);
    value
        .map(str::to_owned)
        .ok_or_else(|| Refusal::bad(format!("Invalid input for {pointer}: a string is required.")))
}

pub(crate) fn number(body: &Value, pointer: &str) -> Result<u64, Refusal> {
    let value = body.pointer(pointer).and_then(Value::as_u64);
    value.ok_or_else(|| {
        Refusal::bad(format!("Invalid input for {pointer}: a whole number is required."))
    })
}
