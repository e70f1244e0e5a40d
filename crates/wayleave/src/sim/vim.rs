//! `wayleave sim vim`: one VIM.

use super::accounts::Accounts;
use super::control::{ControlArgs, Simulator};
use super::listen::ListenArgs;
use super::protection::{Identity, TlsArgs};
use super::state_dir::StateDir;
use crate::complaint::Complaint;
use crate::logging::{self, LogArgs};
use crate::ready::announce;
use crate::shutdown::Shutdown;
use serde_json::{Value, json};
use sim_vim::{Capacity, Config, Fault, VimSim};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

/// Run a simulated VIM that speaks OpenStack's APIs, with quotas
///
/// Keystone v3, Nova 2.1, Neutron 2.0, Cinder 3 and Glance 2 on one port. It runs no machines: it
/// holds what OpenStack would hold of them, and answers as OpenStack answers. When it is ready it
/// prints one line of JSON with its URL, and stays until SIGTERM or Ctrl-C.
#[derive(clap::Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Name of the VIM: the name in its certificate
    #[arg(long, value_name = "NAME", default_value = "vim")]
    name: String,

    /// Folder for the password and certificates; a temporary one where it is left out
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    #[command(flatten)]
    listen: ListenArgs,

    /// Port of all services; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0, help_heading = "Listening")]
    port: u16,

    /// User of the project
    #[arg(long, value_name = "NAME", default_value = "admin", help_heading = "Accounts")]
    user: String,

    /// File with a line NAME:PASSWORD for the user
    ///
    /// Without it the password is the one in `WAYLEAVE_SIM_PASSWORD`, or where that is not set a
    /// new one, written to the file "passwords" in the state folder.
    #[arg(long, value_name = "FILE", help_heading = "Accounts")]
    passwords: Option<PathBuf>,

    /// Project that everything is in
    #[arg(long, value_name = "NAME", default_value = "demo", help_heading = "Accounts")]
    project: String,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    stock: StockArgs,

    /// What goes wrong, in this order: refuse=STATUS:MESSAGE, server-error=MESSAGE, lose-reply,
    /// slow-delete=POLLS
    ///
    /// refuse=STATUS:MESSAGE answers the next creation so; server-error=MESSAGE lets the next
    /// server go to ERROR; lose-reply carries out the next creation and breaks off the answer;
    /// slow-delete=POLLS keeps the next deleted server for so many looks. More can be sent while it
    /// runs: `curl -d 'server-error=No valid host' CONTROL/faults`.
    #[arg(long, value_name = "FAULT", help_heading = "Faults")]
    fault: Vec<Fault>,

    #[command(flatten)]
    control: ControlArgs,

    #[command(flatten)]
    log: LogArgs,
}

/// What the VIM has.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Quotas and images")]
struct StockArgs {
    /// Virtual CPUs of the project
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    vcpus: u64,

    /// Memory of the project, in GiB
    #[arg(long, value_name = "GIB", default_value_t = 256, value_parser = gibibytes())]
    memory: u64,

    /// Disk of the project, in GiB
    #[arg(long, value_name = "GIB", default_value_t = 2000)]
    disk: u64,

    /// Image that can be booted; repeat for more
    #[arg(long, value_name = "NAME", default_value = "linux")]
    image: Vec<String>,

    /// Physical network that VLANs can be taken from; repeat for more
    #[arg(long, value_name = "NAME", default_value = "datacentre")]
    physical_network: Vec<String>,

    /// How often a new server is looked at before it is ACTIVE
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    build_polls: u32,
}

/// As many as can be counted in MiB.
fn gibibytes() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(..=u64::MAX / 1024)
}

const EXAMPLES: &str = "\
Examples:
  A VIM on a free port of this machine, with a password that it makes up:
    wayleave sim vim

  A small one without TLS, whose next creation is refused:
    wayleave sim vim --plain --vcpus 8 --memory 16 --disk 100
    curl -d 'refuse=403:Quota exceeded for cores' CONTROL/faults

  What it holds:
    curl CONTROL/state
";

/// What of a VIM the control server shows.
struct Controlled(VimSim);

impl Simulator for Controlled {
    fn state(&self) -> String {
        self.0.state_text()
    }

    fn tables(&self) -> Value {
        Value::Null
    }

    fn add_faults(&self, texts: &[&str]) -> Result<(), String> {
        let faults: Result<Vec<Fault>, _> = texts.iter().map(|text| text.parse()).collect();
        let faults = faults.map_err(|e: sim_vim::UnknownFault| e.to_string())?;
        faults.into_iter().for_each(|fault| self.0.push_fault(fault));
        Ok(())
    }
}

pub(crate) async fn run(args: &Args) -> Result<(), Complaint> {
    let mut shutdown = Shutdown::listen()?;
    logging::start(&args.log)?;
    let address = args.listen.checked(args.tls.wire())?;
    let state = StateDir::open(args.state_dir.as_deref())?;
    let names = std::slice::from_ref(&args.user);
    let accounts = Accounts::of(names, args.passwords.as_deref(), &state)?;
    let identity = args.tls.identity(&args.name, address, &state)?;
    let password = accounts.users.get(&args.user).cloned().unwrap_or_default();
    let vim = start(args.config(password), address, args.port, identity.as_ref()).await?;
    for fault in &args.fault {
        vim.push_fault(fault.clone());
    }
    let mut ready = json!({
        "ready": true,
        "kind": "vim",
        "name": args.name,
        "url": vim.auth_url(),
        "ca": identity.and_then(|identity| identity.authority),
        "user": args.user,
        "project": args.project,
        "passwords": accounts.made_up,
        "state_dir": state.path(),
    });
    let control = args.control.start(Arc::new(Controlled(vim))).await?;
    ready["control"] = json!(control.url);
    announce(&ready);
    shutdown.asked().await;
    Ok(())
}

impl Args {
    fn config(&self, password: String) -> Config {
        Config {
            user: self.user.clone(),
            password,
            project: self.project.clone(),
            capacity: Capacity {
                vcpus: self.stock.vcpus,
                memory_mib: self.stock.memory * 1024,
                disk_gib: self.stock.disk,
            },
            images: self.stock.image.clone(),
            physical_networks: self.stock.physical_network.clone(),
            build_polls: self.stock.build_polls,
        }
    }
}

async fn start(
    config: Config,
    address: IpAddr,
    port: u16,
    identity: Option<&Identity>,
) -> Result<VimSim, Complaint> {
    let address = SocketAddr::new(address, port);
    let failed = |error: &dyn std::fmt::Display| {
        let next = "choose a free port, or 0 for any, and a good certificate";
        Complaint::failed(format!("{address}: {error}"), next)
    };
    let Some(identity) = identity else {
        return VimSim::start(address, config).await.map_err(|e| failed(&e));
    };
    let host = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let (certificate, key) = (identity.certificate.clone(), identity.key.clone());
    let identity = sim_vim::Identity { certificate, key };
    VimSim::start_tls(address, config, &host, &identity).await.map_err(|e| failed(&e))
}
