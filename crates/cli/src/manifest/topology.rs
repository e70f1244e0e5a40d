//! A topology for a daemon that has not started yet.

use super::{Body, read};
use crate::files::Text;
use model::topology::Topology;

/// The topology in the text of a file that holds one manifest of that kind.
///
/// # Errors
/// With all that is wrong, a line for each, every line with its place in the file.
pub fn read_topology(file: &str, text: &str) -> Result<Topology, String> {
    let text = Text { name: file.to_owned(), content: text.to_owned() };
    let manifests = read(&text).map_err(|failure| {
        let line = |d: &crate::failure::Detail| format!("\n       {}: {}", d.subject, d.text);
        let details: String = failure.details.iter().map(line).collect();
        format!("{file}: {}{details}", failure.message)
    })?;
    match manifests.as_slice() {
        [manifest] => match &manifest.body {
            Body::Topology(message) => api::parse::topology(message)
                .map_err(|violations| format!("{file}: {violations:?}; please report it")),
            Body::Intent(_) => Err(format!("{file}: it is an intent, not a topology")),
        },
        several => Err(format!("{file}: it holds {} manifests, not one topology", several.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_topology_is_one() {
        let topology = "apiVersion: wayleave/v1\nkind: Topology\nspec:\n  pops:\n    - id: a\n";
        assert_eq!(read_topology("t.yaml", topology).unwrap().pops.len(), 1);
        let cases = [
            ("", "t.yaml"),
            ("apiVersion: wayleave/v1\nkind: Topology\nspec:\n  popz: []\n", "t.yaml:4"),
            (&format!("{topology}---\n{topology}"), "2 manifests"),
        ];
        for (text, words) in cases {
            let error = read_topology("t.yaml", text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
