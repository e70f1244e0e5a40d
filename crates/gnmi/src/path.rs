//! Paths as they are on the wire: elements with keys, an origin, a target.

use crate::wire;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GnmiPath {
    /// Empty means `openconfig`.
    pub origin: String,
    pub elems: Vec<Elem>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elem {
    pub name: String,
    pub keys: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("the origin is given both in the prefix and in the path; give it once")]
    TwoOrigins,
    #[error("an element of the path has no name; the root is a path without elements")]
    EmptyName,
    #[error("a key of {0} has no name")]
    EmptyKey(String),
}

impl Elem {
    /// Without a module's name before it: real devices send `module:name` (G-035).
    #[must_use]
    pub fn local_name(&self) -> &str {
        self.name.rsplit_once(':').map_or(self.name.as_str(), |(_, local)| local)
    }
}

impl GnmiPath {
    /// The full path: the prefix's elements, then the path's (G-023).
    ///
    /// # Errors
    /// Where the path cannot be read (G-033, G-036).
    pub fn of(prefix: Option<&wire::Path>, path: &wire::Path) -> Result<Self, PathError> {
        let origin = match prefix.map(|p| p.origin.as_str()).unwrap_or_default() {
            "" => path.origin.clone(),
            _ if !path.origin.is_empty() => return Err(PathError::TwoOrigins),
            origin => origin.to_owned(),
        };
        let elems = prefix.into_iter().flat_map(|p| &p.elem).chain(&path.elem);
        let elems = elems.map(checked).collect::<Result<_, _>>()?;
        Ok(Self { origin, elems })
    }

    #[must_use]
    pub fn to_wire(&self) -> wire::Path {
        let elem = self
            .elems
            .iter()
            .map(|elem| wire::PathElem { name: elem.name.clone(), key: elem.keys.clone() });
        wire::Path { origin: self.origin.clone(), elem: elem.collect(), ..wire::Path::default() }
    }

    /// Whether any element or key is a wildcard, which a write must not have except to delete.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        let wild = |text: &str| text == "*" || text == "...";
        self.elems.iter().any(|elem| wild(&elem.name) || elem.keys.values().any(|key| wild(key)))
    }
}

fn checked(elem: &wire::PathElem) -> Result<Elem, PathError> {
    if elem.name.is_empty() {
        return Err(PathError::EmptyName);
    }
    if elem.key.contains_key("") {
        return Err(PathError::EmptyKey(elem.name.clone()));
    }
    Ok(Elem { name: elem.name.clone(), keys: elem.key.clone() })
}

impl fmt::Display for GnmiPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.elems.is_empty() {
            return f.write_str("/");
        }
        for elem in &self.elems {
            write!(f, "/{}", elem.name)?;
            for (key, value) in &elem.keys {
                write!(f, "[{key}={}]", value.replace('\\', "\\\\").replace(']', "\\]"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(origin: &str, names: &[&str]) -> wire::Path {
        let elem = names.iter().map(|n| wire::PathElem { name: (*n).into(), ..Default::default() });
        wire::Path { origin: origin.into(), elem: elem.collect(), ..Default::default() }
    }

    #[test]
    fn g_023_g_033_g_036_prefix_and_path() {
        let full = GnmiPath::of(Some(&wire("", &["a"])), &wire("", &["b"])).unwrap();
        assert_eq!(full.to_string(), "/a/b");
        assert_eq!(GnmiPath::of(None, &wire("", &[])).unwrap().to_string(), "/");
        let two = GnmiPath::of(Some(&wire("x", &["a"])), &wire("y", &["b"]));
        assert_eq!(two, Err(PathError::TwoOrigins));
        assert_eq!(GnmiPath::of(None, &wire("", &[""])), Err(PathError::EmptyName));
    }
}
