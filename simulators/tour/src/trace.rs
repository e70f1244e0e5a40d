//! `trace NS`: the frames of a service, hop by hop, in a lab that runs elsewhere.

use crate::client::{Client, Refusal};
use crate::command::{Form, TraceCommand};
use crate::judge::{self, Direction};
use crate::place::{PlaceError, find};
use crate::report::{Ink, Mismatch, Paint, Side, Table, micros};
use crate::{FAILED, OK, complain};
use api::wire;
use api::wire::planned_link::Route;
use lab::control::{Ready, TraceRequest};
use lab::trace::Trace;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

#[derive(Debug, thiserror::Error)]
enum TraceError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("the lab at {url} does not answer: {reason}")]
    Lab { url: String, reason: String },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the plan of {0} has no virtual links")]
    Nothing(String),
}

pub(crate) async fn run(server: &str, command: &TraceCommand) -> u8 {
    match follow(server, command).await {
        Ok(0) => OK,
        Ok(_) => FAILED,
        Err(error) => {
            let next = match &error {
                TraceError::Place(_) => {
                    "start `wayleave lab up`, or give its control URL with --lab"
                }
                TraceError::Lab { .. } => "give the control URL that `lab up` prints with --lab",
                TraceError::Refused(_) | TraceError::Nothing(_) => {
                    "`wayleave get services` lists those that exist"
                }
            };
            complain(&error, next);
            FAILED
        }
    }
}

/// How many differences there are.
async fn follow(server: &str, command: &TraceCommand) -> Result<usize, TraceError> {
    let url = match &command.lab {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => find(command.data.as_deref())?.control,
    };
    let lab = ControlClient::new(url)?;
    let client = Client::connect(&daemon_of(server, &lab.ready().await?)).await?;
    let plan = client.plan(&command.service).await?;
    if plan.virtual_links.is_empty() {
        return Err(TraceError::Nothing(command.service.clone()));
    }
    let mut differences = 0;
    for direction in judge::directions(&plan) {
        let Some((from, vlan)) = direction.start() else { continue };
        let payload = format!("{} {}", plan.intent, direction.name());
        let request = TraceRequest {
            device: from.device,
            port: from.interface,
            vlan,
            payload: payload.clone(),
        };
        let trace = lab.trace(&request).await?;
        let found = judge::compare_route(&direction, &trace, &payload);
        differences += found.len();
        print(&told(command.form, &direction, &trace, &found));
    }
    print(&inside(command.form, &plan));
    Ok(differences)
}

/// Where nobody named a daemon, it is the lab's own.
fn daemon_of(server: &str, ready: &Ready) -> String {
    let unnamed = format!("http://127.0.0.1:{}", api::DEFAULT_PORT);
    if server == unnamed { format!("http://{}", ready.grpc) } else { server.to_owned() }
}

fn print(text: &str) {
    use std::io::Write as _;
    // Where nobody reads any more, nobody misses it.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn told(form: Form, direction: &Direction<'_>, trace: &Trace, found: &[Mismatch]) -> String {
    match form {
        Form::Json => {
            let object = json!({
                "link": direction.link.id, "direction": direction.arrow, "as-planned": found.is_empty(),
                "trace": trace, "mismatches": found,
            });
            format!("{object}\n")
        }
        Form::Text => text(Paint::of_output(), direction, trace, found),
    }
}

fn text(paint: Paint, direction: &Direction<'_>, trace: &Trace, found: &[Mismatch]) -> String {
    let title =
        format!("{}: {} VLAN {}", direction.name(), direction.from.port, direction.from.vlan);
    let mut text = format!("{}\n", paint.ink(Ink::Strong, &title));
    for row in hops(trace).render().lines() {
        let _ = writeln!(text, "  {row}");
    }
    let bound = direction.link.latency_bound_us;
    let bound = bound.map(|bound| format!(", at most {}", micros(bound))).unwrap_or_default();
    let _ = writeln!(text, "  {} after {}{bound}", trace.outcome, micros(trace.latency.0));
    if found.is_empty() {
        let _ = writeln!(text, "  {}", paint.ink(Ink::Good, "✓ as planned"));
    }
    for mismatch in found {
        let _ = writeln!(text, "  {}", paint.ink(Ink::Bad, &format!("✗ {mismatch}")));
    }
    text.push('\n');
    text
}

