//! XML as NETCONF needs it: elements with resolved names, and text that keeps its prefixes'
//! meaning when a part is taken out of its document. No DOCTYPE, no entities of one's own.

use quick_xml::NsReader;
use quick_xml::escape::{escape, partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::fmt::Write as _;
use std::sync::Arc;

/// The deepest nesting that is read (N-146).
pub const DEPTH_LIMIT: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the XML is not acceptable: {0}")]
pub struct XmlError(pub String);

/// The namespaces in scope: prefix (empty for the default) and name.
type Scope = Arc<Vec<(String, String)>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub namespace: Option<String>,
    /// As written, prefix included; declarations of namespaces are not among them.
    pub attributes: Vec<Attribute>,
    pub nodes: Vec<Node>,
    /// The name with its prefix, as written.
    written: String,
    scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// As written, prefix included.
    pub written: String,
    pub name: String,
    pub namespace: Option<String>,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Reads one document.
    ///
    /// # Errors
    /// Where it is not well-formed, too deep, or has a DOCTYPE.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        let mut reader = NsReader::from_str(text);
        let mut stack = vec![Self::default()];
        loop {
            match reader.read_event().map_err(|e| XmlError(e.to_string()))? {
                Event::Start(start) => {
                    if stack.len() > DEPTH_LIMIT {
                        return Err(XmlError(format!("more than {DEPTH_LIMIT} levels")));
                    }
                    let element = begin(&reader, &start, &stack)?;
                    stack.push(element);
                }
                Event::Empty(start) => {
                    let element = begin(&reader, &start, &stack)?;
                    add(&mut stack, Node::Element(element))?;
                }
                Event::End(_) => {
                    let element = stack.pop().unwrap_or_default();
                    add(&mut stack, Node::Element(element))?;
                }
                Event::Text(text) => add_text(&mut stack, &text)?,
                Event::CData(text) => add_text(&mut stack, &text)?,
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => resolve_predefined_entity(&reference)
                            .ok_or_else(|| XmlError(format!("unknown entity &{};", &*reference)))?
                            .to_owned(),
                    };
                    add_text(&mut stack, &text)?;
                }
                Event::DocType(_) => return Err(XmlError("a DOCTYPE is not allowed".to_owned())),
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
        let [document] = stack.as_mut_slice() else {
            return Err(XmlError("an element is not closed".to_owned()));
        };
        let mut roots = document.nodes.drain(..).filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok(root),
            (None, _) => Err(XmlError("there is no element".to_owned())),
            (Some(_), Some(_)) => Err(XmlError("there are two root elements".to_owned())),
        }
    }

    #[must_use]
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.name == name && self.namespace.as_deref() == Some(namespace)
    }

    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child of that name, in whatever namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.name == name)
    }

    /// Its own text, trimmed.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name).map(|a| a.value.as_str())
    }

    /// The element as a document of its own: prefixes mean there what they meant here.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &Scope::default());
        out
    }

    /// What is inside, each child as a document of its own.
    #[must_use]
    pub fn inner_xml(&self) -> String {
        let mut out = String::new();
        for child in self.children() {
            child.write(&mut out, &Scope::default());
        }
        out
    }

    /// The declarations of prefixes (not of the default namespace) that hold here, for a reply
    /// that repeats attributes (N-043).
    #[must_use]
    pub fn declared_prefixes(&self) -> String {
        let mut out = String::new();
        for (prefix, namespace) in self.scope.iter().filter(|(prefix, _)| !prefix.is_empty()) {
            let _ = write!(out, " xmlns:{prefix}=\"{}\"", escape(namespace));
        }
        out
    }

    fn write(&self, out: &mut String, above: &Scope) {
        let _ = write!(out, "<{}", self.written);
        for (prefix, namespace) in self.scope.iter() {
            if !above.contains(&(prefix.clone(), namespace.clone())) {
                let colon = if prefix.is_empty() { "" } else { ":" };
                let _ = write!(out, " xmlns{colon}{prefix}=\"{}\"", escape(namespace));
            }
        }
        for attribute in &self.attributes {
            let _ = write!(out, " {}=\"{}\"", attribute.written, escape(&attribute.value));
        }
        if self.nodes.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.write(out, &self.scope),
                Node::Text(text) => out.push_str(&partial_escape(text)),
            }
        }
        let _ = write!(out, "</{}>", self.written);
    }
}

