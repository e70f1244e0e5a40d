//! Manifests: what people write. `apiVersion`, `kind`, `metadata` and `spec` in the habit that they
//! know; below `spec` the field names of the API in its JSON form. A file holds one or more, as
//! YAML documents, as a JSON object or as a list.

mod check;
mod topology;
mod tree;

pub use topology::read_topology;
pub(crate) use tree::Place;

use crate::failure::{Detail, Failure};
use crate::files::Text;
use crate::output::{Wire, from_json, json, schema};
use api::wire::intent::Spec;
use api::{parse, wire};
use check::Checker;
use serde_json::json;
use std::collections::BTreeMap;
use tree::{Node, Value};

pub(crate) const API_VERSION: &str = "wayleave/v1";
const KINDS: [&str; 3] = ["NetworkService", "Connectivity", "Topology"];

/// What a document asks for.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) file: String,
    pub(crate) body: Body,
    /// `metadata.etag`: the one that the thing must still have.
    pub(crate) etag: String,
    tree: Node,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Intent(Box<wire::Intent>),
    Topology(Box<wire::Topology>),
}

impl Manifest {
    /// `service/core-1`.
    pub(crate) fn title(&self) -> String {
        match &self.body {
            Body::Intent(intent) => title(intent),
            Body::Topology(_) => "topology".to_owned(),
        }
    }

    /// Puts the place in the file before the fields of an answer that this manifest has.
    pub(crate) fn locate(&self, mut failure: Failure) -> Failure {
        for detail in &mut failure.details {
            let field = detail.subject.as_str();
            let Some(field) =
                field.strip_prefix("intent.").or_else(|| field.strip_prefix("topology."))
            else {
                continue;
            };
            detail.subject = self.place_of(field);
        }
        failure
    }

    /// `FILE:LINE:COLUMN path`, for a field of the message.
    fn place_of(&self, field: &str) -> String {
        let path = match (&self.body, field) {
            (Body::Intent(_), field) if !field.starts_with("spec") => format!("metadata.{field}"),
            (Body::Intent(_), field) => field.to_owned(),
            (Body::Topology(_), field) => format!("spec.{field}"),
        };
        let at = nearest_place(&self.tree, &path);
        format!("{}:{}:{} {}", self.file, at.line, at.column, as_written(&path))
    }
}

/// `service/core-1`, as `delete` takes it.
pub(crate) fn title(intent: &wire::Intent) -> String {
    match intent.spec {
        Some(Spec::Connectivity(_)) => format!("connectivity/{}", intent.name),
        _ => format!("service/{}", intent.name),
    }
}

/// All manifests of a text, every one of them sound, or all that is wrong with them.
///
/// # Errors
/// WL0016 where the text is not a manifest, WL0001 where its values cannot be.
pub(crate) fn read(text: &Text) -> Result<Vec<Manifest>, Failure> {
    let documents =
        tree::read(&text.name, &text.content).map_err(|wrong| Failure::manifest(vec![wrong]))?;
    let documents: Vec<Node> = documents.into_iter().flat_map(unfold).collect();
    if documents.is_empty() {
        let wrong = Detail::new(&text.name, "it is empty; give apiVersion, kind and spec");
        return Err(Failure::manifest(vec![wrong]));
    }
    let mut checker = Checker::default();
    let manifests: Vec<_> =
        documents.into_iter().filter_map(|tree| manifest(&mut checker, &text.name, tree)).collect();
    if !checker.wrong.is_empty() {
        let line = |w: &check::Wrong| {
            let place = format!("{}:{}:{} {}", text.name, w.at.line, w.at.column, w.path);
            Detail::new(place.trim_end(), &w.reason)
        };
        return Err(Failure::manifest(checker.wrong.iter().map(line).collect()));
    }
    sound(&manifests)?;
    Ok(manifests)
}

/// A list stands for what it holds.
fn unfold(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(items) => items,
        _ => vec![node],
    }
}

