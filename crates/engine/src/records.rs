//! What is stored, and under which key. Values are JSON, so that a person can read them.

use crate::api::{
    DescriptorRecord, IntentState, Operation, PlanReport, Revision, Timestamp, TransactionRecord,
};
use crate::ports::{KeyValue, Write};
use model::intent::Intent;
use model::plan::Plan;
use model::topology::Topology;
use model::{IntentName, OperationId, TransactionId};
use serde::{Deserialize, Serialize};

/// The version of these shapes; a daemon refuses a store of a later one.
pub(crate) const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Record {
    Format(u32),
    Topology(Box<Topology>),
    Descriptor(DescriptorRecord),
    Intent(Box<StoredIntent>),
    Plan(Box<StoredPlan>),
    Operation(Operation),
    Transaction(TransactionRecord),
    Request(StoredRequest),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredIntent {
    pub(crate) intent: Intent,
    /// The revision at which its content was written: its etag.
    pub(crate) revision: Revision,
    pub(crate) state: IntentState,
    pub(crate) since: Timestamp,
    pub(crate) operation: Option<OperationId>,
    /// It is to go; what is left of it is being removed.
    pub(crate) deleting: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredPlan {
    pub(crate) plan: Plan,
    pub(crate) report: PlanReport,
}

/// What a request id was used for, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredRequest {
    pub(crate) id: String,
    /// The request's content, to tell a repetition from another request.
    pub(crate) content: String,
    pub(crate) operation: Option<OperationId>,
    pub(crate) revision: Revision,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Format,
    Topology,
    Descriptor(String),
    Intent(IntentName),
    Plan(IntentName),
    Operation(OperationId),
    Transaction(TransactionId),
    Request(String),
}

impl Key {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Format => "format".to_owned(),
            Self::Topology => "topology".to_owned(),
            Self::Descriptor(id) => format!("descriptor/{id}"),
            Self::Intent(name) => format!("intent/{name}"),
            Self::Plan(name) => format!("plan/{name}"),
            Self::Operation(id) => format!("operation/{id}"),
            Self::Transaction(id) => format!("transaction/{id}"),
            Self::Request(id) => format!("request/{id}"),
        }
    }
}

impl Record {
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Format(_) => Key::Format,
            Self::Topology(_) => Key::Topology,
            Self::Descriptor(d) => Key::Descriptor(d.id.clone()),
            Self::Intent(i) => Key::Intent(i.intent.name.clone()),
            Self::Plan(p) => Key::Plan(p.plan.intent.clone()),
            Self::Operation(o) => Key::Operation(o.id.clone()),
            Self::Transaction(t) => Key::Transaction(t.id.clone()),
            Self::Request(r) => Key::Request(r.id.clone()),
        }
    }

    pub(crate) fn write(&self) -> Result<Write, serde_json::Error> {
        Ok(Write::Put { key: self.key().text(), value: serde_json::to_vec(self)? })
    }

    pub(crate) fn read(pair: &KeyValue) -> Result<Self, String> {
        serde_json::from_slice(&pair.value).map_err(|e| format!("{}: {e}", pair.key))
    }
}
