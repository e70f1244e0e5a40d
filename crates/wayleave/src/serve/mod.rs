//! The daemon: store, southbound, engine and northbound, wired together.

mod clock;
mod profiles;
mod protection;
mod topology;

use crate::complaint::Complaint;
use crate::logging::{self, LogArgs};
use crate::ready::announce;
use crate::shutdown::Shutdown;
use clap::Args;
use engine::{Engine, Parts, Planning};
use protection::ProtectionArgs;
use serde_json::json;
use southbound::{NetworkDevices, NetworkVims, Secrets};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::EmbeddedStore;
use tokio::net::TcpListener;

/// What transactions that are under way get to end in; calls get ten seconds before that.
const GRACE: Duration = Duration::from_secs(15);

/// Run the daemon
///
/// It keeps its intents, plans and journal in the data folder, writes to the devices and VIMs of
/// the topology, and offers the API wayleave.v1 over gRPC. When it is ready it prints one line of
/// JSON with its address. On SIGTERM or Ctrl-C it takes no more calls, lets transactions that are
/// under way come to a safe point, and ends within half a minute; the next start goes on from the
/// journal.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Folder of the store; made where it is missing, and used by one daemon at a time
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// Folder of the secrets that the topology names, one file each; closed to other users
    ///
    /// A file has the lines `username: …` and `password: …`, or `private-key: …`.
    #[arg(long, value_name = "DIR")]
    secrets: PathBuf,

    /// Address of the gRPC API; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7830")]
    listen: SocketAddr,

    #[command(flatten)]
    protection: ProtectionArgs,

    /// Manifest of the topology to apply at the start; without it, the one in the store
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    topology: Option<PathBuf>,

    /// Folder of device profiles (YAML) beside the bundled ones
    #[arg(long, value_name = "DIR", help_heading = "Network")]
    profiles: Option<PathBuf>,

    #[command(flatten)]
    log: LogArgs,
}

const EXAMPLES: &str = "\
Examples:
  For clients with a certificate of your own authority:
    wayleave serve --data /var/lib/wayleave --secrets /etc/wayleave/secrets \\
        --listen 192.0.2.1:7830 --tls-cert server.pem --tls-key server.key --client-ca ca.pem

  On this machine only, without TLS:
    wayleave serve --data data --secrets secrets --insecure-loopback
";

pub(crate) async fn run(args: &ServeArgs) -> ExitCode {
    let ended = async {
        logging::start(&args.log)?;
        let mut shutdown = Shutdown::listen()?;
        let started = tokio::select! {
            started = start(args) => started?,
            () = shutdown.asked() => return Ok(()),
        };
        started.serve(shutdown).await
    };
    match ended.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complaint.say(),
    }
}

/// All that runs once it is ready.
struct Daemon {
    engine: Engine,
    listener: TcpListener,
    security: northbound::Security,
}

async fn start(args: &ServeArgs) -> Result<Daemon, Complaint> {
    let security = args.protection.security(args.listen)?;
    let profiles = profiles::load(args.profiles.as_deref())?;
    let topology = args.topology.as_deref().map(topology::read).transpose()?;
    let secrets = Secrets::open(&args.secrets)
        .map_err(|e| Complaint::usage(e, "name a folder of your own with --secrets"))?;
    let store = EmbeddedStore::open(&args.data)
        .map_err(|e| Complaint::failed(e, "see that --data names the folder that you mean"))?;
    let (listener, address) = listen(args.listen).await?;
    let parts = Parts {
        store: Arc::new(store),
        devices: Arc::new(NetworkDevices::new(secrets.clone())),
        vims: Arc::new(NetworkVims::new(secrets)),
        clock: Arc::new(clock::SystemClock),
        profiles,
        planning: Planning::Threads,
    };
    let engine = Engine::start(parts)
        .await
        .map_err(|e| Complaint::failed(format!("{}: {e}", args.data.display()), ""))?;
    if let Some(topology) = topology {
        topology::apply(&engine, topology).await?;
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), %address, data = %args.data.display(), "ready");
    announce(&json!({
        "ready": true,
        "grpc": address.to_string(),
        "tls": matches!(security, northbound::Security::Tls(_)),
        "data": args.data,
        "version": env!("CARGO_PKG_VERSION"),
    }));
    Ok(Daemon { engine, listener, security })
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Complaint> {
    let bind = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind.await.map_err(|error: std::io::Error| {
        let problem = format!("--listen {address}: {error}");
        Complaint::failed(problem, "choose another address, or port 0 for a free one")
    })
}

impl Daemon {
    /// Until it is asked to end, or the store fails.
    async fn serve(self, mut shutdown: Shutdown) -> Result<(), Complaint> {
        let mut failure = None;
        let ended = async {
            tokio::select! {
                () = shutdown.asked() => tracing::info!("asked to end"),
                reason = self.engine.failed() => failure = Some(reason),
            }
        };
        let orchestrator = Arc::new(self.engine.clone());
        let served = northbound::serve(self.listener, orchestrator, self.security, ended).await;
        self.engine.stop(GRACE).await;
        served.map_err(|e| Complaint::failed(e, ""))?;
        match failure {
            None => Ok(()),
            Some(reason) => Err(Complaint::failed(
                format!("the store failed: {reason}"),
                "mend what it names and start again; the journal says how to go on",
            )),
        }
    }
}
