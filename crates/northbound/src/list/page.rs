//! Pages over an ordered map. A token says after which key the next page begins, and for which
//! list and filter, so that it cannot be used with another.

use super::filter::{Filter, Filtered};
use crate::write::Rejections;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imbl::OrdMap;
use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::ops::Bound;
use tonic::Status;

const SIZE_DEFAULT: usize = 100;
const SIZE_MAX: usize = 1000;
/// How much of the hash a token carries: enough to tell a mistake, and it protects nothing.
const BINDING: usize = 8;

/// A list that can be asked for.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
}

/// What a client asked of a list.
#[derive(Debug)]
pub(crate) struct Query {
    size: usize,
    after: Option<String>,
    filter: Filter,
    binding: [u8; BINDING],
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Empty on the last page.
    pub(crate) next: String,
}

impl Query {
    pub(crate) fn read(list: &List, size: i32, token: &str, filter: &str) -> Result<Self, Status> {
        let mut rejections = Rejections::default();
        let size = page_size(&mut rejections, size);
        let binding = binding(list.name, filter);
        let after = after(&mut rejections, token, binding);
        let filter = Filter::parse(filter, list.fields)
            .map_err(|reason| rejections.add("filter", reason, "write field=value, joined by AND"))
            .ok();
        let query = filter.map(|filter| Self { size, after, filter, binding });
        rejections.finish(query)
    }

    /// Walks from the token's key on, so that a page costs what it holds.
    pub(crate) fn page<K, V, T>(&self, map: &OrdMap<K, V>, show: impl Fn(&V) -> T) -> Page<T>
    where
        K: Ord + Borrow<str> + Clone,
        V: Filtered + Clone,
    {
        let from = match &self.after {
            Some(key) => Bound::Excluded(key.as_str()),
            None => Bound::Unbounded,
        };
        let mut matching = map
            .range::<_, str>((from, Bound::Unbounded))
            .filter(|(_, value)| self.filter.matches(*value));
        let (mut items, mut last) = (Vec::new(), None);
        for (key, value) in matching.by_ref().take(self.size) {
            items.push(show(value));
            last = Some(key);
        }
        let next = match last {
            Some(key) if matching.next().is_some() => self.token(key.borrow()),
            _ => String::new(),
        };
        Page { items, next }
    }

    fn token(&self, key: &str) -> String {
        let mut bytes = self.binding.to_vec();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn page_size(rejections: &mut Rejections, size: i32) -> usize {
    match usize::try_from(size) {
        Ok(0) => SIZE_DEFAULT,
        Ok(size) => size.min(SIZE_MAX),
        Err(_) => {
            rejections.add("page_size", format!("{size} is negative"), "use 0 for the default");
            SIZE_DEFAULT
        }
    }
}

fn binding(list: &str, filter: &str) -> [u8; BINDING] {
    let hash = Sha256::new().chain_update(list).chain_update([0]).chain_update(filter).finalize();
    hash[..BINDING].try_into().expect("a SHA-256 is longer")
}

fn after(rejections: &mut Rejections, token: &str, binding: [u8; BINDING]) -> Option<String> {
    if token.is_empty() {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    match bytes.strip_prefix(&binding).map(std::str::from_utf8) {
        Some(Ok(key)) => Some(key.to_owned()),
        _ => {
            let hint = "begin again without a token, or repeat the filter that it came with";
            rejections.add("page_token", "it is not of this list and filter", hint);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::borrow::Cow;

    const LIST: List = List { name: "things", fields: &["parity"] };

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Thing(u32);

    impl Filtered for Thing {
        fn field(&self, name: &str) -> Option<Cow<'_, str>> {
            (name == "parity")
                .then(|| if self.0.is_multiple_of(2) { "even".into() } else { "odd".into() })
        }
    }

    fn things(count: u32) -> OrdMap<String, Thing> {
        (0..count).map(|n| (format!("{n:05}"), Thing(n))).collect()
    }

    fn walk(map: &OrdMap<String, Thing>, size: i32, filter: &str) -> Vec<u32> {
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let query = Query::read(&LIST, size, &token, filter).unwrap();
            let page = query.page(map, |thing| thing.0);
            seen.extend(page.items);
            token = page.next;
            if token.is_empty() {
                return seen;
            }
        }
    }

    proptest! {
        #[test]
        fn pages_together_are_the_list(count in 0_u32..300, size in 1_i32..50) {
            let map = things(count);
            prop_assert_eq!(walk(&map, size, ""), (0..count).collect::<Vec<_>>());
            let odd: Vec<_> = (0..count).filter(|n| n % 2 == 1).collect();
            prop_assert_eq!(walk(&map, size, "parity=odd"), odd);
        }
    }

    #[test]
    fn a_token_belongs_to_its_filter_and_list() {
        let page = Query::read(&LIST, 1, "", "parity=odd").unwrap().page(&things(9), |t| t.0);
        assert!(!page.next.is_empty());
        assert!(Query::read(&LIST, 1, &page.next, "parity=odd").is_ok());
        let other = List { name: "others", fields: LIST.fields };
        for (list, filter, token) in [
            (&LIST, "parity=even", page.next.as_str()),
            (&other, "parity=odd", page.next.as_str()),
            (&LIST, "", "!"),
        ] {
            let status = Query::read(list, 1, token, filter).unwrap_err();
            assert_eq!(status.code(), tonic::Code::InvalidArgument);
        }
    }

    #[test]
    fn the_last_page_is_known_to_be_the_last() {
        let page = Query::read(&LIST, 3, "", "").unwrap().page(&things(3), |t| t.0);
        assert_eq!(page, Page { items: vec![0, 1, 2], next: String::new() });
    }

    #[test]
    fn sizes_have_a_default_and_bounds() {
        let map = things(2000);
        for (size, expected) in [(0, 100), (5, 5), (5000, 1000)] {
            let page = Query::read(&LIST, size, "", "").unwrap().page(&map, |t| t.0);
            assert_eq!(page.items.len(), expected);
        }
        assert!(Query::read(&LIST, -1, "", "").is_err());
    }
}
