//! Reading the fields of a map: each mistake is noted and reading goes on, so that one run finds
//! them all.

use super::node::{Entry, Node, Value};
use super::{Decimal, Extra, Position, Positions};
use crate::descriptor::diagnostic::{Diagnostic, Problem, Severity};
use std::collections::BTreeSet;

/// Where problems and positions go.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) file: String,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) positions: Positions,
    /// The paths that have an error.
    broken: BTreeSet<String>,
    pub(crate) errors: usize,
    warnings: usize,
}

/// How many problems of each severity are listed for one file.
const MAX_LISTED: usize = 500;

impl Sink {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            diagnostics: Vec::new(),
            positions: Positions::default(),
            broken: BTreeSet::new(),
            errors: 0,
            warnings: 0,
        }
    }

    /// Grows with every problem, listed or not.
    fn noted(&self) -> usize {
        self.errors + self.warnings
    }

    pub(crate) fn error_at(
        &mut self,
        at: Position,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Severity::Error, at, path, message.into(), hint.into());
    }

    pub(crate) fn warn_at(
        &mut self,
        at: Position,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Severity::Warning, at, path, message.into(), hint.into());
    }

    /// A problem with what a path means, found after reading; silent where the path itself could
    /// not be read, since that is the cause.
    pub(crate) fn error(
        &mut self,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if !self.broken.contains(path) {
            self.error_at(self.positions.of(path), path, message, hint);
        }
    }

    fn push(
        &mut self,
        severity: Severity,
        at: Position,
        path: &str,
        message: String,
        hint: String,
    ) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        let problem = match *count {
            n if n < MAX_LISTED => Problem::new(path, message, hint),
            MAX_LISTED => Problem::new(path, "there are more problems", "mend these first"),
            _ => return,
        };
        if severity == Severity::Error {
            self.broken.insert(path.to_owned());
        }
        let diagnostic = Diagnostic::new(severity, &self.file, at, problem);
        self.diagnostics.push(diagnostic);
    }
}

/// What makes an entry of a list unique (RFC 7950 §7.8.2).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Leaf(&'static str),
    Pair(&'static str, &'static str),
}

impl Key {
    fn of(self, node: &Node) -> Option<String> {
        let text = |name| node.get(name).and_then(Node::text).map(str::to_owned);
        match self {
            Self::Leaf(name) => text(name),
            Self::Pair(a, b) => Some(format!("{},{}", text(a)?, text(b)?)),
        }
    }

    fn leaf(self) -> &'static str {
        match self {
            Self::Leaf(name) | Self::Pair(name, _) => name,
        }
    }
}

/// The fields of one map. Each reading method marks its field as known; [`Fields::rest`] keeps and
/// reports what nobody asked for.
#[derive(Debug)]
pub(crate) struct Fields<'n, 's> {
    sink: &'s mut Sink,
    path: String,
    at: Position,
    entries: &'n [Entry],
    known: BTreeSet<&'static str>,
}

