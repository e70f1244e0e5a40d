//! Facts, and where they are not what they should be.

use super::table::Table;
use crate::client::Refusal;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{what}: expected {expected}, found {found}")]
pub(crate) struct Mismatch {
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Mismatch {
    pub(crate) fn new(
        what: impl Into<String>,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }
}

/// Something that was to be done could not be.
impl From<Refusal> for Mismatch {
    fn from(refusal: Refusal) -> Self {
        let found = match refusal.code.as_str() {
            "" => refusal.message,
            code => format!("{code}: {}", refusal.message),
        };
        Self::new(refusal.call, "an answer", found)
    }
}

/// What a step found. It holds where there is no mismatch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) facts: Map<String, Value>,
    pub(crate) mismatches: Vec<Mismatch>,
    /// For people: sentences first, then tables.
    pub(crate) sentences: Vec<String>,
    pub(crate) tables: Vec<Table>,
}

impl Evidence {
    pub(crate) fn fact(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).expect("facts are text, numbers, lists and maps");
        self.facts.insert(name.to_owned(), value);
    }

    pub(crate) fn say(&mut self, sentence: impl Into<String>) {
        self.sentences.push(sentence.into());
    }

    /// Says that all is well, where it is.
    pub(crate) fn conclude(&mut self, sentence: impl Into<String>) {
        if self.holds() {
            self.say(sentence);
        }
    }

    pub(crate) fn show(&mut self, table: Table) {
        self.tables.push(table);
    }

    pub(crate) fn expect<T: PartialEq + fmt::Display>(
        &mut self,
        what: impl Into<String>,
        expected: &T,
        found: &T,
    ) {
        if expected != found {
            self.mismatches.push(Mismatch::new(what, expected, found));
        }
    }

    pub(crate) fn object(&mut self, mismatches: impl IntoIterator<Item = Mismatch>) {
        self.mismatches.extend(mismatches);
    }

    pub(crate) fn holds(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// Facts, and the mismatches where there are any.
    pub(crate) fn to_json(&self) -> Value {
        let mut facts = self.facts.clone();
        if !self.holds() {
            facts.insert("mismatches".to_owned(), json!(self.mismatches));
        }
        Value::Object(facts)
    }
}

/// A step that could not go on.
impl From<Mismatch> for Evidence {
    fn from(mismatch: Mismatch) -> Self {
        Self { mismatches: vec![mismatch], ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_holds_until_something_differs() {
        let mut evidence = Evidence::default();
        evidence.expect("switches", &22, &22);
        evidence.fact("switches", 22);
        assert!(evidence.holds());
        assert_eq!(evidence.to_json(), json!({"switches": 22}));
        evidence.conclude("All is well.");
        evidence.expect("VIMs", &4, &3);
        evidence.conclude("All is still well.");
        assert!(!evidence.holds());
        assert_eq!(evidence.sentences, ["All is well."]);
        assert_eq!(evidence.mismatches[0].to_string(), "VIMs: expected 4, found 3");
        let mismatch = json!({"what": "VIMs", "expected": "4", "found": "3"});
        assert_eq!(evidence.to_json(), json!({"switches": 22, "mismatches": [mismatch]}));
    }
}
