//! The NETCONF server's operations on the datastores.

use crate::datastore::{Confirm, Datastore, Refusal};
use crate::fault::Fault;
use crate::netconf_errors::{Failure, errors};
use crate::switch::Shared;
use async_trait::async_trait;
use netconf::operation::{self, Commit, EditConfig, Operation, Source, Store, Subscription};
use netconf::server::{Answer, Handler, Outbox, SessionInfo};
use netconf::{ErrorTag, RpcError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use yang::{DefaultOperation, DifferenceKind, EditError, Schema, Tree};

const CAPABILITIES: &[&str] = &[
    "urn:ietf:params:netconf:base:1.0",
    "urn:ietf:params:netconf:base:1.1",
    "urn:ietf:params:netconf:capability:writable-running:1.0",
    "urn:ietf:params:netconf:capability:candidate:1.0",
    "urn:ietf:params:netconf:capability:confirmed-commit:1.1",
    "urn:ietf:params:netconf:capability:rollback-on-error:1.0",
    "urn:ietf:params:netconf:capability:validate:1.1",
    "urn:ietf:params:netconf:capability:notification:1.0",
    "urn:ietf:params:netconf:capability:interleave:1.0",
    "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring?module=ietf-netconf-monitoring&revision=2010-10-04",
];

pub(crate) struct NetconfSide {
    shared: Arc<Shared>,
    outboxes: Mutex<BTreeMap<u32, Outbox>>,
    subscribed: Arc<Mutex<BTreeSet<u32>>>,
}

type Outcome = Result<Answer, Vec<RpcError>>;

impl NetconfSide {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, outboxes: Mutex::default(), subscribed: Arc::default() }
    }

    fn get(&self, tree: &Tree, filter: Option<&str>) -> Outcome {
        let schema = &self.shared.schema;
        let selected = match filter {
            None => tree.clone(),
            Some(filter) => tree
                .filtered(schema, filter)
                .map_err(|e| vec![RpcError::protocol(ErrorTag::invalid_value(), e.to_string())])?,
        };
        Ok(Answer::Body(format!("<data>{}</data>", selected.to_xml(schema))))
    }

    fn edit(&self, session: u32, edit: &EditConfig) -> Outcome {
        if let Some(Fault::RefuseEdit(reason)) =
            self.shared.faults.take(|fault| matches!(fault, Fault::RefuseEdit(_)))
        {
            return Err(vec![RpcError::application(ErrorTag::operation_failed(), reason)]);
        }
        let schema = &self.shared.schema;
        let default = match edit.default_operation {
            operation::DefaultOperation::Merge => DefaultOperation::Merge,
            operation::DefaultOperation::Replace => DefaultOperation::Replace,
            operation::DefaultOperation::None => DefaultOperation::None,
        };
        let apply = |tree: &Tree| -> Result<Tree, Failure> {
            let next = tree.edited(schema, &edit.config, default)?;
            check_new_values(schema, tree, &next)?;
            if edit.test_only || edit.target == Store::Running {
                schema.validate(&next)?;
            }
            Ok(if edit.test_only { tree.clone() } else { next })
        };
        let edited = self.shared.with_stores(|stores| match edit.target {
            Store::Candidate => stores.edit_candidate(session, apply),
            Store::Running => stores.edit_running(session, apply),
        });
        self.done(edited)
    }

    fn copy(&self, session: u32, target: Store, source: &Source) -> Outcome {
        if Source::Store(target) == *source {
            let message = "source and target are the same";
            return Err(vec![RpcError::protocol(ErrorTag::invalid_value(), message)]);
        }
        let tree = self.tree_of(source)?;
        let schema = &self.shared.schema;
        let copied = self.shared.with_stores(|stores| match target {
            Store::Candidate => stores.edit_candidate(session, |_| Ok::<_, Failure>(tree)),
            Store::Running => stores.edit_running(session, |_| {
                schema.validate(&tree)?;
                Ok::<_, Failure>(tree)
            }),
        });
        self.done(copied)
    }

    fn done(&self, outcome: Result<(), Failure>) -> Outcome {
        outcome.map(|()| Answer::Ok).map_err(|failure| failure.told(&self.shared.schema))
    }

    fn tree_of(&self, source: &Source) -> Result<Tree, Vec<RpcError>> {
        match source {
            Source::Store(store) => Ok(self.shared.stores().get(datastore(*store)).clone()),
            Source::Config(xml) => Tree::from_xml(&self.shared.schema, xml)
                .map_err(|e| Failure::Edit(EditError::from(e)).told(&self.shared.schema)),
        }
    }

    fn validate(&self, source: &Source) -> Outcome {
        let tree = self.tree_of(source)?;
        self.done(self.shared.schema.validate(&tree).map_err(Failure::from))
    }

    async fn commit(&self, info: &SessionInfo, commit: Commit) -> Outcome {
        let session = info.id;
        if let Some(Fault::Delay(time)) = self.shared.faults.take(|f| matches!(f, Fault::Delay(_)))
        {
            tokio::time::sleep(time).await;
        }
        let taken = self.shared.faults.take(|f| matches!(f, Fault::AcknowledgeOnly));
        if taken.is_some() {
            self.shared.with_stores(|stores| stores.discard(session)).map_err(errors)?;
            return Ok(Answer::Ok);
        }
        let confirm = match commit.confirmed {
            None => Confirm::Now,
            Some(seconds) => Confirm::Later {
                deadline: self.shared.now() + u64::from(seconds) * 1000,
                persist: commit.persist,
            },
        };
        let schema = &self.shared.schema;
        let committed = self.shared.with_stores(|stores| {
            stores.commit(session, confirm, commit.persist_id.as_deref(), |tree| {
                schema.validate(tree).map_err(Failure::from)
            })
        });
        committed.map_err(|failure| failure.told(schema))?;
        if self.shared.faults.take(|f| matches!(f, Fault::DropReply)).is_some() {
            std::future::pending::<()>().await;
        }
        self.tell_subscribers(info);
        Ok(Answer::Ok)
    }

    /// RFC 6470 §2.1: somebody changed running.
    fn tell_subscribers(&self, info: &SessionInfo) {
        const NS: &str = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications";
        let time = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        let event = format!(
            "<netconf-config-change xmlns=\"{NS}\"><changed-by><username>{}</username><session-id>{}</session-id></changed-by><datastore>running</datastore></netconf-config-change>",
            netconf::xml::escaped(&info.user),
            info.id
        );
        let message = netconf::message::notification(&time, &event);
        let subscribed = self.subscribed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut outboxes = self.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
        // A session without room for a notification loses its outbox, and so ends (N-135).
        outboxes.retain(|id, outbox| !subscribed.contains(id) || outbox.send(message.clone()));
    }

    fn schema(&self, identifier: &str, version: Option<&str>) -> Outcome {
        const NS: &str = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring";
        let module = self.shared.schema.module(identifier);
        let module = module.filter(|m| version.is_none_or(|v| m.revision.as_deref() == Some(v)));
        let module = module.ok_or_else(|| {
            let message = format!("there is no module {identifier} of that version");
            vec![RpcError::application(ErrorTag::invalid_value(), message)]
        })?;
        let text = netconf::xml::escaped(&module.text);
        Ok(Answer::Body(format!("<data xmlns=\"{NS}\">{text}</data>")))
    }

    fn subscribe(&self, session: u32, asked: &Subscription) -> Outcome {
        check_subscription(asked, OffsetDateTime::now_utc()).map_err(|error| vec![error])?;
        let mut subscribed = self.subscribed.lock().unwrap_or_else(PoisonError::into_inner);
        if subscribed.insert(session) {
            return Ok(Answer::Ok);
        }
        let message = "this session is subscribed already";
        Err(vec![RpcError::protocol(ErrorTag::operation_failed(), message)])
    }
}

