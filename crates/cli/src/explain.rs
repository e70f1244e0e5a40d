//! `explain`: the page of an error code, or why an intent is where it is.

use crate::client::Client;
use crate::failure::Failure;
use crate::global::Global;
use crate::kind::Kind;
use crate::output::{Console, Format, Ink, Sheet, json};
use crate::plan::print_report;
use crate::{get, manifest};
use api::wire::intent_status::State;
use api::wire::{self, GetOperationRequest, GetPlanRequest};
use serde_json::{Value, json};

#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A code such as WL0003, or the name of an intent
    #[arg(value_name = "CODE|NAME")]
    pub what: String,
}

macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        /// Every page of `docs/errors/`.
        const PAGES: &[(&str, &str)] = &[
            $(($code, include_str!(concat!("../../../docs/errors/", $code, ".md"))),)*
        ];
    };
}

pages!(
    "WL0001", "WL0002", "WL0003", "WL0004", "WL0005", "WL0006", "WL0007", "WL0008", "WL0009",
    "WL0010", "WL0011", "WL0012", "WL0013", "WL0014", "WL0015", "WL0016", "WL0099",
);

pub(crate) async fn run(
    console: &mut Console,
    global: &Global,
    args: &Args,
) -> Result<(), Failure> {
    match code_of(&args.what) {
        Some(code) => page(console, &code),
        None => intent(console, &Client::connect(global).await?, &args.what).await,
    }
}

/// `wl3` and `WL0003` are the same code.
fn code_of(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let number: u16 = upper.strip_prefix("WL")?.parse().ok()?;
    Some(format!("WL{number:04}"))
}

fn page(console: &mut Console, code: &str) -> Result<(), Failure> {
    let Some((_, page)) = PAGES.iter().find(|(known, _)| *known == code) else {
        let known: Vec<_> = PAGES.iter().map(|(code, _)| *code).collect();
        let next = format!("there are {}", known.join(", "));
        return Err(Failure::usage(format!("there is no code {code}"), next));
    };
    if console.format != Format::Table {
        return console.value(&json!({ "code": code, "page": page }));
    }
    for line in page.lines() {
        let ink = if line.starts_with('#') { Ink::Strong } else { Ink::Plain };
        console.line(console.paint.ink(ink, line))?;
    }
    Ok(())
}

/// What is known about an intent's state.
struct Known {
    intent: wire::Intent,
    operation: Option<wire::Operation>,
    plan: Option<wire::PlanInForce>,
}

async fn intent(console: &mut Console, client: &Client, name: &str) -> Result<(), Failure> {
    let known = gather(client, name).await?;
    if console.format != Format::Table {
        return console.value(&known.value());
    }
    let status = known.intent.status.clone().unwrap_or_default();
    let mut sheet = Sheet::default();
    sheet
        .line("intent", manifest::title(&known.intent))
        .line("state", get::state_word(&status))
        .line("means", meaning(status.state()));
    let failure = known.operation.as_ref().and_then(Failure::of_operation);
    if failure.is_none() {
        sheet.line("reason", &status.reason);
    }
    sheet.print(console)?;
    if let Some(failure) = failure {
        console.line("")?;
        let text = failure.render(console.paint);
        console.raw(&text)?;
    }
    print_report(console, known.plan.as_ref().and_then(|plan| plan.report.as_ref()))
}

async fn gather(client: &Client, name: &str) -> Result<Known, Failure> {
    let intent = get::intent(client, Kind::Intents, name).await?;
    let status = intent.status.clone().unwrap_or_default();
    let operation = match status.operation.as_str() {
        "" => None,
        id => {
            let request = GetOperationRequest { id: id.to_owned() };
            client.answer(client.operations().get_operation(request)).await.ok()
        }
    };
    // Without a plan in force there is nothing to show, which the state explains.
    let request = GetPlanRequest { intent: name.to_owned() };
    let plan = client.answer(client.plans().get_plan(request)).await.ok();
    Ok(Known { intent, operation, plan })
}

impl Known {
    fn value(&self) -> Value {
        let report = self.plan.as_ref().map(|plan| json(plan)["report"].clone());
        let failure = self.operation.as_ref().and_then(|o| o.failure.as_ref()).map(json);
        json!({
            "name": self.intent.name,
            "status": self.intent.status.as_ref().map(json),
            "report": report,
            "failure": failure,
        })
    }
}

fn meaning(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Accepted => "it is stored; there is no plan for it yet",
        State::Deploying => "a checked plan is being carried out",
        State::Active => "every leaf was read back and every VIM object was seen",
        State::Degraded => "it is in force, but not whole",
        State::Failed => "it is not in force; nothing of it is in the network",
        State::Removing => "it is being taken out of the network",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let mut pages: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                entry.unwrap().file_name().to_str()?.strip_suffix(".md").map(str::to_owned)
            })
            .filter(|name| name.starts_with("WL"))
            .collect();
        pages.sort();
        let embedded: Vec<_> = PAGES.iter().map(|(code, _)| *code).collect();
        assert_eq!(pages, embedded);
    }

    #[test]
    fn codes_may_be_written_short() {
        assert_eq!(code_of("wl3").as_deref(), Some("WL0003"));
        assert_eq!(code_of("WL0016").as_deref(), Some("WL0016"));
        assert_eq!(code_of("core-1"), None);
        assert_eq!(code_of("wlan"), None);
    }
}
