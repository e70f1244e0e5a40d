//! `wayleave sim device`: one switch.

use super::accounts::Accounts;
use super::boot::ModelArgs;
use super::control::{ControlArgs, Simulator};
use super::host_key::HostKeyArgs;
use super::listen::ListenArgs;
use super::protection::TlsArgs;
use super::state_dir::StateDir;
use crate::complaint::Complaint;
use crate::logging::{self, LogArgs};
use crate::ready::announce;
use crate::shutdown::Shutdown;
use serde_json::{Value, json};
use sim_device::{Device, Fault, StartError};
use std::path::PathBuf;
use std::sync::Arc;

/// Run a simulated switch: NETCONF over SSH and gNMI, over one configuration
///
/// The switch has a candidate and a running configuration, checks both against its YANG modules,
/// and does with frames what its running configuration says. When it is ready it prints one line
/// of JSON with its addresses, and stays until SIGTERM or Ctrl-C.
#[derive(clap::Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Name of the switch: its hostname, and the name in its certificate
    #[arg(long, value_name = "NAME", default_value = "switch")]
    name: String,

    /// Folder for passwords, keys and certificates; a temporary one where it is left out
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    #[command(flatten)]
    listen: ListenArgs,

    /// Port of NETCONF; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0, help_heading = "Listening")]
    netconf_port: u16,

    /// Port of gNMI; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0, help_heading = "Listening")]
    gnmi_port: u16,

    /// User that may log in; repeat for more
    #[arg(long, value_name = "NAME", default_value = "admin", help_heading = "Accounts")]
    user: Vec<String>,

    /// File with NAME:PASSWORD on each line
    ///
    /// A user that it does not name gets the password in `WAYLEAVE_SIM_PASSWORD`, or where that is
    /// not set a new one, written to the file "passwords" in the state folder.
    #[arg(long, value_name = "FILE", help_heading = "Accounts")]
    passwords: Option<PathBuf>,

    #[command(flatten)]
    host_key: HostKeyArgs,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// What goes wrong, in this order: refuse-edit=REASON, acknowledge-only, delay=TIME, drop-reply
    ///
    /// refuse-edit=REASON refuses the next edit; acknowledge-only answers ok to the next commit and
    /// does nothing; delay=TIME (500ms, 2s) makes the next commit slow; drop-reply carries out the
    /// next commit and does not answer. More can be sent while it runs:
    /// `curl -d 'refuse-edit=no room' CONTROL/faults`.
    #[arg(long, value_name = "FAULT", help_heading = "Faults")]
    fault: Vec<Fault>,

    #[command(flatten)]
    control: ControlArgs,

    #[command(flatten)]
    log: LogArgs,
}

const EXAMPLES: &str = "\
Examples:
  A switch on free ports of this machine, with a password that it makes up:
    wayleave sim device --name sw1

  The same switch after each restart, on fixed ports, that refuses its first edit:
    wayleave sim device --name sw1 --state-dir sw1.state --netconf-port 8300 --gnmi-port 9339 \\
        --fault 'refuse-edit=no room in the hardware'

  A switch with your own modules and configuration:
    wayleave sim device --yang models --boot boot.json
";

/// What of a switch the control server shows.
struct Controlled(Device);

impl Simulator for Controlled {
    fn state(&self) -> String {
        self.0.running_text()
    }

    fn tables(&self) -> Value {
        json!(self.0.tables().entries())
    }

    fn add_faults(&self, texts: &[&str]) -> Result<(), String> {
        let faults: Result<Vec<Fault>, _> = texts.iter().map(|text| text.parse()).collect();
        let faults = faults.map_err(|e: sim_device::UnknownFault| e.to_string())?;
        faults.into_iter().for_each(|fault| self.0.faults().push(fault));
        Ok(())
    }
}

pub(crate) async fn run(args: &Args) -> Result<(), Complaint> {
    let mut shutdown = Shutdown::listen()?;
    logging::start(&args.log)?;
    let address = args.listen.checked(args.tls.wire())?;
    let state = StateDir::open(args.state_dir.as_deref())?;
    let accounts = Accounts::of(&args.user, args.passwords.as_deref(), &state)?;
    let identity = args.tls.identity(&args.name, address, &state)?;
    let schema = args.models.schema()?;
    let config = sim_device::Config {
        name: args.name.clone(),
        address,
        netconf_port: args.netconf_port,
        gnmi_port: args.gnmi_port,
        boot: args.models.configuration(&schema, &args.name)?,
        schema,
        users: accounts.users.clone(),
        host_key_seed: args.host_key.seed(&state)?,
        identity: identity.clone().map(|identity| (identity.certificate, identity.key)),
    };
    let device = Device::start(config).await.map_err(not_started)?;
    for fault in &args.fault {
        device.faults().push(fault.clone());
    }
    let mut ready = json!({
        "ready": true,
        "kind": "device",
        "name": args.name,
        "netconf": device.netconf.to_string(),
        "fingerprint": device.fingerprint,
        "gnmi": device.gnmi.to_string(),
        "ca": identity.and_then(|identity| identity.authority),
        "users": accounts.users.keys().collect::<Vec<_>>(),
        "passwords": accounts.made_up,
        "state_dir": state.path(),
    });
    let control = args.control.start(Arc::new(Controlled(device))).await?;
    ready["control"] = json!(control.url);
    announce(&ready);
    shutdown.asked().await;
    Ok(())
}

fn not_started(error: StartError) -> Complaint {
    let next = match &error {
        StartError::Boot { .. } => "mend the boot configuration",
        StartError::Listen { .. } => "choose a free port, or 0 for any, and a good certificate",
    };
    Complaint::failed(error, next)
}