#[async_trait]
impl Handler for NetconfSide {
    fn capabilities(&self) -> Vec<String> {
        let modules = self.shared.schema.modules().iter().map(|module| {
            let revision = module.revision.as_ref().map(|r| format!("&revision={r}"));
            let revision = revision.unwrap_or_default();
            format!("{}?module={}{revision}", module.namespace, module.name)
        });
        CAPABILITIES.iter().map(ToString::to_string).chain(modules).collect()
    }

    fn opened(&self, session: &SessionInfo, outbox: Outbox) {
        self.outboxes.lock().unwrap_or_else(PoisonError::into_inner).insert(session.id, outbox);
    }

    async fn handle(&self, session: &SessionInfo, operation: Operation) -> Outcome {
        let id = session.id;
        let simple = |result: Result<(), Refusal>| match result {
            Ok(()) => Ok(Answer::Ok),
            Err(refusal) => Err(errors(refusal)),
        };
        match operation {
            Operation::Get { filter } => self.get(&self.shared.with_state(), filter.as_deref()),
            Operation::GetConfig { source, filter } => {
                let tree = self.shared.stores().get(datastore(source)).clone();
                self.get(&tree, filter.as_deref())
            }
            Operation::EditConfig(edit) => self.edit(id, &edit),
            Operation::CopyConfig { target, source } => self.copy(id, target, &source),
            Operation::Lock(store) => {
                simple(self.shared.with_stores(|stores| stores.lock(id, datastore(store))))
            }
            Operation::Unlock(store) => {
                simple(self.shared.with_stores(|stores| stores.unlock(id, datastore(store))))
            }
            Operation::Validate(source) => self.validate(&source),
            Operation::Commit(commit) => self.commit(session, commit).await,
            Operation::CancelCommit { persist_id } => simple(
                self.shared
                    .with_stores(|stores| stores.cancel_commit(id, persist_id.as_deref()))
                    .map(|_| ()),
            ),
            Operation::DiscardChanges => {
                simple(self.shared.with_stores(|stores| stores.discard(id)))
            }
            Operation::GetSchema { identifier, version } => {
                self.schema(&identifier, version.as_deref())
            }
            Operation::CreateSubscription(asked) => self.subscribe(id, &asked),
            other => Err(vec![RpcError::protocol(
                ErrorTag::operation_not_supported(),
                format!("this device does not have the operation {other:?}"),
            )]),
        }
    }

