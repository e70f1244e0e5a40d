//! The daemon: store, southbound, engine and northbound, wired together.

use crate::complaint::{Complaint, read};
use crate::logging::{self, LogArgs};
use crate::ready::announce;
use crate::shutdown::Shutdown;
use async_trait::async_trait;
use clap::Args;
use device_config::Profile;
use device_config::profile::openconfig;
use engine::api::Timestamp;
use engine::ports::Clock;
use engine::{Engine, Parts, Planning};
use model::ProfileName;
use northbound::{Security, TlsIdentity};
use serde_json::json;
use southbound::{NetworkDevices, NetworkVims, Secrets};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::EmbeddedStore;
use tokio::net::TcpListener;

/// What transactions that are under way get to end in.
const GRACE: Duration = Duration::from_secs(20);

/// Run the daemon.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// Folder of the store; made where it is missing
    #[arg(long, value_name = "DIR", default_value = "wayleave-data")]
    data: PathBuf,

    /// Folder of the secrets that the topology names; nobody else may read it
    #[arg(long, value_name = "DIR", default_value = "wayleave-secrets")]
    secrets: PathBuf,

    /// Address of the gRPC API; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7830")]
    listen: SocketAddr,

    /// PEM file of the server's certificate
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM file of the certificate's key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// PEM file of the authority whose certificates clients have to show
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,

    /// No TLS; for a lab, on loopback only
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_loopback: bool,

    /// Folder of device profiles beside the bundled ones
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,

    #[command(flatten)]
    log: LogArgs,
}

pub(crate) async fn run(args: &ServeArgs) -> ExitCode {
    match serve(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complaint.say(),
    }
}

async fn serve(args: &ServeArgs) -> Result<(), Complaint> {
    logging::start(&args.log)?;
    let mut shutdown = Shutdown::listen()?;
    let security = args.security()?;
    let profiles = profiles(args.profiles.as_deref())?;
    let secrets = Secrets::open(&args.secrets)
        .map_err(|e| Complaint::usage(e, "name the folder with --secrets"))?;
    let listener = TcpListener::bind(args.listen).await.map_err(|e| {
        let problem = format!("{} cannot be listened on: {e}", args.listen);
        Complaint::failed(problem, "choose another address with --listen")
    })?;
    let address = listener.local_addr().map_err(|e| Complaint::failed(e, ""))?;
    let store = EmbeddedStore::open(&args.data)
        .map_err(|e| Complaint::failed(e, "name another folder with --data"))?;
    let parts = Parts {
        store: Arc::new(store),
        devices: Arc::new(NetworkDevices::new(secrets.clone())),
        vims: Arc::new(NetworkVims::new(secrets)),
        clock: Arc::new(SystemClock),
        profiles,
        planning: Planning::Threads,
    };
    let engine = Engine::start(parts).await.map_err(|e| Complaint::failed(e, ""))?;
    announce(&json!({"ready": true, "grpc": address.to_string()}));
    let failed = engine.clone();
    let mut reason = None;
    let ended = async {
        tokio::select! {
            () = shutdown.asked() => {}
            why = failed.failed() => reason = Some(why),
        }
    };
    let served = northbound::serve(listener, Arc::new(engine.clone()), security, ended).await;
    engine.stop(GRACE).await;
    served.map_err(|e| Complaint::failed(e, ""))?;
    match reason {
        None => Ok(()),
        Some(why) => Err(Complaint::failed(format!("the store failed: {why}"), "start again")),
    }
}

impl ServeArgs {
    fn security(&self) -> Result<Security, Complaint> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Security::Tls(TlsIdentity {
                certificate: read(certificate)?,
                key: read(key)?,
                client_authority: self.client_ca.as_deref().map(read).transpose()?,
            })),
            _ if self.insecure_loopback && self.listen.ip().is_loopback() => {
                Ok(Security::LoopbackPlain)
            }
            _ if self.insecure_loopback => Err(Complaint::usage(
                format!("{} is not a loopback address", self.listen),
                "give --tls-cert and --tls-key, or listen on 127.0.0.1",
            )),
            _ => Err(Complaint::usage(
                "no certificate is given",
                "give --tls-cert and --tls-key; a lab on this machine may say --insecure-loopback",
            )),
        }
    }
}

/// The bundled ones, and those of a folder; all of their mistakes at once.
fn profiles(folder: Option<&Path>) -> Result<BTreeMap<ProfileName, Arc<Profile>>, Complaint> {
    let bundled = openconfig();
    let schema = Arc::clone(bundled.schema());
    let mut all = BTreeMap::from([(bundled.name().clone(), bundled)]);
    let mut mistakes = Vec::new();
    for file in folder.map(yaml_files).transpose()?.unwrap_or_default() {
        let text = read(&file)?;
        match Profile::load(&file.display().to_string(), &text, Arc::clone(&schema)) {
            Ok(profile) => drop(all.insert(profile.name().clone(), Arc::new(profile))),
            Err(errors) => mistakes.extend(errors.iter().map(ToString::to_string)),
        }
    }
    if mistakes.is_empty() {
        return Ok(all);
    }
    Err(Complaint::usage(mistakes.join("\n"), "mend the profiles"))
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let problem = |e| Complaint::usage(format!("{}: {e}", folder.display()), "name a folder");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[derive(Debug)]
struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
