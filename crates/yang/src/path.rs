//! Paths to data nodes: names and list keys, as gNMI writes them (gNMI path conventions).

use std::fmt;
use std::str::FromStr;

/// An absolute path. Module names do not appear in it; the schema knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    pub steps: Vec<Step>,
}

/// One node: its name, and the keys of a list entry sorted by name. A leaf-list value has the key
/// `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    pub name: String,
    pub keys: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a path: {reason} at character {at}")]
pub struct PathError {
    pub text: String,
    pub reason: &'static str,
    pub at: usize,
}

impl Step {
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), keys: Vec::new() }
    }

    #[must_use]
    pub fn with_keys(name: impl Into<String>, mut keys: Vec<(String, String)>) -> Self {
        keys.sort();
        Self { name: name.into(), keys }
    }

    #[must_use]
    pub fn key(&self, name: &str) -> Option<&str> {
        self.keys.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Path {
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn child(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(step);
        Self { steps }
    }

    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.steps.split_last()?;
        Some(Self { steps: above.to_vec() })
    }

    /// Whether `above` is this path or leads to it.
    #[must_use]
    pub fn starts_with(&self, above: &Self) -> bool {
        self.steps.starts_with(&above.steps)
    }

    #[must_use]
    pub fn last(&self) -> Option<&Step> {
        self.steps.last()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (key, value) in &self.keys {
            write!(f, "[{key}={}]", value.replace('\\', "\\\\").replace(']', "\\]"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("/");
        }
        self.steps.iter().try_for_each(|step| write!(f, "/{step}"))
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Parser { text, chars: text.char_indices().peekable() }.path()
    }
}

struct Parser<'t> {
    text: &'t str,
    chars: std::iter::Peekable<std::str::CharIndices<'t>>,
}

impl Parser<'_> {
    fn path(mut self) -> Result<Path, PathError> {
        let mut steps = Vec::new();
        self.skip('/');
        while self.chars.peek().is_some() {
            steps.push(self.step()?);
            if self.chars.peek().is_some() && !self.skip('/') {
                return Err(self.error("a '/' is missing"));
            }
        }
        Ok(Path { steps })
    }

    fn step(&mut self) -> Result<Step, PathError> {
        let name = self.word(&['/', '[']);
        if name.is_empty() {
            return Err(self.error("a name is empty"));
        }
        let mut keys = Vec::new();
        while self.skip('[') {
            let key = self.word(&['=', ']', '/']);
            if key.is_empty() || !self.skip('=') {
                return Err(self.error("a key has no name or no '='"));
            }
            keys.push((key, self.value()?));
        }
        Ok(Step::with_keys(name, keys))
    }

    /// A module prefix on a name is dropped: `oc-if:interfaces` is `interfaces`.
    fn word(&mut self, end: &[char]) -> String {
        let mut word = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| !end.contains(c)) {
            if c == ':' {
                word.clear();
            } else {
                word.push(c);
            }
        }
        word
    }

    fn value(&mut self) -> Result<String, PathError> {
        let mut value = String::new();
        loop {
            match self.chars.next() {
                Some((_, ']')) => return Ok(value),
                Some((_, '\\')) => value.extend(self.chars.next().map(|(_, c)| c)),
                Some((_, c)) => value.push(c),
                None => return Err(self.error("a ']' is missing")),
            }
        }
    }

    fn skip(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, c)| *c == wanted).is_some()
    }

    fn error(&mut self, reason: &'static str) -> PathError {
        let at = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        PathError { text: self.text.to_owned(), reason, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_may_hold_anything() {
        for text in
            ["/", "/a/b", "/a[k=et-0/0/1]/b", "/a[k=x\\]y]", "/a[k=\\\\]", "/a[k=]", "/l[.=v]"]
        {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        assert_eq!("/m:a/b".parse::<Path>().unwrap().to_string(), "/a/b");
    }

    #[test]
    fn mistakes_are_placed() {
        for (text, at) in [("/a[k", 4), ("//a", 1), ("/a[k=v", 6), ("/a[k=v]b", 7), ("/a[=v]", 3)] {
            assert_eq!(text.parse::<Path>().unwrap_err().at, at, "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_parsing_are_inverse(names in proptest::collection::vec("[a-z-]{1,8}", 1..4), value in ".{0,12}") {
            let mut path = Path::root();
            for name in names {
                path = path.child(Step::with_keys(name, vec![("k".into(), value.clone())]));
            }
            prop_assert_eq!(path.to_string().parse::<Path>().unwrap(), path);
        }
    }
}
