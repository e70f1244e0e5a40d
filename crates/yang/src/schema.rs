//! A set of modules, compiled once and shared by every device that has the same set.

use crate::path::Path;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use yang5::context::{Context, ContextFlags, EmbeddedModules};
use yang5::schema::{DataValueType, SchemaNodeKind, SchemaOutputFormat, SchemaPrinterFlags};

pub struct Schema {
    pub(crate) context: Context,
    root: SchemaNode,
    modules: Vec<ModuleInfo>,
    /// Identity name to the modules that define one of that name.
    identities: BTreeMap<String, BTreeSet<String>>,
    failed: Vec<SchemaError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    pub name: String,
    pub revision: Option<String>,
    pub namespace: String,
    pub prefix: String,
    pub organization: Option<String>,
    /// The module's source, for `get-schema`.
    pub text: String,
}

/// A data node; choices and cases do not appear.
#[derive(Clone, Debug, Default)]
pub struct SchemaNode {
    pub name: String,
    pub module: String,
    pub namespace: String,
    pub kind: Kind,
    /// In the schema's order, for lists.
    pub keys: Vec<String>,
    pub leaf: LeafType,
    pub config: bool,
    pub mandatory: bool,
    pub default: Option<String>,
    pub children: BTreeMap<String, SchemaNode>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Container,
    /// A container that means something by being there.
    Presence,
    List,
    Leaf,
    LeafList,
}

/// What matters of a leaf's type for reading and writing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeafType {
    #[default]
    Text,
    Bool,
    /// At most 32 bits: a JSON number.
    Signed(u8),
    Unsigned(u8),
    /// 64 bits: a JSON string (RFC 7951 §6.1).
    Signed64,
    Unsigned64,
    Decimal,
    Identity,
    Empty,
    /// A number in JSON where it reads as one.
    Union,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("module {module} cannot be loaded: {reason}")]
    Module { module: String, reason: String },
    #[error("no schema can be made: {0}")]
    Context(String),
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.modules.iter().map(|module| module.name.as_str()).collect();
        f.debug_tuple("Schema").field(&names).finish()
    }
}

impl Schema {
    /// Loads modules and what they import from folders. A module that fails is named in
    /// [`Schema::failed`]; the rest is usable. Paths have no module names: where two modules have a
    /// top-level node of one name (`interfaces` of OpenConfig and of the IETF), it is that of the
    /// module that is named first.
    ///
    /// # Errors
    /// Where no module at all could be loaded.
    pub fn load(folders: &[PathBuf], modules: &[&str]) -> Result<Self, SchemaError> {
        let mut context = new_context()?;
        for folder in folders {
            context.set_searchdir(folder).map_err(context_error)?;
        }
        Self::load_into(context, modules)
    }

    /// Loads modules and what they import from texts that the program carries.
    pub(crate) fn embedded(
        texts: &'static EmbeddedModules,
        modules: &[&str],
    ) -> Result<Self, SchemaError> {
        let mut context = new_context()?;
        context.set_embedded_modules(texts);
        Self::load_into(context, modules)
    }

    fn load_into(mut context: Context, modules: &[&str]) -> Result<Self, SchemaError> {
        let mut failed = Vec::new();
        for module in modules {
            if let Err(error) = context.load_module(module, None, &[]) {
                let reason = error.to_string();
                failed.push(SchemaError::Module { module: (*module).to_owned(), reason });
            }
        }
        if failed.len() == modules.len() && !modules.is_empty() {
            return Err(failed.swap_remove(0));
        }
        implement_identities(&context);
        Ok(Self::compile(context, modules, failed))
    }

    fn compile(context: Context, order: &[&str], failed: Vec<SchemaError>) -> Self {
        let mut root = SchemaNode::default();
        let mut modules = Vec::new();
        let mut identities: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let rank = |name: &str| order.iter().position(|named| *named == name);
        let mut loaded: Vec<_> = context.modules(true).collect();
        loaded.sort_by_key(|module| rank(module.name()).unwrap_or(order.len()));
        for module in loaded {
            let text = module
                .print_string(SchemaOutputFormat::YANG, SchemaPrinterFlags::empty())
                .unwrap_or_default();
            for identity in text.lines().filter_map(identity_of) {
                identities.entry(identity.to_owned()).or_default().insert(module.name().to_owned());
            }
            modules.push(ModuleInfo {
                name: module.name().to_owned(),
                revision: module.revision().map(str::to_owned),
                namespace: module.namespace().to_owned(),
                prefix: module.prefix().to_owned(),
                organization: module.organization().map(str::to_owned),
                text,
            });
            if module.is_implemented() {
                for node in module.data() {
                    add_node(&mut root.children, &node);
                }
            }
        }
        Self { root, modules, identities, failed, context }
    }

    #[must_use]
    pub fn modules(&self) -> &[ModuleInfo] {
        &self.modules
    }

    #[must_use]
    pub fn failed(&self) -> &[SchemaError] {
        &self.failed
    }

    #[must_use]
    pub fn module(&self, name: &str) -> Option<&ModuleInfo> {
        self.modules.iter().find(|module| module.name == name)
    }

    #[must_use]
    pub fn root(&self) -> &SchemaNode {
        &self.root
    }

    /// The schema node that a data path leads to; keys do not matter.
    #[must_use]
    pub fn node(&self, path: &Path) -> Option<&SchemaNode> {
        let mut node = &self.root;
        for step in &path.steps {
            node = node.children.get(&step.name)?;
        }
        Some(node)
    }

