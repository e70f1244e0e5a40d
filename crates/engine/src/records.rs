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
use std::sync::Arc;

/// The version of these shapes; a daemon refuses a store of a later one.
pub(crate) const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Record {
    Format(u32),
    #[serde(with = "shared")]
    Topology(Arc<Topology>),
    Descriptor(DescriptorRecord),
    Intent(Box<StoredIntent>),
    #[serde(with = "shared")]
    Plan(Arc<StoredPlan>),
    Operation(Operation),
    Transaction(Box<StoredTransaction>),
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
}

/// A plan that is, was or may come in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredPlan {
    pub(crate) plan: Plan,
    pub(crate) report: PlanReport,
}

/// The journal's entry for a transaction. With its works it can be undone or carried to its end
/// after any stop; they are left out once it has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredTransaction {
    pub(crate) record: TransactionRecord,
    pub(crate) works: Vec<StoredWork>,
}

/// One intent's part of a transaction: from one plan, or none, to another, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoredWork {
    pub(crate) operation: OperationId,
    pub(crate) intent: IntentName,
    #[serde(with = "shared::maybe")]
    pub(crate) before: Option<Arc<StoredPlan>>,
    #[serde(with = "shared::maybe")]
    pub(crate) after: Option<Arc<StoredPlan>>,
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
            Self::Transaction(t) => Key::Transaction(t.record.id.clone()),
            Self::Request(r) => Key::Request(r.id.clone()),
        }
    }

    pub(crate) fn write(&self) -> Result<Write, serde_json::Error> {
        Ok(Write::Put { key: self.key().text(), value: serde_json::to_vec(self)? })
    }

    pub(crate) fn read(pair: &KeyValue) -> Result<Self, String> {
        Self::parse(&pair.key, &pair.value)
    }

    pub(crate) fn parse(key: &str, value: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(value).map_err(|e| format!("{key}: {e}"))
    }
}

/// What one request writes: all of it or nothing.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    pub(crate) put: Vec<Record>,
    pub(crate) delete: Vec<Key>,
}

impl Writes {
    pub(crate) fn put(records: impl IntoIterator<Item = Record>) -> Self {
        Self { put: records.into_iter().collect(), delete: Vec::new() }
    }
}

/// Shared values are stored as what they hold.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(from).map(Arc::new)
    }

    pub(super) mod maybe {
        use super::{Arc, Deserialize, Deserializer, Serialize, Serializer};

        pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
            value: &Option<Arc<T>>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            value.as_deref().serialize(to)
        }

        pub(in super::super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Arc<T>>, D::Error> {
            Option::<T>::deserialize(from).map(|value| value.map(Arc::new))
        }
    }
}