fn hops(trace: &Trace) -> Table {
    let mut table = Table::new(&[
        ("SWITCH", Side::Left),
        ("IN", Side::Left),
        ("DOES", Side::Left),
        ("OUT", Side::Left),
    ]);
    for hop in &trace.hops {
        let (came_in, went_out) = (hop.came_in.clone(), hop.went_out.clone());
        table.row([hop.device.to_string(), came_in, hop.action.clone(), went_out]);
    }
    table
}

/// The virtual links that no switch sees.
fn inside(form: Form, plan: &wire::Plan) -> String {
    let mut text = String::new();
    for link in &plan.virtual_links {
        let Some(Route::InsideVim(network)) = &link.route else { continue };
        let (vim, name) = (&network.vim, &network.name);
        let _ = match form {
            Form::Json => {
                writeln!(text, "{}", json!({"link": link.id, "vim": vim, "network": name}))
            }
            Form::Text => writeln!(text, "{}: inside {vim}, on its network {name}", link.id),
        };
    }
    text
}

/// The lab's control server.
struct ControlClient {
    url: String,
    http: reqwest::Client,
}

impl ControlClient {
    fn new(url: String) -> Result<Self, TraceError> {
        // The client wants one even for plain HTTP; another one that is there already will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().connect_timeout(CONNECT_WITHIN);
        match builder.timeout(ANSWER_WITHIN).build() {
            Ok(http) => Ok(Self { url, http }),
            Err(error) => Err(TraceError::Lab { url, reason: error.to_string() }),
        }
    }

    async fn ready(&self) -> Result<Ready, TraceError> {
        self.answer(self.http.get(format!("{}/", self.url))).await
    }

    async fn trace(&self, request: &TraceRequest) -> Result<Trace, TraceError> {
        self.answer(self.http.post(format!("{}/trace", self.url)).json(request)).await
    }

    async fn answer<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, TraceError> {
        let answer = async { request.send().await?.error_for_status()?.json().await };
        answer.await.map_err(|error: reqwest::Error| TraceError::Lab {
            url: self.url.clone(),
            reason: error.without_url().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::route_tests::{plan, trace};

    #[test]
    fn hops_are_shown_and_differences_marked() {
        let plan = plan();
        let direction = judge::directions(&plan)[0];
        let as_planned = text(Paint::Plain, &direction, &trace(), &[]);
        assert!(as_planned.starts_with("n3 a → z: a1:ge-0/0/0 VLAN 100\n"), "{as_planned}");
        assert!(as_planned.contains("  SWITCH  IN"), "{as_planned}");
        assert!(
            as_planned.contains("delivered at z1:ge-0/0/0 VLAN 200 after 2.1 ms, at most 3 ms")
        );
        assert!(as_planned.contains("✓ as planned"), "{as_planned}");
        let found = [Mismatch::new("n3 a → z: latency", "2 ms", "2.1 ms")];
        let differs = text(Paint::Plain, &direction, &trace(), &found);
        assert!(differs.contains("✗ n3 a → z: latency: expected 2 ms, found 2.1 ms"), "{differs}");
        assert!(!differs.contains("as planned"), "{differs}");
    }

    #[test]
    fn the_daemon_is_the_labs_own_unless_one_is_named() {
        let ready = Ready {
            ready: true,
            grpc: "127.0.0.1:9".to_owned(),
            control: String::new(),
            data: String::new(),
            devices: Vec::new(),
            vims: Vec::new(),
        };
        assert_eq!(daemon_of("http://127.0.0.1:7830", &ready), "http://127.0.0.1:9");
        assert_eq!(daemon_of("http://127.0.0.1:1", &ready), "http://127.0.0.1:1");
    }
}
