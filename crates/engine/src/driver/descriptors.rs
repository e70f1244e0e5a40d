//! The catalogue and the topology: what intents are planned from.

use super::Inner;
use super::committer::Stamp;
use crate::api::{CommitMode, DescriptorRecord, Onboard, Onboarded, Revision, WriteOptions};
use crate::error::{Error, Violation};
use crate::records::{Key, Record, StoredRequest, Writes};
use crate::state::{State, kind, not_found};
use model::descriptor::{Checked, check};
use model::intent::IntentSpec;
use model::topology::Topology;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Inner {
    pub(super) async fn take_descriptors(&self, request: Onboard) -> Result<Onboarded, Error> {
        let mut seen = String::from("onboard");
        for file in &request.files {
            seen.push_str(&format!(" {} {}", file.name, file.content));
        }
        let now = self.now();
        let (revision, (descriptors, diagnostics)) = self
            .commit(None, move |state, stamp| {
                let id = request.write.request_id.as_deref();
                let again = state.repeated(id, &seen)?.is_some();
                let checked = sound(state, &request)?;
                let records = records(&checked, &request)?;
                let shown = records.iter().map(|r| stamped(state, r, stamp, &request, again));
                let answer = (shown.collect::<Vec<_>>(), checked.diagnostics);
                if again || request.commit == CommitMode::ValidateOnly {
                    return Ok((Writes::default(), answer));
                }
                let mut writes = Writes::put(records.into_iter().map(Record::Descriptor));
                if let Some(id) = request.write.request_id.clone() {
                    writes.put.push(Record::Request(StoredRequest {
                        id,
                        content: seen,
                        operation: None,
                        revision: stamp.revision,
                        at: now,
                    }));
                }
                Ok((writes, answer))
            })
            .await?;
        Ok(Onboarded { revision, descriptors, diagnostics })
    }

    pub(super) async fn drop_descriptor(
        &self,
        id: String,
        write: WriteOptions,
    ) -> Result<Revision, Error> {
        let about = Some(Key::Descriptor(id.clone()));
        let (revision, ()) = self
            .commit(about, move |state, _| {
                let known = state.descriptors.get(&id);
                let known = known.ok_or_else(|| not_found("descriptor", &id))?;
                expect(&format!("descriptor {id}"), known.revision, write.expected)?;
                unused(state, &id)?;
                Ok((Writes { put: Vec::new(), delete: vec![Key::Descriptor(id.clone())] }, ()))
            })
            .await?;
        Ok(revision)
    }

    pub(super) async fn take_topology(
        self: &Arc<Self>,
        topology: Topology,
        write: WriteOptions,
    ) -> Result<Revision, Error> {
        let violations: Vec<Violation> = topology
            .problems()
            .into_iter()
            .map(|problem| Violation {
                field: problem.field,
                reason: problem.reason,
                hint: "mend the topology and apply it again".to_owned(),
            })
            .collect();
        if !violations.is_empty() {
            return Err(Error::Rejected { violations });
        }
        let profiles = self.parts.profiles.clone();
        let (revision, ()) = self
            .commit(Some(Key::Topology), move |state, _| {
                expect("topology", state.topology_revision, write.expected)?;
                profiles_known(&topology, &profiles)?;
                still_stands(state, &topology)?;
                Ok((Writes::put([Record::Topology(Arc::new(topology))]), ()))
            })
            .await?;
        tokio::spawn(Arc::clone(self).look_around());
        Ok(revision)
    }
}

fn expect(what: &str, current: Revision, expected: Option<Revision>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != current => {
            Err(Error::Conflict { what: what.to_owned(), expected, current })
        }
        _ => Ok(()),
    }
}

fn sound(state: &State, request: &Onboard) -> Result<Checked, Error> {
    let files = request.files.iter().map(|file| (file.name.as_str(), file.content.as_str()));
    let checked = check(&state.catalogue, files);
    if checked.is_sound() {
        return Ok(checked);
    }
    Err(Error::Descriptors { diagnostics: checked.diagnostics })
}

