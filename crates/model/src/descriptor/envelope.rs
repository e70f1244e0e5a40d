//! Which descriptors a file holds, however they are wrapped.

use super::check;
use super::diagnostic::{Diagnostic, sort};
use super::nsd::Nsd;
use super::source::{self, Entry, Fields, Node, Positions, Sink, Value};
use super::vnfd::Vnfd;
use serde::Serialize;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Descriptor {
    Nsd(Nsd),
    Vnfd(Vnfd),
}

impl Descriptor {
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Nsd(nsd) => &nsd.id,
            Self::Vnfd(vnfd) => &vnfd.id,
        }
    }

    /// What a person calls it: its name, or the product's.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Nsd(nsd) => nsd.name.as_deref().unwrap_or(&nsd.id),
            Self::Vnfd(vnfd) => &vnfd.product_name,
        }
    }

    /// Empty where an NSD has none.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Nsd(nsd) => nsd.version.as_deref().unwrap_or_default(),
            Self::Vnfd(vnfd) => &vnfd.version,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    Sound,
    /// It has errors: what could be read is there for reference, and it must not be used.
    Broken,
}

/// A descriptor with the places of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub file: String,
    pub descriptor: Descriptor,
    pub soundness: Soundness,
    pub positions: Arc<Positions>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub documents: Vec<Document>,
    /// From top to bottom.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads one file, YAML or JSON. Finds every problem that can be seen in the file alone.
#[must_use]
pub fn parse(file: &str, text: &str) -> Parsed {
    let mut sink = Sink::new(file);
    let read = match source::read(&mut sink, text) {
        Some(root) => descriptors(&mut sink, &root),
        None => Vec::new(),
    };
    sort(&mut sink.diagnostics);
    let positions = Arc::new(sink.positions);
    let document = |(descriptor, soundness)| Document {
        file: file.to_owned(),
        descriptor,
        soundness,
        positions: Arc::clone(&positions),
    };
    Parsed { documents: read.into_iter().map(document).collect(), diagnostics: sink.diagnostics }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nsd,
    Vnfd,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Nsd => "nsd",
            Self::Vnfd => "vnfd",
        }
    }

    fn of(entry: &Entry) -> Option<Self> {
        match entry.local_name() {
            "nsd" => Some(Self::Nsd),
            "vnfd" => Some(Self::Vnfd),
            _ => None,
        }
    }
}

fn descriptors(sink: &mut Sink, root: &Node) -> Vec<(Descriptor, Soundness)> {
    let mut bodies = Vec::new();
    unwrap(sink, root, &mut bodies);
    let extra = bodies.iter().filter(|(kind, _)| *kind == Kind::Nsd).nth(1);
    if let Some((_, second)) = extra {
        let message = "a file holds at most one nsd (SOL006 `max-elements 1`)";
        sink.error_at(second.at, "nsd", message, "move each nsd to its own file");
    }
    let read = |(index, (kind, body))| descriptor(sink, kind, body, index);
    bodies.into_iter().enumerate().map(read).collect()
}

/// `nfv: {nsd: …}`, `nsd: {nsd: […]}`, `nsd: […]`, `nsd: {…}` and a bare descriptor are all met.
fn unwrap<'n>(sink: &mut Sink, root: &'n Node, bodies: &mut Vec<(Kind, &'n Node)>) {
    let Value::Map(entries) = &root.value else {
        let message = format!("a descriptor is a map of fields, this is {}", root.kind());
        sink.error_at(root.at, "", message, "start with `nsd:` or `vnfd:`");
        return;
    };
    if let Some(inner) = root.get("nfv") {
        return unwrap(sink, inner, bodies);
    }
    if entries.iter().all(|e| Kind::of(e).is_none()) {
        return bare(sink, root, bodies);
    }
    for entry in entries {
        match Kind::of(entry) {
            Some(kind) => wrapped(sink, kind, entry, bodies),
            None => foreign(sink, entry),
        }
    }
}

fn wrapped<'n>(sink: &mut Sink, kind: Kind, entry: &'n Entry, out: &mut Vec<(Kind, &'n Node)>) {
    let node = entry.node.get(kind.word()).unwrap_or(&entry.node);
    match &node.value {
        Value::Sequence(items) if !items.is_empty() => out.extend(items.iter().map(|i| (kind, i))),
        Value::Map(_) => out.push((kind, node)),
        _ => {
            let word = kind.word();
            let message = format!("{word} holds no descriptor, it is {}", node.kind());
            sink.error_at(entry.at, word, message, "put the descriptor's fields under it");
        }
    }
}

fn foreign(sink: &mut Sink, entry: &Entry) {
    let message = format!("{} is neither nsd nor vnfd and has no effect", entry.name);
    sink.warn_at(entry.at, &entry.name, message, "remove it");
}

fn bare<'n>(sink: &mut Sink, root: &'n Node, bodies: &mut Vec<(Kind, &'n Node)>) {
    let has = |names: &[&str]| names.iter().any(|name| root.get(name).is_some());
    if has(&["vdu", "ext-cpd", "provider", "product-name"]) {
        bodies.push((Kind::Vnfd, root));
    } else if has(&["vnfd-id", "sapd", "virtual-link-desc", "designer", "invariant-id"]) {
        bodies.push((Kind::Nsd, root));
    } else {
        let message = "this is no descriptor: there is no nsd and no vnfd in it";
        sink.error_at(root.at, "", message, "start with `nsd:` or `vnfd:`");
    }
}

fn descriptor(sink: &mut Sink, kind: Kind, body: &Node, index: usize) -> (Descriptor, Soundness) {
    let before = sink.errors;
    let id = body.get("id").and_then(Node::text).filter(|id| !id.is_empty());
    let segment = id.map_or_else(|| format!("#{}", index + 1), str::to_owned);
    let path = format!("{}[{segment}]", kind.word());
    let mut fields = Fields::new(sink, &path, body);
    let descriptor = match kind {
        Kind::Nsd => Descriptor::Nsd(Nsd::read(&mut fields)),
        Kind::Vnfd => Descriptor::Vnfd(Vnfd::read(&mut fields)),
    };
    check::descriptor(sink, &path, &descriptor);
    let soundness = match sink.errors == before {
        true => Soundness::Sound,
        false => Soundness::Broken,
    };
    (descriptor, soundness)
}
