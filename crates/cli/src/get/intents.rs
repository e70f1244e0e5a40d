//! Intents of one kind or of all.

use super::{Listing, Which};
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::kind::Kind;
use crate::manifest::show;
use crate::output::{Cell, Ink, Side, Table, age, mbps, micros, shortened, time};
use api::wire::connectivity_spec::Pattern;
use api::wire::intent::Spec;
use api::wire::intent_status::State;
use api::wire::{
    ConnectivitySpec, GetIntentRequest, Intent, IntentStatus, ListIntentsRequest,
    NetworkServiceSpec,
};

pub(super) async fn list(
    client: &Client,
    kind: Kind,
    which: Which<'_>,
) -> Result<Listing, Failure> {
    let intents = match which {
        Which::Named(name) => vec![intent(client, kind, name).await?],
        Which::Filtered(filter) => all(client, &with_kind(kind, filter)).await?,
    };
    let table = match kind {
        Kind::Services => services(&intents),
        Kind::Connectivities => connectivities(&intents),
        _ => mixed(&intents),
    };
    Ok(Listing { values: intents.iter().map(show).collect(), table })
}

fn with_kind(kind: Kind, filter: &str) -> String {
    let word = match kind {
        Kind::Services => "kind=NetworkService",
        Kind::Connectivities => "kind=Connectivity",
        _ => return filter.to_owned(),
    };
    match filter.trim() {
        "" => word.to_owned(),
        filter => format!("{word} AND {filter}"),
    }
}

/// Every intent that the filter lets through.
pub(crate) async fn all(client: &Client, filter: &str) -> Result<Vec<Intent>, Failure> {
    pages(async |page_token| {
        let filter = filter.to_owned();
        let request = ListIntentsRequest { page_size: PAGE, page_token, filter };
        let page = client.answer(client.intents().list_intents(request)).await?;
        Ok((page.intents, page.next_page_token))
    })
    .await
}

/// One intent of the kind.
pub(crate) async fn intent(client: &Client, kind: Kind, name: &str) -> Result<Intent, Failure> {
    let request = GetIntentRequest { name: name.to_owned() };
    let intent = client.answer(client.intents().get_intent(request)).await?;
    let found = match intent.spec {
        Some(Spec::Connectivity(_)) => Kind::Connectivities,
        _ => Kind::Services,
    };
    if kind == Kind::Intents || kind == found {
        return Ok(intent);
    }
    let message = format!("{name} is a {}, not a {}", found.word(), kind.word());
    Err(Failure::usage(message, format!("name it {}/{name}", found.word())))
}

/// The state as a table shows it.
pub(crate) fn state_word(status: &IntentStatus) -> &'static str {
    match status.state() {
        State::Unspecified => "unknown",
        State::Accepted => "accepted",
        State::Deploying => "deploying",
        State::Active => "active",
        State::Degraded => "degraded",
        State::Failed => "failed",
        State::Removing => "removing",
    }
}

fn state(status: &IntentStatus) -> Cell {
    let ink = match status.state() {
        State::Active => Ink::Good,
        State::Failed => Ink::Bad,
        State::Degraded => Ink::Warn,
        _ => Ink::Plain,
    };
    Cell::inked(ink, state_word(status))
}

/// When the network was last seen to be so.
fn seen(status: &IntentStatus) -> String {
    status.observe_time.and(status.age).map(|it| age(Some(it))).unwrap_or_default()
}

fn reason(status: &IntentStatus) -> String {
    match status.code.as_str() {
        "" => shortened(&status.reason),
        code => shortened(&format!("{code}: {}", status.reason)),
    }
}

fn services(intents: &[Intent]) -> Table {
    use Side::Left;
    let mut table = Table::new(&[
        ("NAME", Left),
        ("NSD", Left),
        ("STATE", Left),
        ("SINCE", Left),
        ("SEEN", Left),
        ("OPERATION", Left),
        ("REASON", Left),
    ]);
    for intent in intents {
        let nothing = NetworkServiceSpec::default();
        let spec = match &intent.spec {
            Some(Spec::NetworkService(spec)) => spec,
            _ => &nothing,
        };
        let status = intent.status.clone().unwrap_or_default();
        table.row([
            (&intent.name).into(),
            (&spec.nsd).into(),
            state(&status),
            time(status.state_time).into(),
            seen(&status).into(),
            (&status.operation).into(),
            reason(&status).into(),
        ]);
    }
    table
}

fn connectivities(intents: &[Intent]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("NAME", Left),
        ("PATTERN", Left),
        ("ENDPOINTS", Left),
        ("BANDWIDTH", Right),
        ("LATENCY", Right),
        ("STATE", Left),
        ("SINCE", Left),
        ("SEEN", Left),
        ("OPERATION", Left),
        ("REASON", Left),
    ]);
    for intent in intents {
        let nothing = ConnectivitySpec::default();
        let spec = match &intent.spec {
            Some(Spec::Connectivity(spec)) => spec,
            _ => &nothing,
        };
        let status = intent.status.clone().unwrap_or_default();
        let slo = spec.slo.unwrap_or_default();
        table.row([
            (&intent.name).into(),
            pattern(spec).into(),
            ports(spec).into(),
            mbps(slo.bandwidth_mbps).into(),
            slo.latency_us.map(micros).unwrap_or_default().into(),
            state(&status),
            time(status.state_time).into(),
            seen(&status).into(),
            (&status.operation).into(),
            reason(&status).into(),
        ]);
    }
    table
}

pub(crate) fn pattern(spec: &ConnectivitySpec) -> &'static str {
    match spec.pattern() {
        Pattern::Unspecified | Pattern::PointToPoint => "point to point",
        Pattern::HubAndSpoke => "hub and spoke",
        Pattern::AnyToAny => "any to any",
    }
}

/// The first few, so that a line stays a line.
fn ports(spec: &ConnectivitySpec) -> String {
    let shown: Vec<_> = spec.endpoints.iter().take(3).map(|end| end.port.as_str()).collect();
    match spec.endpoints.len() {
        n if n > 3 => format!("{} and {} more", shown.join(", "), n - 3),
        _ => shown.join(", "),
    }
}

fn mixed(intents: &[Intent]) -> Table {
    use Side::{Left, Right};
    let mut table = Table::new(&[
        ("NAME", Left),
        ("KIND", Left),
        ("PRIORITY", Right),
        ("STATE", Left),
        ("SINCE", Left),
        ("SEEN", Left),
        ("OPERATION", Left),
        ("REASON", Left),
    ]);
    for intent in intents {
        let status = intent.status.clone().unwrap_or_default();
        let kind = match intent.spec {
            Some(Spec::Connectivity(_)) => "connectivity",
            _ => "service",
        };
        table.row([
            (&intent.name).into(),
            kind.into(),
            u64::from(intent.priority).into(),
            state(&status),
            time(status.state_time).into(),
            seen(&status).into(),
            (&status.operation).into(),
            reason(&status).into(),
        ]);
    }
    table
}
