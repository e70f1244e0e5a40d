//! Instance data in XML (RFC 7950 §7, RFC 6241).

use crate::DataError;
use crate::json::{bad_value, unknown};
use crate::path::{Path, Step};
use crate::schema::{Kind, LeafType, Schema, SchemaNode};
use crate::tree::{Tree, value_step};
use quick_xml::NsReader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::fmt::Write as _;

/// The deepest nesting that is read.
const DEPTH_LIMIT: usize = 256;
const BASE: &str = "urn:ietf:params:xml:ns:netconf:base:1.0";

/// An element with its names resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    /// `operation` in NETCONF's own namespace; an unqualified one is in `stray_operation`.
    pub(crate) operation: Option<String>,
    pub(crate) stray_operation: bool,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

pub(crate) fn parse(text: &str) -> Result<Vec<Element>, DataError> {
    let mut reader = NsReader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|e| DataError::Syntax(e.to_string()))?;
        match event {
            Event::Start(start) => {
                if stack.len() > DEPTH_LIMIT {
                    return Err(DataError::Syntax(format!("more than {DEPTH_LIMIT} levels")));
                }
                stack.push(element(&reader, &start)?);
            }
            Event::Empty(start) => {
                let element = element(&reader, &start)?;
                top(&mut stack).children.push(element);
            }
            Event::End(_) => {
                let done = stack.pop().unwrap_or_default();
                top(&mut stack).children.push(done);
            }
            Event::Text(text) => {
                top(&mut stack).text.push_str(&text);
            }
            Event::CData(data) => {
                top(&mut stack).text.push_str(&data);
            }
            Event::GeneralRef(reference) => {
                let text = entity(&reference)?;
                top(&mut stack).text.push_str(&text);
            }
            Event::DocType(_) => return Err(DataError::Syntax("a DOCTYPE is not allowed".into())),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    match stack.len() {
        1 => Ok(stack.swap_remove(0).children),
        _ => Err(DataError::Syntax("an element is not closed".into())),
    }
}

fn top(stack: &mut Vec<Element>) -> &mut Element {
    if stack.is_empty() {
        stack.push(Element::default());
    }
    stack.last_mut().expect("the stack was just filled")
}

/// The five predefined entities and character references; there are no others without a DOCTYPE.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, DataError> {
    let bad = |e: String| DataError::Syntax(e);
    if let Some(character) = reference.resolve_char_ref().map_err(|e| bad(e.to_string()))? {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    let text = quick_xml::escape::resolve_predefined_entity(name);
    text.map(str::to_owned).ok_or_else(|| bad(format!("unknown entity &{name};")))
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, DataError> {
    let (resolved, local) = reader.resolver().resolve_element(start.name());
    let mut element = Element {
        name: local.as_ref().to_owned(),
        namespace: namespace(&resolved)?,
        ..Element::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| DataError::Syntax(e.to_string()))?;
        let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
        if local.as_ref() == "operation" {
            match namespace(&resolved)? {
                Some(ns) if ns == BASE => element.operation = Some(attribute.value.into_owned()),
                None => element.stray_operation = true,
                Some(_) => {}
            }
        }
    }
    Ok(element)
}

fn namespace(resolved: &ResolveResult<'_>) -> Result<Option<String>, DataError> {
    match resolved {
        ResolveResult::Bound(namespace) => Ok(Some(namespace.as_ref().to_owned())),
        ResolveResult::Unbound => Ok(None),
        ResolveResult::Unknown(prefix) => {
            Err(DataError::Syntax(format!("the prefix {prefix} is not declared")))
        }
    }
}

/// The schema node of a child element; an element without a namespace matches by its name alone.
pub(crate) fn child_of<'s>(parent: &'s SchemaNode, element: &Element) -> Option<&'s SchemaNode> {
    let child = parent.children.get(&element.name)?;
    element.namespace.as_ref().is_none_or(|ns| *ns == child.namespace).then_some(child)
}

