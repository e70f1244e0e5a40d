//! Descriptors together: what they say of each other must hold.

mod cycles;
mod references;

use super::diagnostic::{Diagnostic, Problem, Severity, sort};
use super::envelope::{Descriptor, Document, Soundness, parse};
use super::lower::{Choice, lower};
use super::nsd::Nsd;
use super::vnfd::Vnfd;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Descriptors by id. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    nsds: BTreeMap<String, Arc<Document>>,
    vnfds: BTreeMap<String, Arc<Document>>,
}

/// What came of checking files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was there before with what the files add.
    pub catalogue: Catalogue,
    /// What the files hold, in their order.
    pub documents: Vec<Arc<Document>>,
    /// By file and line.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads files (name and text), checks each, and checks them together with what is in `base`
/// already. A descriptor in a file takes the place of one in `base` with the same id.
#[must_use]
pub fn check<'a>(base: &Catalogue, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Checked {
    let mut catalogue = base.clone();
    let mut diagnostics = Vec::new();
    let mut documents: Vec<Arc<Document>> = Vec::new();
    for (file, text) in files {
        let parsed = parse(file, text);
        diagnostics.extend(parsed.diagnostics);
        for document in parsed.documents {
            match documents.iter().find(|d| same_thing(d, &document)) {
                Some(first) => diagnostics.push(duplicate(first, &document)),
                None => documents.push(catalogue.insert(document)),
            }
        }
    }
    diagnostics.extend(catalogue.check());
    sort(&mut diagnostics);
    Checked { catalogue, documents, diagnostics }
}

fn same_thing(a: &Document, b: &Document) -> bool {
    let same_kind = matches!(
        (&a.descriptor, &b.descriptor),
        (Descriptor::Nsd(_), Descriptor::Nsd(_)) | (Descriptor::Vnfd(_), Descriptor::Vnfd(_))
    );
    same_kind && !a.descriptor.id().is_empty() && a.descriptor.id() == b.descriptor.id()
}

fn duplicate(first: &Document, second: &Document) -> Diagnostic {
    let word = match second.descriptor {
        Descriptor::Nsd(_) => "nsd",
        Descriptor::Vnfd(_) => "vnfd",
    };
    let path = format!("{word}[{}]/id", second.descriptor.id());
    let line = first.positions.of(&path).line;
    let message = format!("the same id is in {}, line {line}", first.file);
    let problem = Problem::new(&path, message, "give each descriptor its own id");
    let at = second.positions.of(&path);
    Diagnostic::new(Severity::Error, &second.file, at, problem)
}

impl Catalogue {
    /// Puts a descriptor in, in place of the one of its kind that has the same id.
    pub fn insert(&mut self, document: Document) -> Arc<Document> {
        let document = Arc::new(document);
        let id = document.descriptor.id().to_owned();
        let kind = match document.descriptor {
            Descriptor::Nsd(_) => &mut self.nsds,
            Descriptor::Vnfd(_) => &mut self.vnfds,
        };
        kind.insert(id, Arc::clone(&document));
        document
    }

    /// Takes a descriptor of either kind out; `None` where there is none.
    pub fn remove(&mut self, id: &str) -> Option<Arc<Document>> {
        self.nsds.remove(id).or_else(|| self.vnfds.remove(id))
    }

    /// A sound NSD.
    #[must_use]
    pub fn nsd(&self, id: &str) -> Option<&Nsd> {
        match &sound(self.nsds.get(id)?)?.descriptor {
            Descriptor::Nsd(nsd) => Some(nsd),
            Descriptor::Vnfd(_) => None,
        }
    }

    /// A sound VNFD.
    #[must_use]
    pub fn vnfd(&self, id: &str) -> Option<&Vnfd> {
        match &sound(self.vnfds.get(id)?)?.descriptor {
            Descriptor::Vnfd(vnfd) => Some(vnfd),
            Descriptor::Nsd(_) => None,
        }
    }

    /// The ids of the NSDs that use a descriptor, itself left out.
    #[must_use]
    pub fn users_of(&self, id: &str) -> Vec<&str> {
        let uses = |nsd: &Nsd| nsd.vnfd_id.iter().chain(&nsd.nested_nsd_id).any(|used| used == id);
        self.services()
            .filter(|(_, nsd)| nsd.id != id && uses(nsd))
            .map(|(_, nsd)| nsd.id.as_str())
            .collect()
    }

    /// Everything that does not hold between descriptors, and what of them cannot be planned.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        for (document, nsd) in self.services() {
            let mut problems = references::check(self, nsd);
            problems.extend(cycles::check(self, nsd));
            if problems.is_empty() && document.soundness == Soundness::Sound {
                problems = self.unplannable(nsd);
            }
            all.extend(problems.into_iter().map(|problem| {
                let at = document.positions.of(&problem.path);
                Diagnostic::new(Severity::Error, &document.file, at, problem)
            }));
        }
        sort(&mut all);
        all
    }

    fn services(&self) -> impl Iterator<Item = (&Document, &Nsd)> {
        self.nsds.values().filter_map(|d| match &d.descriptor {
            Descriptor::Nsd(nsd) => Some((d.as_ref(), nsd)),
            Descriptor::Vnfd(_) => None,
        })
    }

    /// What stops any of its levels from being planned. Silent where a VNFD is broken: that is the
    /// cause, and it has been told.
    fn unplannable(&self, nsd: &Nsd) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        if nsd.vnfd_id.iter().any(|id| self.vnfd(id).is_none()) {
            return problems;
        }
        for df in &nsd.df {
            for level in &df.ns_instantiation_level {
                let choice = Choice { flavour: Some(&df.id), level: Some(&level.id) };
                let found = lower(nsd, self, choice).err().unwrap_or_default();
                let new: Vec<_> = found.into_iter().filter(|p| !problems.contains(p)).collect();
                problems.extend(new);
            }
        }
        problems
    }
}

fn sound(document: &Arc<Document>) -> Option<&Document> {
    (document.soundness == Soundness::Sound).then_some(document.as_ref())
}
