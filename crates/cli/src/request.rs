//! Request ids: a write that is repeated under the same id has no second effect.

use uuid::Uuid;

/// The server takes at most this many characters.
const LENGTH_MAX: usize = 64;

/// The ids of the writes of one command.
#[derive(Clone, Debug)]
pub(crate) struct RequestIds {
    given: Option<String>,
    several: bool,
}

impl RequestIds {
    /// One id for one write; with several writes, each has its number behind.
    pub(crate) fn new(given: Option<&String>, writes: usize) -> Self {
        Self { given: given.cloned(), several: writes > 1 }
    }

    /// The id of the write of that number, counted from 1.
    pub(crate) fn of(&self, number: usize) -> String {
        match (&self.given, self.several) {
            (None, _) => Uuid::new_v4().to_string(),
            (Some(id), false) => id.clone(),
            (Some(id), true) => format!("{id}.{number}"),
        }
    }
}

/// What `--request-id` takes: with room for a number.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    match text.len() {
        0 => Err("it is empty".to_owned()),
        1..=56 => Ok(text.to_owned()),
        n => Err(format!("it has {n} bytes, more than {}; a UUID is best", LENGTH_MAX - 8)),
    }
}
