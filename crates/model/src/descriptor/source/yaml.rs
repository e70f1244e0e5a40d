//! YAML, and JSON as the subset of it that it is, into a [`Node`] tree. Bounded in size, in depth
//! and in what aliases may unfold to, before anything is built from it.

use super::node::{Entry, Node, Value};
use super::{Position, Sink};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_saphyr::options::{AliasLimits, DuplicateKeyPolicy};
use serde_saphyr::{Location, Options, Spanned};
use std::fmt;

/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The deepest nesting that is read; SOL006 needs no more than 15.
pub const MAX_DEPTH: usize = 48;
/// Thousands of functions fit; a service that needs more is several services.
const MAX_NODES: usize = 100_000;
/// Aliases are a convenience of authors; nobody needs more copies than this.
const MAX_REPLAYED: usize = 100_000;

/// The tree of `text`; `None` after one clear error in the sink.
pub(crate) fn read(sink: &mut Sink, text: &str) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, more than {MAX_BYTES}", text.len());
        sink.error_at(Position::default(), "", message, "split it; a file holds one descriptor");
        return None;
    }
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => Some(node(raw, text)),
        Err(error) => {
            report(sink, &error, text);
            None
        }
    }
}

fn options() -> Options {
    let mut options = Options::default();
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_documents = 1;
    budget.max_aliases = 10_000;
    options.budget = Some(budget);
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    let mut limits = AliasLimits::default();
    limits.max_total_replayed_events = MAX_REPLAYED;
    options.alias_limits = limits;
    options.with_snippet = false;
    options.emit_comments = false;
    options
}

fn report(sink: &mut Sink, error: &serde_saphyr::Error, text: &str) {
    let at = error.location().map(position).unwrap_or_default();
    let at = if at.line == 0 { end_of(text) } else { at };
    let message = error.to_string();
    let first = message.lines().next().unwrap_or("unreadable");
    sink.error_at(
        at,
        "",
        format!("the document cannot be read: {first}"),
        "correct the YAML or JSON here, or restore the rest of the file if it was cut off",
    );
}

fn end_of(text: &str) -> Position {
    let lines = text.lines().count().max(1);
    Position { line: u32::try_from(lines).unwrap_or(u32::MAX), column: 1 }
}

fn position(at: Location) -> Position {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: number(at.line()), column: number(at.column()) }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let at = position(raw.referenced);
    let value = match raw.value {
        Raw::Scalar(Json::Null) => Value::Null,
        Raw::Scalar(json) => scalar(json, raw.defined, text),
        Raw::Sequence(items) => Value::Sequence(items.into_iter().map(|i| node(i, text)).collect()),
        Raw::Map(entries) => Value::Map(entries.into_iter().map(|e| entry(e, text)).collect()),
    };
    Node { at, value }
}

fn entry((key, value): (Spanned<String>, Spanned<Raw>), text: &str) -> Entry {
    Entry { at: position(key.referenced), name: key.value, node: node(value, text) }
}

/// A number or a truth value keeps its spelling, which the source has and the parsed value has not.
fn scalar(json: Json, defined: Location, source: &str) -> Value {
    let text = match &json {
        Json::String(text) => text.clone(),
        other => spelling(defined, source).unwrap_or_else(|| other.to_string()),
    };
    Value::Scalar { text, json }
}

fn spelling(at: Location, source: &str) -> Option<String> {
    let start = usize::try_from(at.span().byte_offset()?).ok()?;
    let len = usize::try_from(at.span().byte_len()?).ok()?;
    let text = source.get(start..start.checked_add(len)?)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

enum Raw {
    Scalar(Json),
    Sequence(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

macro_rules! scalars {
    ($($visit:ident: $type:ty),* $(,)?) => {
        $(fn $visit<E>(self, value: $type) -> Result<Raw, E> {
            Ok(Raw::Scalar(Json::from(value)))
        })*
    };
}

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a map")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::from(value.to_string())))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::from(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Json::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Raw, D::Error> {
        Raw::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
