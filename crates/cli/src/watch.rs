//! `watch`: changes as they happen. A break of the connection is bridged: it goes on from the last
//! revision that was received, so that nothing is missed and nothing is told twice.

use crate::client::Client;
use crate::failure::Failure;
use crate::get::state_word;
use crate::global::Global;
use crate::manifest;
use crate::operation::sentence;
use crate::output::{Console, Format, Ink, json};
use api::wire::watch_response::Change;
use api::wire::{Intent, ListIntentsRequest, WatchRequest, WatchResponse};
use std::time::{Duration, Instant};
use tonic::Streaming;

/// How long a connection may be away, where `--timeout` does not say.
const AWAY: Duration = Duration::from_secs(600);
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LAST: Duration = Duration::from_secs(5);
/// The history that it wanted is gone (docs/errors/WL0012.md).
const COMPACTED: &str = "WL0012";

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Changes after this revision; without it, from now on
    #[arg(long, value_name = "REVISION")]
    pub from: Option<u64>,

    /// field=value, several joined by AND; fields: type (intent, operation, descriptor,
    /// topology), name
    #[arg(long, value_name = "FILTER", default_value = "")]
    pub filter: String,
}

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    args: &Args,
) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    let mut from = match args.from {
        Some(revision) => revision,
        None => now(&client).await?,
    };
    // The first time, whatever is wrong is wrong with the request.
    let mut changes = open(&client, from, &args.filter).await?;
    let mut client = client;
    loop {
        let end = follow(console, &mut changes, &mut from).await?;
        console.note(format!("{}; going on from revision {from}", end.message));
        (client, changes) = resume(console, global, client, &mut from, &args.filter).await?;
    }
}

/// The revision of a list: what comes after it is new.
async fn now(client: &Client) -> Result<u64, Failure> {
    let request = ListIntentsRequest { page_size: 1, ..ListIntentsRequest::default() };
    Ok(client.answer(client.intents().list_intents(request)).await?.revision)
}

async fn open(
    client: &Client,
    from_revision: u64,
    filter: &str,
) -> Result<Streaming<WatchResponse>, Failure> {
    let request = WatchRequest { from_revision, filter: filter.to_owned() };
    client.answer(client.intents().watch(request)).await
}

/// Tells changes until the stream ends; the answer says why it did.
///
/// # Errors
/// Where the output cannot be written.
async fn follow(
    console: &mut Console,
    changes: &mut Streaming<WatchResponse>,
    from: &mut u64,
) -> Result<Failure, Failure> {
    loop {
        match changes.message().await {
            Ok(Some(message)) => {
                tell(console, &message)?;
                *from = message.revision.max(*from);
            }
            Ok(None) => return Ok(Failure::unreachable("the server", "it ended the stream")),
            Err(status) => return Ok(Failure::of_status(&status)),
        }
    }
}

/// A new stream from where the old one ended. Tries again, ever more slowly, for a time.
async fn resume(
    console: &mut Console,
    global: &Global,
    mut client: Client,
    from: &mut u64,
    filter: &str,
) -> Result<(Client, Streaming<WatchResponse>), Failure> {
    let (limit, started) = (global.timeout.unwrap_or(AWAY), Instant::now());
    let mut pause = RETRY_FIRST;
    loop {
        tokio::time::sleep(pause).await;
        let failure = match again(console, &client, from, filter).await {
            Ok(changes) => return Ok((client, changes)),
            Err(failure) => failure,
        };
        if started.elapsed() > limit {
            return Err(failure);
        }
        pause = (pause * 2).min(RETRY_LAST);
        if let Ok(connected) = Client::connect(global).await {
            client = connected;
        }
    }
}

/// Where the history is gone, it goes on from the present and says what that misses.
async fn again(
    console: &mut Console,
    client: &Client,
    from: &mut u64,
    filter: &str,
) -> Result<Streaming<WatchResponse>, Failure> {
    match open(client, *from, filter).await {
        Err(gone) if gone.code == COMPACTED => {
            *from = now(client).await?;
            console.note(format!(
                "{}; what happened up to revision {from} is missed, `wayleave get` shows the state",
                gone.message
            ));
            open(client, *from, filter).await
        }
        other => other,
    }
}

fn tell(console: &mut Console, message: &WatchResponse) -> Result<(), Failure> {
    let told = match &message.change {
        None | Some(Change::Heartbeat(_)) => return Ok(()),
        Some(change) => change,
    };
    if console.format != Format::Table {
        return console.streamed(&json(message));
    }
    let Some((kind, what)) = describe(told) else { return Ok(()) };
    let revision = console.paint.ink(Ink::Dim, &format!("{:>8}", message.revision));
    console.line(format!("{revision}  {kind:<10}  {what}"))
}

/// `None` for what a person need not see.
fn describe(change: &Change) -> Option<(&'static str, String)> {
    Some(match change {
        Change::Heartbeat(_) => return None,
        Change::Synced(_) => ("synced", "what follows is live".to_owned()),
        Change::Intent(intent) => ("intent", intent_line(intent)),
        Change::IntentRemoved(name) => ("intent", format!("{name} removed")),
        Change::Operation(operation) => ("operation", sentence(operation)),
        Change::Descriptor(descriptor) => {
            ("descriptor", format!("{} version {}", descriptor.id, descriptor.version))
        }
        Change::DescriptorRemoved(id) => ("descriptor", format!("{id} removed")),
        Change::Topology(_) => ("topology", "changed".to_owned()),
    })
}

fn intent_line(intent: &Intent) -> String {
    let status = intent.status.clone().unwrap_or_default();
    let reason = match status.reason.as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    format!("{} {}{reason}", manifest::title(intent), state_word(&status))
}