/// The step of an element: a list entry with its keys, a leaf-list value, or just the name.
pub(crate) fn step_of(
    schema: &Schema,
    node: &SchemaNode,
    at: &Path,
    element: &Element,
) -> Result<Step, DataError> {
    match node.kind {
        Kind::LeafList => Ok(value_step(&node.name, &leaf_text(schema, node, at, element)?)),
        Kind::List => {
            let mut keys = Vec::with_capacity(node.keys.len());
            for key in &node.keys {
                let missing = || DataError::MissingKey {
                    path: format!("{at}/{}", node.name),
                    key: key.clone(),
                };
                let child = element.children.iter().find(|child| child.name == *key);
                let leaf = node.children.get(key).ok_or_else(missing)?;
                let text = leaf_text(schema, leaf, at, child.ok_or_else(missing)?)?;
                keys.push((key.clone(), text));
            }
            Ok(Step::with_keys(node.name.clone(), keys))
        }
        _ => Ok(Step::new(node.name.clone())),
    }
}

pub(crate) fn leaf_text(
    schema: &Schema,
    leaf: &SchemaNode,
    at: &Path,
    element: &Element,
) -> Result<String, DataError> {
    let canonical = schema.canonical(leaf, &element.text);
    let path = at.child(Step::new(element.name.clone()));
    canonical.map_err(|expected| bad_value(&path, &element.text, expected))
}

impl Tree {
    /// Reads the content of a `config` or `data` element.
    ///
    /// # Errors
    /// Where the text is not well-formed XML or not an instance of the schema.
    pub fn from_xml(schema: &Schema, text: &str) -> Result<Self, DataError> {
        let mut tree = Self::new();
        for element in parse(text)? {
            read(&mut tree, schema, schema.root(), &Path::root(), &element)?;
        }
        Ok(tree)
    }

    /// The same, and what the schema does not know is left out.
    ///
    /// # Errors
    /// Where the text is not well-formed XML, or a known leaf has a value that is not of its type.
    pub fn from_xml_known(schema: &Schema, text: &str) -> Result<Self, DataError> {
        let mut tree = Self::new();
        for element in parse(text)? {
            read_known(&mut tree, schema, schema.root(), &Path::root(), &element)?;
        }
        Ok(tree)
    }

    /// The content of a `config` or `data` element. Keys come first; a namespace is declared where
    /// it changes.
    #[must_use]
    pub fn to_xml(&self, schema: &Schema) -> String {
        let mut writer = Writer::new(schema);
        for (path, value) in self.iter() {
            writer.node(path, value);
        }
        writer.finish()
    }
}

fn read(
    tree: &mut Tree,
    schema: &Schema,
    parent: &SchemaNode,
    at: &Path,
    element: &Element,
) -> Result<(), DataError> {
    let node = child_of(parent, element)
        .ok_or_else(|| unknown(&at.child(Step::new(element.name.clone()))))?;
    let path = at.child(step_of(schema, node, at, element)?);
    if set_own(tree, schema, node, at, &path, element)? {
        return Ok(());
    }
    element.children.iter().try_for_each(|child| read(tree, schema, node, &path, child))
}

fn read_known(
    tree: &mut Tree,
    schema: &Schema,
    parent: &SchemaNode,
    at: &Path,
    element: &Element,
) -> Result<(), DataError> {
    let Some(node) = child_of(parent, element) else { return Ok(()) };
    let path = at.child(step_of(schema, node, at, element)?);
    if set_own(tree, schema, node, at, &path, element)? {
        return Ok(());
    }
    element.children.iter().try_for_each(|child| read_known(tree, schema, node, &path, child))
}

/// Sets what the element itself is; tells whether it is a leaf.
fn set_own(
    tree: &mut Tree,
    schema: &Schema,
    node: &SchemaNode,
    at: &Path,
    path: &Path,
    element: &Element,
) -> Result<bool, DataError> {
    match node.kind {
        Kind::Leaf | Kind::LeafList => {
            tree.set(path, Some(leaf_text(schema, node, at, element)?));
            Ok(true)
        }
        Kind::List | Kind::Presence => {
            tree.set(path, None);
            Ok(false)
        }
        Kind::Container => Ok(false),
    }
}