/// What the server would refuse, found before anything is sent.
fn sound(manifests: &[Manifest]) -> Result<(), Failure> {
    let mut details = Vec::new();
    for manifest in manifests {
        let wrong = match &manifest.body {
            Body::Intent(intent) => parse::intent(intent).err(),
            Body::Topology(topology) => parse::topology(topology).err(),
        };
        details.extend(wrong.into_iter().flatten().map(|violation| {
            let reason = format!("{}; {}", violation.reason, violation.hint);
            Detail::new(manifest.place_of(&violation.field), reason)
        }));
    }
    if details.is_empty() { Ok(()) } else { Err(Failure::fields(details)) }
}

/// `None` where something is wrong, which the checker then knows.
fn manifest(checker: &mut Checker, file: &str, tree: Node) -> Option<Manifest> {
    let before = checker.wrong.len();
    if !matches!(tree.value, Value::Map(_)) {
        let reason = format!("it is {}; give apiVersion, kind, metadata and spec", tree.kind());
        checker.add(tree.at, "", reason);
        return None;
    }
    let known = ["apiVersion", "kind", "metadata", "spec", "status"].map(str::to_owned);
    for entry in tree.entries().iter().filter(|entry| !known.contains(&entry.name)) {
        checker.unknown("", entry, &known);
    }
    version(checker, &tree);
    let kind = kind(checker, &tree);
    let metadata = Metadata::read(checker, &tree);
    let body = spec(checker, &tree, kind?, &metadata)?;
    let etag = metadata.etag;
    (checker.wrong.len() == before).then(|| Manifest { file: file.to_owned(), body, etag, tree })
}

fn version(checker: &mut Checker, tree: &Node) {
    let version = tree.get("apiVersion");
    if version.and_then(Node::text) != Some(API_VERSION) {
        let at = version.map_or(tree.at, |node| node.at);
        checker.add(at, "apiVersion", format!("write apiVersion: {API_VERSION}"));
    }
}

fn kind(checker: &mut Checker, tree: &Node) -> Option<&'static str> {
    let node = tree.get("kind");
    let text = node.and_then(Node::text);
    let found = KINDS.into_iter().find(|kind| Some(*kind) == text);
    if found.is_none() {
        let at = node.map_or(tree.at, |node| node.at);
        let reason = match text {
            Some(text) => format!("there is no kind {text}; use one of {}", KINDS.join(", ")),
            None => format!("it is missing; use one of {}", KINDS.join(", ")),
        };
        checker.add(at, "kind", reason);
    }
    found
}

#[derive(Debug, Default)]
struct Metadata {
    name: String,
    labels: BTreeMap<String, String>,
    priority: u32,
    etag: String,
}

impl Metadata {
    fn read(checker: &mut Checker, tree: &Node) -> Self {
        let mut metadata = Self::default();
        let Some(node) = tree.get("metadata") else { return metadata };
        if !matches!(node.value, Value::Map(_)) {
            let reason = format!("it is {}, not a map; give name", node.kind());
            checker.add(node.at, "metadata", reason);
            return metadata;
        }
        let known = ["name", "labels", "priority", "etag"].map(str::to_owned);
        for entry in node.entries().iter().filter(|entry| !known.contains(&entry.name)) {
            checker.unknown("metadata", entry, &known);
        }
        // The intent's own fields are checked as the message that they end up in.
        let own = |entry: &&tree::Entry| known.contains(&entry.name);
        let fields = node.entries().iter().filter(own).cloned().collect();
        let fields = Node { at: node.at, value: Value::Map(fields) };
        checker.message("metadata", &fields, &schema::<wire::Intent>());
        if let Ok(intent) = from_json::<wire::Intent>(fields.to_json()) {
            metadata = Self {
                name: intent.name,
                labels: intent.labels,
                priority: intent.priority,
                etag: intent.etag,
            };
        }
        metadata
    }
}

fn spec(
    checker: &mut Checker,
    tree: &Node,
    kind: &'static str,
    metadata: &Metadata,
) -> Option<Body> {
    let Some(node) = tree.get("spec") else {
        checker.add(tree.at, "spec", "it is missing; say what is asked for");
        return None;
    };
    let spec = match kind {
        "NetworkService" => Spec::NetworkService(message(checker, node)?),
        "Connectivity" => Spec::Connectivity(message(checker, node)?),
        _ => return message(checker, node).map(|topology| Body::Topology(Box::new(topology))),
    };
    Some(Body::Intent(Box::new(wire::Intent {
        name: metadata.name.clone(),
        labels: metadata.labels.clone(),
        priority: metadata.priority,
        spec: Some(spec),
        ..wire::Intent::default()
    })))
}