fn records(checked: &Checked, request: &Onboard) -> Result<Vec<DescriptorRecord>, Error> {
    let contents: BTreeMap<&str, &str> =
        request.files.iter().map(|file| (file.name.as_str(), file.content.as_str())).collect();
    let mut records: BTreeMap<String, DescriptorRecord> = BTreeMap::new();
    for document in &checked.documents {
        let descriptor = &document.descriptor;
        let content = contents.get(document.file.as_str()).copied().unwrap_or_default();
        let record = DescriptorRecord {
            id: descriptor.id().to_owned(),
            kind: kind(descriptor),
            name: descriptor.name().to_owned(),
            version: descriptor.version().to_owned(),
            content: content.to_owned(),
            revision: 0,
        };
        if records.insert(record.id.clone(), record).is_some() {
            let reason = format!("{} is the id of an NSD and of a VNFD", descriptor.id());
            return Err(Error::rejected("files", reason, "give each descriptor its own id"));
        }
    }
    Ok(records.into_values().collect())
}

/// As it will be stored, or is.
fn stamped(
    state: &State,
    record: &DescriptorRecord,
    stamp: Stamp,
    request: &Onboard,
    again: bool,
) -> DescriptorRecord {
    let known = state.descriptors.get(&record.id).map_or(0, |known| known.revision);
    let revision = match request.commit {
        CommitMode::Commit if !again => stamp.revision,
        CommitMode::Commit | CommitMode::ValidateOnly => known,
    };
    DescriptorRecord { revision, ..record.clone() }
}

fn unused(state: &State, id: &str) -> Result<(), Error> {
    let services = state.catalogue.users_of(id);
    if let Some(first) = services.first() {
        return Err(Error::Precondition {
            reason: format!("descriptor {id} is used by network service descriptor {first}"),
            hint: format!("delete {first} first"),
        });
    }
    let uses = |spec: &IntentSpec| match spec {
        IntentSpec::NetworkService(spec) => spec.nsd.as_str() == id,
        IntentSpec::Connectivity(_) => false,
    };
    match state.intents.values().find(|stored| uses(&stored.intent.spec)) {
        None => Ok(()),
        Some(stored) => Err(Error::Precondition {
            reason: format!("descriptor {id} is used by intent {}", stored.intent.name),
            hint: format!("delete {} first", stored.intent.name),
        }),
    }
}

fn profiles_known(topology: &Topology, profiles: &crate::state::Profiles) -> Result<(), Error> {
    let names: Vec<&str> = profiles.keys().map(model::ProfileName::as_str).collect();
    let unknown = topology.devices.values().filter(|d| !profiles.contains_key(&d.profile));
    let violations: Vec<Violation> = unknown
        .map(|device| Violation {
            field: format!("devices[{}].profile", device.id),
            reason: format!("no profile is called {}", device.profile),
            hint: format!("take one of: {}", names.join(", ")),
        })
        .collect();
    if violations.is_empty() { Ok(()) } else { Err(Error::Rejected { violations }) }
}

/// Every live plan keeps what it stands on.
fn still_stands(state: &State, topology: &Topology) -> Result<(), Error> {
    let mut books = planner::Books::default();
    for stored in state.plans.values() {
        let intent = &stored.plan.intent;
        let hint = format!("delete {intent} first, or keep what it uses");
        let vims = stored.plan.functions.iter().map(|function| &function.vim);
        if let Some(gone) = vims.into_iter().find(|vim| !topology.vims.contains_key(*vim)) {
            return Err(Error::Precondition {
                reason: format!("intent {intent} runs on VIM {gone}, which would be gone"),
                hint,
            });
        }
        let stands = device_config::fragments(&stored.plan, topology).map_err(|e| e.to_string());
        let fits = books.add(&stored.plan, topology).map_err(|e| e.to_string());
        if let Err(reason) = stands.map(|_| ()).and(fits) {
            return Err(Error::Precondition { reason: format!("intent {intent}: {reason}"), hint });
        }
    }
    Ok(())
}
