use crate::list::Filtered;
use api::{show, wire};
use engine::api::{DescriptorKind, DescriptorRecord};
use model::descriptor::{Diagnostic, Severity};
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) fn descriptor(record: &DescriptorRecord) -> wire::Descriptor {
    wire::Descriptor { content: record.content.clone(), ..brief(record) }
}

/// Without its content.
pub(crate) fn brief(record: &DescriptorRecord) -> wire::Descriptor {
    wire::Descriptor {
        id: record.id.clone(),
        kind: kind(record.kind).into(),
        name: record.name.clone(),
        version: record.version.clone(),
        content: String::new(),
        etag: show::etag(record.revision),
    }
}

fn kind(kind: DescriptorKind) -> wire::descriptor::Kind {
    match kind {
        DescriptorKind::Nsd => wire::descriptor::Kind::Nsd,
        DescriptorKind::Vnfd => wire::descriptor::Kind::Vnfd,
    }
}

impl Filtered for Arc<DescriptorRecord> {
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "id" => Some(self.id.as_str().into()),
            "name" => Some(self.name.as_str().into()),
            "version" => Some(self.version.as_str().into()),
            "kind" => Some(kind(self.kind).as_str_name().into()),
            _ => None,
        }
    }
}

pub(crate) fn diagnostic(diagnostic: &Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        file: diagnostic.file.clone(),
        line: diagnostic.line,
        column: diagnostic.column,
        path: diagnostic.path.clone(),
        message: diagnostic.message.clone(),
        hint: diagnostic.hint.clone(),
    }
}