fn message<M: Wire>(checker: &mut Checker, node: &Node) -> Option<M> {
    let before = checker.wrong.len();
    checker.message("spec", node, &schema::<M>());
    if checker.wrong.len() > before {
        return None;
    }
    from_json(node.to_json()).map_err(|reason| checker.add(node.at, "spec", reason)).ok()
}

/// The place of a field, or of the nearest thing around it that is in the file. Fields of messages
/// come as `spec.slo.bandwidth_mbps`, the file has `bandwidthMbps`.
fn nearest_place(tree: &Node, path: &str) -> Place {
    let (mut node, mut at) = (tree, tree.at);
    for step in steps(path) {
        let next = match (&node.value, step) {
            (Value::List(items), step) => element(items, step).map(|item| (item, item.at)),
            (Value::Map(entries), step) => entries
                .iter()
                .find(|entry| entry.name == step || entry.name == camel(step))
                .map(|entry| (&entry.node, entry.at)),
            (Value::Scalar(_), _) => None,
        };
        let Some((found, place)) = next else { break };
        (node, at) = (found, place);
    }
    at
}

/// By number, or by what the element calls itself.
fn element<'n>(items: &'n [Node], step: &str) -> Option<&'n Node> {
    let called = |item: &&Node| {
        ["id", "name"].iter().any(|key| item.get(key).and_then(Node::text) == Some(step))
    };
    step.parse::<usize>().ok().and_then(|i| items.get(i)).or_else(|| items.iter().find(called))
}

/// `spec.saps[n6].port` in its steps.
fn steps(path: &str) -> Vec<&str> {
    let (mut steps, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, c) in path.char_indices() {
        let ends = match c {
            '.' | '[' => !inside,
            ']' => inside,
            _ => false,
        };
        if ends {
            steps.push(&path[start..at]);
            start = at + 1;
            inside = c == '[';
        }
    }
    steps.push(&path[start..]);
    steps.retain(|step| !step.is_empty());
    steps
}

/// `spec.slo.bandwidth_mbps` as a manifest has it, `spec.slo.bandwidthMbps`; what is in brackets
/// are names of things, which stay.
pub(crate) fn as_written(path: &str) -> String {
    let mut inside = false;
    let pieces = path.split_inclusive(['[', ']']).map(|piece| {
        let shown = if inside { piece.to_owned() } else { camel(piece) };
        inside = piece.ends_with('[');
        shown
    });
    pieces.collect()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut camel, word| {
        let mut letters = word.chars();
        camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(letters.as_str());
        camel
    })
}

/// An intent as a manifest that can be applied again.
pub(crate) fn show(intent: &wire::Intent) -> serde_json::Value {
    let (kind, spec) = match &intent.spec {
        Some(Spec::Connectivity(spec)) => ("Connectivity", json(spec)),
        Some(Spec::NetworkService(spec)) => ("NetworkService", json(spec)),
        None => ("", serde_json::Value::Null),
    };
    let mut metadata = json!({ "name": intent.name });
    if !intent.labels.is_empty() {
        metadata["labels"] = json!(intent.labels);
    }
    if intent.priority > 0 {
        metadata["priority"] = json!(intent.priority);
    }
    metadata["etag"] = json!(intent.etag);
    let mut shown = json!({
        "apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec,
    });
    if let Some(status) = &intent.status {
        shown["status"] = json(status);
    }
    shown
}

/// The topology as a manifest that can be applied again, with what is used as its status.
pub(crate) fn show_topology(answer: &wire::GetTopologyResponse) -> serde_json::Value {
    let topology = answer.topology.clone().unwrap_or_default();
    let usage = answer.usage.clone().unwrap_or_default();
    json!({
        "apiVersion": API_VERSION,
        "kind": "Topology",
        "metadata": { "etag": answer.etag },
        "spec": json(&topology),
        "status": { "revision": answer.revision, "usage": json(&usage) },
    })
}

#[cfg(test)]
mod tests;