impl<'n, 's> Fields<'n, 's> {
    pub(crate) fn new(sink: &'s mut Sink, path: &str, node: &'n Node) -> Self {
        sink.positions.insert(path, node.at);
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            _ => {
                let message = format!("a map of fields is needed here, this is {}", node.kind());
                sink.error_at(node.at, path, message, "write `name: value` lines");
                &[]
            }
        };
        Self { sink, path: path.to_owned(), at: node.at, entries, known: BTreeSet::new() }
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.known.insert(name);
        let mut found = self.entries.iter().filter(|e| e.local_name() == name);
        let entry = found.next()?;
        let path = self.path_of(name);
        self.sink.positions.insert(&path, entry.at);
        if let Some(again) = found.next() {
            let message = format!("{name} stands twice in one map");
            self.sink.error_at(again.at, &path, message, "keep one of the two");
        }
        (!entry.node.is_null()).then_some(&entry.node)
    }

    fn missing(&mut self, name: &str) {
        let (at, path) = (self.at, self.path_of(name));
        let message = format!("the mandatory field {name} is missing or empty");
        self.sink.error_at(at, &path, message, format!("add `{name}: …`"));
    }

    fn wrong(&mut self, name: &str, node: &Node, message: String, hint: impl Into<String>) {
        let path = self.path_of(name);
        self.sink.error_at(node.at, &path, message, hint);
    }

    fn scalar(&mut self, name: &'static str) -> Option<(&'n Node, &'n str)> {
        let node = self.take(name)?;
        let text = node.text();
        if text.is_none() {
            let message = format!("{name} is one value, this is {}", node.kind());
            self.wrong(name, node, message, format!("write `{name}: VALUE`"));
        }
        text.map(|text| (node, text))
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.scalar(name).map(|(_, text)| text.to_owned())
    }

    /// Mandatory; empty where it is missing, which is then an error in the sink.
    pub(crate) fn required_text(&mut self, name: &'static str) -> String {
        let before = self.sink.noted();
        let text = self.text(name).unwrap_or_default();
        if text.is_empty() && self.sink.noted() == before {
            self.missing(name);
        }
        text
    }

    /// Mandatory in SOL006, and left out so often that leaving it out only earns a warning.
    pub(crate) fn expected_text(&mut self, name: &'static str) -> Option<String> {
        self.expect(name);
        self.text(name)
    }

    pub(crate) fn expect(&mut self, name: &'static str) {
        if !self.entries.iter().any(|e| e.local_name() == name) {
            let (at, path) = (self.at, self.path_of(name));
            let message = format!("SOL006 makes {name} mandatory and it is missing");
            self.sink.warn_at(at, &path, message, format!("add `{name}: …`"));
        }
    }

    /// A whole number of at most `max`.
    pub(crate) fn number(&mut self, name: &'static str, max: u64) -> Option<u64> {
        let (node, text) = self.scalar(name)?;
        match whole(text, max) {
            Ok(number) => Some(number),
            Err(reason) => {
                let message = format!("{name} {text} {reason}");
                self.wrong(name, node, message, format!("give a whole number from 0 to {max}"));
                None
            }
        }
    }

    pub(crate) fn number_or(&mut self, name: &'static str, max: u32, default: u32) -> u32 {
        self.number(name, max.into()).and_then(|n| u32::try_from(n).ok()).unwrap_or(default)
    }

    pub(crate) fn required_number(&mut self, name: &'static str, max: u64) -> u64 {
        let before = self.sink.noted();
        let number = self.number(name, max);
        if number.is_none() && self.sink.noted() == before {
            self.missing(name);
        }
        number.unwrap_or_default()
    }

    pub(crate) fn decimal<const D: u32>(&mut self, name: &'static str) -> Option<Decimal<D>> {
        let (node, text) = self.scalar(name)?;
        match Decimal::parse(text) {
            Ok(number) => Some(number),
            Err(reason) => {
                let hint = format!("give a number of 0 or more with at most {D} fraction digits");
                self.wrong(name, node, format!("{name} {text} {reason}"), hint);
                None
            }
        }
    }

    /// One of a set of words; an identity may carry its module's prefix.
    pub(crate) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let (node, text) = self.scalar(name)?;
        let local = text.rsplit_once(':').map_or(text, |(_, local)| local);
        let found = words.iter().find(|(word, _)| *word == local);
        if found.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("{name} {text:?} is not known");
            self.wrong(name, node, message, format!("use one of {}", all.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    pub(crate) fn required_word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> T {
        let before = self.sink.noted();
        let found = self.word(name, words);
        if found.is_none() && self.sink.noted() == before {
            self.missing(name);
        }
        found.unwrap_or(words[0].1)
    }

    /// A leaf-list of texts without duplicates; a single value stands for a list of one.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<String> {
        let Some(node) = self.take(name) else {
            return Vec::new();
        };
        let items = match &node.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut seen = BTreeSet::new();
        items.iter().filter_map(|item| self.text_item(name, item, &mut seen)).collect()
    }

    fn text_item<'t>(
        &mut self,
        name: &'static str,
        item: &'t Node,
        seen: &mut BTreeSet<&'t str>,
    ) -> Option<String> {
        let Some(text) = item.text() else {
            let message = format!("{name} is a list of texts, this entry is {}", item.kind());
            self.wrong(name, item, message, "write `- VALUE` lines");
            return None;
        };
        let path = format!("{}[{text}]", self.path_of(name));
        if !seen.insert(text) {
            let message = format!("{text} stands twice in {name}");
            self.sink.error_at(item.at, &path, message, "remove one of the two");
            return None;
        }
        self.sink.positions.insert(&path, item.at);
        Some(text.to_owned())
    }

    pub(crate) fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'n, '_>) -> T,
    ) -> Option<T> {
        let node = self.take(name)?;
        let path = self.path_of(name);
        Some(read(&mut Fields::new(self.sink, &path, node)))
    }

    /// A keyed list. A single map stands for a list of one.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        key: Key,
        read: impl Fn(&mut Fields<'n, '_>) -> T,
    ) -> Vec<T> {
        let Some(node) = self.take(name) else {
            return Vec::new();
        };
        let items: &'n [Node] = match &node.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut seen = BTreeSet::new();
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let id = key.of(item);
            let segment = id.clone().unwrap_or_else(|| format!("#{}", index + 1));
            let path = format!("{}[{segment}]", self.path_of(name));
            if id.is_some_and(|id| !seen.insert(id)) {
                self.duplicate(name, key, item, &path, &segment);
                continue;
            }
            values.push(read(&mut Fields::new(self.sink, &path, item)));
        }
        values
    }

    fn duplicate(&mut self, name: &str, key: Key, item: &Node, path: &str, segment: &str) {
        let at = item.get(key.leaf()).map_or(item.at, |node| node.at);
        let message = format!("a {name} with {} {segment} stands here a second time", key.leaf());
        self.sink.error_at(at, path, message, "give each entry its own");
    }

    /// At least one entry is needed.
    pub(crate) fn required_list<T>(
        &mut self,
        name: &'static str,
        key: Key,
        read: impl Fn(&mut Fields<'n, '_>) -> T,
    ) -> Vec<T> {
        let before = self.sink.noted();
        let values = self.list(name, key, read);
        if values.is_empty() && self.sink.noted() == before {
            self.missing(name);
        }
        values
    }

    /// A field of SOL006 that means something and that nothing here carries out yet: kept, with a
    /// warning, so that nobody relies on it.
    pub(crate) fn without_effect(&mut self, names: &[&str]) {
        for entry in self.entries.iter().filter(|e| names.contains(&e.local_name())) {
            let name = entry.local_name();
            let path = self.path_of(name);
            let message = format!("{name} is kept and has no effect yet");
            self.sink.warn_at(entry.at, &path, message, "do not rely on it");
        }
    }

    /// What was not read: SOL006's own fields that Wayleave has no use for are kept in silence,
    /// all others with a warning.
    pub(crate) fn rest(&mut self, unused: &[&str]) -> Extra {
        let mut extra = Extra::new();
        for entry in self.entries {
            let name = entry.local_name();
            if self.known.contains(name) {
                continue;
            }
            if !unused.contains(&name) {
                let path = self.path_of(name);
                let message =
                    format!("the field {name} is not known here; it is kept and has no effect");
                self.sink.warn_at(entry.at, &path, message, "remove it, or check its spelling");
            }
            extra.insert(entry.name.clone(), entry.node.to_json());
        }
        extra
    }
}

fn whole(text: &str, max: u64) -> Result<u64, String> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if text.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return Err("is negative".to_owned());
    }
    if text.split_once('.').is_some_and(|(w, f)| digits(w) && digits(f)) {
        return Err("is not a whole number".to_owned());
    }
    if !digits(text) {
        return Err("is not a number".to_owned());
    }
    match text.parse() {
        Ok(number) if number <= max => Ok(number),
        _ => Err(format!("is more than {max}")),
    }
}
