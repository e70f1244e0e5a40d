//! `apply`: manifests become intents and the topology.

use crate::client::Client;
use crate::failure::Failure;
use crate::files;
use crate::global::Global;
use crate::manifest::{self, Body, Manifest};
use crate::operation;
use crate::output::{Console, Format, json};
use crate::plan::show_dry_run;
use crate::request::{self, RequestIds};
use api::wire::{self, ApplyIntentRequest, ApplyTopologyRequest};
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A manifest: YAML or JSON, one document or several; - is standard input
    #[arg(short, long = "file", value_name = "FILE")]
    pub file: Vec<PathBuf>,

    /// The same, without -f
    #[arg(value_name = "FILE", required_unless_present = "file")]
    pub files: Vec<PathBuf>,

    /// Wait until the network is as asked; --timeout says how long (10 minutes)
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,

    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Only if it still has this etag, "0" for what must not exist yet; before metadata.etag
    #[arg(long, value_name = "ETAG")]
    pub etag: Option<String>,

    /// Repeated under the same id, it has no second effect; a UUID where it is left out
    #[arg(long, value_name = "ID", value_parser = request::parse)]
    pub request_id: Option<String>,
}

/// Reads every file before anything is sent.
pub(crate) fn manifests<'p>(
    paths: impl Iterator<Item = &'p PathBuf>,
) -> Result<Vec<Manifest>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(manifest::read(&files::read(path, api::MAX_MESSAGE_BYTES)?)?);
    }
    Ok(all)
}

/// What one manifest came to.
struct Applied<'m> {
    manifest: &'m Manifest,
    /// Empty for a topology, which is there at once.
    operation: String,
    etag: String,
}

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    args: &Args,
) -> Result<(), Failure> {
    let manifests = manifests(args.file.iter().chain(&args.files))?;
    if args.etag.is_some() && manifests.len() > 1 {
        let message = format!("--etag is for one manifest, there are {}", manifests.len());
        return Err(Failure::usage(message, "write each etag as metadata.etag"));
    }
    let client = Client::connect(global).await?;
    if args.dry_run {
        return dry_run(console, &client, &manifests).await;
    }
    let ids = RequestIds::new(args.request_id.as_ref(), manifests.len());
    let mut applied = Vec::new();
    for (number, manifest) in (1..).zip(&manifests) {
        let id = ids.of(number);
        let done = send(&client, manifest, args.etag.as_ref(), &id).await;
        let done = done.map_err(|failure| {
            if manifests.len() > 1 {
                console.note(format!(
                    "stopped at {}: {number} of {}",
                    manifest.title(),
                    manifests.len()
                ));
            }
            repeatable(manifest.locate(failure), &id)
        })?;
        if !args.wait {
            report(console, &done, None)?;
        }
        applied.push(done);
    }
    if args.wait { wait(console, &client, global, &applied).await } else { Ok(()) }
}

/// With the id under which it may be sent again.
fn repeatable(mut failure: Failure, id: &str) -> Failure {
    failure.next = failure.next.replace("--request-id", &format!("--request-id {id}"));
    failure
}

async fn send<'m>(
    client: &Client,
    manifest: &'m Manifest,
    etag: Option<&String>,
    request_id: &str,
) -> Result<Applied<'m>, Failure> {
    let etag = etag.unwrap_or(&manifest.etag).clone();
    let request_id = request_id.to_owned();
    match &manifest.body {
        Body::Intent(intent) => {
            let intent = Some(wire::Intent::clone(intent));
            let request = ApplyIntentRequest { intent, request_id, etag, validate_only: false };
            let answer = client.answer(client.intents().apply_intent(request)).await?;
            Ok(Applied { manifest, operation: answer.operation, etag: answer.etag })
        }
        Body::Topology(topology) => {
            let topology = Some(wire::Topology::clone(topology));
            let request = ApplyTopologyRequest { topology, request_id, etag, validate_only: false };
            let answer = client.answer(client.topologies().apply_topology(request)).await?;
            Ok(Applied { manifest, operation: String::new(), etag: answer.etag })
        }
    }
}

fn report(
    console: &mut Console,
    applied: &Applied<'_>,
    ended: Option<&wire::Operation>,
) -> Result<(), Failure> {
    let title = applied.manifest.title();
    if console.format != Format::Table {
        let mut value = json!({ "name": title, "etag": applied.etag });
        match ended {
            Some(operation) => value["operation"] = json(operation),
            None if applied.operation.is_empty() => {}
            None => value["operation"] = json!({ "id": applied.operation }),
        }
        return console.streamed(&value);
    }
    let etag = &applied.etag;
    match (ended, applied.operation.as_str()) {
        (Some(operation), _) => {
            console.line(format!("{title}: {} (etag {etag})", operation::sentence(operation)))
        }
        (None, "") => console.line(format!("{title}: in force (etag {etag})")),
        (None, id) => console.line(format!("{title}: accepted as {id} (etag {etag})")),
    }
}

/// Waits for each, so that every end is told; the first bad one decides how the command ends.
async fn wait(
    console: &mut Console,
    client: &Client,
    global: &Global,
    applied: &[Applied<'_>],
) -> Result<(), Failure> {
    let mut first = None;
    for one in applied {
        if one.operation.is_empty() {
            report(console, one, None)?;
            continue;
        }
        let operation = operation::end(console.progress, client, global, &one.operation).await?;
        report(console, one, Some(&operation))?;
        if let Some(failure) = Failure::of_operation(&operation) {
            match first {
                None => first = Some(failure),
                Some(_) => console.failure(&failure),
            }
        }
    }
    first.map_or(Ok(()), Err)
}

async fn dry_run(
    console: &mut Console,
    client: &Client,
    manifests: &[Manifest],
) -> Result<(), Failure> {
    for manifest in manifests {
        match &manifest.body {
            Body::Intent(intent) => {
                let request = ApplyIntentRequest {
                    intent: Some(wire::Intent::clone(intent)),
                    validate_only: true,
                    ..ApplyIntentRequest::default()
                };
                let answer = client.answer(client.intents().apply_intent(request)).await;
                let answer = answer.map_err(|failure| manifest.locate(failure))?;
                show_dry_run(console, intent, &answer.dry_run.unwrap_or_default())?;
            }
            Body::Topology(topology) => check_topology(console, client, manifest, topology).await?,
        }
    }
    console.note("dry run: nothing was changed");
    Ok(())
}

async fn check_topology(
    console: &mut Console,
    client: &Client,
    manifest: &Manifest,
    topology: &wire::Topology,
) -> Result<(), Failure> {
    let request = ApplyTopologyRequest {
        topology: Some(topology.clone()),
        validate_only: true,
        ..ApplyTopologyRequest::default()
    };
    let answer = client.answer(client.topologies().apply_topology(request)).await;
    answer.map_err(|failure| manifest.locate(failure))?;
    match console.format {
        Format::Table => console.line("topology: valid by itself"),
        Format::Json | Format::Yaml => console.streamed(&json!({ "name": "topology" })),
    }
}
