//! `descriptor`: checked here, onboarded there.

use crate::client::Client;
use crate::failure::Failure;
use crate::files::{self, Text};
use crate::get::descriptor_table;
use crate::global::Global;
use crate::output::{Console, Format, Ink, Paint, json};
use crate::request::{self, RequestIds};
use api::wire::diagnostic::Severity as WireSeverity;
use api::wire::{self, DescriptorFile, OnboardRequest};
use clap::Subcommand;
use model::descriptor::{Catalogue, Diagnostic, Severity};
use std::path::PathBuf;

/// What a request holds beside the files' contents, with room to spare.
const ENVELOPE: usize = 64 * 1024;

#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Check files together, without a daemon; every problem is printed with file, line and hint
    Check {
        /// YAML or JSON files, or folders that hold them; - is standard input
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Put files into the daemon's catalogue, all of them or none
    Onboard {
        /// YAML or JSON files, or folders that hold them; - is standard input
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,

        /// Answer as if, and change nothing
        #[arg(long)]
        validate_only: bool,

        /// Repeated under the same id, it has no second effect; a UUID where it is left out
        #[arg(long, value_name = "ID", value_parser = request::parse)]
        request_id: Option<String>,
    },
}

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    command: &Command,
) -> Result<(), Failure> {
    match command {
        Command::Check { files } => check(console, &read(files)?),
        Command::Onboard { files, validate_only, request_id } => {
            let request = OnboardRequest {
                files: within_one_request(read(files)?)?,
                request_id: RequestIds::new(request_id.as_ref(), 1).of(1),
                validate_only: *validate_only,
            };
            onboard(console, &Client::connect(global).await?, request).await
        }
    }
}

fn read(paths: &[PathBuf]) -> Result<Vec<Text>, Failure> {
    let paths = files::expand(paths)?;
    paths.iter().map(|path| files::read(path, api::MAX_DESCRIPTOR_BYTES)).collect()
}

fn check(console: &mut Console, texts: &[Text]) -> Result<(), Failure> {
    let files = texts.iter().map(|text| (text.name.as_str(), text.content.as_str()));
    let checked = model::descriptor::check(&Catalogue::default(), files);
    let problems = &checked.diagnostics;
    match console.format {
        Format::Table => problems.iter().try_for_each(|p| console.line(line(console.paint, p)))?,
        Format::Json | Format::Yaml => {
            console.value(&problems.iter().map(|p| json(&wire_of(p))).collect())?;
        }
    }
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    if errors > 0 {
        let message = match errors {
            1 => "the descriptors have a problem".to_owned(),
            n => format!("the descriptors have {n} problems"),
        };
        return Err(Failure::descriptors(message));
    }
    let (warnings, sound) = (problems.len(), checked.documents.len());
    console
        .note(format!("{sound} sound descriptors in {} files, {warnings} warnings", texts.len()));
    Ok(())
}

/// `FILE:LINE:COLUMN PATH: MESSAGE (HINT)`.
fn line(paint: Paint, problem: &Diagnostic) -> String {
    let place = match problem.line {
        0 => problem.file.clone(),
        line => format!("{}:{line}:{}", problem.file, problem.column),
    };
    let word = match problem.severity {
        Severity::Error => paint.ink(Ink::Bad, "error"),
        Severity::Warning => paint.ink(Ink::Warn, "warning"),
    };
    let path = match problem.path.as_str() {
        "" => String::new(),
        path => format!(" {path}"),
    };
    format!("{place}{path}: {word}: {} ({})", problem.message, problem.hint)
}

fn wire_of(problem: &Diagnostic) -> wire::Diagnostic {
    let severity = match problem.severity {
        Severity::Error => WireSeverity::Error,
        Severity::Warning => WireSeverity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        file: problem.file.clone(),
        line: problem.line,
        column: problem.column,
        path: problem.path.clone(),
        message: problem.message.clone(),
        hint: problem.hint.clone(),
    }
}

fn within_one_request(texts: Vec<Text>) -> Result<Vec<DescriptorFile>, Failure> {
    let size: usize = texts.iter().map(|text| text.name.len() + text.content.len() + 16).sum();
    if size + ENVELOPE > api::MAX_MESSAGE_BYTES {
        let message = format!(
            "the files have {size} bytes together, more than the {} MiB of one request",
            api::MAX_MESSAGE_BYTES / (1024 * 1024)
        );
        let next = "onboard the VNFDs first, in several commands, and then the NSDs";
        return Err(Failure::file(message, next));
    }
    Ok(texts.into_iter().map(|t| DescriptorFile { name: t.name, content: t.content }).collect())
}

async fn onboard(
    console: &mut Console,
    client: &Client,
    request: OnboardRequest,
) -> Result<(), Failure> {
    let validate_only = request.validate_only;
    let mut answer = client.answer(client.catalogue().onboard(request)).await?;
    // What was just sent need not come back.
    for descriptor in &mut answer.descriptors {
        descriptor.content.clear();
    }
    if console.format != Format::Table {
        return console.value(&json(&answer));
    }
    descriptor_table(&answer.descriptors).print(console, "")?;
    for warning in &answer.diagnostics {
        console.note(warning_line(warning));
    }
    match validate_only {
        true => console.note("valid; nothing was changed"),
        false => console.note(format!("onboarded at revision {}", answer.revision)),
    }
    Ok(())
}

fn warning_line(warning: &wire::Diagnostic) -> String {
    let wire::Diagnostic { file, line, column, path, message, hint, .. } = warning;
    format!("{file}:{line}:{column} {path}: warning: {message} ({hint})")
}