fn begin(
    reader: &NsReader<&[u8]>,
    start: &BytesStart<'_>,
    stack: &[Element],
) -> Result<Element, XmlError> {
    let above = stack.last().map(|element| element.scope.clone()).unwrap_or_default();
    let (resolved, local) = reader.resolver().resolve_element(start.name());
    let mut element = Element {
        name: local.as_ref().to_owned(),
        namespace: bound(&resolved)?,
        written: start.name().as_ref().to_owned(),
        ..Element::default()
    };
    let mut declared = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| XmlError(e.to_string()))?;
        let written = attribute.key.as_ref().to_owned();
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|e| XmlError(e.to_string()))?
            .into_owned();
        if written == "xmlns" {
            declared.push((String::new(), value));
        } else if let Some(prefix) = written.strip_prefix("xmlns:") {
            declared.push((prefix.to_owned(), value));
        } else {
            let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
            let (name, namespace) = (local.as_ref().to_owned(), bound(&resolved)?);
            element.attributes.push(Attribute { written, name, namespace, value });
        }
    }
    element.scope = scope_with(above, declared);
    Ok(element)
}

fn scope_with(above: Scope, declared: Vec<(String, String)>) -> Scope {
    if declared.is_empty() {
        return above;
    }
    let mut scope: Vec<_> =
        above.iter().filter(|(p, _)| !declared.iter().any(|(d, _)| d == p)).cloned().collect();
    scope.extend(declared);
    Arc::new(scope)
}

fn bound(resolved: &ResolveResult<'_>) -> Result<Option<String>, XmlError> {
    match resolved {
        ResolveResult::Bound(namespace) => Ok(Some(namespace.as_ref().to_owned())),
        ResolveResult::Unbound => Ok(None),
        ResolveResult::Unknown(prefix) => {
            Err(XmlError(format!("the prefix {prefix} is not declared")))
        }
    }
}

fn add(stack: &mut [Element], node: Node) -> Result<(), XmlError> {
    let top = stack.last_mut().ok_or_else(|| XmlError("an end without a start".to_owned()))?;
    top.nodes.push(node);
    Ok(())
}

fn add_text(stack: &mut [Element], text: &str) -> Result<(), XmlError> {
    let outside = stack.len() == 1 && !text.trim().is_empty();
    if outside {
        return Err(XmlError("text outside the root element".to_owned()));
    }
    if let Some(Node::Text(last)) = stack.last_mut().and_then(|top| top.nodes.last_mut()) {
        last.push_str(text);
        return Ok(());
    }
    add(stack, Node::Text(text.to_owned()))
}

/// Text for the inside of an element.
#[must_use]
pub fn escaped(text: &str) -> String {
    escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_the_meaning_of_its_prefixes() {
        let text = r#"<r xmlns="a" xmlns:t="types"><data><x xmlns="b">t:VALUE &amp; <y k="&quot;1"/></x></data></r>"#;
        let inner = Element::parse(text).unwrap().child("data").unwrap().inner_xml();
        let again = Element::parse(&inner).unwrap();
        assert!(again.is("b", "x"));
        assert!(inner.contains("xmlns:t=\"types\"") && inner.contains("VALUE &amp;"), "{inner}");
        assert_eq!(again.child("y").unwrap().attribute("k"), Some("\"1"));
    }

    #[test]
    fn n_143_n_145_what_is_not_accepted() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<p:a/>",
            "<a>&evil;</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        ] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
        let deep = "<a>".repeat(100_000);
        assert!(Element::parse(&deep).is_err());
    }
}
