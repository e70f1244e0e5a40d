//! A node against the schema of a message: every field that it does not have and every value of
//! the wrong kind, all at once, each with its place.

use super::tree::{Entry, Node, Value};
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

/// Something that is wrong: where it stands, the path to it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) at: super::Place,
    pub(super) path: String,
    pub(super) reason: String,
}

#[derive(Debug, Default)]
pub(super) struct Checker {
    pub(super) wrong: Vec<Wrong>,
}

impl Checker {
    pub(super) fn add(&mut self, at: super::Place, path: &str, reason: impl Into<String>) {
        self.wrong.push(Wrong { at, path: path.to_owned(), reason: reason.into() });
    }

    /// A whole message.
    pub(super) fn message(&mut self, path: &str, node: &Node, schema: &MessageDescriptor) {
        if !matches!(node.value, Value::Map(_)) {
            let fields = names(schema);
            let reason = format!("it is {}, not a map; give {}", node.kind(), fields.join(", "));
            return self.add(node.at, path, reason);
        }
        for entry in node.entries() {
            match field(schema, &entry.name) {
                Some(field) => self.field(path, entry, &field),
                None => self.unknown(path, entry, &names(schema)),
            }
        }
        self.exclusive(path, node, schema);
    }

    /// Of several alternatives, only one.
    fn exclusive(&mut self, path: &str, node: &Node, schema: &MessageDescriptor) {
        for choice in schema.oneofs().filter(|oneof| !oneof.is_synthetic()) {
            let given = |entry: &&Entry| {
                field(schema, &entry.name).and_then(|f| f.containing_oneof()).as_ref()
                    == Some(&choice)
            };
            let given: Vec<&Entry> = node.entries().iter().filter(given).collect();
            if let [first, second, ..] = given.as_slice() {
                let reason = format!("{} is given as well; keep one of them", first.name);
                self.add(second.at, &format!("{path}.{}", second.name), reason);
            }
        }
    }

    pub(super) fn unknown(&mut self, path: &str, entry: &Entry, known: &[String]) {
        let path = join(path, &entry.name);
        let hint = match nearest(&entry.name, known) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("there are {}", known.join(", ")),
        };
        self.add(entry.at, &path, format!("there is no such field; {hint}"));
    }

    fn field(&mut self, path: &str, entry: &Entry, field: &FieldDescriptor) {
        let path = join(path, &entry.name);
        let node = &entry.node;
        if node.is_null() {
            // As if it were not there (ProtoJSON: null is the default value).
        } else if field.is_map() {
            self.map(&path, node, field);
        } else if field.is_list() {
            self.list(&path, node, field);
        } else {
            self.single(&path, node, &field.kind());
        }
    }

    fn map(&mut self, path: &str, node: &Node, field: &FieldDescriptor) {
        let Kind::Message(entry_schema) = field.kind() else { return };
        if !matches!(node.value, Value::Map(_)) {
            return self.add(node.at, path, format!("it is {}, not a map", node.kind()));
        }
        let kind = entry_schema.map_entry_value_field().kind();
        for entry in node.entries() {
            self.single(&format!("{path}[{}]", entry.name), &entry.node, &kind);
        }
    }

    fn list(&mut self, path: &str, node: &Node, field: &FieldDescriptor) {
        let Value::List(items) = &node.value else {
            return self.add(node.at, path, format!("it is {}, not a list", node.kind()));
        };
        for (i, item) in items.iter().enumerate() {
            self.single(&format!("{path}[{i}]"), item, &field.kind());
        }
    }

    fn single(&mut self, path: &str, node: &Node, kind: &Kind) {
        match kind {
            Kind::Message(schema) => self.message(path, node, schema),
            Kind::Enum(schema) => self.word(path, node, schema),
            Kind::String if node.text().is_none() => {
                let hint = "write it in quotes if it is meant as text";
                self.add(node.at, path, format!("it is {}, not text; {hint}", node.kind()));
            }
            Kind::Double | Kind::Float => self.number(path, node, "a number", |n| n.is_number()),
            Kind::Uint32 => self.number(path, node, "a whole number from 0 to 4294967295", |n| {
                n.as_u64().is_some_and(|n| u32::try_from(n).is_ok())
            }),
            Kind::Uint64 => self.number(path, node, "a whole number from 0 on", |n| {
                n.is_u64() || n.as_str().is_some_and(|text| text.parse::<u64>().is_ok())
            }),
            _ => {}
        }
    }

    fn number(
        &mut self,
        path: &str,
        node: &Node,
        what: &str,
        fits: fn(&serde_json::Value) -> bool,
    ) {
        let json = node.to_json();
        if !fits(&json) {
            let found = match &node.value {
                Value::Scalar(json) if !json.is_null() => json.to_string(),
                _ => node.kind().to_owned(),
            };
            self.add(node.at, path, format!("{found} is not {what}"));
        }
    }

    fn word(&mut self, path: &str, node: &Node, schema: &EnumDescriptor) {
        let words: Vec<String> = words(schema);
        match node.text() {
            Some(text) if schema.get_value_by_name(text).is_some() => {}
            Some(text) => {
                let hint = match nearest(text, &words) {
                    Some(word) => format!("did you mean {word}?"),
                    None => format!("use one of {}", words.join(", ")),
                };
                self.add(node.at, path, format!("there is no {text}; {hint}"));
            }
            None => {
                let reason = format!("it is {}; use one of {}", node.kind(), words.join(", "));
                self.add(node.at, path, reason);
            }
        }
    }
}

/// What comes first stands for "not given".
fn words(schema: &EnumDescriptor) -> Vec<String> {
    schema.values().filter(|value| value.number() != 0).map(|v| v.name().to_owned()).collect()
}

fn field(schema: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    schema.get_field_by_json_name(name).or_else(|| schema.get_field_by_name(name))
}

fn names(schema: &MessageDescriptor) -> Vec<String> {
    schema.fields().map(|field| field.json_name().to_owned()).collect()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What was probably meant: at most a third of the letters differ.
pub(super) fn nearest<'k>(name: &str, known: &'k [String]) -> Option<&'k String> {
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let name = plain(name);
    known
        .iter()
        .map(|candidate| (distance(&name, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| {
            *distance <= candidate.len().div_ceil(3) || starts(candidate, &name)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `bandwidth` for `bandwidthMbps`.
fn starts(candidate: &str, name: &str) -> bool {
    name.len() >= 3 && candidate.to_lowercase().starts_with(name)
}

/// Levenshtein's, in one row.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replace = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        let known = ["bandwidthMbps", "latencyUs", "POINT_TO_POINT"].map(str::to_owned);
        for (name, meant) in [
            ("bandwith_mbps", Some("bandwidthMbps")),
            ("bandwidth", Some("bandwidthMbps")),
            ("bandwith", Some("bandwidthMbps")),
            ("latency", Some("latencyUs")),
            ("pointToPoint", Some("POINT_TO_POINT")),
            ("colour", None),
        ] {
            assert_eq!(nearest(name, &known).map(String::as_str), meant, "{name}");
        }
    }
}