/// Writes nodes that come in the order of their paths, opening and closing what is between.
pub(crate) struct Writer<'s> {
    schema: &'s Schema,
    out: String,
    open: Vec<(Step, &'s SchemaNode)>,
    /// Nothing was written since the last start tag; such an element is written as `<x/>` (P-35).
    bare: bool,
}

impl<'s> Writer<'s> {
    pub(crate) fn new(schema: &'s Schema) -> Self {
        Self { schema, out: String::new(), open: Vec::new(), bare: false }
    }

    pub(crate) fn finish(mut self) -> String {
        self.close_to(0);
        self.out
    }

    fn node(&mut self, path: &Path, value: Option<&str>) {
        let Some(node) = self.schema.node(path) else { return };
        let is_leaf = matches!(node.kind, Kind::Leaf | Kind::LeafList);
        let inner = if is_leaf { path.steps.len() - 1 } else { path.steps.len() };
        self.open_to(&path.steps[..inner], "");
        if is_leaf {
            self.leaf(node, value.unwrap_or_default(), "");
        }
    }

    /// Opens what leads to a node; the last element gets the attribute.
    pub(crate) fn open_to(&mut self, steps: &[Step], attribute: &str) {
        let shared =
            self.open.iter().zip(steps).take_while(|((open, _), step)| open == *step).count();
        self.close_to(shared);
        for (index, step) in steps.iter().enumerate().skip(shared) {
            let Some(node) = self.here().children.get(&step.name) else { return };
            let attribute = if index + 1 == steps.len() { attribute } else { "" };
            self.start(node, attribute);
            for key in &node.keys {
                if let (Some(value), Some(leaf)) = (step.key(key), node.children.get(key)) {
                    self.open.push((step.clone(), node));
                    self.leaf(leaf, value, "");
                    self.open.pop();
                }
            }
            self.open.push((step.clone(), node));
        }
    }

    pub(crate) fn leaf(&mut self, leaf: &'s SchemaNode, value: &str, attribute: &str) {
        let (declaration, text) = self.leaf_content(leaf, value);
        let namespace = self.namespace_of(leaf);
        let name = &leaf.name;
        self.bare = false;
        let _ = if text.is_empty() {
            write!(self.out, "<{name}{namespace}{declaration}{attribute}/>")
        } else {
            write!(self.out, "<{name}{namespace}{declaration}{attribute}>{text}</{name}>")
        };
    }

    /// An identity's module is named by a prefix that is declared on the spot.
    fn leaf_content(&self, leaf: &SchemaNode, value: &str) -> (String, String) {
        if leaf.leaf == LeafType::Identity
            && let Some((module, name)) = value.split_once(':')
            && let Some(info) = self.schema.module(module)
        {
            let declaration = format!(" xmlns:{}=\"{}\"", info.prefix, escape(&*info.namespace));
            return (declaration, format!("{}:{name}", info.prefix));
        }
        (String::new(), escape(value).into_owned())
    }

    fn here(&self) -> &'s SchemaNode {
        self.open.last().map_or_else(|| self.schema.root(), |(_, node)| node)
    }

    fn namespace_of(&self, node: &SchemaNode) -> String {
        if self.here().namespace == node.namespace {
            return String::new();
        }
        format!(" xmlns=\"{}\"", escape(&*node.namespace))
    }

    fn start(&mut self, node: &'s SchemaNode, attribute: &str) {
        let namespace = self.namespace_of(node);
        let _ = write!(self.out, "<{}{namespace}{attribute}>", node.name);
        self.bare = true;
    }

    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some((_, node)) = self.open.pop() else { return };
            if std::mem::take(&mut self.bare) {
                self.out.pop();
                self.out.push_str("/>");
            } else {
                let _ = write!(self.out, "</{}>", node.name);
            }
        }
    }
}
