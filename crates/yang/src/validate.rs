//! Validation of whole configurations by libyang.

use crate::schema::Schema;
use crate::tree::Tree;
use yang5::data::{DataFormat, DataParserFlags, DataTree, DataValidationFlags};

/// A rule of the schema that the data breaks (RFC 7950 §8, §15).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct Violation {
    pub path: String,
    pub message: String,
    /// The error-app-tag that the RFC or the schema gives it.
    pub app_tag: Option<String>,
}

impl Schema {
    /// Whether the tree is a valid configuration: types, mandatory nodes, references, `when` and
    /// `must`.
    ///
    /// # Errors
    /// With the first rule that is broken; libyang stops there.
    pub fn validate(&self, tree: &Tree) -> Result<(), Violation> {
        let json = tree.to_json(self).to_string();
        self.validate_text(&json, DataFormat::JSON)
    }

    /// The same for a document in XML as it is.
    ///
    /// # Errors
    /// With the first rule that is broken.
    pub fn validate_xml(&self, xml: &str) -> Result<(), Violation> {
        self.validate_text(xml, DataFormat::XML)
    }

    /// Whether every value is one of its leaf's type, ranges and patterns included; what else a
    /// configuration needs to be valid is not looked at (RFC 7950 §8.3.1).
    ///
    /// # Errors
    /// With the first value that is not.
    pub fn check_values(&self, tree: &Tree) -> Result<(), Violation> {
        let json = tree.to_json(self).to_string();
        let parser = DataParserFlags::STRICT | DataParserFlags::NO_VALIDATION;
        self.parse(&json, DataFormat::JSON, parser)
    }

    fn validate_text(&self, text: &str, format: DataFormat) -> Result<(), Violation> {
        self.parse(text, format, DataParserFlags::STRICT | DataParserFlags::NO_STATE)
    }

    fn parse(
        &self,
        text: &str,
        format: DataFormat,
        parser: DataParserFlags,
    ) -> Result<(), Violation> {
        let validation = DataValidationFlags::NO_STATE;
        match DataTree::parse_string(&self.context, text, format, parser, validation) {
            Ok(_) => Ok(()),
            Err(error) => Err(Violation {
                path: error.path.unwrap_or_else(|| "/".to_owned()),
                message: error.msg.unwrap_or_else(|| "the data is not valid".to_owned()),
                app_tag: error.apptag,
            }),
        }
    }
}