    /// A value in the form that equal values share.
    ///
    /// # Errors
    /// With the word for what was expected, where the text is not a value of the leaf's type.
    pub fn canonical(&self, leaf: &SchemaNode, text: &str) -> Result<String, &'static str> {
        match leaf.leaf {
            LeafType::Bool => boolean(text),
            LeafType::Signed(bits) => integer(text, -(1 << (bits - 1))..1 << (bits - 1)),
            LeafType::Signed64 => integer(text, i64::MIN.into()..1 << 63),
            LeafType::Unsigned(bits) => integer(text, 0..1 << bits),
            LeafType::Unsigned64 => integer(text, 0..1 << 64),
            LeafType::Identity => Ok(self.identity(text)),
            LeafType::Empty => Ok(String::new()),
            LeafType::Decimal => Ok(decimal(text.trim())),
            LeafType::Text | LeafType::Union => Ok(text.to_owned()),
        }
    }

    /// `module:NAME`; a prefix that is no module's name is looked up among the prefixes.
    fn identity(&self, text: &str) -> String {
        let (prefix, name) = text.trim().split_once(':').map_or(("", text.trim()), |(p, n)| (p, n));
        let modules = self.identities.get(name);
        let known = |module: &&String| {
            module.as_str() == prefix || self.module(module).is_some_and(|m| m.prefix == prefix)
        };
        let module = modules.and_then(|modules| {
            modules.iter().find(known).or_else(|| modules.first().filter(|_| modules.len() == 1))
        });
        module.map_or_else(|| text.trim().to_owned(), |module| format!("{module}:{name}"))
    }
}

fn new_context() -> Result<Context, SchemaError> {
    let flags = ContextFlags::REF_IMPLEMENTED
        | ContextFlags::NO_YANGLIBRARY
        | ContextFlags::DISABLE_SEARCHDIR_CWD;
    Context::new(flags).map_err(context_error)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn context_error(error: yang5::Error) -> SchemaError {
    SchemaError::Context(error.to_string())
}

/// An identity can be a value only if its module is implemented, not just imported.
fn implement_identities(context: &Context) {
    for module in context.modules(true).filter(|module| !module.is_implemented()) {
        let text = module.print_string(SchemaOutputFormat::YANG, SchemaPrinterFlags::empty());
        if text.is_ok_and(|text| text.lines().any(|line| identity_of(line).is_some())) {
            // One that cannot be implemented stays imported; values of it are then refused by name.
            let _ = module.set_implemented();
        }
    }
}

fn integer(text: &str, range: std::ops::Range<i128>) -> Result<String, &'static str> {
    let expected = if range.start < 0 { "integer" } else { "unsigned integer" };
    let number = text.trim().parse::<i128>().map_err(|_| expected)?;
    if range.contains(&number) {
        return Ok(number.to_string());
    }
    Err(match range.end.ilog2() {
        ..=8 => "number of 8 bits",
        9..=16 => "number of 16 bits",
        17..=32 => "number of 32 bits",
        _ => "number of 64 bits",
    })
}

fn boolean(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        word @ ("true" | "false") => Ok(word.to_owned()),
        _ => Err("boolean"),
    }
}

/// Without zeros that say nothing, with at least one digit after the point (RFC 7950 §9.3.2).
fn decimal(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction = fraction.trim_end_matches('0');
    format!("{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}

fn identity_of(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix("identity ")?;
    Some(name.trim_end_matches(['{', ';', ' ']))
}

fn add_node(into: &mut BTreeMap<String, SchemaNode>, node: &yang5::schema::SchemaNode<'_>) {
    let kind = match node.kind() {
        SchemaNodeKind::Choice | SchemaNodeKind::Case => {
            for child in node.children() {
                add_node(into, &child);
            }
            return;
        }
        SchemaNodeKind::Container if node.is_np_container() => Kind::Container,
        SchemaNodeKind::Container => Kind::Presence,
        SchemaNodeKind::List => Kind::List,
        SchemaNodeKind::Leaf => Kind::Leaf,
        SchemaNodeKind::LeafList => Kind::LeafList,
        _ => return,
    };
    let mut children = BTreeMap::new();
    for child in node.children() {
        add_node(&mut children, &child);
    }
    let ours = SchemaNode {
        name: node.name().to_owned(),
        module: node.module().name().to_owned(),
        namespace: node.module().namespace().to_owned(),
        kind,
        keys: node.list_keys().map(|key| key.name().to_owned()).collect(),
        leaf: leaf_type(node),
        config: node.is_config(),
        mandatory: node.is_mandatory(),
        default: if node.has_default() {
            node.default_value_canonical().ok().flatten()
        } else {
            None
        },
        children,
    };
    into.entry(ours.name.clone()).or_insert(ours);
}

fn leaf_type(node: &yang5::schema::SchemaNode<'_>) -> LeafType {
    let Some(leaf) = node.leaf_type() else { return LeafType::Text };
    let base = match leaf.base_type() {
        DataValueType::LeafRef => {
            leaf.leafref_real_type().map_or(DataValueType::String, |real| real.base_type())
        }
        base => base,
    };
    match base {
        DataValueType::Bool => LeafType::Bool,
        DataValueType::Int8 => LeafType::Signed(8),
        DataValueType::Int16 => LeafType::Signed(16),
        DataValueType::Int32 => LeafType::Signed(32),
        DataValueType::Uint8 => LeafType::Unsigned(8),
        DataValueType::Uint16 => LeafType::Unsigned(16),
        DataValueType::Uint32 => LeafType::Unsigned(32),
        DataValueType::Int64 => LeafType::Signed64,
        DataValueType::Uint64 => LeafType::Unsigned64,
        DataValueType::Dec64 => LeafType::Decimal,
        DataValueType::IdentityRef => LeafType::Identity,
        DataValueType::Empty => LeafType::Empty,
        DataValueType::Union => LeafType::Union,
        _ => LeafType::Text,
    }
}