    fn closed(&self, session: &SessionInfo) {
        self.outboxes.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.id);
        self.subscribed.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.id);
        self.shared.with_stores(|stores| stores.session_ended(session.id));
    }
}

fn datastore(store: Store) -> Datastore {
    match store {
        Store::Running => Datastore::Running,
        Store::Candidate => Datastore::Candidate,
    }
}

/// A value of a wrong type is refused by the edit, and not only by the commit (RFC 7950 §8.3.1).
fn check_new_values(schema: &Schema, before: &Tree, after: &Tree) -> Result<(), Failure> {
    let differences = before.diff(after).into_iter();
    let new = differences.filter(|difference| difference.kind != DifferenceKind::Deleted);
    let paths: Vec<_> = new.map(|difference| difference.path).collect();
    schema.check_values(&after.only(&paths)).map_err(Failure::Value)
}

/// RFC 5277 §2.1.1, for a device with one stream that keeps no events.
fn check_subscription(asked: &Subscription, now: OffsetDateTime) -> Result<(), RpcError> {
    let bad = |tag: ErrorTag, name: &str, why: &str| {
        Err(RpcError::protocol(tag, why).with_info("bad-element", name))
    };
    let time = |text: &Option<String>| {
        text.as_ref().map(|text| OffsetDateTime::parse(text, &Rfc3339)).transpose()
    };
    let Ok(start) = time(&asked.start_time) else {
        return bad(ErrorTag::bad_element(), "startTime", "it is not a time of RFC 3339");
    };
    let Ok(stop) = time(&asked.stop_time) else {
        return bad(ErrorTag::bad_element(), "stopTime", "it is not a time of RFC 3339");
    };
    match (start, stop) {
        _ if asked.stream.as_deref().is_some_and(|stream| stream != "NETCONF") => {
            bad(ErrorTag::bad_element(), "stream", "there is no stream of that name")
        }
        (None, Some(_)) => {
            bad(ErrorTag::missing_element(), "startTime", "stopTime needs a startTime")
        }
        (Some(start), _) if start > now => {
            bad(ErrorTag::bad_element(), "startTime", "it is in the future")
        }
        (Some(start), Some(stop)) if stop < start => {
            bad(ErrorTag::bad_element(), "stopTime", "it is before startTime")
        }
        (Some(_), _) => Err(unsupported("this device keeps no events to replay")),
        (None, None) if asked.filter.is_some() => {
            Err(unsupported("this device does not filter notifications"))
        }
        (None, None) => Ok(()),
    }
}

fn unsupported(why: &str) -> RpcError {
    RpcError::protocol(ErrorTag::operation_not_supported(), why)
}
