//! Profiles: how fragments are written in a device's own models. A profile is data; it is checked
//! against the schema when it is loaded, so that a mistake in it never reaches a device.

use crate::desired::Rendered;
use crate::fragment::Fragment;
use crate::template::{fill, known_words, words};
use model::ProfileName;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use yang::{Kind, Path, Schema};

/// The bundled profile for OpenConfig devices, over the bundled modules; loaded once in a process.
///
/// # Panics
/// Never with the profile of this build: a test loads it.
#[must_use]
pub fn openconfig() -> Arc<Profile> {
    static PROFILE: OnceLock<Arc<Profile>> = OnceLock::new();
    let load = || Profile::load("openconfig.yaml", OPENCONFIG, yang::bundled::schema());
    Arc::clone(PROFILE.get_or_init(|| Arc::new(load().expect("a test loads it"))))
}

/// Its text.
pub const OPENCONFIG: &str = include_str!("../../../yang/profiles/openconfig.yaml");

#[derive(Debug)]
pub struct Profile {
    name: ProfileName,
    reads: Vec<Path>,
    fragments: BTreeMap<String, Template>,
    schema: Arc<Schema>,
}

#[derive(Debug, Default)]
struct Template {
    creates: Vec<String>,
    sets: Vec<(String, String)>,
}

/// One mistake in a profile: where, and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct ProfileError {
    pub file: String,
    pub line: u64,
    pub reason: String,
}

/// A fragment that this profile cannot write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("profile {profile} cannot write a {fragment}: {reason}")]
pub struct RenderError {
    pub profile: ProfileName,
    pub fragment: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: Spanned<String>,
    #[serde(default, rename = "description")]
    _description: String,
    modules: Vec<Spanned<String>>,
    #[serde(default)]
    reads: Vec<Spanned<String>>,
    fragments: BTreeMap<String, FragmentFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FragmentFile {
    #[serde(default)]
    creates: Vec<Spanned<String>>,
    sets: BTreeMap<String, Spanned<String>>,
}

impl Profile {
    /// Reads a profile and holds every path in it against the schema.
    ///
    /// # Errors
    /// With every mistake in the file, each with its line.
    pub fn load(file: &str, text: &str, schema: Arc<Schema>) -> Result<Self, Vec<ProfileError>> {
        let parsed: File = serde_saphyr::from_str(text).map_err(|e| {
            let line = e.location().map_or(0, |location| location.line());
            vec![ProfileError { file: file.to_owned(), line, reason: e.to_string() }]
        })?;
        let mut check = Check { file, schema: &schema, errors: Vec::new() };
        for module in &parsed.modules {
            if schema.module(&module.value).is_none() {
                check.say(module, format!("the schema has no module {}", module.value));
            }
        }
        let reads = parsed.reads.iter().filter_map(|path| check.path(path, &path.value)).collect();
        let fragments = parsed
            .fragments
            .iter()
            .map(|(kind, f)| (kind.clone(), check.fragment(kind, f)))
            .collect();
        let name = ProfileName::new(&parsed.profile.value)
            .map_err(|e| check.say(&parsed.profile, e.to_string()));
        match name {
            Ok(name) if check.errors.is_empty() => Ok(Self { name, reads, fragments, schema }),
            _ => Err(check.errors),
        }
    }

    #[must_use]
    pub fn name(&self) -> &ProfileName {
        &self.name
    }

    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The parts of a device that this profile has to do with.
    #[must_use]
    pub fn reads(&self) -> &[Path] {
        &self.reads
    }

    /// What fragments come to in this device's models.
    ///
    /// # Errors
    /// Where the profile has no template for a fragment, or a value does not fit its leaf.
    pub fn render(&self, fragments: &[Fragment]) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        for fragment in fragments {
            let fail = |reason: String| RenderError {
                profile: self.name.clone(),
                fragment: fragment.kind().to_owned(),
                reason,
            };
            let template = self.fragments.get(fragment.kind());
            let template = template.ok_or_else(|| fail("it has no template for it".to_owned()))?;
            self.fill(template, &words(fragment), &mut rendered).map_err(fail)?;
        }
        Ok(rendered)
    }

    fn fill(
        &self,
        template: &Template,
        words: &crate::template::Words,
        into: &mut Rendered,
    ) -> Result<(), String> {
        let unknown = |word| format!("it has no word {word}");
        for entry in &template.creates {
            if let Some(path) = fill(entry, words).map_err(unknown)? {
                into.nodes.insert(parse(&path)?, None);
            }
        }
        for (path, value) in &template.sets {
            let filled =
                fill(path, words).map_err(unknown)?.zip(fill(value, words).map_err(unknown)?);
            let Some((path, value)) = filled else { continue };
            let path = parse(&path)?;
            let leaf = self.schema.node(&path).ok_or_else(|| format!("{path} is not known"))?;
            let value = self
                .schema
                .canonical(leaf, &value)
                .map_err(|expected| format!("{path}: {value:?} is not a {expected}"))?;
            into.nodes.insert(path, Some(value));
        }
        Ok(())
    }
}

fn parse(path: &str) -> Result<Path, String> {
    path.parse().map_err(|e: yang::PathError| e.to_string())
}

/// Collects what is wrong with a profile.
struct Check<'a> {
    file: &'a str,
    schema: &'a Schema,
    errors: Vec<ProfileError>,
}

impl Check<'_> {
    fn say<T>(&mut self, at: &Spanned<T>, reason: String) {
        let line = at.referenced.line();
        self.errors.push(ProfileError { file: self.file.to_owned(), line, reason });
    }

    fn fragment(&mut self, kind: &str, file: &FragmentFile) -> Template {
        let mut template = Template::default();
        let known = known_words(kind);
        for entry in &file.creates {
            if known.is_none() {
                self.say(entry, format!("there is no fragment called {kind}"));
                return template;
            }
            self.words(entry, &entry.value, kind);
            if let Some(path) = self.path(entry, &entry.value)
                && self.schema.node(&path).is_none_or(|node| node.kind != Kind::List)
            {
                self.say(entry, format!("{path} is not a list entry"));
            }
            template.creates.push(entry.value.clone());
        }
        for (path, value) in &file.sets {
            self.words(value, path, kind);
            self.words(value, &value.value, kind);
            self.leaf(path, value);
            template.sets.push((path.clone(), value.value.clone()));
        }
        template
    }

    fn words(&mut self, at: &Spanned<String>, text: &str, kind: &str) {
        let known: crate::template::Words = known_words(kind)
            .unwrap_or_default()
            .iter()
            .map(|word| (*word, Some(String::new())))
            .collect();
        if let Err(word) = fill(text, &known) {
            self.say(at, format!("a {kind} has no word {{{word}}}"));
        }
    }

    fn path(&mut self, at: &Spanned<String>, text: &str) -> Option<Path> {
        match text.parse::<Path>() {
            Err(error) => self.say(at, error.to_string()),
            Ok(path) if self.schema.node(&path).is_none() => {
                self.say(at, format!("the schema has no node {path}"));
            }
            Ok(path) => return Some(path),
        }
        None
    }

    fn leaf(&mut self, at: &str, value: &Spanned<String>) {
        let Some(path) = self.path(value, at) else { return };
        let Some(node) = self.schema.node(&path) else { return };
        if node.kind != Kind::Leaf || !node.config {
            self.say(value, format!("{path} is not a leaf that can be configured"));
        } else if !value.value.contains('{')
            && let Err(expected) = self.schema.canonical(node, &value.value)
        {
            self.say(value, format!("{path}: {:?} is not a {expected}", value.value));
        }
    }
}

#[cfg(test)]
mod tests;
